"""A request that is refused when it comes again, since it has moved what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.drift.rule import Case
from checker.drift.rules.lifecycle_undocumented import LifecycleUndocumented
from checker.experiments.states import States

from .harness import Incoming, contract, lab, operation, run

SEND = OperationId("POST", "/things/{id}/send")
MADE = Step("make", "POST", "/things", extract={"mine": "$.id"}, operation=OperationId("POST", "/"))


class Things:
    """Things are drafts until they are sent, once; `failing` are the numbers of the requests to
    send one that a passing failure of the server answers, `unmade` those to make one."""

    def __init__(self, failing: Collection[int], unmade: Collection[int] = ()) -> None:
        self.failing, self.unmade = failing, unmade
        self.makes = 0
        self.things: dict[str, dict[str, Any]] = {}
        self.once = False
        self.examined: int | None = None

    def answer(self, request: Incoming) -> Any:
        if request.path == "/things":
            self.makes += self.examined is not None
            if self.examined is not None and self.makes in self.unmade:
                return 500, {"errors": [{"status": "500", "code": "crash"}]}
            made = {"id": f"t{len(self.things)}", "status": "draft"}
            self.things[str(made["id"])] = made
            return made
        if self.examined is not None:
            self.examined += 1
            if self.examined in self.failing:
                return 500
        thing = self.things[request.path.split("/")[2]]
        if thing["status"] == "sent" and self.once:
            return 409
        thing["status"] = "sent"
        return thing


def told(failing: Collection[int], unmade: Collection[int] = ()) -> list[Any]:
    """The states that the rule tells."""
    api = Things(failing, unmade)
    documented = operation(id=SEND)

    async def go() -> list[Any]:
        first = api.answer(Incoming("POST", "/things", {}, {}, None))
        async with lab(documented, api.answer, MISSING, path={"id": first["id"]}) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{mine}}"})
            supply.recipe = replace(supply.recipe, steps=(MADE,), call=call)
            supply.run_again()
            api.once = True
            await context.lab.learn_level()
            api.examined = 0
            await run(context, States())
            case = Case(documented.id, contract(context), documented)
            return [f.observed for f in LifecycleUndocumented().check(case)]

    return asyncio.run(go())


@pytest.mark.parametrize("failing", [(), (1,), (2,), (3,), (4,), (1, 3)])
def test_a_failure_of_the_server_between_is_no_answer(failing: tuple[int, ...]) -> None:
    assert told(failing) == [["draft", "sent"]]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_status_of_an_error_is_no_state(number: int) -> None:
    assert told((), {number}) in ([], [["draft", "sent"]])


def test_a_server_that_only_fails_tells_nothing() -> None:
    assert told(range(100)) == []
