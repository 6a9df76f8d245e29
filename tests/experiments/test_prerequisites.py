"""Which of the steps before a request are needed, and which only serve those that are."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.experiments.prerequisites import Prerequisites

from .harness import Incoming, lab, operation, run

SUBJECT = Step(
    "get_subject", "GET", "/subjects", extract={"s": "$.id"}, operation=OperationId("GET", "/s")
)
MARK = Step("create_mark", "POST", "/marks", body={"subject": "{{s}}"})


@pytest.mark.parametrize(("needs", "told"), [("mark", {"create_mark"}), ("", set())])
def test_what_only_serves_a_needed_step_is_none(needs: str, told: set[str]) -> None:
    before: list[str] = []

    def enrols(request: Incoming) -> bool:
        """Things are only made right after a mark, once there are steps that make one."""
        done = request.path != "/things" or not (needs and before) or before[-1] == "/marks"
        if before:
            before.append(request.path)
        return done

    documented = operation({"type": "object", "properties": {"name": {"type": "string"}}})

    async def go() -> set[str]:
        async with lab(documented, enrols, {"name": "anna"}) as (context, _):
            supply = context.lab._supply
            supply.recipe = replace(supply.recipe, steps=(SUBJECT, MARK))
            supply.run_again()
            before.append("the steps")
            await context.lab.learn_level()
            seen = await run(context, Prerequisites())
            return {o.detail["step"] for o in seen if o.rejected}

    assert asyncio.run(go()) == told
