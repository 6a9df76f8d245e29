"""Where no more things may be made, one stands in that was brought into its state before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from checker.domain.exchange import Exchange
from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.pipeline.standing import done_before
from checker.planning.recipe import Recipe
from checker.probing.bench import LabBroken
from checker.probing.supply import Level

from .harness import MADE, Incoming, lab, operation

START = OperationId("POST", "/things/{id}/start")
LABEL = OperationId("PUT", "/things/{id}/label")


def labelled(*, knows: bool, extract: dict[str, str] | None = None, other: bool = False) -> bool:
    """Whether a request can be had anew for a thing that was started before, the only one that
    there is. `knows`: what was accepted is known; `extract`: what starting it gives to later
    steps; `other`: it was started by another request."""
    started: list[str] = []

    def answer(request: Incoming) -> Any:
        if request.path == "/things":
            return {"id": "t1"}
        if request.path.endswith("/start"):
            started.append(request.path)
            return {"id": "t1"} if len(started) == 1 else 409
        return True

    async def go() -> bool:
        async with lab(operation(id=LABEL), answer, {"label": "a"}, path={"id": "t1"}) as (
            context,
            _,
        ):
            bench, supply = context.bench, context.lab._supply
            accepted: dict[OperationId, list[Exchange]] = {}

            def keep(exchange: Exchange) -> None:
                asked = exchange.request.operation
                if asked is not None and bench.judge.accepted(exchange):
                    accepted.setdefault(asked, []).append(exchange)

            bench.wire.observers.append(keep)
            if knows:
                bench.done_before = partial(done_before, lambda o: accepted.get(o, []))
            start = Step(
                "start",
                "POST",
                "/things/{{thing}}/start",
                body={"by": "me"},
                operation=START,
                extract=extract or {},
            )
            supply.recipe = Recipe((MADE, start), supply.recipe.call, "test")
            supply.run_again()
            await context.lab.fresh(Level.REDO)
            if other:
                again = replace(start, body={"by": "you"})
                supply.recipe = replace(supply.recipe, steps=(MADE, again))
            try:
                await context.lab.fresh(Level.REDO)
            except LabBroken:
                return False
            return True

    return asyncio.run(go())


def test_what_was_done_to_a_thing_before_is_done() -> None:
    assert labelled(knows=True)


@pytest.mark.parametrize(
    "told",
    [{"knows": False}, {"knows": True, "extract": {"k": "$.id"}}, {"knows": True, "other": True}],
    ids=["nothing is known of it", "what it gives may be spent", "another request"],
)
def test_otherwise_it_is_missing(told: dict[str, Any]) -> None:
    assert not labelled(**told)
