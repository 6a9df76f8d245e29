"""`field-ignored`: a change of what is gone is no change that has no effect."""

from __future__ import annotations

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.drift.rule import Case
from checker.drift.rules.field_ignored import FieldIgnored

PATCH = OperationId("PATCH", "/jobs/{id}")


@pytest.mark.parametrize(("status", "told"), [(200, 1), (204, 0)])
def test_an_answer_that_the_unchanged_request_never_gets(status: int, told: int) -> None:
    text = {"type": "string"}
    documented = operation({"type": "object", "properties": {"symptom": text}}, id=PATCH)

    def answered(role: str, status: int) -> Evidence:
        exchange = Exchange(Request(PATCH.method, "/jobs/7"), Response(status))
        return Evidence(role, exchange, Verdict.ACCEPTED)

    seen = Observation(
        PATCH,
        Kind.READBACK,
        Verdict.ACCEPTED,
        FieldKey(Place.BODY, "symptom"),
        value=["a", "b"],
        confirmed=True,
        evidence=(answered("probe", status), answered("control", 200), answered("probe", status)),
        detail={"role": "ignored", "read": ["x", "x"]},
    )
    case = Case(PATCH, ObservedContract(PATCH, (seen,)), documented)
    assert len(list(FieldIgnored().check(case))) == told
