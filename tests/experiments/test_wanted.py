"""A value of a field that the request lacks may want another one beside it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.drift.rule import Case
from checker.drift.rules.dependency_undocumented import DependencyUndocumented
from checker.drift.rules.enum_value_rejected import EnumValueRejected
from checker.experiments.absent import Absent
from checker.experiments.dependencies import Dependencies
from checker.experiments.wanted import Wanted

from .harness import Incoming, contract, lab, operation, run

TEXT = {"type": "string"}
REGION = {"type": "string", "enum": ["north", "south", "east"]}


@pytest.mark.parametrize(
    ("wants", "told"),
    [
        ({"south": "number"}, {"number"}),
        ({"south": "nothing at all"}, set()),
        ({}, set()),
        ({"north": "number", "south": "number", "east": "number"}, {"region"}),
    ],
)
def test_what_a_value_wants(wants: dict[str, str], told: set[str]) -> None:
    members = {"name": TEXT, "region": REGION, "number": TEXT, "note": TEXT}
    documented = operation(
        {"properties": members, "required": ["name"]}, id=OperationId("POST", "/places")
    )

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        if not body.get("name") or body.get("region", "north") not in REGION["enum"]:
            return 422
        wanted = wants.get(body.get("region", ""))
        return 201 if wanted is None or wanted in body else 422

    async def go() -> tuple[set[str], set[str]]:
        async with lab(documented, answer, {"name": "anna"}) as (context, _):
            await run(context, Absent(), Dependencies(), Wanted())
            case = Case(documented.id, contract(context), documented)
            dependent = [f for f in DependencyUndocumented().check(case) if f.field]
            assert all("`region`" in f.issue and "`number`" in f.issue for f in dependent)
            assert len(wants) != 1 or all("south" in f.issue for f in dependent)
            refused = EnumValueRejected().check(case)
            return {f.field.name for f in dependent if f.field}, {f.rule for f in refused}

    dependent, refused = asyncio.run(go())
    assert dependent == told
    assert bool(refused) is (wants == {"south": "nothing at all"})


@pytest.mark.parametrize(("wanted", "told"), [("gateway", {"digits"}), ("", set())])
def test_what_a_field_wants(wanted: str, told: set[str]) -> None:
    members = {"name": TEXT, "digits": {"type": "integer"}, "gateway": TEXT, "note": TEXT}
    documented = operation(
        {"properties": members, "required": ["name"]}, id=OperationId("POST", "/meters")
    )

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        lacks = "digits" in body and wanted not in body
        return 422 if lacks or not body.get("name") else 201

    async def go() -> set[str]:
        async with lab(documented, answer, {"name": "anna"}) as (context, _):
            await run(context, Absent(), Dependencies(), Wanted())
            case = Case(documented.id, contract(context), documented)
            dependent = [f for f in DependencyUndocumented().check(case) if f.field]
            assert all("gateway" in f.issue and "digits" in f.issue for f in dependent)
            return {f.field.name for f in dependent if f.field}

    assert asyncio.run(go()) == told
