"""What the sentence of `field-ignored` says of the value that was read back."""

from __future__ import annotations

from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.drift.rule import Case
from checker.drift.rules.field_ignored import FieldIgnored, _had


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ([None, None], "null both times"),
        (["draft", "draft"], '"draft" both times'),
        ([0, 0], "0 both times"),
        (["draft", "live"], "neither"),
        # These would be others in the next run.
        (["e7a7fe2c-2858-476b-87c3-442a9c8b9de1"] * 2, "a value of its own both times"),
        ([1017, 1017], "a value of its own both times"),
        (["2026-01-31T10:00:00Z"] * 2, "a value of its own both times"),
    ],
)
def test_only_a_value_that_lasts_is_quoted(read: list[Any], said: str) -> None:
    assert _had(read) == said


def found(method: str, read: list[Any], absent: bool = False) -> Finding:
    """What is told of a text that was written and isn't read."""
    id = OperationId(method, "/jobs")
    documented = operation({"type": "object", "properties": {"serial": {"type": "string"}}}, id=id)
    exchange = Exchange(Request(method, "/jobs"), Response(200))
    seen = Observation(
        id,
        Kind.READBACK,
        Verdict.ACCEPTED,
        FieldKey(Place.BODY, "serial"),
        value=["a", "b"],
        confirmed=True,
        evidence=(Evidence("probe", exchange, Verdict.ACCEPTED),),
        detail={"role": "ignored", "read": read, "absent": absent},
    )
    (told,) = FieldIgnored().check(Case(id, ObservedContract(id, (seen,)), documented))
    return told


@pytest.mark.parametrize("read", [["x1", "x2"], ["draft", "draft"], [0, 0]])
def test_what_the_server_sets_itself_is_read_only(read: list[Any]) -> None:
    told = found("POST", read)
    assert "`readOnly: true`" in told.suggested_fix
    path = "/schema/properties/serial/readOnly"
    assert told.patch == ({"op": "add", "path": path, "value": True},)


@pytest.mark.parametrize(
    ("method", "read", "absent"),
    [("POST", [None, None], False), ("POST", [None, None], True), ("PATCH", ["x", "x"], False)],
    ids=["empty", "not there", "written when it was made, perhaps"],
)
def test_where_no_value_is_the_servers_own(method: str, read: list[Any], absent: bool) -> None:
    told = found(method, read, absent)
    assert "readOnly" not in told.suggested_fix
    assert told.patch == ()


def test_a_member_that_is_not_there_is_not_null() -> None:
    assert "the resource doesn't have it, and" in found("POST", [None, None], True).issue
    assert "the resource has null both times" in found("POST", [None, None]).issue


def test_an_object_of_which_nothing_has_an_effect_is_what_is_told() -> None:
    id = OperationId("PUT", "/jobs/{id}")
    text = {"type": "string"}
    address = {"type": "object", "properties": {"city": text, "street": text}}
    documented = operation({"type": "object", "properties": {"address": address}}, id=id)
    exchange = Exchange(Request("PUT", "/jobs/1"), Response(200))

    def told(*members: str) -> list[str]:
        seen = tuple(
            Observation(
                id,
                Kind.READBACK,
                Verdict.ACCEPTED,
                FieldKey(Place.BODY, f"address.{member}"),
                value=["a", "b"],
                confirmed=True,
                evidence=(Evidence("probe", exchange, Verdict.ACCEPTED),),
                detail={"role": "ignored", "read": [None, None]},
            )
            for member in members
        )
        rule = FieldIgnored()
        return [f.field.name for f in rule.check(Case(id, ObservedContract(id, seen), documented))]

    assert told("city", "street") == ["address"]
    assert told("city") == ["address.city"]
