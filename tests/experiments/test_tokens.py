"""Documented tokens that are led elsewhere, where another one is answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web
from documented import FILE

from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, OperationId, Security
from checker.drift.rule import Case
from checker.drift.rules.token_rejected import TokenRejected
from checker.experiments.tokens import Tokens

from .harness import Incoming, contract, lab, operation, run

READ = OperationId("GET", "/api/things")
WHERE = Location(FILE, "/responses")


@pytest.mark.parametrize(
    ("documents", "where"),
    [((), ""), (("302",), ""), (("302",), "/api/sign-in")],
    ids=["unknown", "documented", "documented, beside it"],
)
@pytest.mark.parametrize(
    ("led", "told"),
    [("admin", ["admin"]), ("", []), ("by turns", [])],
)
def test_a_documented_token_that_is_led_elsewhere(
    documents: tuple[str, ...], where: str, led: str, told: list[str]
) -> None:
    count = [0]

    def answer(request: Incoming) -> bool | int | web.Response:
        token = request.headers.get("Authorization", "").rpartition(" ")[2]
        if token not in ("staff", "admin"):
            return 401
        count[0] += token == "admin"
        turn = led == "by turns" and count[0] % 2 == 1
        if token == "admin" and (led == "admin" or turn):
            return web.Response(status=302, headers={"Location": where} if where else {})
        return True

    documented = replace(
        operation(id=READ),
        security=Security((("s",),), described=("staff", "admin")),
        responses=tuple(DocumentedResponse(s, WHERE) for s in ("201", *documents)),
    )

    async def go() -> list[str]:
        async with lab(documented, answer, tokens=("staff", "admin")) as (context, _):
            context.bench.wire.judge = context.bench.judge
            context.bench.judge.add(documented)
            await run(context, Tokens())
            types = frozenset(("staff", "admin"))
            case = Case(READ, contract(context), documented, token_types=types)
            return [f.field.name for f in TokenRejected().check(case)]

    assert asyncio.run(go()) == told
