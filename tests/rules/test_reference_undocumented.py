"""Which resource an identifier is said to be of."""

from __future__ import annotations

import pytest
from documented import POST, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.reference_undocumented import ReferenceUndocumented


@pytest.mark.parametrize(
    ("member", "resource"),
    [("id", "animal"), ("uid", "animal"), ("pastureId", "pasture"), ("name", "animal")],
)
def test_an_identifier_is_of_what_its_member_is_named_for(member: str, resource: str) -> None:
    """Animals show the pasture that they are on: its identifier is no animal's."""
    exchange = Exchange(Request("POST", "/things"), Response(422))
    seen = Observation(
        POST,
        Kind.REPLACE,
        Verdict.REJECTED,
        FieldKey(Place.BODY, "place"),
        "x-9",
        Rejection.VALIDATION,
        confirmed=True,
        evidence=(Evidence("probe", exchange, Verdict.REJECTED),),
        detail={"role": "unknown-identifier", "producer": "GET /animals", "member": member},
    )
    documented = operation({"type": "object", "properties": {"place": {"type": "string"}}})
    (finding,) = ReferenceUndocumented().check(
        Case(POST, ObservedContract(POST, (seen,)), documented)
    )
    assert finding.observed == {"resource": resource, "producer": "GET /animals"}
