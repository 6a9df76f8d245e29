"""What is asked of a field that no document has, at the end of an examination."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from checker.domain.exchange import Exchange, Failure, Request
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Place
from checker.pipeline.examination import examine

from .harness import Incoming, lab, operation

NAME = {"type": "string", "maxLength": 9}
DOCUMENTED = operation({"properties": {"name": NAME}})
FOUND = operation({"properties": {"name": NAME, "nick": {"type": "string"}}})
NICK = FieldKey(Place.BODY, "nick")
MOST = 20


def fits(incoming: Incoming) -> bool:
    body = incoming.body if isinstance(incoming.body, dict) else {}
    nick = body.get("nick", "")
    return isinstance(nick, str) and len(nick) <= MOST and len(str(body.get("name", ""))) < 10


def asked_until(nicks: int) -> tuple[list[Observation], int]:
    """What was seen of the field where no more may be made after so many nicks that were taken at
    their limit, and how many requests that held back."""

    async def nothing() -> None:
        pass

    async def go() -> tuple[list[Observation], int]:
        async with lab(DOCUMENTED, fits, {"name": "anna"}) as (context, server):
            detail = {"role": "undocumented", "validated": True, "how": "stored", "type": "string"}
            kept = Observation(
                DOCUMENTED.id, Kind.READBACK, Verdict.ACCEPTED, NICK, ["ab", "cd"], detail=detail
            )
            context.made.append(kept)
            known = replace(DOCUMENTED, found=(FOUND.fields[NICK],))
            further: list[Observation] = []
            send = context.lab.send_request
            full = Failure("held", "as many as may be are there", "created")
            kept_back = 0

            async def send_request(request: Request) -> Judged:
                nonlocal kept_back
                bodies = [r.body for r in server.requests if isinstance(r.body, dict)]
                if sum(len(str(b.get("nick", ""))) == MOST for b in bodies) >= nicks:
                    kept_back += 1
                    return context.bench.judge.judged(Exchange(request, full, 0))
                return await send(request)

            context.lab.send_request = send_request  # type: ignore[method-assign]
            await examine(context, [], lambda: False, None, nothing, lambda: known, further)
            assert not context.lab.broken
            return further, kept_back

    return asyncio.run(go())


def limits(seen: list[Observation]) -> set[tuple[int, Verdict]]:
    return {
        (int(o.detail["size"]), o.verdict)
        for o in seen
        if o.detail.get("role") == "bound" and o.confirmed
    }


def test_what_was_seen_before_no_more_may_be_made_stands() -> None:
    both = {(MOST, Verdict.ACCEPTED), (MOST + 1, Verdict.REJECTED)}
    whole, kept_back = asked_until(99)
    assert not kept_back and limits(whole) == both
    part, kept_back = asked_until(2)
    assert kept_back and limits(part) == both
