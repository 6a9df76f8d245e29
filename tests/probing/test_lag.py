"""Reads that lag behind writes are waited for; what isn't there at all is no lag."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from documented import operation as documented
from raw_server import FakeTime, RawServer, answer, raw_server, wire_to

from checker.domain.exchange import Request
from checker.domain.operation import OperationId
from checker.probing.http import Wire
from checker.probing.judge import Judge
from checker.probing.lag import ENOUGH, PAUSES_S

JSON = "Content-Type: application/json"
MAKE, READ = OperationId("POST", "/things"), OperationId("GET", "/things/{id}")
OTHER = OperationId("GET", "/things/{id}/parts")
Send = Callable[..., Any]


class Things:
    """Answers reads of a thing as they are `lag` seconds after it was made."""

    absent = answer("404 Not Found", JSON, body=b"{}")

    def __init__(self, time: FakeTime, lag: float) -> None:
        self.time, self.lag = time, lag
        self.made: dict[str, float] = {}
        self.reads = 0

    def reply(self, line: str, number: int) -> bytes:
        method, path = line.split()[:2]
        if method == "POST":
            name = f"t{number}"
            self.made[name] = self.time.now
            return answer("201 Created", JSON, body=f'{{"id": "{name}"}}'.encode())
        self.reads += 1
        born = self.made.get(path.split("/")[2])
        if method == "GET" and born is not None and self.time.now - born >= self.lag:
            return answer("200 OK", JSON, body=b"{}")
        return self.absent


def asked(lag: float, steps: Callable[[Send, Send, Things], Any]) -> tuple[Any, Things, FakeTime]:
    """What `steps` gives; it gets a function that makes a thing and one that reads its status."""
    time = FakeTime()
    things = Things(time, lag)

    async def go() -> Any:
        async with raw_server(things.reply) as server, wire_to(server, time) as wire:
            return await steps(*_verbs(wire, server), things)

    return asyncio.run(go()), things, time


def _verbs(wire: Wire, server: RawServer) -> tuple[Send, Send]:
    async def make() -> str:
        request = Request("POST", "/things", content=b"{}", operation=MAKE)
        exchange = await wire.send(request, {}, {})
        assert exchange.response is not None
        return str(exchange.response.body["id"])

    async def read(name: str, operation: OperationId = READ) -> int:
        path = operation.path.replace("{id}", name)
        exchange = await wire.send(Request("GET", path, operation=operation), {}, {})
        assert exchange.response is not None
        return exchange.response.status

    return make, read


def test_a_thing_that_is_shown_later_is_there_and_the_next_read_waits() -> None:
    async def steps(make: Send, read: Send, things: Things) -> tuple[int, int, int]:
        first = await read(await make())
        before = things.reads
        return first, await read(await make()), things.reads - before

    assert asked(0.3, steps)[0] == (200, 200, 1)


def test_a_refusal_in_the_status_of_a_success_is_waited_for_whoever_reads() -> None:
    """The reading that tells whether a thing is own is no call of an operation."""
    time = FakeTime()
    things = Things(time, 0.3)
    things.absent = answer("200 OK", JSON, body=b'{"error": {"message": "Not found"}}')
    read = documented(None, id=READ)

    async def go() -> Any:
        async with raw_server(things.reply) as server, wire_to(server, time) as wire:
            wire.judge = Judge([read])
            wire.gate.operations[READ] = read
            make, _ = _verbs(wire, server)
            shown = await wire.send(Request("GET", f"/things/{await make()}"), {}, {})
            return shown.response.body

    assert asyncio.run(go()) == {}


def test_what_is_not_there_stays_away_and_is_asked_for_once_in_each_operation() -> None:
    async def steps(make: Send, read: Send, things: Things) -> tuple[list[int], list[int]]:
        statuses, reads = [], []
        for operation in (OTHER, OTHER, READ):
            before = things.reads
            statuses.append(await read(await make(), operation))
            reads.append(things.reads - before)
        return statuses, reads

    patient = len(PAUSES_S) + 1
    assert asked(9.0, steps)[0] == ([404, 404, 404], [patient, 1, patient])


def test_nothing_that_the_run_has_not_made_is_waited_for() -> None:
    async def steps(make: Send, read: Send, things: Things) -> int:
        await make()
        return int(await read("unknown"))

    status, things, time = asked(0.3, steps)
    assert (status, things.reads, time.now) == (404, 1, 0.0)


def test_a_server_that_shows_things_at_once_is_not_waited_for() -> None:
    async def steps(make: Send, read: Send, things: Things) -> int:
        for _ in range(ENOUGH):
            assert await read(await make()) == 200
        things.lag = 0.3
        return int(await read(await make()))

    status, things, time = asked(0.0, steps)
    assert (status, things.reads, time.now) == (404, ENOUGH + 1, 0.0)
