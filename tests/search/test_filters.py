"""What is called `id` and is an object, or stands in something that nothing makes, asks for no
identifier: nothing is made for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from document_samples import load, openapi
from open_gate import open_gate

from checker.domain.portal import Portal
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import Witness
from checker.search.needs import may_hold_one
from checker.search.solver import Solver
from checker.settings import Settings, Target

TEXT = {"type": "string"}
ROOM = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
SHOWN = {"type": "object", "properties": {"id": {"type": "string"}, "name": TEXT}}
ANY = {"type": "object", "properties": {"any_": {"type": "array", "items": TEXT}}}
WITHIN = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def said(status: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}} if schema else {}
    return {status: {"description": "fine", "content": content}}


def document(search: dict[str, Any]) -> dict[str, Any]:
    return openapi(
        paths={
            "/rooms": {"post": {"requestBody": body(ROOM), "responses": said("201", SHOWN)}},
            "/rooms/search": {"post": {"requestBody": body(search), "responses": said("200")}},
        }
    )


class Rooms:
    def __init__(self) -> None:
        self.made = 0

    async def make(self, request: web.Request) -> web.Response:
        self.made += 1
        name = (await request.json()).get("name")
        return web.json_response({"id": f"r-{self.made}", "name": name}, status=201)

    async def search(self, request: web.Request) -> web.Response:
        given = await request.json()
        room, lock = given.get("room", {}).get("id", {}), given.get("lock", {})
        if not isinstance(room, dict) or not isinstance(lock.get("id", ""), str):
            return web.json_response({"error": "id: a dictionary is expected"}, status=422)
        return web.json_response([])


@pytest.mark.parametrize(
    "search",
    [
        {
            "type": "object",
            "required": ["room"],
            "properties": {
                "room": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": {"anyOf": [ANY, {"type": "null"}]}},
                }
            },
        },
        {"type": "object", "required": ["lock"], "properties": {"lock": WITHIN}},
    ],
    ids=["an object", "of what nothing makes"],
)
def test_nothing_is_made_for_what_is_no_identifier(tmp_path: Path, search: dict[str, Any]) -> None:
    operations = load(tmp_path, document(search)).operations
    (wanted,) = (o for o in operations if o.id.path == "/rooms/search")

    async def go() -> tuple[Any, int]:
        rooms = Rooms()
        app = web.Application()
        app.router.add_post("/rooms", rooms.make)
        app.router.add_post("/rooms/search", rooms.search)
        async with TestServer(app) as running:
            target = Target(base_url=str(running.make_url("")).rstrip("/"))
            async with Wire(target, open_gate(), max_requests=200) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                solver = Solver(bench, operations, {}, Candidates(Portal()))
                return await solver.find(wanted), rooms.made

    found, made = asyncio.run(go())
    assert isinstance(found, Witness), found
    assert made == 0
    assert found.recipe.steps == ()


@pytest.mark.parametrize(
    ("documented", "may"),
    [
        (TEXT, True),
        ({}, True),
        ({"type": "object"}, True),
        ({"type": "array", "items": TEXT}, True),
        ({"anyOf": [TEXT, ANY]}, True),
        (ANY, False),
        ({"anyOf": [ANY, {"type": "null"}]}, False),
        ({"type": "array", "items": ANY}, False),
    ],
)
def test_what_an_identifier_fits_into(
    tmp_path: Path, documented: dict[str, Any], may: bool
) -> None:
    members = {"type": "object", "properties": {"id": documented}}
    operations = load(tmp_path, document(members)).operations
    (wanted,) = (o for o in operations if o.id.path == "/rooms/search")
    (field,) = (f for k, f in wanted.fields.items() if k.name == "id")
    assert may_hold_one(field.schema) is may
