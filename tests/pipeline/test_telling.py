"""Findings that are told while a run goes on."""

from __future__ import annotations

from report_samples import make_finding

from checker.domain.finding import Finding, Severity
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.pipeline.telling import MOST, Telling

OUTCOME = OperationOutcome(OperationId("POST", "/things"), "probed", "")


def told(*rounds: list[Finding], accepted: frozenset[str] = frozenset()) -> list[str]:
    said: list[str] = []
    left = iter(rounds)
    telling = Telling(lambda _: tuple(next(left)), said.append, accepted)
    for each in rounds:
        assert telling(OUTCOME) == tuple(each)
    return said


def test_each_major_finding_is_told_once() -> None:
    major = make_finding(severity=Severity.MAJOR, issue="It is so.")
    minor = make_finding(severity=Severity.MINOR, issue="It is not much.")
    said = told([major, minor], [major, minor])
    assert len(said) == 1
    assert "It is so." in said[0] and major.operation in said[0]


def test_many_are_not_all_told() -> None:
    every = [make_finding(severity=Severity.CRITICAL, issue=f"No {n}.") for n in range(MOST + 9)]
    said = told(every[:5], every)
    assert len(said) == MOST + 1
    assert "report" in said[-1]


def test_what_the_baseline_accepts_is_no_news() -> None:
    known, new = (
        make_finding(severity=Severity.MAJOR, issue=name, fingerprint=name) for name in ("k", "n")
    )
    assert told([known, new], accepted=frozenset({"k"})) == [f"major: {new.operation}: n"]
