"""One search of a target at a time, and none that waits again for what was too slow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from document_samples import openapi, write
from documented import operation
from open_gate import open_gate
from serving import JsonServer, running

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.errors import ShareExhausted
from checker.pipeline import run
from checker.pipeline.choosing import shares
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.pacing import Allowance
from checker.probing.trial import NoWitness, Witness
from checker.search import solver as searching
from checker.search.solver import PUT_OFF, Solver
from checker.settings import Settings, Target

WAIT_S = 0.05
TEXT = {"type": "string"}
MAKE = operation({"type": "object", "properties": {"name": TEXT}}, id=OperationId("POST", "/boats"))
READ = operation(id=OperationId("GET", "/boats/{boat_id}"))


class Boats:
    """Makes boats, unless it fails slowly; counts what it is asked."""

    def __init__(self, slow: bool = False) -> None:
        self.slow = slow
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.method)
        await asyncio.sleep(WAIT_S)
        if self.slow:
            return web.json_response({"error": "try later"}, status=500)
        made = request.method == "POST"
        return web.json_response({"id": "b1", "name": "Ada"}, status=201 if made else 200)


RULES = ("type-mismatch",)
SLOW = 6
"""Creations that fail."""
BOAT = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
SHOWN = {"description": "d", "content": {"application/json": {"schema": BOAT}}}
NAMED = [{"name": "boat_id", "in": "path", "required": True, "schema": TEXT}]
BODY = {
    "content": {"application/json": {"schema": {"type": "object", "properties": {"name": TEXT}}}}
}
PATHS = {
    "/boats": {"post": {"requestBody": BODY, "responses": {"201": SHOWN}}},
    "/boats/{boat_id}": {"get": {"parameters": NAMED, "responses": {"200": SHOWN}}},
}


class SlowAtFirst(JsonServer):
    def __init__(self) -> None:
        super().__init__()
        self.boats: dict[str, dict[str, Any]] = {}
        self.posts = 0

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if method == "POST" and path == ["boats"]:
            self.posts += 1
            if self.posts <= SLOW:
                time.sleep(WAIT_S)
                return 500, {"error": "try later"}
            name = body.get("name") if isinstance(body, dict) else None
            boat = {"id": f"b{self.posts}", "name": str(name)}
            self.boats[boat["id"]] = boat
            return 201, boat
        if method == "GET" and path[:1] == ["boats"] and path[-1] in self.boats:
            return 200, self.boats[path[-1]]
        return 404, {"error": "no such boat"}


def searched(boats: Boats, use: Callable[[Solver], Awaitable[Any]], *known: Operation) -> Any:
    async def go() -> Any:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", boats.answer)
        async with TestServer(app) as served:
            target = Target(base_url=str(served.make_url("")).rstrip("/"))
            async with Wire(target, open_gate(), max_requests=500) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                return await use(Solver(bench, known, {}, Candidates(Portal())))

    return asyncio.run(go())


def test_who_asks_during_a_search_gets_what_it_finds() -> None:
    async def use(solver: Solver) -> Any:
        return await asyncio.gather(*(solver.find(o) for o in (MAKE, READ, MAKE, READ)))

    boats = Boats()
    made, read, again, reread = searched(boats, use, MAKE, READ)
    assert isinstance(made, Witness)
    assert isinstance(read, Witness)
    assert (again, reread) == (made, read)


def test_what_was_too_slow_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SLOW_S", 2 * WAIT_S)
    boats = Boats(slow=True)

    async def use(solver: Solver) -> Any:
        with pytest.raises(ShareExhausted), Allowance(seconds=3 * WAIT_S).holding():
            await solver.find(MAKE)
        before = boats.asked.count("POST")
        found = await solver.find(READ)
        assert boats.asked.count("POST") == before
        return found, await solver.find(MAKE), boats.asked.count("POST") - before

    found, alone, sent = searched(boats, use, MAKE, READ)
    assert isinstance(found, NoWitness)
    assert isinstance(alone, NoWitness)
    assert alone.reason != PUT_OFF
    assert sent  # by itself it is searched


def test_who_needs_what_was_too_slow_has_its_turn_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first creations fail slowly; the reading of a boat waits for them no longer, and finds
    one made in the end."""
    monkeypatch.setattr(searching, "SLOW_S", WAIT_S)
    monkeypatch.setattr(shares, "SECONDS", 3 * WAIT_S)
    write(tmp_path, openapi(paths=PATHS))
    with running(SlowAtFirst()) as server:
        target = Target(base_url=server.url)
        settings = Settings(
            paths=(tmp_path,), targets=(target,), fuzz=False, rules=("type-mismatch",)
        )
        result = run(settings)
    statuses = {str(o.operation): o.status for o in result.operations}
    assert statuses == {"POST /boats": "probed", "GET /boats/{boat_id}": "probed"}
