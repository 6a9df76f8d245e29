"""Witnesses as steps: what has to change each time is learned from answers, with room for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from documented import operation
from open_gate import open_gate

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.workflow import Step
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import Witness
from checker.search.solver import Solver
from checker.settings import Settings, Target

MAKE = operation(
    {
        "type": "object",
        "properties": {"code": {"type": "string", "pattern": "^[a-z]{4}$"}},
        "required": ["code"],
    },
    id=OperationId("POST", "/rooms"),
)
EXAMPLE = operation(
    {
        "type": "object",
        "properties": {"code": {"type": "string", "examples": ["abcd"]}},
        "required": ["code"],
    },
    id=OperationId("POST", "/rooms"),
)
MOST = 3


class Rooms:
    """Keeps three rooms at most, each with a code of its own."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        code = (await request.json()).get("code", "")
        if not (isinstance(code, str) and len(code) == 4 and code.islower()):
            return web.json_response({"code": ["has an invalid format"]}, status=422)
        if len(self.codes) >= MOST:
            return web.json_response({"error": "There are too many already"}, status=409)
        if code in self.codes:
            return web.json_response({"code": ["is already taken"]}, status=422)
        self.codes.append(code)
        return web.json_response({"id": f"r{len(self.codes)}"}, status=201)

    async def clear(self) -> bool:
        gone, self.codes = bool(self.codes), []
        return gone


Then = Callable[[Bench, Rooms, Callable[[], Awaitable[Step]]], Awaitable[Any]]


def steps(then: Then, rooms: Rooms | None = None, make: Operation = MAKE) -> Any:
    """What `then` gives with the bench, the server, and what makes a step of the creation."""
    rooms = rooms or Rooms()

    async def go() -> Any:
        app = web.Application()
        app.router.add_post("/rooms", rooms.answer)
        async with TestServer(app) as running:
            target = Target(base_url=str(running.make_url("")).rstrip("/"))
            async with Wire(target, open_gate(), max_requests=500) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                solver = Solver(bench, [make], {}, Candidates(Portal()))
                found = await solver.find(make)
                assert isinstance(found, Witness), found
                return await then(bench, rooms, lambda: solver.binding.makers.step(found))

    return asyncio.run(go())


def test_what_has_to_change_is_learned_with_room_for_it() -> None:
    async def full(bench: Bench, rooms: Rooms, step: Any) -> Step:
        bench.room = lambda _: rooms.clear()
        rooms.codes += ["zzza", "zzzb"]
        made: Step = await step()
        return made

    assert [v.key.name for v in steps(full).vary] == ["code"]


def test_requests_that_are_held_back_teach_nothing() -> None:
    async def held(bench: Bench, rooms: Rooms, step: Any) -> tuple[Step, Step]:
        gate = bench.wire.gate
        policy, gate.policy = gate.policy, replace(gate.policy, read_only=True)
        before = await step()
        gate.policy = policy
        return before, await step()

    before, after = steps(held)
    assert not before.vary
    assert [v.key.name for v in after.vary] == ["code"]


def test_what_answers_with_what_is_there_is_given_other_values() -> None:
    """A creation with a code that is there answers with its room; nothing tells that in words."""

    class Answering(Rooms):
        async def answer(self, request: web.Request) -> web.Response:
            code = (await request.json()).get("code", "")
            if code in self.codes:
                return web.json_response({"id": f"r{self.codes.index(code) + 1}"}, status=201)
            return await super().answer(request)

    async def given(bench: Bench, rooms: Rooms, step: Any) -> Step:
        made: Step = await step()
        return made

    assert [v.key.name for v in steps(given, Answering(), EXAMPLE).vary] == ["code"]


@pytest.mark.parametrize("closed", [False, True])
def test_a_text_beyond_its_documented_set_may_be_any(closed: bool) -> None:
    """The documents close the set of titles, and the server takes another one than those."""

    class Titled(Rooms):
        async def answer(self, request: web.Request) -> web.Response:
            code = (await request.json()).get("code", "")
            fine = code == "abcd" if closed else code != "large"
            self.codes.append(code)
            return web.json_response({"id": f"r{len(self.codes)}"}, status=201 if fine else 422)

    async def given(bench: Bench, rooms: Rooms, step: Any) -> Step:
        made: Step = await step()
        return made

    code = {"type": "string", "enum": ["large"], "examples": ["abcd"]}
    make = operation(
        {"type": "object", "properties": {"code": code}, "required": ["code"]}, id=EXAMPLE.id
    )
    made = steps(given, Titled(), make)
    assert made.body["code"].startswith("abcd")
    assert ("{{" in made.body["code"] or bool(made.vary)) is not closed


def test_where_not_all_texts_may_change_one_does() -> None:
    """A room belongs to an owner, whose name stands in the example; its own title is free."""

    class Owned(Rooms):
        async def answer(self, request: web.Request) -> web.Response:
            body = await request.json()
            fine = body.get("owner") == "annabel" and isinstance(body.get("title"), str)
            self.codes.append("")
            return web.json_response({"id": f"r{len(self.codes)}"}, status=201 if fine else 422)

    examples = {"owner": "annabel", "title": "the blue room"}
    fields = {name: {"type": "string", "examples": [text]} for name, text in examples.items()}
    make = operation({"type": "object", "properties": fields, "required": [*fields]}, id=EXAMPLE.id)

    async def given(bench: Bench, rooms: Rooms, step: Any) -> Step:
        made: Step = await step()
        return made

    assert [v.key.name for v in steps(given, Owned(), make).vary] == ["title"]
