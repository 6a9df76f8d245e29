"""The rule `answers-inconsistent`, and the silence of the others beside it."""

from __future__ import annotations

from typing import Any

import pytest
from documented import POST, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, Severity, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.answers_inconsistent import AnswersInconsistent

THING = operation({"properties": {"name": {"type": "string"}}})


def ways() -> tuple[Evidence, ...]:
    both = ((422, Verdict.REJECTED), (201, Verdict.ACCEPTED)) * 3
    return tuple(
        Evidence("control", Exchange(Request("POST", "/things"), Response(s), n), v)
        for n, (s, v) in enumerate(both)
    )


def repeated(confirmed: bool = True, **detail: Any) -> Observation:
    detail = {"status": 422, "changed": False, **detail}
    return Observation(
        POST,
        Kind.REPEAT,
        Verdict.INCONCLUSIVE,
        confirmed=confirmed,
        evidence=ways(),
        detail=detail,
    )


def check(*seen: Observation) -> list[Finding]:
    return list(AnswersInconsistent().check(Case(POST, ObservedContract(POST, seen), THING)))


@pytest.mark.parametrize(
    ("changed", "said"), [(False, "an unchanged request"), (True, "a request with one change")]
)
def test_it_speaks_once_and_shows_both_ways(changed: bool, said: str) -> None:
    (found,) = check(repeated(changed=changed), repeated())
    assert (found.rule, found.severity, found.field.place) == (
        "answers-inconsistent",
        Severity.MAJOR,
        "operation",
    )
    assert said in found.issue and "422" in found.issue
    assert [e.verdict.value for e in found.evidence].count("accepted") == 3


def test_it_is_silent_without_proof() -> None:
    name = FieldKey(Place.BODY, "name")
    refused = Observation(
        POST, Kind.REMOVE, Verdict.REJECTED, name, rejection=Rejection.VALIDATION, confirmed=True
    )
    assert not check(repeated(confirmed=False), refused)
