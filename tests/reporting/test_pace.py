"""How far a run is, and how long it may still take."""

from __future__ import annotations

from itertools import pairwise

import pytest

from checker.domain.progress import ProgressEvent
from checker.reporting.pace import Pace, in_words


def event(phase: str, operation: int, requests: int) -> ProgressEvent:
    """The tenth part of a run that is at this operation."""
    return ProgressEvent(phase, f"GET /{operation}", operation, 10, requests)


def test_it_moves_with_every_request_and_never_back() -> None:
    pace = Pace()
    seen = []
    for operation in range(10):
        for request in range(20):
            pace.at(event("experiments", operation, 20 * operation + request), 0.0)
            seen.append(pace.position)
            assert operation <= pace.position < operation + 1
    assert all(one < other for one, other in pairwise(seen))


def test_the_searches_move_too_though_no_operation_is_done() -> None:
    pace = Pace()
    for number in range(5):
        pace.at(ProgressEvent("witnesses", f"GET /{number}", 0, 10, 30 * number), number)
    assert 4 <= pace.position < 5
    assert pace.left is None


def test_the_time_left_is_told_once_the_pace_is_known() -> None:
    pace = Pace()
    pace.at(event("experiments", 0, 0), 100.0)
    assert pace.left is None
    pace.at(event("experiments", 5, 50), 101.0)
    assert pace.left is None, "a second says nothing"
    pace.at(event("experiments", 5, 50), 200.0)
    assert pace.left == pytest.approx(100.0)
    # What went before in another phase isn't counted.
    pace.at(event("clean-up", 5, 60), 201.0)
    assert pace.left is None


def test_a_run_without_operations_stands_still() -> None:
    pace = Pace()
    pace.at(ProgressEvent("documents"), 1.0)
    assert (pace.total, pace.position, pace.left) == (0, 0.0, None)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (12.0, "less than a minute left"),
        (61.0, "about 2 min left"),
        (5_400.0, "about 1.5 h left"),
    ],
)
def test_a_time_is_no_more_exact_than_it_is_known(seconds: float | None, said: str) -> None:
    assert in_words(seconds) == said
