"""Members that, left out or empty, mean all there is: a discount for the whole catalogue, a policy
for everybody. Told by their descriptions. Pure.

What is made without such a member is about the things of others. It is made with one, where a text
that nobody's thing has can be given.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING
from checker.lexicon import operation_line, read
from checker.lexicon.texts import name_words, sentences_of
from checker.planning import edits
from checker.planning.values import Generator

MAX_SENTENCES = 6
LONGEST_VALUE = 60


@lru_cache(maxsize=2_000)
def unbounded(operation: Operation) -> Mapping[FieldKey, Field]:
    """The members of a body that mean all of others where they are left out or empty; none of an
    operation that reads, or whose thing only shows something."""
    shows = {e.means for e in read("unbounded", operation_line("MEMBER", operation.id.path))}
    if operation.id.safe or "shows" in shows:
        return {}
    fields = operation.fields.items()
    return {k: f for k, f in fields if k.place is Place.BODY and _means_all(f)}


def means_all(value: Any) -> bool:
    """Whether a value of such a member leaves open whom it is about: nothing, "*", or "all"."""
    if isinstance(value, list) and value:
        return any(map(means_all, value))
    if isinstance(value, str):
        words = name_words(value[:LONGEST_VALUE])  # "*" and "/" have none
        return not words or any(e.means == "all" for e in read("values", words))
    return value is MISSING or value in (None, [], {})


def bounded(call: Call, operation: Operation) -> Call:
    """The call with a made-up text for each of these members that it leaves out or empty, where
    the member takes any text: nothing of others has that."""
    for key, field in unbounded(operation).items():
        present = edits.get(call, key)
        absent = present is MISSING
        if not means_all(present) or (absent and operation.id.method == "PATCH"):
            continue
        if "." in key.name or "[]" in key.name or not isinstance(call.body, Mapping):
            continue
        given = _text(field, f"{operation.id} {key} {call.body!r}")
        if given is not MISSING:
            call = edits.put(call, key, given)
    return call


def _text(field: Field, seed: str) -> Any:
    """A made-up text, or a list of one; MISSING where the member takes something else: a number
    may be somebody's, and a value of a closed set is."""
    schema = field.schema
    item = schema if schema.items is None else schema.items
    kinds = set(item.types) - {"null"}
    if kinds != {"string"} or item.enum or item.format == "binary":
        return MISSING
    plain = replace(item, default=MISSING)
    text = Generator(random.Random(seed), plain=True).value(plain, field.key.leaf)
    if not isinstance(text, str) or means_all(text):
        return MISSING
    return text if schema.items is None else [text] * max(1, schema.min_items or 0)


def _means_all(field: Field) -> bool:
    said = " ".join(dict.fromkeys((field.description, field.schema.description)))
    told = {m for s in sentences_of(said, MAX_SENTENCES) for m in _means_of(s)}
    if "all-of-others" in told or "all" not in told:
        return "all-of-others" in told
    about = operation_line("MEMBER", f"/{field.key.leaf}", said)
    return any(e.means == "others" for e in read("unbounded", about))


def _means_of(sentence: str) -> set[str]:
    line = operation_line("MEMBER", "/x", sentence.strip(" ."))
    return {e.means for e in read("unbounded", line)}
