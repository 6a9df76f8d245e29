"""A run against what was known before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from report_samples import make_finding, make_result

from checker.domain.asked import Asked
from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import KnownFinding
from checker.errors import UsageError
from checker.ranking import compare, group, load_baseline
from checker.ranking.baseline import (
    accepted,
    baseline_text,
    examined_with,
    known_as,
    load_examined,
    static_rules,
    with_reason,
)
from checker.settings import Settings


def write_baseline(findings: Iterable[Finding], examined: Iterable[str] = ()) -> str:
    """The file in which these findings are known."""
    return baseline_text(map(known_as, findings), examined)


def test_known_new_and_fixed() -> None:
    gone = make_finding(operation="POST /things", field=FindingField("body", "gone"))
    before = group([make_finding(), gone])
    known = load_baseline(write_baseline(before), "b.json")
    now = group([make_finding(), make_finding(operation="POST /messages")])
    result = compare(make_result(findings=now), known, "b.json", Settings())
    assert result.baseline is not None
    assert len(result.baseline.known) == len(result.baseline.new) == 1
    assert [k.field for k in result.baseline.fixed] == ["gone"]
    assert result.baseline.unchecked == ()


@pytest.mark.parametrize(
    ("operation", "settings"),
    [
        ("DELETE /things/{id}", Settings()),  # skipped in this run
        ("GET /things", Settings()),  # examined partly
        ("GET /things/{id}", Settings()),  # without a witness
        ("POST /elsewhere", Settings()),  # not selected
        ("POST /things", Settings(ignore=("required-*",))),
        ("POST /things", Settings(rules=("enum-*",))),
        ("POST /things", Settings(severity=Severity.MINOR)),  # how bad it was nobody knows
    ],
)
def test_what_was_not_looked_for_is_not_fixed(operation: str, settings: Settings) -> None:
    known = load_baseline(write_baseline(group([make_finding(operation=operation)])), "b.json")
    result = compare(make_result(findings=()), known, "b.json", settings)
    assert result.baseline is not None
    assert result.baseline.fixed == ()
    assert len(result.baseline.unchecked) == 1


NAMED = KnownFinding("f" * 16, "required-undocumented", "POST /things", "kind")


def day(number: int) -> str:
    return f"2026-01-{number:02}"


def test_an_accepted_finding_counts_again_after_its_last_day() -> None:
    (finding,) = group([make_finding()])

    def standing(expires: str) -> str:
        known = (known_as(finding, "ticket 7", expires),)
        result = compare(make_result(findings=(finding,)), known, "b.json", Settings())
        assert result.baseline is not None
        assert result.baseline.reasons == {finding.fingerprint: "ticket 7"}
        return result.standings()[finding.fingerprint]

    # The run is of the second of January.
    assert [standing(e) for e in ("", day(3), day(2), day(1))] == [
        "known",
        "known",
        "known",
        "expired",
    ]


def test_what_the_baseline_accepts_comes_last() -> None:
    findings = make_result().findings
    known = [known_as(findings[0]), known_as(findings[2])]
    result = compare(make_result(), known, "b.json", Settings())
    assert result.findings == (findings[1], *findings[3:], findings[0], findings[2])


def test_a_finding_whose_question_had_no_answer_is_not_fixed() -> None:
    def fixed(left: tuple[str, ...]) -> bool:
        asked = {"required": Asked(1, 0, {"the budget was used up": len(left)}, left)}
        outcome = OperationOutcome(OperationId("POST", "/things"), "probed", questions=asked)
        run = make_result(findings=(), operations=(outcome,))
        compared = compare(run, [NAMED], "b.json", Settings()).baseline
        assert compared is not None
        return compared.fixed == (NAMED,)

    assert fixed(()) and fixed(("other",))
    assert not fixed(("other", "kind"))


def test_a_refreshed_baseline_keeps_what_people_wrote() -> None:
    old, new = group([make_finding(), make_finding(operation="POST /messages")])
    before = [known_as(old, "ticket 7", "2027-01-31"), KnownFinding("e" * 16, "r", "GET /away")]
    after = accepted(make_result(findings=(old, new)), before)
    assert {e.fingerprint: e.reason for e in after} == {
        old.fingerprint: "ticket 7",
        new.fingerprint: "",
        "e" * 16: "",
    }
    text = baseline_text(with_reason(after, [new.fingerprint], "later", "2027-02-28"))
    assert {(e.reason, e.expires) for e in load_baseline(text, "b")} == {
        ("ticket 7", "2027-01-31"),
        ("later", "2027-02-28"),
        ("", ""),
    }


def test_accepting_one_finding_leaves_all_else_as_it_was() -> None:
    one, other = group([make_finding(), make_finding(operation="POST /messages")])
    gone = known_as(make_finding(operation="POST /things", fingerprint="d" * 16))
    after = accepted(make_result(findings=(one, other)), [gone], [one.fingerprint])
    assert {e.fingerprint for e in after} == {one.fingerprint, "d" * 16}


@pytest.mark.parametrize("expires", ["soon", "2026-13-01", "31.12.2026", 7])
def test_a_wrong_day_is_named(expires: object) -> None:
    entry = {"fingerprint": "ab12", "expires": expires}
    text = json.dumps({"baseline_version": 1, "findings": [entry]})
    with pytest.raises(UsageError, match=r"b\.json: `expires` of ab12: .* is no date"):
        load_baseline(text, "b.json")


def test_the_rules_of_documents_are_those_that_compare_documents() -> None:
    assert {"spec-conflict", "operation-dropped", "example-invalid"} <= static_rules()
    assert not {"required-undocumented", "status-undocumented"} & static_rules()


def test_writing_is_stable() -> None:
    findings = group([make_finding(), make_finding(operation="GET /a")])
    assert write_baseline(findings) == write_baseline(reversed(findings))


@pytest.mark.parametrize("text", ["", "[]", '{"findings": []}', '{"baseline_version": 9}', "nul"])
def test_other_files_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"b\.json"):
        load_baseline(text, "b.json")


def test_it_remembers_what_was_examined() -> None:
    result = make_result()
    examined = examined_with(result, ("GET /elsewhere", "DELETE /things/{id}"))
    # What this run was about is as this run says; the rest stays.
    assert examined == (
        "GET /elsewhere",
        "GET /ok",
        "GET /things",
        "POST /messages",
        "POST /things",
    )
    assert load_examined(write_baseline((), examined=examined)) == examined
    assert load_examined('{"baseline_version": 1, "findings": []}') == ()


@pytest.mark.parametrize("said", [True, False])
def test_an_api_that_was_not_asked_has_nothing_fixed(said: bool) -> None:
    """Two APIs have an operation of one name, and one of them couldn't be examined; an entry of an
    older file doesn't say whose it is."""
    before = group([make_finding(target=name) for name in ("billing", "orders")])
    known = [replace(e, target=e.target if said else "") for e in map(known_as, before)]
    operation = OperationId("POST", "/things")
    outcomes = (
        OperationOutcome(operation, "probed", target="orders"),
        OperationOutcome(operation, "inconclusive", "it can't be reached", target="billing"),
    )
    result = compare(make_result(findings=(), operations=outcomes), known, "b", Settings())
    assert result.baseline is not None
    fixed = [entry.target for entry in result.baseline.fixed]
    assert fixed == (["orders"] if said else [])
    assert len(result.baseline.unchecked) == (1 if said else 2)
    assert set(load_baseline(baseline_text(known), "b")) == set(known)
