"""What is there stands in for what a server makes no more of, as long as that is of any help."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from open_gate import open_gate

from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.probing.bench import MAX_BROKEN, Bench
from checker.probing.http import Wire
from checker.settings import Settings, Target

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import Incoming, serving

MAKE, PUBLISH = OperationId("POST", "/rooms"), OperationId("POST", "/rooms/{id}/publish")
STEPS = (
    Step("make", "POST", "/rooms", body={}, extract={"room": "$.id"}, operation=MAKE),
    Step("publish", "POST", "/rooms/{{room}}/publish", operation=PUBLISH),
)


def test_what_was_moved_already_makes_room_for_another_one() -> None:
    """One room is kept at a time, each is published once, and none can be removed at first."""
    rooms: list[str] = []
    published: set[str] = set()
    removable = False

    def answer(request: Incoming) -> Any:
        if request.path.endswith("/publish"):
            fine = request.path not in published
            published.add(request.path)
            return fine or 409
        if rooms:
            return 409
        rooms.append(f"r{len(published) + 1}")
        return {"id": rooms[0]}

    async def room(spare: bool) -> bool:
        gone = removable and bool(rooms)
        if gone:
            rooms.clear()
        return gone

    async def go() -> list[bool]:
        nonlocal removable
        async with serving(answer) as server:
            target = Target(base_url=server.url)
            async with Wire(target, open_gate(), max_requests=50) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                account = bench.first_account()

                async def run() -> Any:
                    scope = account.scope.child()
                    return await bench.run_steps(account, STEPS, scope, anew=False)

                first = await run()
                made = first.results[0].exchanges[0]
                bench.room = room
                bench.standing_in = lambda o, _: iter([made] if o == MAKE else [])
                full = await run()
                assert await bench.roomier(full), "it may stand in"
                moved = await run()
                assert moved.results[0].stood_in and not moved.ok
                assert not await bench.roomier(moved), "nothing can go yet"
                removable = True
                assert await bench.roomier(moved)
                another = await run()
                return [r.ok for r in (first, full, moved, another)]

    assert asyncio.run(go()) == [True, False, False, True]
    assert len(published) == 2


@pytest.mark.parametrize(("works_at", "asked"), [(99, MAX_BROKEN), (1, 10), (MAX_BROKEN - 1, 10)])
def test_a_step_at_which_the_server_only_fails_is_given_up(works_at: int, asked: int) -> None:
    """It may take long each time, and the server may suffer; not what has worked once."""
    made: list[str] = []

    def answer(request: Incoming) -> Any:
        made.append(request.path)
        return {"id": "r1"} if len(made) == works_at else 500

    async def go() -> None:
        async with serving(answer) as server:
            target = Target(base_url=server.url)
            async with Wire(target, open_gate(), max_requests=50) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                account = bench.first_account()
                for _ in range(10):
                    await bench.run_steps(account, STEPS[:1], account.scope.child())

    asyncio.run(go())
    assert len(made) == asked
