"""Values that a documented schema doesn't name: other types and shapes, certain nonsense."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from checker.domain.schema import Schema
from checker.planning.pattern_texts import from_pattern
from checker.planning.values import MAX_LETTERS

COMMON_TEXTS = (
    *("1", "2031-05-17", "12345", "abc", "a@example.com", "example.org.", "192.0.2.7"),
    *("12:30", "2031-05-17T10:30:00Z"),
)
"""Texts of shapes that servers often want."""


def nonsense(rng: random.Random, like: Any = "", schema: Schema | None = None) -> tuple[Any, Any]:
    """Two unrelated values that no closed set holds, of the JSON type of `like`.

    They keep to the documented pattern and lengths: what breaks these says nothing of a set.
    """
    if isinstance(like, bool):
        return "maybe", "perhaps"
    if isinstance(like, (int, float)):
        return 98_765_431, 71_234_569
    first = "zq" + "".join(rng.choice("bcdfghjkl") for _ in range(6))
    second = "".join(rng.choice("mnpqrstvw") for _ in range(7)) + "x"
    if schema is None or schema.enum:
        return first, second
    return _within(schema, first, rng), _within(schema, second, rng)


def _within(schema: Schema, text: str, rng: random.Random) -> str:
    """A text in the documented pattern and lengths, if need be another one."""
    if schema.pattern:
        text = from_pattern(schema.pattern, rng) or text
    low, high = schema.min_length or 0, schema.max_length
    text += text[-1:] * min(low - len(text), MAX_LETTERS)
    return text if high is None else text[: max(high, 0)]


def wrong_types(schema: Schema, value: Any) -> Iterator[Any]:
    """Values of other JSON types that a server might want instead of `value`."""
    match value:
        case str():
            yield [value]
            yield {"id": value}
            yield {"name": value}
            if re.fullmatch(r"-?\d+", value):
                yield int(value)
            yield 1
            yield True
        case bool():
            yield "true" if value else "false"
            yield 1 if value else 0
        case int() | float():
            yield str(value)
            yield [value]
        case list():
            if value:
                yield value[0]
            if value and isinstance(value[0], str):
                yield ",".join(str(v) for v in value)
            yield {}
        case dict():
            yield [value]
            for inner in list(value.values())[:2]:
                if isinstance(inner, str):
                    yield inner
            yield "value"
            yield 1
            yield True
