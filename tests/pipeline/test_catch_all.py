"""What answers like a route that doesn't exist is no operation, and it is asked before a run
believes a witness."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from raw_server import answer, raw_server

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import OperationId
from checker.domain.run import RunResult
from checker.pipeline import run
from checker.pipeline.doubts.catch_all import CatchAll
from checker.probing.judge import Judge
from checker.settings import Settings, Target

THINGS = Request("GET", "/v1/things", operation=OperationId("GET", "/v1/things"))


class Told:
    """A transport that answers what it is told, by path."""

    def __init__(self, elsewhere: Any, status: int = 200) -> None:
        self.elsewhere, self.status = elsewhere, status
        self.asked: list[str] = []

    async def send(self, request: Request) -> Exchange:
        self.asked.append(request.url_path)
        said = self.elsewhere(request.url_path) if callable(self.elsewhere) else self.elsewhere
        return Exchange(request, said_as(said, self.status))


def said_as(body: Any, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, body, json.dumps(body))


def swallowed(body: Any, transport: Told) -> bool:
    accepted = Exchange(THINGS, said_as(body))
    return asyncio.run(CatchAll(Judge()).swallows(transport, accepted))


def test_the_same_answer_to_a_route_that_does_not_exist() -> None:
    told = Told({"ok": True})
    assert swallowed({"ok": True}, told)
    assert all(path.startswith("/v1/zq-no-such-route") for path in told.asked)


@pytest.mark.parametrize(
    ("elsewhere", "status"), [({"error": "none"}, 404), ([1], 200), ({"ok": True, "n": 1}, 200)]
)
def test_another_answer_there(elsewhere: Any, status: int) -> None:
    assert not swallowed({"ok": True}, Told(elsewhere, status))


def test_what_only_names_the_path_is_the_same_answer() -> None:
    assert swallowed({"path": "/v1/things", "at": 17}, Told(lambda path: {"path": path, "at": 18}))


def checked(folder: Path, *, known: bool) -> RunResult:
    """A run against a server that says the same to everything, or to what it `known`s only."""
    ok = {"200": {"description": "fine", "content": {"application/json": {"schema": {}}}}}
    write(folder, openapi(paths={"/v1/things": {"get": {"responses": ok}}}))
    said = answer("200 OK", "Content-Type: application/json", body=b'{"ok": true}')
    none = answer("404 Not Found", "Content-Type: application/json", body=b'{"error": "none"}')

    def reply(line: str, _: int) -> bytes:
        return none if known and "/v1/things" not in line else said

    async def go() -> RunResult:
        async with raw_server(reply) as server:
            settings = Settings(paths=(folder,), targets=(Target(base_url=server.url),), fuzz=False)
            return await asyncio.to_thread(run, settings)

    return asyncio.run(go())


@pytest.mark.parametrize("known", [False, True])
def test_a_run_asks_before_it_believes(tmp_path: Path, known: bool) -> None:
    (outcome,) = checked(tmp_path, known=known).operations
    assert (outcome.status == "probed") is known
    assert known or "a route that doesn't exist" in outcome.reason
