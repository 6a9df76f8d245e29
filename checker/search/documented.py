"""Other requests by what documents say, for servers that name nothing: of how fields belong
together, and of the same fields elsewhere, and by what was accepted there. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.routes import words
from checker.planning.values import Generator, looks_like_identifier
from checker.search.mending import with_edits
from checker.search.shown import field_shown
from checker.search.values import Candidate

MAX_DOCUMENTED = 3
"""Documented values of one field in the place of an identifier."""
MAX_ACCEPTED = 4
"""Values that were accepted elsewhere."""


def as_told(
    operation: Operation,
    known: Mapping[FieldKey, Field],
    call: Call,
    lacking: Mapping[FieldKey, Candidate],
) -> Iterator[Call]:
    """The request with, or without, each optional field that the operation's own words name: they
    say how such fields belong together, whatever they say of them. `lacking` are values of the
    fields that it lacks."""
    for key in _named_in_words(operation, known):
        if key in lacking:
            yield with_edits(call, {key: lacking[key]})
        elif edits.has(call, key):
            yield edits.remove(call, key)


def as_accepted(
    call: Call, lacking: Iterable[FieldKey], others: Iterable[tuple[Operation, Call]]
) -> Iterator[Call]:
    """The request with one parameter that it lacks, as the accepted request of another operation
    has it: of the same name, at the same place. First what is required there, which says the most
    of what is asked for. `others` are accepted requests, each with its operation."""
    found: dict[tuple[FieldKey, str], tuple[bool, Any]] = {}
    wanted = {key for key in lacking if key.place is not Place.BODY}
    for operation, other in others:
        for key in wanted.intersection(edits.present_fields(other)):
            value, known = edits.get(other, key), operation.fields.get(key)
            if "{{" not in str(value):
                required = known is not None and known.required
                found.setdefault((key, repr(value)), (required, value))
    likely = sorted(found.items(), key=lambda item: (not item[1][0], str(item[0][0])))
    for (key, _), (_, value) in likely[:MAX_ACCEPTED]:
        yield edits.put(call, key, value)


def as_elsewhere(
    operation: Operation,
    known: Mapping[FieldKey, Field],
    call: Call,
    bound: Mapping[FieldKey, Any],
    operations: Sequence[Operation],
    candidates: Candidates,
) -> Iterator[Call]:
    """The request with its fields as answers show them, where they are shown otherwise; then with
    documented values in the place of identifiers (`bound`) of a field that is only named as a
    resource: it may be a code of its own."""
    weak = [k for k in bound if k.place is not Place.PATH and not looks_like_identifier(k.leaf)]
    generator = Generator(random.Random(str(operation.id)))
    shown: dict[FieldKey, Candidate] = {}
    for key in edits.present_fields(call):
        other = field_shown(key, operation, operations) if key in weak or key not in bound else None
        if other is not None and _shown_otherwise(known.get(key), other):
            shown[key] = Candidate(generator.value(other.schema, key.leaf), "shown")
    if shown:
        yield with_edits(call, shown)
    for key in (k for k in weak if edits.has(call, k) and k in known):
        values = [*known[key].schema.examples, *candidates.of(operation, known[key])]
        for value in list(dict.fromkeys(map(str, values)))[:MAX_DOCUMENTED]:
            yield edits.put(call, key, value)


def _shown_otherwise(known: Field | None, shown: Field) -> bool:
    """Whether answers show a text as something that the request's own document doesn't say: in a
    form of its own, or as no text at all."""
    if known is None or known.schema.enum or known.schema.properties:
        return False
    own, other = known.schema, shown.schema
    types = set(own.types) - {"null"}, set(other.types) - {"null"}
    formed = bool(other.pattern) and not own.pattern
    return types[0] == {"string"} and bool(types[1]) and (formed or types[0] != types[1])


def _named_in_words(operation: Operation, known: Mapping[FieldKey, Field]) -> list[FieldKey]:
    """The optional fields that an operation's own summary and description name, in the order of
    the words, each in the spelling that it is sent in."""
    text = f"{operation.summary}\n{operation.description}"
    found: list[tuple[int, FieldKey]] = []
    for key, field in known.items():
        if field.required or key.place is Place.PATH or "[]" in key.name:
            continue
        hit = re.search(rf"(?<![\w.-]){re.escape(key.leaf)}(?![\w-])", text) if key.leaf else None
        if hit is not None and _is_marked(key.leaf, text, hit):
            found.append((hit.start(), key))
    return [key for _, key in sorted(found, key=lambda pair: pair[0])]


def _is_marked(name: str, text: str, hit: re.Match[str]) -> bool:
    """Whether a name stands there as a name, and not as a word of the sentence: by its own
    spelling, or between quotation marks of whatever kind."""
    before, after = text[: hit.start()][-1:], text[hit.end() :][:1]
    quoted = bool(before) and bool(after) and not (before.isalnum() or before.isspace())
    return len(words(name)) > 1 or (quoted and not (after.isalnum() or after.isspace()))
