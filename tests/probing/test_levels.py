"""What has to be new where a request can't simply be sent again."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import MADE, Incoming, lab, operation

from checker.domain.operation import OperationId
from checker.probing.supply import Level

TEXT = {"type": "string"}


class Renamed:
    """Things that are called by their names; a change may give another, which must be free."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.made = 0

    def __call__(self, request: Incoming) -> Any:
        if request.method == "POST":
            self.made += 1
            made = f"made-{self.made}"
            self.names.add(made)
            return {"id": made}
        own, body = request.path.rsplit("/", 1)[1], request.body
        if own == "fixed":
            return {"id": own}
        if own not in self.names:
            return 404
        if body["mode"] not in ("fast", "slow"):
            return 422
        if body["name"] in self.names - {own}:
            return 409
        self.names = self.names - {own} | {body["name"]}
        return {"id": body["name"]}


def test_a_change_that_renames_needs_a_new_thing_and_a_new_name() -> None:
    """Another text in the place of the mode is refused: only the name may change."""
    fields = {"type": "object", "properties": {"name": TEXT, "mode": TEXT}}
    documented = operation(fields, id=OperationId("PUT", "/things/{id}"))
    api, body = Renamed(), {"name": "other", "mode": "fast"}

    async def go() -> tuple[Level, list[str]]:
        async with lab(documented, api, body, path={"id": "fixed"}, vary=True) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{thing}}"})
            supply.recipe = replace(supply.recipe, steps=(MADE,), call=call)
            supply.run_again()
            supply.level, supply.vary = Level.SAME, {}
            await context.lab.learn_level()
            return context.lab.level, [k.name for k in context.lab.varied]

    assert asyncio.run(go()) == (Level.REDO, ["name"])
