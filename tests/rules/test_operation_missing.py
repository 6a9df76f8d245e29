"""`operation-missing`: what the document itself promises is no sign that it isn't there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import DocumentedResponse
from checker.drift.rule import Case
from checker.drift.rules.operation_missing import OperationMissing


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([], True),
        (["200"], True),
        (["200", "404"], True),
        (["default"], True),
        (["3XX", "404"], True),
        (["404"], False),
        (["404", "500"], False),
        (["4XX"], False),
    ],
)
def test_where_only_errors_are_documented_an_error_is_as_documented(
    statuses: list[str], told: bool
) -> None:
    documented = operation()
    responses = tuple(DocumentedResponse(s, Location("api.json")) for s in statuses)
    documented = replace(documented, responses=responses)
    exchange = Exchange(Request("POST", "/things"), Response(404), 1)
    seen = Observation(
        documented.id,
        Kind.EXIST,
        Verdict.REJECTED,
        rejection=Rejection.ABSENCE,
        confirmed=True,
        evidence=(Evidence("probe", exchange, Verdict.REJECTED),),
        detail={"status": 404},
    )
    case = Case(documented.id, ObservedContract(documented.id, (seen,)), documented)
    assert bool(list(OperationMissing().check(case))) is told
