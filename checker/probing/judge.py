"""The one judge of a target: every exchange gets its verdict here, and nowhere else.

It holds what the target taught: how it refuses within a successful status, what each operation's
accepted answers look like, and where strangers are led.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Rejection
from checker.domain.operation import Operation, OperationId
from checker.planning.recipe import find_operation
from checker.probing.answer_shape import Outline, led_to, outline
from checker.probing.oracle import Oracle
from checker.probing.refusals import Refusals, Send, marks_of, members_of

MOST_CALLED = 16_384
_PASSING = (Rejection.RATE, Rejection.TRANSPORT)


class Judge:
    """Gives every exchange its verdict.

    `operations` are the documented ones; the first of each id counts.
    """

    def __init__(self, operations: Iterable[Operation] = ()) -> None:
        self.refusals = Refusals()
        self._operations: dict[OperationId, Operation] = {}
        self._oracles: dict[OperationId | None, Oracle] = {}
        self._called: dict[tuple[str, str], OperationId | None] = {}
        """What concrete paths call: the same ones again and again."""
        self._astray: set[str] = set()
        self._intruders: set[Outline] = set()
        self._ways: set[tuple[OperationId, str]] = set()
        for operation in operations:
            self.add(operation)

    def add(self, operation: Operation) -> None:
        """Know an operation as documented, where its id isn't known yet."""
        if operation.id not in self._operations:
            self._operations[operation.id] = operation
            self._oracles.pop(operation.id, None)
            self._called.clear()

    def operation_of(self, request: Request) -> OperationId | None:
        """The documented operation that a request calls."""
        if request.operation is not None:
            return request.operation
        asked = (request.method, request.url_path)
        if asked not in self._called:
            if len(self._called) >= MOST_CALLED:
                self._called.clear()
            self._called[asked] = find_operation(*asked, self._operations)
        return self._called[asked]

    # -- verdicts ------------------------------------------------------------------------------

    def judged(self, exchange: Exchange) -> Judged:
        """The exchange with the verdict that what is known by now gives it."""
        return Judged(exchange, *self._oracle(exchange.request).judge_exchange(exchange))

    def accepted(self, exchange: Exchange) -> bool:
        """Whether an exchange's answer is an acceptance."""
        return self.judged(exchange).accepted

    def stays(self, request: Request, status: int) -> bool:
        """Whether a way elsewhere is documented as the operation's answer: it isn't followed."""
        return self._oracle(request).shape.redirects(status)

    def fits(self, exchange: Exchange) -> bool:
        """Whether an answer has something that only the operation can have, as documented."""
        shape, response = self._oracle(exchange.request).shape, exchange.response
        return response is not None and (response.status // 100 == 3 or shape.fits(response))

    def is_strange(self, exchange: Exchange) -> bool:
        """Whether a success is another answer than the operation's."""
        judged = self.judged(exchange)
        success = judged.response is not None and judged.response.status // 100 == 2
        return success and judged.rejection is Rejection.ELSEWHERE

    def _oracle(self, request: Request) -> Oracle:
        operation = self.operation_of(request)
        if operation not in self._oracles:
            documented = self._operations.get(operation) if operation is not None else None
            self._oracles[operation] = Oracle(
                *(self.refusals, documented, self._astray, self._intruders),
                in_collection=operation is not None and self._is_in_collection(operation),
            )
        return self._oracles[operation]

    def _is_in_collection(self, operation: OperationId) -> bool:
        """Whether what stands beside an operation's address is one of the same things: it is that
        of an item, or has a list above it (`/orders/latest`). Below a mere prefix all is."""
        path = operation.path.rstrip("/")
        above = path.rpartition("/")[0]
        return path.endswith("}") or any(o.path.rstrip("/") == above for o in self._operations)

    # -- what the target teaches -----------------------------------------------------------------

    def keep(self, exchange: Exchange) -> None:
        """Learn from a witness how the operation's accepted answers look."""
        if exchange.request.operation is not None and self.accepted(exchange):
            self._oracle(exchange.request).shape.keep(exchange)

    def learn(self, good: Exchange, bad: Exchange) -> None:
        """Learn how an operation refuses, from answers to a control and to a certainly bad
        request; nothing where the bad one was accepted."""
        refused = self.judged(bad)
        if good.response is None or bad.response is None or refused.rejection in _PASSING:
            return
        self._oracle(good.request).learn(good.response, bad.response)

    def note_intruder(self, response: Response) -> None:
        """Learn an answer that came for everything: it is no operation's, unless it has what the
        document gives."""
        self._intruders.add(outline(response))

    def note_forbidden(self, refused: Exchange) -> None:
        """Learn what is said to a token that an operation refuses, in a successful status."""
        if self.judged(refused).verdict is Verdict.REJECTED:
            self.refusals.note_forbidden(refused.response)

    async def inquire(self, send: Send, judged: Judged) -> Judged:
        """Ask the target, where an answer gives reason to, what it says to strangers and at
        routes that don't exist; the exchange with the verdict that it has then."""
        response = judged.response
        if response is None:
            return judged
        if judged.verdict is Verdict.REJECTED and response.status // 100 == 2:
            await self.refusals.learn(send, judged.exchange, self._lets_in)
        elif judged.accepted and led_to(judged.exchange):
            await self._ask_the_way(send, judged.exchange)
        else:
            return judged
        return self.judged(judged.exchange)

    def _lets_in(self, exchange: Exchange) -> bool:
        """Whether a stranger's answer is an acceptance: the operation is open to all."""
        response = exchange.response
        if response is None or self.operation_of(exchange.request) is None:
            return False
        return self.accepted(exchange) and not self._like_a_refusal(response)

    def _like_a_refusal(self, response: Response) -> bool:
        return any(
            members_of(said) == members_of(marks_of(response)) for _, said in self.refusals.others
        )

    async def _ask_the_way(self, send: Send, exchange: Exchange) -> None:
        """Is a stranger led to the same place? Then it is none that a credential opens."""
        request, place = exchange.request, led_to(exchange)
        operation = self.operation_of(request)
        documented = self._operations.get(operation) if operation is not None else None
        if operation is None or documented is None or not documented.security.protected:
            return
        if request.token is None or (operation, place) in self._ways:
            return
        self._ways.add((operation, place))
        stranger = await send(replace(request, token=None))
        if led_to(stranger) == place:
            self._astray.add(place)
