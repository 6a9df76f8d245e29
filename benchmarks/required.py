"""Requests to find which of n optional fields are really required, over real HTTP.

    python benchmarks/required.py [--seeds 10] [--json]

A server on loopback refuses, always with the same words, a body that lacks one of r fields; the
documentation has all n as optional. For each n and r: the questions of the search, against the
goal min(n, 1.5·log2 C(n, r)) + 4, and beside them everything that was sent: a control after each
refusal and the confirmation of what is found come on top.

Where r is n (or, for n = 8, one less) no search can keep the goal: each field that is
required must be shown to be so by a request of its own, which makes n of them, one more with
the first request that asks about all fields together. These rows are marked and not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from checker.domain.exchange import Call
from checker.domain.location import Location
from checker.domain.observation import Kind
from checker.domain.operation import DocumentInfo, FieldKey, Operation, OperationId, Place
from checker.domain.portal import Portal
from checker.domain.schema import Schema
from checker.experiments.base import Context
from checker.experiments.required import Required
from checker.inference.grouptest import goal as goal_of
from checker.planning.candidates import Candidates
from checker.planning.recipe import Recipe
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.lab import Lab
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.search.solver import Solver
from checker.settings import Settings, Target

SIZES = (8, 12, 16, 24, 32, 48, 64, 96, 128)
MOST = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One n and r over all seeds. `possible` is False where no search can keep the goal."""

    fields: int
    required: int
    goal: float
    searched: tuple[int, ...]
    sent: tuple[int, ...]

    @property
    def possible(self) -> bool:
        return self.required < self.fields - 1 or self.fields + 1 <= self.goal

    @property
    def ratio(self) -> float:
        bits = math.ceil(math.log2(math.comb(self.fields, self.required)) - 1e-9)
        return statistics.mean(self.searched) / (bits + 2)


def documented(count: int) -> Operation:
    """An operation with `count` optional string fields."""
    where = Location("bench.json", "/schema")
    names = [f"field_{n}" for n in range(count)]
    text = {n: Schema(where.child("properties", n), types=("string",)) for n in names}
    body = Schema(where, types=("object",), properties=text)
    return Operation(
        OperationId("POST", "/things"),
        DocumentInfo("bench.json", "3.0"),
        where,
        "/things",
        body={"application/json": body},
    )


async def measure(count: int, required: set[str]) -> tuple[int, int]:
    """(questions of the search, requests of the whole experiment)."""
    sent = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal sent
        sent += 1
        body = await request.json()
        if required <= set(body):
            return web.json_response({"ok": True}, status=201)
        return web.json_response({"message": "Bad request"}, status=400)

    app = web.Application()
    app.router.add_post("/things", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        target = Target(base_url=f"http://{host}:{port}")
        operation = documented(count)
        gate = Gate(Policy(allow=("*",)), {}, Ledger())
        async with Wire(target, gate, max_requests=100_000) as wire:
            bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
            call = Call(
                operation.id,
                body={f"field_{n}": f"value {n}" for n in range(count)},
                media_type="application/json",
            )
            lab = Lab(bench, operation, Recipe((), call, "generated"), bench.first_account())
            candidates = Candidates(Portal())
            context = Context(
                lab, bench, operation, (), candidates, Solver(bench, [operation], {}, candidates)
            )
            await lab.learn_level()
            before = sent
            seen = [o for o in await Required().run(context) if o.kind is Kind.REMOVE]
            total = sent - before
    finally:
        await runner.cleanup()
    found = {o.subject for o in seen if o.rejected and o.confirmed}
    wanted = {FieldKey(Place.BODY, name) for name in required}
    if found != wanted:
        sys.exit(f"wrong answer for n={count}: {found} instead of {wanted}")
    # What the search asked is asked once; what it found is asked again to confirm it.
    searched = sum(not o.confirmed for o in seen)
    return searched, total


async def rows(seeds: int) -> list[Row]:
    out = []
    for count in SIZES:
        for required in range(min(MOST, count) + 1):
            results = [await measure(count, drawn) for drawn in draws(count, required, seeds)]
            goal = goal_of(count, required)
            searched, sent = zip(*results, strict=True)
            out.append(Row(count, required, goal, searched, sent))
    return out


def draws(count: int, required: int, seeds: int) -> Iterator[set[str]]:
    """`seeds` choices of the required fields, the same in every run."""
    for seed in range(seeds):
        picked = random.Random(f"{count}:{required}:{seed}").sample(range(count), required)
        yield {f"field_{n}" for n in picked}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    options = parser.parse_args()
    table = asyncio.run(rows(options.seeds))
    if options.json:
        for row in table:
            print(
                json.dumps(
                    {
                        "n": row.fields,
                        "r": row.required,
                        "goal": round(row.goal, 1),
                        "searched": row.searched,
                        "sent": row.sent,
                    }
                )
            )
        return
    print("| n | r | goal | search, mean | search, most | everything sent, mean | |")
    print("|---|---|---|---|---|---|---|")
    for row in table:
        mean, most = statistics.mean(row.searched), max(row.searched)
        mark = "" if row.possible else "not possible"
        if row.possible and mean > row.goal:
            mark = "over"
        elif row.possible and most > row.goal:
            mark = "over once"
        print(
            f"| {row.fields} | {row.required} | {row.goal:.1f} | {mean:.1f} | {most} "
            f"| {statistics.mean(row.sent):.1f} | {mark} |"
        )
    counted = [r for r in table if r.possible]
    sparse = [r.ratio for r in table if r.required <= r.fields / 4]
    over = sum(statistics.mean(r.searched) > r.goal for r in counted)
    once = sum(n > r.goal for r in counted for n in r.searched)
    runs = sum(len(r.searched) for r in counted)
    print()
    print(f"rows over the goal in the mean: {over} of {len(counted)}")
    print(f"single runs over the goal: {once} of {runs}")
    print(f"median of search / (⌈log2 C(n, r)⌉ + 2) for r ≤ n/4: {statistics.median(sparse):.2f}")


if __name__ == "__main__":
    main()
