"""Two versions behind one address: the same request sent again and again until it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import OperationId
from checker.inference.populations import LEAST, Series
from checker.planning import hints
from checker.planning.edits import Edit, unchanged
from checker.probing.controls import STICKY
from checker.probing.oracle import message_of
from checker.probing.supply import Level

MAX_DOUBTS = 2
Sent = tuple[Exchange, Verdict, Rejection | None]


def complaint_of(exchange: Exchange) -> str:
    """What tells one refusal from another."""
    status = exchange.response.status if exchange.response else None
    return hints.signature(status, message_of(exchange.outcome))


class Doubts:
    """Looks after requests of one operation that were both refused and accepted.

    `send` sends a call and judges the answer, `fresh` makes a witness at a freshness level.
    """

    def __init__(
        self,
        operation: OperationId,
        send: Callable[[Call], Awaitable[Sent]],
        fresh: Callable[[Level], Awaitable[Call]],
    ) -> None:
        self.found: Observation | None = None
        """The proof that a request is answered in two ways."""
        self._operation = operation
        self._send = send
        self._fresh = fresh
        self._looks = 0

    async def look(
        self,
        refusal: Exchange,
        rejection: Rejection | None,
        usual: Level,
        edit: Edit = unchanged,
    ) -> bool:
        """Send what was refused with `refusal` again and again; True where both ways go on.

        `usual` is the freshness that the witness needs; after the first one the ground stays
        the same: on a new one a state may have to be reached anew each time.
        """
        if rejection not in STICKY or self._looks == MAX_DOUBTS:
            return False
        self._looks += 1
        levels = iter((usual,))

        async def fresh() -> Call:
            return edit(await self._fresh(next(levels, min(usual, Level.VARY))))

        self.found = await two_ways(
            self._operation,
            refusal,
            self._send,
            fresh,
            repeatable=self._operation.safe or usual is Level.SAME,
            changed=edit is not unchanged,
        )
        return self.found is not None


async def two_ways(
    operation: OperationId,
    refusal: Exchange,
    send: Callable[[Call], Awaitable[Sent]],
    fresh: Callable[[], Awaitable[Call]],
    *,
    repeatable: bool,
    changed: bool,
) -> Observation | None:
    """The proof that a request is answered in two ways; None where it shows none.

    `refusal` is the answer that doubts began with. What was refused did nothing and is sent
    again as it is; what was accepted only where it is `repeatable`, else a fresh one follows.
    `changed`: it is a probe, and no unchanged request.
    """
    series = Series(complaint_of(refusal))
    found: list[Evidence] = []
    role: Literal["control", "probe"] = "probe" if changed else "control"
    call: Call | None = None
    while not series.over:
        call = call or await fresh()
        exchange, verdict, rejection = await send(call)
        if verdict is Verdict.ACCEPTED:
            series.accept()
            call = call if repeatable else None
        elif rejection in STICKY:
            series.refuse(complaint_of(exchange))
        else:
            series.pass_over()
            continue
        found.append(Evidence(role, exchange, verdict, "the same request"))
    if not series.two_ways:
        return None
    status = refusal.response.status if refusal.response else None
    return Observation(
        operation,
        Kind.REPEAT,
        Verdict.INCONCLUSIVE,
        confirmed=True,
        evidence=_alternating(found),
        detail={"status": status, "changed": changed},
    )


def _alternating(found: list[Evidence]) -> tuple[Evidence, ...]:
    """Both ways by turns, each as often as it has to be seen."""
    kept: list[Evidence] = []
    for item in found:
        if not kept or item.verdict is not kept[-1].verdict:
            kept.append(item)
    return tuple(kept[-2 * LEAST :])
