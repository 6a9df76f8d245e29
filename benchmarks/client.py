"""How fast requests go out: our client against a bare loop of the same library, side by side.

    python benchmarks/client.py [--requests 4000] [--rounds 3]

A trivial server answers in a process of its own; sixteen tasks ask, once with `aiohttp` alone and
once through `Wire`, as all probes do: gate, ledger, budget, pace, redirects, retries, lag and the
judge's look at the answer included. Prints requests in a second of the asking process's own
processor time, which other work on the machine doesn't change, and in a second of the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from things import Api, document, served

from checker.documents.portal import load_portal
from checker.domain.exchange import Call, Request
from checker.domain.operation import Operation, OperationId
from checker.planning.encoding import build_request
from checker.probing.http import AccountTransport, Wire
from checker.probing.judge import Judge
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Settings, Target

AT_ONCE = 16
WARM = 200
"""Requests before the clock starts: connections are made, modules loaded."""
Ask = Callable[[], Awaitable[object]]


async def rate(ask: Ask, count: int) -> tuple[float, float]:
    """(requests in a second of processor time, in a second of the clock)."""

    async def some(number: int) -> None:
        for _ in range(number):
            await ask()

    await asyncio.gather(*(some(WARM // AT_ONCE) for _ in range(AT_ONCE)))
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(some(count // AT_ONCE) for _ in range(AT_ONCE)))
    return count / (time.process_time() - cpu), count / (time.perf_counter() - wall)


async def bare(url: str, count: int) -> tuple[float, float]:
    """The library alone: the answer's body is read and parsed, as it must be."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask() -> None:
            async with session.get(f"{url}/things0") as response:
                json.loads(await response.read())

        return await rate(ask, count)


async def wired(url: str, operation: Operation, count: int) -> tuple[float, float]:
    """As probes are sent."""
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    request: Request = build_request(Call(operation.id), operation)
    wire = Wire(Target(base_url=url), gate, max_requests=10 * count + WARM, concurrency=AT_ONCE)
    judge = Judge([operation])
    wire.judge = judge
    wire.observers.append(lambda exchange: gate.note(exchange, judge.accepted(exchange)))
    async with wire:
        transport = AccountTransport(wire, {}, {})
        return await rate(lambda: transport.send(request), count)


async def measure(count: int, rounds: int) -> None:
    api = Api()
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    with served(api) as url:
        for _ in range(rounds):
            theirs.append(await bare(url, count))
            ours.append(await wired(url, operation_of(api), count))
    print("| by | bare aiohttp | driftcheck's client | ratio |\n|---|---|---|---|")
    for name, at in (("processor time", 0), ("the clock", 1)):
        best = [max(r[at] for r in rates) for rates in (theirs, ours)]
        ratio = statistics.median(o[at] / t[at] for o, t in zip(ours, theirs, strict=True))
        print(f"| {name} | {best[0]:.0f}/s | {best[1]:.0f}/s | {ratio:.2f} |")


def operation_of(api: Api) -> Operation:
    """The listing, as the document has it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "api.json").write_text(json.dumps(document(api)))
        portal = load_portal([Path(folder)], Settings())
        wanted = OperationId("GET", "/things0")
        return next(o for o in portal.operations() if o.id == wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(measure(given.requests, given.rounds))


if __name__ == "__main__":
    main()
