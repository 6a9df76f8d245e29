"""Which fields of a request can all be left out at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from checker.experiments.required import Required

from .harness import Incoming, lab, operation, run

TEXT = {"type": "string"}
NAMES = ("name", "mail", "site", "note", "rating")
GIVEN = dict.fromkeys(NAMES, "abc")


@pytest.mark.parametrize("either", [("mail", "site"), ("site", "rating"), ("mail", "site", "note")])
def test_of_those_of_which_one_is_needed_one_stays(either: tuple[str, ...]) -> None:
    """Each of them can go alone, and the others with it."""
    body = {"type": "object", "properties": dict.fromkeys(NAMES, TEXT), "required": ["name"]}

    def accepts(request: Incoming) -> Any:
        return "name" in request.body and bool(set(either) & set(request.body))

    async def go() -> set[str]:
        async with lab(operation(body), accepts, GIVEN) as (context, _):
            await run(context, Required())
            return {k.name for k in context.smallest}

    smallest = asyncio.run(go())
    assert len(set(either) - smallest) == 1
    assert smallest | set(either) == set(NAMES) - {"name"}
