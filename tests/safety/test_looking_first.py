"""What has to be read before a request may be sent: all of it, by whoever may read it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from document_samples import load
from premises import ID, SHOWN, Premises, body, document, premises, said

from checker.domain.exchange import Exchange, Request
from checker.probing.http import Wire
from checker.probing.judge import Judge
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Target

SEATS: dict[str, Any] = {
    "/rooms/{id}/seats": {
        "post": {"parameters": [ID], "requestBody": body(SHOWN), "responses": said("201", SHOWN)}
    },
    "/rooms/{id}/seats/{seat}": {
        "get": {
            "parameters": [ID, {**ID, "name": "seat"}],
            "responses": said("200", SHOWN),
        }
    },
}


def sent(server: Premises, folder: Path, *requests: Request) -> list[Exchange]:
    operations = {o.id: o for o in load(folder, document(**SEATS)).operations}
    gate = Gate(Policy(), operations, Ledger())

    async def ran() -> list[Exchange]:
        async with Wire(Target(base_url=server.url), gate, max_requests=50) as wire:
            wire.observers.append(lambda e: gate.note(e, e.response is not None))
            return [await wire.send(r, {}, {}) for r in requests]

    return asyncio.run(ran())


def post(path: str, given: Any) -> Request:
    content = json.dumps(given).encode()
    return Request("POST", path, content=content, media_type="application/json")


def test_everything_that_a_request_names_is_settled(tmp_path: Path) -> None:
    """A room that only its list shows to be new, and a number that the request chooses itself."""
    with premises() as server:
        before = Request("GET", "/rooms")
        made = sent(server, tmp_path, before, post("/rooms", {"name": "kqzw one"}))
        number = json.loads(made[1].response.text)["id"] if made[1].response else 0
        given = {"id": 4711, "name": "kqzw two"}
        server.asked.clear()
        path = f"/rooms/{number + 1}/seats"
        again = (before, post("/rooms", {"name": "kqzw three"}), post(path, given))
        exchanges = sent(server, tmp_path, *again)
    assert not exchanges[2].held
    assert f"GET {path}/4711" in server.asked and server.asked.count("GET /rooms") == 2


@pytest.mark.parametrize("errors", [1, 2])
def test_a_moments_error_settles_nothing(tmp_path: Path, errors: int) -> None:
    """What is read first is read once more where the server fails, and no oftener."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        if request.method == "PUT":
            return web.json_response({}, status=200)
        return web.json_response({}, status=500 if len(asked) <= errors else 404)

    async def ran() -> Exchange:
        operations = {o.id: o for o in load(tmp_path, document(**SEATS)).operations}
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        async with TestServer(app) as server:
            target = Target(base_url=str(server.make_url("")).rstrip("/"))
            gate = Gate(Policy(), operations, Ledger())
            async with Wire(target, gate, max_requests=50) as wire:
                return await wire.send(replace(post("/rooms/7", {}), method="PUT"), {}, {})

    assert bool(asyncio.run(ran()).held) is (errors > 1)
    assert asked[:2] == ["GET /rooms/7"] * 2 and len(asked) == (3 if errors == 1 else 2)


def test_what_is_read_first_is_escaped(tmp_path: Path) -> None:
    with premises() as server:
        given = {"id": "Room 7/b", "name": "kqzw one"}
        sent(server, tmp_path, Request("GET", "/rooms"), post("/rooms", given))
    assert "GET /rooms/Room%207%2Fb" in server.asked


def test_a_collection_is_read_before_something_is_made_in_it(tmp_path: Path) -> None:
    with premises() as server:
        made = post("/rooms", {"name": "kqzw one"})
        sent(server, tmp_path, made, post("/rooms", {"name": "kqzw two"}))
    assert server.asked == ["GET /rooms", "POST /rooms", "POST /rooms"]


def test_what_is_made_where_nothing_is_listed_is_sent_at_once(tmp_path: Path) -> None:
    with premises() as server:
        sent(server, tmp_path, post("/rooms/zqnothing/seats", {"name": "kqzw one"}))
    assert server.asked == ["POST /rooms/zqnothing/seats"]


def test_nothing_is_settled_by_a_reading_that_acts(tmp_path: Path) -> None:
    """Looking whether a thing is there would do what is asked first whether it may be done."""
    item = SEATS["/rooms/{id}/seats/{seat}"]["get"]
    paths = {"/posts/{id}": {"get": {**item, "description": "It is marked as read."}}}
    operations = {o.id: o for o in load(tmp_path, document(**paths)).operations}
    held = Gate(Policy(), operations, Ledger()).held(Request("GET", "/posts/1"))
    assert held is not None and held.look == ""


@pytest.mark.parametrize("success", [True, False])
def test_what_is_read_first_is_judged_by_the_target_s_judge(tmp_path: Path, success: bool) -> None:
    """At a path that no document has, a refusal with status 200 says that nothing is there."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"success": success})

    async def ran() -> Exchange:
        operations = {o.id: o for o in load(tmp_path, document(**SEATS)).operations}
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        async with TestServer(app) as server:
            target = Target(base_url=str(server.make_url("")).rstrip("/"))
            gate = Gate(Policy(unknown=True, test_system=True), operations, Ledger())
            async with Wire(target, gate, max_requests=50) as wire:
                wire.judge = Judge(operations.values())
                return await wire.send(Request("POST", "/stranger/zqabcdef"), {}, {})

    assert bool(asyncio.run(ran()).held) is success
