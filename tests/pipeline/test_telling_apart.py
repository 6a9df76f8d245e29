"""Is an unknown thing answered otherwise than an unknown route?"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.pipeline.doubts.missing import _tells_apart
from checker.planning.recipe import Recipe
from checker.probing.trial import Witness

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import Incoming, lab

STATS, THING = OperationId("GET", "/stats/{period}"), OperationId("GET", "/things/{id}")


@pytest.mark.parametrize(
    ("said", "apart"), [("no such thing", True), ("not found", False)], ids=["other", "same"]
)
def test_a_value_of_another_form_tells_nothing_of_routes(said: str, apart: bool) -> None:
    def answer(request: Incoming) -> Any:
        if request.path.startswith("/stats/"):
            return 400, {"error": "period must be day or month"}
        if request.path == "/things/t1":
            return 200, {"id": "t1"}
        return 404, {"error": said if request.path.startswith("/things/") else "not found"}

    async def go() -> bool:
        documented = operation(id=THING)
        async with lab(documented, answer, path={"id": "t1"}) as (context, _):
            found = []
            for asked in (STATS, THING):
                name = asked.path.partition("{")[2].rstrip("}")
                recipe = Recipe((), Call(asked, path={name: "t1"}, body=MISSING), "test")
                shown = Exchange(Request("GET", asked.path), Response(200, body={}))
                account = context.lab.account
                found.append(Witness(operation(id=asked), recipe, account, shown))
            return await _tells_apart(context.bench, found)

    assert asyncio.run(go()) is apart
