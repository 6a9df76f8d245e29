from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.inference.grouptest import PLANNED, find_defectives, goal


def search_of(count: int, defective: set[int]) -> int:
    """Runs the search, checks its answer and that no test is repeated; the number of tests."""
    asked: set[tuple[int, ...]] = set()

    async def test(group: Sequence[int]) -> bool:
        assert group
        assert tuple(group) not in asked
        asked.add(tuple(group))
        return any(item in defective for item in group)

    assert asyncio.run(find_defectives(range(count), test)) == sorted(defective)
    return len(asked)


@given(st.integers(0, 130).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, 129)))))
def test_finds_exactly_the_defectives(case: tuple[int, set[int]]) -> None:
    count, drawn = case
    defective = {d for d in drawn if d < count}
    needed = search_of(count, defective)
    assert needed <= 2 * count + 1
    if not defective:
        assert needed == min(count, 1)


@given(st.integers(PLANNED + 1, 128), st.integers(0, 8), st.integers(0, 2**32))
def test_a_search_stays_near_the_goal(count: int, defectives: int, seed: int) -> None:
    drawn = set(random.Random(seed).sample(range(count), defectives))
    assert search_of(count, drawn) <= goal(count, defectives) + 6


@pytest.mark.parametrize("count", range(1, 11))
def test_a_planned_search_keeps_the_goal_for_every_set(count: int) -> None:
    for defectives in range(count + 1):
        if 4 * defectives > 3 * count:
            most = float(count + 4)
        else:
            most = goal(count, defectives)
        for drawn in itertools.combinations(range(count), defectives):
            assert search_of(count, set(drawn)) <= most


@pytest.mark.parametrize("count", range(11, PLANNED + 1))
def test_a_planned_search_is_one_over_the_goal_at_most(count: int) -> None:
    for defectives in range(9):
        for seed in range(40):
            drawn = set(random.Random(f"{count}:{seed}").sample(range(count), defectives))
            assert search_of(count, drawn) <= max(goal(count, defectives), count + 4) + 1
            if 4 * defectives <= 3 * count:
                assert search_of(count, drawn) <= goal(count, defectives) + 1


@pytest.mark.parametrize("count", [12, 24, 48, 96])
def test_the_mean_is_within_the_goal(count: int) -> None:
    for defectives in range(9):
        draws = [
            set(random.Random(f"{count}:{defectives}:{n}").sample(range(count), defectives))
            for n in range(30)
        ]
        mean = sum(search_of(count, d) for d in draws) / len(draws)
        assert mean <= goal(count, defectives)


def test_items_may_be_equal_to_one_another() -> None:
    async def test(group: Sequence[str]) -> bool:
        return "x" in group

    assert asyncio.run(find_defectives(["x", "a", "x", "b"], test)) == ["x", "x"]


def test_a_test_that_is_not_monotone_ends() -> None:
    async def test(group: Sequence[int]) -> bool:
        return (2 in group) != (5 in group) or len(group) == 8

    assert set(asyncio.run(find_defectives(range(8), test))) <= set(range(8))
