"""Values for schemas that ask for more than anybody can give."""

from __future__ import annotations

import random
from typing import Any

import pytest

from checker.domain.location import Location
from checker.domain.schema import Schema
from checker.planning.pattern_texts import from_pattern
from checker.planning.values import MAX_ITEMS, MAX_LETTERS, Generator
from checker.planning.variation import vary
from checker.planning.wrong_values import nonsense

HERE = Location("api.json")


def text(**more: Any) -> Schema:
    return Schema(HERE, types=("string",), **more)


def count(value: Any) -> int:
    return 1 + sum(map(count, value)) if isinstance(value, list) else 1


def test_long_texts_and_lists_end() -> None:
    generator = Generator(random.Random(1))
    assert len(generator.value(text(min_length=10**12))) <= MAX_LETTERS + 10
    assert all(
        len(n) < 2 * MAX_LETTERS for n in nonsense(random.Random(1), "", text(min_length=10**12))
    )
    inner = text()
    for _ in range(4):
        inner = Schema(HERE, types=("array",), items=inner, min_items=10**6)
    for _ in range(2):
        assert MAX_ITEMS <= count(generator.value(inner)) <= 5 * MAX_ITEMS


def test_branches_within_branches_end() -> None:
    endless = Schema(HERE, variants=[], variant_kind="oneOf")
    endless.variants.append(endless)  # type: ignore[attr-defined]
    assert Generator(random.Random(1)).value(endless) is None
    named = Schema(HERE, types=("object",), properties={"a": text()}, required=("a",), variants=[])
    named.variants.append(named)  # type: ignore[attr-defined]
    assert "a" in Generator(random.Random(1)).value(named)


@pytest.mark.parametrize(
    "pattern", ["^.{100000000}$", "(a{60000}){60000}", "((){60000}){60000}", "(((a*)*)*)*{9999}"]
)
def test_patterns_that_repeat_without_end(pattern: str) -> None:
    assert len(from_pattern(pattern, random.Random(1))) <= 10_000


@pytest.mark.parametrize("step", [1e-320, 1e-9, 1, 1e308])
@pytest.mark.parametrize("bounds", [(-1.7e308, 1.7e308), (0, 10**299), (-(10**299), 5)])
def test_numbers_at_the_ends_of_what_there_is(step: float, bounds: tuple[float, float]) -> None:
    low, high = bounds
    schema = Schema(HERE, types=("number",), minimum=low, maximum=high, multiple_of=step)
    assert isinstance(vary(1.5, 3, schema), (int, float))
