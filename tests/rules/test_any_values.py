"""No rule breaks on what a field held: any JSON value may have been sent, accepted or refused."""

from __future__ import annotations

from typing import Any

import pytest
from documented import operation
from observed import replaced

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.registry import all_rules
from checker.drift.rule import Case

ODD: list[Any] = [None, True, 0, 1.5, "", "open", [], [{}], [[1]], {}, {"a": {"b": []}}]
ROLES = (
    *("example", "example-in-turn", "example-request", "fuzz", "wrong-type", "other-type"),
    *("undocumented", "format", "default", "ignored", "shaped"),
)
KEY = FieldKey(Place.BODY, "view")
SAID = ('{"error": "view must be one of: open, closed"}', '{"error": "no such view"}')


def observations(value: Any, witness: Any, accepted: bool, said: str) -> list[Observation]:
    seen = [replaced(KEY, value, role, accepted=accepted, witness=witness) for role in ROLES]
    status, verdict = (201, Verdict.ACCEPTED) if accepted else (400, Verdict.REJECTED)
    request = Request("POST", "/things", content=b"{}", media_type="application/json")
    answer = Response(status, {"Content-Type": "application/json"}, {}, said)
    evidence = (Evidence("probe", Exchange(request, answer, 1), verdict),)
    rejection = None if accepted else Rejection.VALIDATION
    return [
        Observation(
            o.operation, kind, verdict, KEY, value, rejection, True, evidence, dict(o.detail)
        )
        for kind in (Kind.REPLACE, Kind.ADD, Kind.REMOVE, Kind.COMBINE)
        for o in seen
    ]


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("answer", SAID)
def test_whatever_was_sent(value: Any, accepted: bool, answer: str) -> None:
    schema = {"description": "How it is shown.", "example": value or "x"}
    documented = operation({"type": "object", "properties": {"view": schema}})
    for witness in ODD:
        seen = tuple(observations(value, witness, accepted, answer))
        case = Case(documented.id, ObservedContract(documented.id, seen), documented)
        said = [f"{f.issue} {f.suggested_fix}" for rule in all_rules() for f in rule.check(case)]
        assert not [s for s in said if "MISSING" in s]
