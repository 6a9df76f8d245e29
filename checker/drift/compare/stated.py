"""Where the words of a field contradict its own schema.

Only words that are as plain as a keyword count: a default in quotes, a maximum with a number and
nothing behind it, a closed list of values, "null if …". Everything else may mean something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from checker.documents.prose_enums import closed_lists
from checker.domain.schema import MISSING, Schema, json_type
from checker.drift.compare.view import view
from checker.lexicon import entries
from checker.lexicon.texts import as_word, folded

MAX_TEXT = 5_000
MAX_SENTENCE = 300
KNOWN_TEXTS = 8_192
"""Texts of which it is kept what they state: versions of a document say the same."""
_PART = re.compile(r"\n+|(?<=[.!?;])\s+")
_BOUNDS = {
    "most": ("maximum", "maxLength", "maxItems"),
    "least": ("minimum", "minLength", "minItems"),
}
_LEAST_SHARED = 2


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One fact in words and in the schema. `keyword` is the schema's, `lacking` the values that
    one of the two hasn't."""

    keyword: str
    words: Any
    schema: Any
    lacking: tuple[str, ...] = ()


def contradictions(text: str, schema: Schema) -> Iterator[Contradiction]:
    """Every contradiction between a description and the schema that it describes."""
    if not text or len(text) > MAX_TEXT:
        return
    for means, value in _told(text):
        yield from _of_keyword(means, value, schema)
    yield from _of_values(text, schema)


@lru_cache(maxsize=KNOWN_TEXTS)
def _told(text: str) -> tuple[tuple[str, str], ...]:
    """What a text states, as what it means and the value: once, or always the same."""
    told: dict[str, set[str]] = {}
    for part in _PART.split(text):
        if len(part) > MAX_SENTENCE:
            continue
        sentence = folded(part)
        for entry in entries("stated"):
            for hit in entry.pattern.finditer(sentence):
                told.setdefault(entry.means, set()).add(hit.groupdict().get("value") or "")
    # what is said twice, and differently, has its conditions
    return tuple((means, min(values)) for means, values in told.items() if len(values) == 1)


def _of_keyword(means: str, value: str, schema: Schema) -> Iterator[Contradiction]:
    seen = view(schema)
    if means == "default":
        default = seen.default
        if default is not MISSING and default is not None and not _same(value, default):
            yield Contradiction("default", value, default)
    elif means == "null":
        if seen.types and not seen.nullable and not seen.variants and _can_say_null(schema):
            yield Contradiction("nullable", True, False)
    else:
        yield from _of_bound(means, float(value), seen.bounds, seen.types)


def _of_bound(
    means: str, value: float, bounds: Mapping[str, Any], types: tuple[str, ...]
) -> Iterator[Contradiction]:
    numeric, textual, counted = _BOUNDS[means]
    keyword = {"string": textual, "array": counted}.get(
        types[0] if len(types) == 1 else "", numeric
    )
    limit = bounds.get(keyword)
    if isinstance(limit, tuple):
        limit = None if limit[1] else limit[0]
    if limit is not None and float(limit) != value:
        yield Contradiction(keyword, _plain(value), _plain(float(limit)))


def _of_values(text: str, schema: Schema) -> Iterator[Contradiction]:
    """A closed list in words against the enum, where both are about the same values."""
    enum = _enum(schema)
    lists = closed_lists(text) if len(enum) >= _LEAST_SHARED else ()
    if len(lists) != 1:
        return
    words = [value for value in lists[0] if value.lower() != "null"]
    if len({_is_quoted(value, text) for value in words}) != 1:
        return  # a word among values in quotes belongs to the sentence
    known = {_letters(value) for value in enum}
    listed = {_letters(value) for value in words}
    shared = len(known & listed)
    if shared < _LEAST_SHARED or shared * 2 < len(listed):
        return
    beyond = tuple(v for v in words if _letters(v) not in known)
    unsaid = tuple(
        v for v in enum if _letters(v) not in listed and not as_word(v, any_case=True).search(text)
    )
    if beyond or (unsaid and len(unsaid) * 2 <= len(enum)):
        yield Contradiction("enum", words, list(enum), beyond or unsaid)


def _enum(schema: Schema) -> list[str]:
    values = view(schema).enum
    if values is None and schema.items is not None:
        values = view(schema.items).enum
    texts = list(values or ())
    return texts if all(isinstance(v, str) and v for v in texts) else []


def _is_quoted(value: str, text: str) -> bool:
    return re.search(rf"[`'\"“]{re.escape(value)}[`'\"”]", text) is not None


def _letters(value: str) -> str:
    return re.sub(r"[\W_]", "", value).lower()


def _same(written: str, value: Any) -> bool:
    if json_type(value) in ("object", "array"):
        return True  # a list's own members may be meant
    spelt = value if isinstance(value, str) else json.dumps(value)
    if written.lower() == folded(spelt):
        return True
    try:
        return float(written) == float(spelt)
    except ValueError:
        return False


def _can_say_null(schema: Schema) -> bool:
    """Whether it is the schema that speaks: what a reference leads to is described for all. One
    that says it in a word of another version is told of that word."""
    said = schema.rest.get("nullable") is True
    return schema.reference is None and not schema.write_only and not said


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number
