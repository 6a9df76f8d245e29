"""What an experiment passes over and the server crashed at is told by what was sent."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import Incoming, contract, lab, operation

from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.server_error import ServerError
from checker.experiments.limits import Limit
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
