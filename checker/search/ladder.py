"""Ordinary values of one kind of thing, the commonest first: a ladder to climb where nothing says
what a field takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.domain.schema import MISSING, Schema
from checker.planning.moments import is_date
from checker.planning.wrong_values import COMMON_TEXTS
from checker.search.complaints import Wants

_NUMBERS = (1, 10, 100, 0, 5, 50, 1000)
_OF_EVERY_TYPE: tuple[Any, ...] = ("abc", 1, ["abc"], True, {})
_TEXTS = ("abc", "1", "ABC", "A1", "12345", "abc-def", "AB123456", "US", "en", "USD", "12:30")


def rungs(name: str, schema: Schema, current: Any, wants: Wants) -> Iterator[Any]:
    """Ordinary values of the type that the field has, other than the current one."""
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
