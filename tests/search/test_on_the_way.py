"""What a record of another operation sends on its way is a request of the operation called."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from documented import operation
from open_gate import open_gate

from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.domain.workflow import Record, Step
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import Witness
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.search.solver import Solver
from checker.settings import Settings, Target

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import Incoming, serving

MAKE, OPEN = OperationId("POST", "/rooms"), OperationId("POST", "/rooms/{room}/open")
BODY = {"code": "zz-17-left", "title": "the blue room"}
TEXT = {"type": "string"}


def record(*, before: bool) -> Record:
    """A record of the opening; `before`: a room is made on its way."""
    made = Step("room", "POST", "/rooms", body=BODY, extract={"room": "$.id"}, operation=MAKE)
    opened = Step("main", "POST", "/rooms/{{room}}/open")
    return Record("r.md", OPEN, prerequisites=(made,) if before else (), test_steps=(opened,))


@pytest.mark.parametrize("before", [True, False])
def test_a_step_of_another_record_is_a_working_request(before: bool) -> None:
    """The code is refused without a word, but for the recorded one."""
    documented = operation({"type": "object", "properties": {"code": TEXT}}, id=MAKE)

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        return body.get("code") == BODY["code"]

    async def go() -> Any:
        async with serving(answer) as server:
            target = Target(base_url=server.url)
            async with Wire(target, open_gate(), max_requests=400) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                bench.records = {OPEN: record(before=before)}
                return await Solver(bench, [documented], {}, Candidates(Portal())).find(documented)

    assert isinstance(asyncio.run(go()), Witness) is before


@pytest.mark.parametrize("makes", [True, False])
def test_what_a_record_makes_is_made_with_texts_of_this_runs_own(makes: bool) -> None:
    """What has a record's texts may have been there before; where the server answers any texts
    with what is there, nothing is opened."""
    room = {"type": "object", "properties": {"code": TEXT, "title": TEXT}}
    make, opening = operation(room, id=MAKE), operation(None, id=OPEN)
    there: list[Any] = []
    opened: list[str] = []

    def answer(request: Incoming) -> Any:
        if request.path.endswith("/open"):
            opened.append(request.path.split("/")[2])
            return True
        there.append(request.body)
        number = len(there) if makes else 1
        return {"id": f"room-{number}", **(request.body or {})}

    async def go() -> Any:
        async with serving(answer) as server:
            target = Target(base_url=server.url)
            gate = Gate(Policy(), {o.id: o for o in (make, opening)}, Ledger())
            gate.ledger.documented = frozenset(BODY.values())
            async with Wire(target, gate, max_requests=400) as wire:
                wire.observers.append(lambda e: gate.note(e, bench.judge.accepted(e)))
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                bench.records = {OPEN: record(before=True)}
                solver = Solver(bench, [make, opening], {}, Candidates(Portal()))
                return await solver.find(opening)

    found = asyncio.run(go())
    assert isinstance(found, Witness) is makes, found
    assert not makes or found.recipe.source == "record"
    assert bool(opened) is makes
    known = {f"room-{n}" for n, body in enumerate(there, 1) if body == BODY}
    assert known and not known & set(opened), "what was made with the record's own texts"


@pytest.mark.parametrize("takes", [True, False])
def test_the_request_of_a_record_is_widened_like_any_other(takes: bool) -> None:
    """By what its document has besides; what people wrote stays, and stays the smallest one."""
    fields = {"code": TEXT, "title": TEXT, "floor": {"type": "string", "enum": ["first", "second"]}}
    documented = operation({"type": "object", "properties": fields}, id=MAKE)
    made = Record("r.md", MAKE, test_steps=(Step("main", "POST", "/rooms", body=BODY),))

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        return body.get("code") == BODY["code"] and (takes or "floor" not in body)

    async def go() -> Any:
        async with serving(answer) as server:
            target = Target(base_url=server.url)
            async with Wire(target, open_gate(), max_requests=400) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                bench.records = {MAKE: made}
                return await Solver(bench, [documented], {}, Candidates(Portal())).find(documented)

    found = asyncio.run(go())
    assert isinstance(found, Witness)
    body = dict(found.recipe.call.body)
    assert body.pop("floor", None) in (("first", "second") if takes else (None,))
    assert body == BODY == found.lean.body
    assert found.recipe.vary == ()
