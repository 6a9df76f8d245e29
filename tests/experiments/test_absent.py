"""Documented fields that the witness can't bear, and what the server would take there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.drift.rule import Case
from checker.drift.rules.field_rejected import FieldRejected
from checker.drift.rules.type_mismatch import TypeMismatch
from checker.experiments.absent import Absent
from checker.planning.namesakes import Namesakes

from .harness import Incoming, contract, lab, operation, run

TEXT = {"type": "string"}
CODED = {"type": "object", "properties": {"code": {**TEXT, "pattern": "^[A-Z]{2}[0-9]$"}}}
OTHER = OperationId("PUT", "/others/{id}")
Body = Mapping[str, Any]


def mismatches(
    fields: Mapping[str, Any], body: Mapping[str, Any], accepts: Callable[[Body], bool]
) -> dict[str, Any]:
    """Field → the type that is accepted instead."""
    documented = operation({"type": "object", "properties": fields})

    def answer(request: Incoming) -> bool:
        return isinstance(request.body, dict) and accepts(request.body)

    async def go() -> dict[str, Any]:
        async with lab(documented, answer, dict(body)) as (context, _):
            await run(context, Absent())
            case = Case(documented.id, contract(context), documented)
            return {f.field.name: f.observed for f in TypeMismatch().check(case)}

    return asyncio.run(go())


def test_a_member_of_an_item_of_another_type() -> None:
    item = {"type": "object", "properties": {"name": TEXT, "count": TEXT}}
    fields = {"items": {"type": "array", "items": item}}

    def accepts(body: Body) -> bool:
        counts = [i.get("count", 1) for i in body["items"]]
        return all(isinstance(c, int) and not isinstance(c, bool) for c in counts)

    assert mismatches(fields, {"items": [{"name": "a"}]}, accepts) == {
        "items[].count": "integer",
    }


def test_a_query_has_no_objects() -> None:
    """Its members would be parameters of other names, which the server passes over."""
    documented = operation(query={"state": TEXT})

    def answer(request: Incoming) -> bool:
        return request.query.get("state", "open") in ("open", "closed")

    async def go() -> list[Any]:
        async with lab(documented, answer) as (context, _):
            seen = await run(context, Absent())
            case = Case(documented.id, contract(context), documented)
            assert not [o for o in seen if isinstance(o.value, dict)]
            return list(TypeMismatch().check(case))

    assert asyncio.run(go()) == []


def test_an_object_that_is_refused_for_a_member_has_the_right_type() -> None:
    fields = {
        "name": TEXT,
        "place": {"type": "object", "properties": {"street": TEXT, "mode": TEXT, "zone": TEXT}},
    }

    def accepts(body: Body) -> bool:
        place = body.get("place")
        if isinstance(place, Mapping):
            return place.get("mode", "near") in ("near", "far") and set(place) <= {
                "street",
                "mode",
                "zone",
            }
        return True  # whatever is no object is passed over

    assert mismatches(fields, {"name": "a"}, accepts) == {}


def test_an_object_that_is_accepted_with_another_text_inside() -> None:
    """It becomes a part of the witness, so that the text's form can be learned."""
    hours = {"type": "object", "required": ["start"], "properties": {"start": TEXT}}
    documented = operation({"type": "object", "properties": {"a": TEXT, "hours": hours}})

    def answer(request: Incoming) -> bool:
        got = request.body.get("hours", {"start": "09:00"})
        start = got.get("start") if isinstance(got, dict) else None
        return isinstance(start, str) and len(start) == 5 and start[2] == ":"

    async def go() -> Any:
        async with lab(documented, answer, {"a": "alpha"}) as (context, _):
            await run(context, Absent())
            case = Case(documented.id, contract(context), documented)
            assert list(TypeMismatch().check(case)) == []
            return context.template.body

    assert asyncio.run(go()) == {"a": "alpha", "hours": {"start": "12:30"}}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "boolean"},
        {"type": "integer", "minimum": 0, "maximum": 99},
        {"type": "number"},
        {"type": "string", "format": "date"},
    ],
    ids=["switch", "integer", "number", "date"],
)
@pytest.mark.parametrize("known", [False, True])
def test_a_field_is_refused_with_more_than_one_value(schema: dict[str, Any], known: bool) -> None:
    """Also where every value that is made for it is the same."""
    documented = operation({"type": "object", "properties": {"name": TEXT, "extra": schema}})

    def answer(request: Incoming) -> bool | str:
        names = {"name", "extra"} if known else {"name"}
        strange = sorted(set(request.body) - names)
        if strange:
            return f"{strange[0]} is not permitted"
        return request.body.get("extra") not in (True, 1, 1.5, "2031-04-01")

    async def go() -> list[Any]:
        async with lab(documented, answer, {"name": "a"}) as (context, _):
            await run(context, Absent())
            case = Case(documented.id, contract(context), documented)
            return [f.field.name for f in FieldRejected().check(case)]

    assert asyncio.run(go()) == ([] if known else ["extra"])


@pytest.mark.parametrize("repeats", [True, False], ids=["another one each time", "once"])
def test_a_value_that_is_taken_the_next_time_changes_with_each_request(repeats: bool) -> None:
    """It becomes a part of the request in that way, or not at all: the request still works."""
    documented = operation({"type": "object", "properties": {"name": TEXT, "code": TEXT}})
    used: set[str] = set()

    def answer(request: Incoming) -> bool:
        code = request.body.get("code")
        good = code is None or (isinstance(code, str) and len(code) == 3 and code[-1].isdigit())
        if not good or code in used or (code is not None and used and not repeats):
            return False
        used.update([code] if code is not None else [])
        return True

    async def go() -> Any:
        async with lab(documented, answer, {"name": "a"}) as (context, _):
            context.candidates.namesakes = Namesakes(
                [operation({"type": "object", "properties": {"in": CODED}}, id=OTHER)]
            )
            await run(context, Absent())
            await context.lab.control()
            return context.template.body, context.lab.extra, context.lab.broken

    body, extra, broken = asyncio.run(go())
    assert broken == ""
    assert ("code" in body) is repeats
    assert bool(extra) is not repeats
