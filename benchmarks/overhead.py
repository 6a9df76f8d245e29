"""What a run adds to the network: wall time / (requests × latency / concurrency).

    python benchmarks/overhead.py [--delay-ms 50] [--resources 4]

A server on loopback takes 50 ms for each answer. First the client alone: as many tasks as
requests may be out at once, each sending one after another. Then whole runs of `driftcheck`, which
have to wait for answers that decide what is asked next. The time that a run takes before and after
its requests (documents, reports) is measured by itself (`--static`) and taken off.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from client import operation_of
from things import Api, run, served, static

from checker.domain.exchange import Call
from checker.planning.encoding import build_request
from checker.probing.http import AccountTransport, Wire
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Target

AT_ONCE = (1, 4, 16)
EACH = 40
"""Requests of each task of the client alone."""


async def client_alone(url: str, api: Api, at_once: int) -> float:
    """Seconds of `EACH` requests by each of `at_once` tasks."""
    operation = operation_of(api)
    request = build_request(Call(operation.id), operation)
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    wire = Wire(Target(base_url=url), gate, max_requests=100_000, concurrency=at_once)
    async with wire:
        transport = AccountTransport(wire, {}, {})

        async def some(number: int) -> None:
            for _ in range(number):
                await transport.send(request)

        await asyncio.gather(*(some(1) for _ in range(at_once)))
        start = time.perf_counter()
        await asyncio.gather(*(some(EACH) for _ in range(at_once)))
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--delay-ms", type=float, default=50.0)
    parser.add_argument("--resources", type=int, default=4)
    given = parser.parse_args()
    api = Api(given.resources, 6, (1,), given.delay_ms)
    latency = given.delay_ms / 1000
    print("| what | at once | requests | wall | of the least possible | processor |")
    print("|---|---|---|---|---|---|")
    with served(api) as url:
        for at_once in AT_ONCE:
            wall, count = asyncio.run(client_alone(url, api, at_once)), EACH * at_once
            ratio = wall / (EACH * latency)
            print(f"| client | {at_once} | {count} | {wall:.1f} s | {ratio:.2f} | |")
    rest = static(api).wall_s
    found: set[tuple[tuple[str, ...], ...]] = set()
    for at_once in AT_ONCE:
        taken = run(api, f"--concurrency={at_once}", "--no-fuzz")
        wall = taken.wall_s - rest
        ratio = wall / (taken.requests * latency / at_once)
        print(
            f"| run | {at_once} | {taken.requests} | {wall:.1f} s | {ratio:.2f} "
            f"| {taken.cpu_s:.1f} s |"
        )
        told = ((f["rule"], f["operation"], f["field"]["name"]) for f in taken.report["findings"])
        found.add(tuple(sorted(told)))
    print("findings:", "the same" if len(found) == 1 else "not the same")


if __name__ == "__main__":
    main()
