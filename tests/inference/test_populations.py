"""Both ways by turns, the refusals for one reason: what is a second version and what isn't."""

from __future__ import annotations

import pytest

from checker.inference.populations import MOST, Series


def after(answers: str) -> Series:
    """The series of answers: `a` accepted, `r` refused, `o` refused otherwise, `-` nothing."""
    series = Series("no")
    for answer in answers:
        if answer == "a":
            series.accept()
        elif answer == "-":
            series.pass_over()
        else:
            series.refuse("no" if answer == "r" else "not so")
    return series


@pytest.mark.parametrize("answers", ["rarara", "rraraara", "r-a-r-a-r-a"])
def test_by_turns(answers: str) -> None:
    assert after(answers).two_ways and after(answers).over


@pytest.mark.parametrize(
    "answers",
    ["rararr", "rrraaa", "aaarrr", "rrraaarrr", "oaoaoa", "rara", "-a-a-a", "aaaaaa", "rrrrrr"],
)
def test_a_change_for_good_another_reason_or_too_little(answers: str) -> None:
    assert not after(answers).two_ways


@pytest.mark.parametrize("answers", ["a" * 8, "r" * 8, "-" * MOST])
def test_the_end_is_seen(answers: str) -> None:
    assert after(answers).over and not after(answers[:-1]).over
