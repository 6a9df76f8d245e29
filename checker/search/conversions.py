"""A value in the form that a complaint wants, and in other types. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from checker.domain.schema import MISSING, Schema, json_type
from checker.planning.moments import layout_in, sample
from checker.planning.pattern_texts import from_pattern
from checker.planning.values import Generator
from checker.planning.wrong_values import wrong_types
from checker.search.complaints import Wants

_LETTERS = "abcdefghij"
LONGEST = 10_000
"""Letters or items that are made at most, whatever a message asks for."""
MOST = 1e15
"""Larger bounds aren't taken literally."""


def wanted(wants: Wants, schema: Schema, current: Any, rng: random.Random) -> Iterator[Any]:
    """Values that answer what a complaint says would be accepted."""
    for value in wants.values:
        yield from _typed(value, schema, wants.types)
    if wants.pattern:
        made = from_pattern(wants.pattern, rng)
        if made:
            yield from _typed(made, schema, wants.types)
    layout = layout_in(wants.date_layout) if wants.date_layout else ""
    if layout:
        yield sample(layout)
    odd = bool(wants.types) and current is not MISSING and not _is_one_of(current, wants.types)
    if not odd:
        yield from _bounded(wants, schema, current)
    if not wants.values:
        for name in wants.types:
            yield from of_type(name, schema, current, rng)


def _is_one_of(value: Any, types: tuple[str, ...]) -> bool:
    name = json_type(value)
    return name in types or (name == "integer" and "number" in types)


def _typed(value: Any, schema: Schema, types: tuple[str, ...]) -> Iterator[Any]:
    """A value as the message spells it, in the type that the field has first."""
    numeric = {"integer", "number"} & set(types or schema.types)
    if isinstance(value, str) and numeric and value.lstrip("-").replace(".", "", 1).isdigit():
        yield float(value) if "." in value else int(value)
    yield value
    if not isinstance(value, str) and "string" in (types or schema.types):
        yield str(value)


def _bounded(wants: Wants, schema: Schema, current: Any) -> Iterator[Any]:
    least, most = _finite(wants.least), _finite(wants.most)
    if least is None and most is None:
        return
    text = isinstance(current, str) and ("string" in schema.types or wants.sized)
    if wants.sized or (text and not _numeric(current)):
        yield from _sized(current, int(least or 0), int(most) if most is not None else None)
        return
    whole = all(b is None or float(b).is_integer() for b in (least, most))
    low = least if least is not None else (most or 0)
    high = most if most is not None else low
    middle = (low + high) / 2
    for number in dict.fromkeys((low, high, middle, low + 1, high - 1)):
        inside = (least is None or number >= least) and (most is None or number <= most)
        value = int(number) if whole else number
        if inside:
            yield str(value) if text else value


def _finite(bound: float | None) -> float | None:
    return bound if bound is not None and math.isfinite(bound) and abs(bound) < MOST else None


def _sized(current: Any, least: int, most: int | None) -> Iterator[Any]:
    """A text or list of an allowed length."""
    length = (
        max(least, min(len(current), most if most is not None else len(current)))
        if isinstance(current, (str, list))
        else max(least, 1)
    )
    length = min(length, 10_000)
    if isinstance(current, list):
        filler = current[:1] or ["a"]
        yield (current + filler * length)[:length]
        return
    text = current if isinstance(current, str) else ""
    digits = text.isdigit()
    alphabet = "1234567890" if digits else _LETTERS
    yield (text + alphabet * (length // 10 + 1))[:length]
    yield ("1234567890" * (length // 10 + 1))[:length]
    if most is not None and most != length:
        yield (alphabet * (most // 10 + 1))[: min(most, LONGEST)]


def _numeric(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit()


def of_type(name: str, schema: Schema, current: Any, rng: random.Random) -> Iterator[Any]:
    """The value as one of another JSON type."""
    match name:
        case "integer" | "number":
            if _numeric(current):
                yield float(current) if "." in current else int(current)
            yield from (1, 10)
        case "string":
            if isinstance(current, bool):
                yield "true" if current else "false"
            elif isinstance(current, (int, float)):
                yield str(current)
            elif isinstance(current, list) and current and isinstance(current[0], str):
                yield current[0]
            yield "abc"
        case "boolean":
            yield from (True, False)
        case "array":
            if schema.items is not None:
                yield Generator(rng, full=False).value(schema)
            elif current is not MISSING:
                yield [current]
        case "object":
            yield from _objects(schema, current, rng)


def _objects(schema: Schema, current: Any, rng: random.Random) -> Iterator[Any]:
    if schema.properties:
        yield Generator(rng, full=True).value(schema)
    if isinstance(current, list) and current and isinstance(current[0], dict):
        yield current[0]
    if isinstance(current, (str, int, float)):
        yield from ({"id": current}, {"name": current}, {"value": current})
    yield {}


def other_types(schema: Schema, value: Any) -> Iterator[Any]:
    """The value in other JSON types that a server might want instead."""
    if isinstance(value, float) and value.is_integer():
        yield int(value)
    elif isinstance(value, float):
        yield int(value) or 1
    yield from wrong_types(schema, value)
