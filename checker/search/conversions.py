"""A value in the form that a complaint wants, in other types, and ordinary ones. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

from checker.domain.schema import MISSING, Schema, json_type
from checker.planning.moments import is_date, layout_in, sample
from checker.planning.pattern_texts import from_pattern
from checker.planning.values import Generator
from checker.planning.wrong_values import COMMON_TEXTS, wrong_types
from checker.search.complaints import Wants

_LETTERS, _DIGITS = "abcdefghij", "1234567890"
_NUMBERS = (1, 10, 100, 0, 5, 50, 1000)
_OF_EVERY_TYPE: tuple[Any, ...] = ("abc", 1, ["abc"], True, {})
_TEXTS = ("abc", "1", "ABC", "A1", "12345", "abc-def", "AB123456", "US", "en", "USD", "12:30")
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
    if numeric and _numeric(value):
        yield _as_number(value)
    yield value
    if not isinstance(value, str) and "string" in (types or schema.types):
        yield str(value)


def _bounded(wants: Wants, schema: Schema, current: Any) -> Iterator[Any]:
    least, most = _finite(wants.least), _finite(wants.most)
    text = isinstance(current, str) and ("string" in schema.types or wants.sized)
    if least is None and most is None:
        return
    if wants.sized or (text and not _numeric(current)):
        yield from _sized(current, int(least or 0), None if most is None else int(most))
        return
    for number in _within(least, most):
        yield str(number) if text else number


def _finite(bound: float | None) -> float | None:
    return bound if bound is not None and math.isfinite(bound) and abs(bound) < MOST else None


def _within(least: float | None, most: float | None) -> Iterator[float]:
    """Numbers within bounds: both of them, the middle, what is next to them."""
    low = least if least is not None else (most or 0)
    high = most if most is not None else low
    whole = float(low).is_integer() and float(high).is_integer()
    for number in dict.fromkeys((low, high, (low + high) / 2, low + 1, high - 1)):
        if (least is None or number >= least) and (most is None or number <= most):
            yield int(number) if whole else number


def _sized(current: Any, least: int, most: int | None) -> Iterator[Any]:
    """A text or list of an allowed length: the current one filled up or cut, digits, the longest
    one."""
    own = len(current) if isinstance(current, str | list) else 1
    length = min(max(least, own if most is None else min(own, most)), LONGEST)
    if isinstance(current, list):
        yield (current + (current[:1] or ["a"]) * length)[:length]
        return
    text = current if isinstance(current, str) else ""
    filler = _DIGITS if text.isdigit() else _LETTERS
    longest = length if most is None else min(most, LONGEST)
    for start, letters, size in (
        (text, filler, length),
        ("", _DIGITS, length),
        ("", filler, longest),
    ):
        yield (start + letters * (size // len(letters) + 1))[:size]


def _numeric(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit()


def _as_number(text: str) -> float:
    return float(text) if "." in text else int(text)


def of_type(name: str, schema: Schema, current: Any, rng: random.Random) -> Iterator[Any]:
    """The value as one of another JSON type."""
    match name:
        case "integer" | "number":
            if _numeric(current):
                yield _as_number(current)
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


def ordinary(schema: Schema, current: Any, wants: Wants) -> Iterator[Any]:
    """Ordinary values of the type that a field has, the commonest first: a ladder to climb where
    nothing says what it takes."""
    types = set(wants.types or schema.types)
    if isinstance(current, bool) or types == {"boolean"}:
        yield from (True, False)
    elif isinstance(current, (int, float)) or types & {"integer", "number"}:
        yield from _NUMBERS
        yield from (str(n) for n in _NUMBERS[:2])
    elif isinstance(current, list) and current and isinstance(current[0], str):
        yield from ([t] for t in COMMON_TEXTS)
    elif current is MISSING or isinstance(current, str):
        if not types:
            yield from _OF_EVERY_TYPE
        texts = [*COMMON_TEXTS, *(t for t in _TEXTS if t not in COMMON_TEXTS)]
        if isinstance(current, str) and is_date(current):
            texts.sort(key=lambda t: not t[:1].isdigit())
        yield from texts
