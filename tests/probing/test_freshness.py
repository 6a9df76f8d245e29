"""Which values have to change for a request to pass again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from checker.domain.operation import FieldKey, Place
from checker.probing.freshness import Variation, learn_variation

NAME, SORT = FieldKey(Place.BODY, "name"), FieldKey(Place.BODY, "sort")
CODE = FieldKey(Place.BODY, "code")


def learned(accepts: Callable[[Variation, int], bool]) -> tuple[bool, Variation, int]:
    """(passed, variation, attempts); `accepts` gets the attempt's number, too."""
    made: list[Variation] = []

    async def attempt(variation: Variation) -> tuple[bool, str]:
        made.append(variation)
        passed = accepts(variation, len(made))
        return passed, "" if passed else "no"

    passed, variation = asyncio.run(learn_variation([NAME, SORT], attempt, "no"))
    return passed, dict(variation), len(made)


def test_any_change_of_all_is_tried_once() -> None:
    assert learned(lambda v, n: True) == (True, {NAME: False, SORT: False}, 1)


def test_a_change_that_keeps_the_shape_has_to_pass_twice() -> None:
    passed, variation, _ = learned(lambda v, n: all(v.values()) and len(v) == 2)
    assert (passed, variation) == (True, {NAME: True, SORT: True})


def test_a_value_of_a_closed_set_that_counts_on_to_another_is_left_alone() -> None:
    def accepts(variation: Variation, number: int) -> bool:
        by_chance = all(variation.values()) and number == 2
        return by_chance or variation == {NAME: False}

    assert learned(accepts)[:2] == (True, {NAME: False})


@pytest.mark.parametrize(
    ("bad", "both", "no_code", "no_name"),
    [
        ("400:bad sort", "409:name is taken", "409:code is taken", "409:name is taken"),
        ("409:bad sort", "409:name, code", "409:code", "409:name"),
        ("422:bad sort", "422:name code taken", "422:code taken", "422:name taken"),
        ("200:bad sort", "200:Name is taken", "200:Code is taken", "200:Name is taken"),
    ],
    ids=["one at a time", "nothing but conflicts", "parts", "the same of another"],
)
def test_of_two_values_that_are_taken_each_has_to_change(
    bad: str, both: str, no_code: str, no_name: str
) -> None:
    async def attempt(changes: Variation) -> tuple[bool, str]:
        if SORT in changes:
            return False, bad
        said = {(): both, (NAME,): no_code, (CODE,): no_name}
        left = tuple(k for k in (NAME, CODE) if k in changes)
        return len(left) == 2, said.get(left, "")

    passed, variation = asyncio.run(learn_variation([NAME, SORT, CODE], attempt, both))
    assert passed and set(variation) == {NAME, CODE}
