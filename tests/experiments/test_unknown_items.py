"""What is answered where nothing is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from documented import schema

from checker.domain.operation import DocumentedResponse, OperationId
from checker.drift.registry import all_rules
from checker.drift.rule import Case
from checker.experiments.unknown_items import UnknownItems

from .harness import MADE, Incoming, contract, lab, operation, run


@pytest.mark.parametrize(
    ("statuses", "told", "asked"),
    [(["200"], {"status-undocumented"}, 2), (["200", "404"], set(), 1)],
)
def test_an_answer_that_is_not_as_documented_is_seen_twice(
    statuses: Sequence[str], told: set[str], asked: int
) -> None:
    nothing = schema({"type": "object"})
    responses = tuple(
        DocumentedResponse(s, nothing.location, content={"application/json": nothing})
        for s in statuses
    )
    documented = replace(operation(id=OperationId("GET", "/things/{id}")), responses=responses)

    def answer(request: Incoming) -> Any:
        if request.method == "POST":
            return {"id": "thing-1"}
        return {"name": "a"} if request.path == "/things/thing-1" else 404

    async def go() -> set[str]:
        async with lab(documented, answer, path={"id": "thing-1"}) as (context, server):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{thing}}"})
            supply.recipe = replace(supply.recipe, steps=(MADE,), call=call)
            supply.run_again()
            await run(context, UnknownItems())
            assert (
                sum(r.path not in ("/things", "/things/thing-1") for r in server.requests) == asked
            )
            case = Case(documented.id, contract(context), documented)
            return {f.rule for rule in all_rules() for f in rule.check(case)}

    assert asyncio.run(go()) == told
