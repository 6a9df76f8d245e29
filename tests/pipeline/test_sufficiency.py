"""Whether a run has examined enough to say anything."""

from __future__ import annotations

import pytest
from report_samples import make_result

from checker.domain.coverage import coverage, gaps
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import RunResult
from checker.pipeline.doubts.sufficiency import Demand, judged
from checker.reporting.json_report import from_json, report_json


def outcome(number: int, status: str, **more: object) -> OperationOutcome:
    return OperationOutcome(OperationId("GET", f"/{number}"), status, **more)  # type: ignore[arg-type]


def run_of(*statuses: str, **changes: object) -> RunResult:
    outcomes = tuple(outcome(n, status, reason="why") for n, status in enumerate(statuses))
    return make_result(**{"operations": outcomes, "findings": (), **changes})


def test_the_counts() -> None:
    seen = coverage(run_of("probed", "partial", "no-witness", "skipped", "inconclusive").operations)
    assert (seen.examined, seen.partly, seen.left, seen.held_back) == (1, 1, 2, 1)
    assert (seen.selected, seen.callable, seen.reached) == (5, 4, 2)
    assert coverage(run_of("static-only").operations).selected == 0


def test_equal_reasons_are_one_gap() -> None:
    result = run_of("no-witness", "no-witness", "skipped", "probed")
    found = gaps(result.operations)
    assert [(g.status, len(g.operations)) for g in found] == [("no-witness", 2), ("skipped", 1)]


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (("probed", "no-witness"), ""),
        (("probed", "no-witness", "no-witness"), "Only 1 of the 3"),
        (("partial", "no-witness"), ""),
        (("probed", "skipped", "skipped", "skipped"), ""),
        (("probed", "skipped", "skipped", "skipped", "skipped"), "Only 1 of all 5"),
        (("probed", "inconclusive", "inconclusive"), "Only 1 of the 3"),
    ],
)
def test_less_than_half_of_what_may_be_sent_is_too_little(
    statuses: tuple[str, ...], said: str
) -> None:
    result = judged(run_of(*statuses))
    assert result.shortfall.startswith(said) and bool(result.shortfall) == bool(said)
    assert result.status == ("partial" if said else "complete")
    assert result.exit_status == 0


@pytest.mark.parametrize(("method", "said"), [("DELETE", "Only 1 of the 3"), ("POST", "")])
def test_what_deletes_and_was_not_sent_was_not_seen(method: str, said: str) -> None:
    held = tuple(OperationOutcome(OperationId(method, f"/{n}"), "skipped") for n in range(2))
    result = judged(run_of(operations=(outcome(9, "probed"), *held)))
    assert result.shortfall.startswith(said) and bool(result.shortfall) == bool(said)


def test_another_bound_may_be_asked_for() -> None:
    few = run_of("probed", *["skipped"] * 9)
    assert judged(few).shortfall and not judged(few, Demand(percent=10)).shortfall


@pytest.mark.parametrize("status", ["no-witness", "skipped", "inconclusive"])
def test_nothing_examined_is_a_failed_run(status: str) -> None:
    result = judged(run_of(status, status))
    assert (result.status, result.exit_status) == ("failed", 3)
    assert "Nothing was examined" in result.error and "why" in result.error


def test_a_share_that_has_nothing_to_send_is_no_failure() -> None:
    assert judged(run_of("skipped"), Demand(shard=True)).exit_status == 0
    assert judged(run_of("no-witness"), Demand(shard=True)).exit_status == 3


def test_what_was_not_looked_at_is_told_however_little_it_is() -> None:
    left = outcome(9, "inconclusive", reason="The budget is used up.", passing=True)
    whole = run_of("probed", "probed", "probed")
    result = judged(whole.with_(operations=(*whole.operations, left)))
    assert result.shortfall == "1 operation was not looked at: The budget is used up."


def test_what_lacked_requests_when_the_budget_ended_was_not_looked_at() -> None:
    left = outcome(9, "no-witness", reason="its share of 1 request is used up", passing=True)
    ended = run_of("probed", "probed", error="The budget of 9 requests is used up.")
    result = judged(ended.with_(operations=(*ended.operations, left)))
    assert result.shortfall.startswith("1 operation was not looked at: its share")
    whole = ended.with_(operations=(*ended.operations, outcome(9, "no-witness", reason="why")))
    assert judged(whole).shortfall == ""


def test_a_passing_reason_leaves_a_run_incomplete() -> None:
    shaky = outcome(9, "no-witness", reason="429", passing=True)
    whole = run_of("probed", "probed")
    result = judged(whole.with_(operations=(*whole.operations, shaky)))
    assert (result.status, result.shortfall, result.exit_status) == ("partial", "", 0)


def test_the_demanded_percentage() -> None:
    result = run_of("probed", "probed", "probed", "no-witness", "skipped")
    assert not judged(result, Demand(percent=75)).shortfall
    assert "less than 80 %" in judged(result, Demand(percent=80)).shortfall


def test_three_quarters_of_what_the_baseline_examined() -> None:
    before = tuple(f"GET /{n}" for n in range(8))
    five = run_of(*["probed"] * 5, "no-witness")
    six = run_of(*["probed"] * 6)
    assert "examined 8" in judged(five, Demand(known=before)).shortfall
    assert not judged(six, Demand(known=before)).shortfall
    # A run about a part is measured by that part; a percentage takes the baseline's place.
    assert not judged(five, Demand(known=before, whole=False)).shortfall
    assert not judged(five, Demand(percent=50, known=before)).shortfall


def test_more_known_later_takes_a_shortfall_back() -> None:
    little = judged(run_of("probed", "no-witness", "no-witness"))
    more = little.with_(operations=run_of("probed", "probed", "no-witness").operations)
    assert (judged(more).status, judged(more).shortfall) == ("complete", "")


def test_what_only_answered_was_not_looked_at() -> None:
    asked = [outcome(n, "probed") for n in range(3)]
    answered = outcome(9, "partial", reason="only its answers were compared", unasked=True)
    assert judged(run_of(operations=(*asked, outcome(9, "partial")))).shortfall == ""
    result = judged(run_of(operations=(*asked, answered)))
    assert result.status == "partial"
    assert result.shortfall.startswith("1 operation was not looked at: only its answers")
    again = from_json(report_json(result))
    assert again.operations[-1].unasked
