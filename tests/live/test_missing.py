"""Is an operation served at all? Asked at the end, when what its search named may be gone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.domain.exchange import Call, Exchange
from checker.domain.operation import Field, FieldKey, Operation, OperationId, Place
from checker.domain.workflow import Step
from checker.pipeline.doubts import missing
from checker.planning.encoding import build_request
from checker.planning.recipe import Recipe
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import NoWitness, Witness, fill
from checker.settings import Settings, Target

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from documented import schema
from harness import Incoming, operation, serving
from open_gate import open_gate

PAGE = "/notes/{note}/pages/{page}"
NOTES, PAGES = OperationId("GET", "/notes"), OperationId("GET", "/notes/{note}/pages")
MADE = (
    Step("note", "POST", "/notes", extract={"n": "$.id"}),
    Step("page", "POST", "/notes/{{n}}/pages", extract={"p": "$.id"}),
)
LISTED = (
    Step("notes", "GET", "/notes", extract={"n": "$.all[0]"}, operation=NOTES),
    Step("pages", "GET", "/notes/{{n}}/pages", extract={"p": "$.all[0]"}, operation=PAGES),
)


class Notes:
    """Notes with pages; lists show the newest note first. Nothing else is there, and all that isn't
    is answered alike; `readable`: pages can be read."""

    def __init__(self, *, readable: bool) -> None:
        self.readable = readable
        self.pages: dict[str, list[str]] = {}

    def __call__(self, request: Incoming) -> Any:
        head, *rest = request.path.strip("/").split("/")
        if head != "notes" or len(rest) > 3:
            return 404
        if not rest:
            if request.method == "POST":
                self.pages[f"n{len(self.pages)}"] = []
                return {"id": f"n{len(self.pages) - 1}"}
            return {"all": list(reversed(self.pages))}
        own = self.pages.get(rest[0])
        if own is None or rest[1:2] != ["pages"]:
            return 404
        if len(rest) == 2:
            if request.method == "POST":
                own.append(f"p{len(own)}")
                return {"id": own[-1]}
            return {"all": own}
        return {"id": rest[2]} if self.readable and rest[2] in own else 404


@asynccontextmanager
async def asking(server: Notes) -> AsyncIterator[Bench]:
    """A bench at a server of notes; nothing is held back."""
    async with serving(server) as running:
        target = Target(base_url=running.url)
        async with Wire(target, open_gate(), max_requests=200) as wire:
            yield Bench(wire=wire, target=target, settings=Settings(targets=(target,)))


def documented(path: str) -> Operation:
    made = operation(id=OperationId("GET", path))
    fields = (
        Field(
            FieldKey(Place.PATH, n), True, schema({"type": "string"}), made.location, made.location
        )
        for n in ("note", "page")
    )
    return replace(made, parameters=tuple(fields))


@pytest.mark.parametrize("readable", [True, False])
def test_what_lists_show_no_more_is_read_once_more(readable: bool) -> None:
    """The newest note has no pages by then; the reading of a page makes its own, and counts only
    as long as it is accepted."""
    page, history = documented(PAGE), documented(PAGE + "/history")
    server = Notes(readable=True)

    async def go() -> bool:
        async with asking(server) as bench:
            account = bench.first_account()

            async def sent(of: Operation, steps: tuple[Step, ...]) -> tuple[Call, Exchange]:
                scope = account.scope.child()
                assert (await bench.run_steps(account, steps, scope)).ok
                call = Call(of.id, path={"note": "{{n}}", "page": "{{p}}"})
                return call, await account.transport.send(build_request(fill(call, scope), of))

            call, read = await sent(page, MADE)
            found = Witness(page, Recipe(MADE, call, "generated"), account, read)
            call, answer = await sent(history, LISTED)
            failed = NoWitness(history.id, "absent", 1, answer, call, LISTED, (answer,))
            server.pages["newest"], server.readable = [], readable
            stock = missing.Stock(bench, {page.id: found}, no_step)
            return await missing.look(bench, history, failed, stock) is not None

    assert asyncio.run(go()) is readable


async def no_step(_: Witness) -> Step:
    raise AssertionError("nothing that makes anything was found")


@pytest.mark.parametrize("makes", [True, False])
def test_what_lists_have_no_more_is_made_once_more(makes: bool) -> None:
    """The run has removed all its notes by then; `makes`: it has found how they are made."""
    history = documented("/notes/{note}/history")
    posted = replace(operation(id=OperationId("POST", "/notes")), parameters=())
    server = Notes(readable=True)

    async def go() -> bool:
        async with asking(server) as bench:
            account = bench.first_account()

            async def sent(of: Operation, **path: str) -> tuple[Call, Exchange]:
                call = Call(of.id, path=path)
                request = build_request(fill(call, account.scope.child()), of)
                return call, await account.transport.send(request)

            call, made = await sent(posted)
            witness = Witness(posted, Recipe((), call, "generated"), account, made)
            _, answer = await sent(history, note="n0")
            asked = Call(history.id, path={"note": "{{n}}"})
            failed = NoWitness(history.id, "absent", 1, answer, asked, LISTED[:1], (answer,))
            server.pages.clear()

            async def as_step(_: Witness) -> Step:
                return MADE[0]

            stock = missing.Stock(bench, {posted.id: witness} if makes else {}, as_step)
            return await missing.look(bench, history, failed, stock) is not None

    assert asyncio.run(go()) is makes
