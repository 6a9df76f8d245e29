"""What appeared, vanished and flaps, told from runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from checker.domain.history import PastOperation, PastRun, Seen
from checker.history.changes import by_domain, by_rule, present_after, trend

START = datetime(2026, 3, 1, tzinfo=UTC)


def seen(name: str, state: Any = "present", **more: Any) -> Seen:
    return Seen(name, state, more.pop("rule", "r"), "major", "GET /x", **more)


def run(night: int, *findings: Seen, statuses: tuple[str, ...] = ("probed",)) -> PastRun:
    at = START + timedelta(days=night)
    operations = tuple(PastOperation(f"GET /{n or 'x'}", "d", s, 3) for n, s in enumerate(statuses))
    return PastRun(
        f"run{night}", "s", at, at, "complete", "t", operations=operations, findings=findings
    )


def nights(*states: str) -> list[PastRun]:
    """A run for each state of one finding; "" where it wasn't looked for."""
    return [run(n, *([seen("a", state)] if state else [])) for n, state in enumerate(states)]


def test_of_the_first_run_nothing_has_appeared() -> None:
    (point,) = trend(nights("present")).points
    assert (point.findings, point.appeared) == (1, 0)


def test_what_is_new_has_appeared_and_what_was_looked_for_in_vain_has_vanished() -> None:
    told = trend([run(0, seen("a")), run(1, seen("a", "gone"), seen("b"))])
    assert told.appeared == ("b",)
    assert [s.fingerprint for s in told.vanished] == ["a"]
    assert (told.points[-1].appeared, told.points[-1].vanished) == (1, 1)


def test_what_nobody_had_asked_before_has_not_appeared() -> None:
    assert not trend([run(0, statuses=("skipped",)), run(1, seen("a"))]).appeared
    assert trend([run(0, statuses=("partial",)), run(1, seen("a"))]).appeared == ("a",)


def test_what_was_not_looked_for_has_not_vanished() -> None:
    runs = nights("present", "", "")
    assert not trend(runs).vanished
    assert set(present_after(runs)) == {"a"}


def test_the_order_of_reading_is_no_matter() -> None:
    runs = nights("present", "gone", "present")
    assert trend(runs) == trend(runs[::-1])


def test_what_comes_and_goes_is_flapping() -> None:
    assert trend(nights("present", "gone", "present")).flapping == ("a",)
    assert trend(nights("present", "gone", "present", "gone")).flapping == ("a",)


def test_what_only_came_or_only_went_is_not() -> None:
    assert not trend(nights("present", "gone")).flapping
    assert not trend(nights("", "present", "present")).flapping
    assert not trend(
        [run(0, seen("b")), run(1, seen("b")), *nights("", "", "present")[2:]]
    ).flapping


def test_what_has_been_steady_for_long_is_flapping_no_more() -> None:
    assert not trend(nights("present", "gone", "present", *["present"] * 10)).flapping


def test_only_the_last_points_are_kept_but_all_runs_count() -> None:
    told = trend(nights("present", "gone", "present"), last=1)
    assert len(told.points) == 1 and told.flapping == ("a",)


def test_shares_by_domain_and_rule() -> None:
    runs = [
        run(0, seen("a", domain="d", rule="one")),
        run(
            1,
            seen("a", "gone", domain="d", rule="one"),
            seen("b", domain="e", rule="two"),
            statuses=("probed", "skipped", "static-only"),
        ),
    ]
    d, e = by_domain(runs)
    assert (d.name, d.present, d.vanished, d.examined, d.selected) == ("d", 0, 1, 1, 2)
    assert (e.name, e.present, e.appeared, e.selected) == ("e", 1, 1, 0)
    assert [(s.name, s.present) for s in by_rule(runs)] == [("one", 0), ("two", 1)]
    assert not by_domain([])
