"""What the server fills in, where only so many things may be made in one place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.drift.rule import Case
from checker.drift.rules.default_mismatch import DefaultMismatch
from checker.experiments.absent import Absent
from checker.experiments.effects import Effects
from checker.experiments.required import Required

from .harness import Incoming, contract, lab, operation, run

BOX = Step("make_box", "POST", "/boxes", body={}, extract={"box": "$.id"})
ITEM = operation(
    {
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "fragile": {"type": "boolean"},
        },
        "required": ["name"],
    },
    id=OperationId("POST", "/boxes/{box}/items"),
)


def boxes(most: int) -> Any:
    """Boxes of a certain number of items; an item is not fragile where nothing is said."""
    held = [-99]
    """How many each box has; the first is for the request that the test begins with."""

    def answer(request: Incoming) -> Any:
        if request.path == "/boxes":
            held.append(0)
            return {"id": str(len(held) - 1)}
        body = request.body
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 422
        box = int(request.path.split("/")[2])
        if held[box] == most:
            return 409
        held[box] += 1
        return {"id": f"i{box}-{held[box]}", "size": None, "fragile": False, **body}

    return answer


@pytest.mark.parametrize("most", [2, 3, 4, 5, 99])
def test_a_default_where_places_get_full(most: int) -> None:
    async def go() -> set[str]:
        body = {"name": "anna", "size": 3, "fragile": True}
        async with lab(ITEM, boxes(most), body, path={"box": "0"}) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"box": "{{box}}"})
            supply.recipe = replace(supply.recipe, steps=(BOX,), call=call)
            supply.run_again()
            await context.lab.learn_level()
            await run(context, Required(), Effects())
            assert not context.lab.broken
            case = Case(ITEM.id, contract(context), ITEM)
            return {f.field.name for f in DefaultMismatch().check(case) if f.field}

    assert asyncio.run(go()) == {"fragile"}


@pytest.mark.parametrize(("kept", "told"), [(True, {"size"}), (False, set())])
def test_a_default_that_is_the_only_value_known(kept: bool, told: set[str]) -> None:
    """The request lacks the field, and what was tried of it is just what is filled in."""
    size = {"type": "integer", "minimum": 1, "examples": [1]}
    documented = operation(
        {"properties": {"name": {"type": "string"}, "size": size}, "required": ["name"]}
    )
    numbers = iter(range(9999))

    def answer(request: Incoming) -> Any:
        body = request.body
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 422
        given = body.get("size", 1) if kept else 1
        return {"id": f"t{next(numbers)}", "name": body["name"], "size": given}

    async def go() -> set[str]:
        async with lab(documented, answer, {"name": "anna"}) as (context, _):
            await run(context, Required(), Absent(), Effects())
            case = Case(documented.id, contract(context), documented)
            return {f.field.name for f in DefaultMismatch().check(case) if f.field}

    assert asyncio.run(go()) == told


def test_a_default_beside_a_value_that_asks_for_more() -> None:
    """Another value than the one that others see shows that the field is kept."""
    values = {"type": "string", "enum": ["public", "private", "friends"]}
    documented = operation(
        {"properties": {"name": {"type": "string"}, "visibility": values}, "required": ["name"]}
    )
    numbers = iter(range(9999))

    def answer(request: Incoming) -> Any:
        body = request.body
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 422
        assert body.get("visibility") != "public"
        return {"id": f"t{next(numbers)}", "visibility": "private", **body}

    async def go() -> set[str]:
        body = {"name": "anna", "visibility": "private"}
        async with lab(documented, answer, body) as (context, _):
            await run(context, Required(), Effects())
            case = Case(documented.id, contract(context), documented)
            return {f.field.name for f in DefaultMismatch().check(case) if f.field}

    assert asyncio.run(go()) == {"visibility"}
