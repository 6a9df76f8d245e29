"""A lab on a server made for one test: a validation function on loopback, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from documented import operation
from open_gate import open_gate

from checker.domain.exchange import Call
from checker.domain.observation import Observation, ObservedContract
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.planning.candidates import Candidates
from checker.planning.recipe import Recipe
from checker.planning.variation import free_form
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.lab import Lab
from checker.safety.gate import Gate
from checker.search.solver import Solver
from checker.settings import Settings, Target, Token

__all__ = ["MADE", "Incoming", "Server", "contract", "lab", "operation", "run", "serving"]


MADE = Step(
    "make",
    "POST",
    "/things",
    extract={"thing": "$.id"},
    operation=OperationId("POST", "/things"),
)
"""Makes the thing that a request is about."""


@dataclass(slots=True)
class Incoming:
    """A request as the validation function sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


Validate = Callable[[Incoming], Any]
"""True: accepted (201); False: refused (422); a number: that status; a text: refused with it; an
object: it, with 200; a pair: that status with that body; a response: it."""


@dataclass(slots=True)
class Server:
    """A running test server; `requests` is what it got, `refused` how many it refused."""

    url: str
    requests: list[Incoming] = field(default_factory=list)
    refused: int = 0


@asynccontextmanager
async def serving(validate: Validate) -> AsyncIterator[Server]:
    """A server on loopback that answers every request by `validate`, without saying why."""
    server = Server("")

    async def answer(request: web.Request) -> web.Response:
        text = await request.text()
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = text
        seen = Incoming(
            request.method, request.path, dict(request.query), dict(request.headers), body
        )
        server.requests.append(seen)
        verdict = validate(seen)
        if isinstance(verdict, web.Response):
            return verdict
        if verdict is True:
            return web.json_response({"id": f"t{len(server.requests)}"}, status=201)
        if isinstance(verdict, dict):
            return web.json_response(verdict)
        if isinstance(verdict, tuple):
            return web.json_response(verdict[1], status=verdict[0])
        server.refused += 1
        said = verdict if isinstance(verdict, str) else "Bad request"
        status = 422 if verdict is False or isinstance(verdict, str) else int(verdict)
        return web.json_response({"message": said}, status=status)

    app = web.Application(client_max_size=32 * 1024**2)
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def lab(
    documented: Operation,
    validate: Validate,
    body: Any = MISSING,
    *,
    query: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | None = None,
    vary: bool = False,
    tokens: Sequence[str] = (),
    max_requests: int = 5000,
    gate: Gate | None = None,
) -> AsyncIterator[tuple[Context, Server]]:
    """A context on a fresh server, with a witness of the given values; `tokens` are types and
    values in one, the first is the witness's. Nothing is held back without a `gate`."""
    async with serving(validate) as server:
        known = {token: Token(token, token) for token in tokens}
        target = Target(base_url=server.url, tokens=known)
        settings = Settings(targets=(target,), max_requests=max_requests)
        async with Wire(target, gate or open_gate(), max_requests=max_requests) as wire:
            bench = Bench(wire=wire, target=target, settings=settings)
            call = Call(
                documented.id,
                path=dict(path or {}),
                query=dict(query or {}),
                body=body,
                media_type=None if body is MISSING else "application/json",
                token=tokens[0] if tokens else None,
            )
            keys = free_form(call, documented) if vary else ()
            made = Lab(
                bench, documented, Recipe((), call, "generated", keys), bench.first_account()
            )
            candidates = Candidates(Portal())
            search = Solver(bench, [documented], {}, candidates)
            context = Context(made, bench, documented, (), candidates, search)
            await made.learn_level()
            yield context, server


async def run(context: Context, *experiments: Experiment) -> list[Observation]:
    """Runs experiments in the given order, as a run does; returns the last one's observations."""
    seen: list[Observation] = []
    for experiment in experiments:
        seen = list(await experiment.run(context))
        context.made.extend(seen)
    return seen


def contract(context: Context) -> ObservedContract:
    """All that was observed so far."""
    answers = tuple(context.lab.answers)
    return ObservedContract(context.documented.id, tuple(context.made), answers)
