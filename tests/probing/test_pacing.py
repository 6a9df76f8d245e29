"""How long to wait, how many requests are left: the arithmetic, without a server."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_server import FakeTime

from checker.errors import BudgetExhausted, ShareExhausted
from checker.probing.pacing import (
    Allowance,
    Budget,
    Pace,
    Tally,
    backoff,
    retry_after,
    spend,
)

NOON = 784_123_200.0  # Sun, 06 Nov 1994 12:00:00 GMT


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("Sun, 06 Nov 1994 12:00:30 GMT", 30.0),
        ("Sunday, 06-Nov-94 12:00:30 GMT", 30.0),
        ("Sun Nov  6 12:00:30 1994", 30.0),
        ("Sun, 06 Nov 1994 11:00:00 GMT", 0.0),
        *((odd, None) for odd in ("", " ", "nan", "inf", "-inf", "-5", "1e9", "soon", "٣", "0x10")),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("\ud800", None),
    ],
)
def test_both_forms_and_whatever_else_stands_there(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-AFTER": said}, lambda: NOON) == seconds


def test_a_number_without_end_is_a_long_time() -> None:
    assert retry_after({"Retry-After": "9" * 5_000}) == float("inf")


def test_a_date_counts_from_the_clock_of_the_server() -> None:
    headers = {
        "Date": "Sun, 06 Nov 1994 10:00:00 GMT",
        "Retry-After": "Sun, 06 Nov 1994 10:00:05 GMT",
    }
    assert retry_after(headers, lambda: NOON) == 5.0


@given(said=st.text(max_size=60), date=st.text(max_size=40))
def test_any_header_gives_a_time_or_none(said: str, date: str) -> None:
    asked = retry_after({"Retry-After": said, "Date": date})
    assert asked is None or asked >= 0


@pytest.mark.parametrize("seconds", [5.0, 0.0, float("inf"), 1e300])
def test_a_hold_ends_at_the_most(seconds: float) -> None:
    time = FakeTime()
    pace = Pace(0.0, 30.0, time.clock, time.sleep)

    async def go() -> None:
        pace.hold(seconds)
        pace.hold(0.0)  # a shorter one doesn't end a longer one
        await pace.turn()

    asyncio.run(go())
    assert time.now == min(seconds, 30.0)


def test_a_hold_reaches_those_who_wait_for_their_slot() -> None:
    time = FakeTime()
    pace = Pace(1.0, 30.0, time.clock, time.sleep)
    gone: list[float] = []

    async def one() -> None:
        await pace.turn()
        gone.append(time.now)

    async def go() -> None:
        await one()
        waiting = [asyncio.ensure_future(one()) for _ in range(3)]
        pace.hold(20.0)
        await asyncio.gather(*waiting)

    asyncio.run(go())
    assert gone[0] == 0.0 and all(moment >= 20.0 for moment in gone[1:])
    assert all(b - a >= 1.0 for a, b in pairwise(gone))


def test_the_rest_of_the_budget_is_for_the_clean_up() -> None:
    budget, tally = Budget(10, reserve=3), Tally()
    with tally.counting():
        assert [budget.take() for _ in range(7)] == list(range(1, 8))
        with pytest.raises(BudgetExhausted, match="3 kept for the clean-up"):
            budget.take()
        assert [budget.take(reserved=True) for _ in range(3)] == [8, 9, 10]
        with pytest.raises(BudgetExhausted, match="budget of 10 requests"):
            budget.take(reserved=True)
    assert tally.requests == budget.sent == 10


def test_a_share_ends_its_own_work_and_nobody_elses() -> None:
    budget = Budget(20)
    outer, inner = Allowance(5, 60.0), Allowance(3, 60.0)
    with outer.holding():
        with inner.holding():
            assert [budget.take() for _ in range(3)] == [1, 2, 3]
            with pytest.raises(ShareExhausted, match="share of 3"):
                budget.take()
            assert budget.take(reserved=True) == 4, "the clean-up has none"
        assert [budget.take(), budget.take()] == [5, 6]
        with pytest.raises(ShareExhausted, match="share of 5"):
            budget.take()
    assert budget.take() == 7 == budget.sent


def test_a_share_of_time_ends_too() -> None:
    budget, share = Budget(20), Allowance(5, 2.0)
    with share.holding():
        budget.take()
        spend(0, 2.5)
        with pytest.raises(ShareExhausted, match="took 2 s"):
            budget.take()
    assert share.slow and budget.sent == 1


@pytest.mark.parametrize("reserve", [5, 50, -1])
def test_a_reserve_larger_than_the_budget_takes_all(reserve: int) -> None:
    budget = Budget(2, reserve)
    if reserve > 0:
        with pytest.raises(BudgetExhausted):
            budget.take()
    budget.take(reserved=True)
    budget.take(reserved=True)
    with pytest.raises(BudgetExhausted):
        budget.take(reserved=True)


def test_backing_off_grows_and_ends() -> None:
    waits = [backoff(n) for n in range(40)]
    assert waits == sorted(waits) and waits[0] > 0 and waits[-1] < float("inf")
