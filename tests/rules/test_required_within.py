"""What is required inside something that the document doesn't have is told with that."""

from __future__ import annotations

import pytest
from documented import POST, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.required_undocumented import RequiredUndocumented

TASKS = {"type": "array", "items": {"type": "object", "properties": {"hours": {"type": "integer"}}}}


@pytest.mark.parametrize(
    ("properties", "told"),
    [({}, ["tasks"]), ({"tasks": TASKS}, ["tasks", "tasks[].label"])],
    ids=["the list isn't documented", "it is"],
)
def test_members_of_what_is_not_documented(properties: dict[str, object], told: list[str]) -> None:
    exchange = Exchange(Request("POST", "/things"), Response(422))
    seen = tuple(
        Observation(
            POST,
            Kind.REMOVE,
            Verdict.REJECTED,
            FieldKey(Place.BODY, name),
            rejection=Rejection.VALIDATION,
            confirmed=True,
            evidence=(Evidence("probe", exchange, Verdict.REJECTED),),
        )
        for name in ("tasks", "tasks[].label")
    )
    documented = operation({"type": "object", "properties": properties})
    found = RequiredUndocumented().check(Case(POST, ObservedContract(POST, seen), documented))
    assert [f.field.name for f in found if f.field is not None] == told
