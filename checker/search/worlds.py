"""Conventions: one change of all fields of a kind at once, for servers that name nothing. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.encoding import is_json

MAX_TURNS = 3
MAX_USUAL = 2
"""Values of a published registry for one field."""


def worlds(
    operation: Operation,
    known: Mapping[FieldKey, Field],
    call: Call,
    candidates: Candidates,
    rng: Callable[..., random.Random],
) -> Iterator[Call]:
    """The call under each convention, then with single fields otherwise."""
    seen = [call]
    for other in _all(operation, known, call, candidates, rng):
        if other not in seen:
            seen.append(other)
            yield other


def _all(
    operation: Operation,
    known: Mapping[FieldKey, Field],
    call: Call,
    candidates: Candidates,
    rng: Callable[..., random.Random],
) -> Iterator[Call]:
    fields = [
        k
        for k in edits.present_fields(call)
        if k.place is not Place.PATH and "{{" not in str(edits.get(call, k))
    ]
    yield from candidates.namesakes.calls(call, known)
    yield _each(call, fields, lambda k, v: _numbers_as_text(v))
    for number in range(4):
        yield _each(call, fields, lambda k, v, n=number: _at(candidates.moments(v), n, v))
    for turn in range(1, MAX_TURNS + 1):
        yield _each(call, fields, lambda k, v, t=turn: _turned(known.get(k), v, t))
    yield _each(call, fields, lambda k, v: _text_as_number(v))
    yield _each(call, fields, lambda k, v: [v] if isinstance(v, str) else v)
    options = {k: list(_options(call, k, known.get(k), operation, candidates)) for k in fields}
    for turn in range(max(map(len, options.values()), default=0)):
        for key, values in options.items():
            if turn < len(values):
                yield edits.put(call, key, values[turn])


def _each(call: Call, fields: list[FieldKey], change: Any) -> Call:
    out = call
    for key in fields:
        value = edits.get(out, key)
        if isinstance(value, (dict, list)):
            continue
        new = change(key, value)
        if new is not value and new != value:
            out = edits.put(out, key, new)
    return out


def _numbers_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _text_as_number(value: Any) -> Any:
    return 1 if isinstance(value, str) else value


def _at(values: list[Any], number: int, other: Any) -> Any:
    return values[number] if number < len(values) else other


def _turned(field: Field | None, value: Any, turn: int) -> Any:
    values = [v for v in (field.schema.enum if field is not None else None) or () if v is not None]
    return values[turn % len(values)] if len(values) > turn else value


def _options(
    call: Call,
    key: FieldKey,
    field: Field | None,
    operation: Operation,
    candidates: Candidates,
) -> Iterator[Any]:
    current = edits.get(call, key)
    schema = field.schema if field is not None else Schema(operation.location)
    typed = key.place is Place.BODY and is_json(call.media_type)
    known = candidates.of(operation, field) if field is not None else []
    others = [v for v in known if v != current and isinstance(v, type(current))]
    usual = candidates.standard(operation, field)[:MAX_USUAL] if field is not None else []
    if schema.enum:
        yield from (v for v in schema.enum if v not in (None, current))
        return
    match current:
        case bool():
            yield from (not current, str(current).lower())
        case str() if typed:
            yield from (*others[:2], *usual, 1, [current], "12345", "abc")
        case str():
            yield from (*others[:2], *usual, "1", "abc")
        case int() | float() if typed:
            yield from (str(current), 1, 10, 100, *others[:1])
        case int() | float():
            yield from (1, 10, 100)
        case list() if current and not isinstance(current[0], (dict, list)):
            yield from (current[0], ",".join(map(str, current)))
        case dict() if typed:
            yield from (1, "value", [current])
