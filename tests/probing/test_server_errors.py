"""What an experiment passes over and the server crashed at is told by what was sent."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import Incoming, contract, lab, operation, run

from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.workflow import Step
from checker.drift.rule import Case
from checker.drift.rules.server_error import ServerError
from checker.experiments.limits import Limit
from checker.experiments.required import Required
from checker.probing.server_errors import confirm_server_errors

NAME = FieldKey(Place.BODY, "name")


def test_a_text_that_is_too_long_is_told_by_its_length() -> None:
    def answer(request: Incoming) -> Any:
        return 500 if len(request.body["name"]) > 300 else 201

    documented = operation({"type": "object", "properties": {"name": {"type": "string"}}})

    async def go() -> list[str]:
        async with lab(documented, answer, {"name": "anna"}) as (context, _):
            await context.lab.ask(Limit(NAME, "length", "max", 4, 1024).ask(1024))
            context.made += await confirm_server_errors(context.lab, [])
            case = Case(documented.id, contract(context), documented)
            return [f.issue for f in ServerError().check(case)]

    (told,) = asyncio.run(go())
    assert "with a text of 1,024 characters in `name`" in told


BOX = Step("make_box", "POST", "/boxes", body={}, extract={"box": "$.id"})


def test_what_the_failing_request_was_about_has_gone_by_now() -> None:
    """It is sent again to what stands in its place."""
    documented = operation(
        {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        id=OperationId("PUT", "/boxes/{box}"),
    )
    made = [0]

    def answer(request: Incoming) -> Any:
        if request.path == "/boxes":
            made[0] += 1
            return {"id": str(made[0])}
        if request.path != f"/boxes/{made[0]}":
            return 404
        return 200 if isinstance(request.body, dict) and "name" in request.body else 500

    async def go() -> list[str]:
        async with lab(documented, answer, {"name": "anna"}, path={"box": "0"}) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"box": "{{box}}"})
            supply.recipe = replace(supply.recipe, steps=(BOX,), call=call)
            supply.run_again()
            await context.lab.learn_level()
            await run(context, Required())
            supply.run_again()
            context.made[:] = await confirm_server_errors(context.lab, context.made)
            case = Case(documented.id, contract(context), documented)
            return [f.issue for f in ServerError().check(case)]

    (told,) = asyncio.run(go())
    assert "without `name`" in told
