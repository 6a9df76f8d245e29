"""Tries of one operation during the search for a witness: send, judge, remember."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Call, Exchange, Failure
from checker.domain.finding import Verdict
from checker.domain.observation import Rejection
from checker.domain.operation import FieldKey, Operation, OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.errors import WorkflowError
from checker.planning import hints
from checker.planning.encoding import build_request
from checker.planning.recipe import Recipe
from checker.planning.restraint import gentle, with_address
from checker.planning.variables import Scope, substitute
from checker.planning.variation import free_form
from checker.probing.bench import Account, Bench
from checker.probing.freshness import Variation, learn_variation, varied
from checker.probing.oracle import message_of
from checker.probing.refusals import like_both, nonsense_route, route_answer

RETRIES = 5
MAX_HELD = 6
"""Requests that the gate holds back before the search is given up."""
SHAKY_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Witness:
    """An accepted request: its recipe, the account it was made with, the answer."""

    operation: Operation
    recipe: Recipe
    account: Account
    exchange: Exchange
    lean: Call | None = None
    """The call that was accepted first, before more fields were added."""
    lean_exchange: Exchange | None = None
    """Its answer."""


@dataclass(frozen=True, slots=True)
class NoWitness:
    """Why there is none: what was tried, the best answer and the call that brought it.

    `answers` are all those to requests with the same credential.
    """

    operation: OperationId
    reason: str
    tried: int = 0
    last: Exchange | None = None
    call: Call | None = None
    steps: tuple[Step, ...] = ()
    answers: tuple[Exchange, ...] = ()
    held: str = ""
    """Why the gate let none of its requests out, where that is the reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A try's answer."""

    call: Call
    exchange: Exchange
    verdict: Verdict
    rejection: Rejection | None
    sent: Call | None = None
    """The call as it was sent, its variables filled in."""

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED

    @property
    def text(self) -> str:
        return message_of(self.exchange.outcome, 2000)

    @property
    def status(self) -> int | None:
        return self.exchange.response.status if self.exchange.response else None


_RANKS = {
    Rejection.CONFLICT: 5,
    Rejection.VALIDATION: 4,
    Rejection.SERVER_ERROR: 3,
    Rejection.ABSENCE: 2,
    Rejection.AUTHORISATION: 1,
}


def rank(rejection: Rejection | None) -> int:
    """How far a refused request got: validation after authorisation after absence, …."""
    return _RANKS.get(rejection, 0) if rejection else 0


def better(best: Answer | None, answer: Answer) -> Answer:
    """The answer that got further; of two that got as far, the first."""
    if best is None or rank(answer.rejection) > rank(best.rejection):
        return answer
    return best


@dataclass(slots=True)
class Trial:
    """Sends candidates of one operation after the same prerequisite steps.

    `limit` bounds its requests. `answers` are all of them in order.
    """

    bench: Bench
    operation: Operation
    account: Account
    limit: int = 80
    steps: tuple[Step, ...] = ()
    answers: list[Answer] = field(default_factory=list)
    failed_step: str = ""
    held: list[str] = field(default_factory=list)
    """Why requests were not sent."""
    _scope: Scope | None = None
    _remade: bool = False

    def use_steps(self, steps: tuple[Step, ...]) -> None:
        """Other prerequisites from now on; they run again before the next try."""
        self.steps, self._scope = steps, None

    @property
    def spent(self) -> bool:
        if len(self.answers) >= self.limit:
            return True
        return len(self.held) >= MAX_HELD and all(a.exchange.held for a in self.answers)

    async def ready(self, again: bool = False) -> bool:
        """Run the prerequisites where they haven't run; False where they fail."""
        if self._scope is not None and not again:
            return True
        roomier = 0
        for attempt in range(SHAKY_ATTEMPTS):
            scope = self.account.scope.child()
            try:
                result = await self.bench.run_steps(self.account, self.steps, scope, anew=False)
            except WorkflowError as error:
                self.failed_step = error.message
                return False
            if result.ok:
                self._scope = scope
                return True
            self.failed_step = result.reason
            if result.held:
                self.held.append(result.reason)
                return False
            if attempt + 1 >= result.tries and not result.shaky:
                if not await self.bench.roomier(result, roomier):
                    break
                roomier += 1
            fresh = await self.bench.new_account()
            if fresh is not None:
                self.account = fresh
        return False

    async def send(self, template: Call, again: bool = False) -> Answer | None:
        """Try a call; None where its prerequisites or variables can't be had."""
        if not await self.ready(again):
            return None
        assert self._scope is not None
        if self.bench.wire.gate.restrains(self.operation.id):
            template = gentle(template, self.operation)
        if self.bench.is_called_back and self.bench.wire.gate.registers(self.operation):
            template = with_address(template, "{{webhook_url}}")
        try:
            call = fill(template, self._scope)
        except WorkflowError as error:
            self.failed_step = error.message
            return None
        judge, send = self.bench.judge, self.account.transport.send
        request = build_request(call, self.operation)
        exchange = await send(request)
        if exchange.held and self.steps and not self._remade:
            # Made twice, a thing shows that each is new, and so this run's own.
            self._remade = True
            return await self.send(template, again=True)
        if exchange.held:
            self.held.append(exchange.held)
        judged = judge.judged(exchange)
        for attempt in range(RETRIES):
            if judged.rejection not in (Rejection.RATE, Rejection.TRANSPORT):
                break
            if _is_late(judged.exchange):
                break  # the wire has waited for it as often as is worth it
            await asyncio.sleep(0.02 * 2**attempt)
            judged = judge.judged(await send(request))
        judged = await judge.inquire(send, judged)
        answer = Answer(template, judged.exchange, judged.verdict, judged.rejection, call)
        self.answers.append(answer)
        return answer

    async def afresh(
        self, refused: Answer, keys: Sequence[FieldKey]
    ) -> tuple[Answer | None, Variation]:
        """An accepted answer to a refused call with some literal values changed, and which."""
        last: Answer | None = None

        async def attempt(changes: Variation) -> tuple[bool, str]:
            nonlocal last
            number = self.account.scope.number()
            last = await self.send(varied(refused.call, changes, number, self.operation), True)
            if last is None:
                return False, ""
            return last.accepted, hints.signature(last.status, last.text)

        complaint = hints.signature(refused.status, refused.text)
        passed, changes = await learn_variation(keys, attempt, complaint)
        return (last if passed else None), changes

    def unlike(self, call: Call) -> Call:
        """The call with other literal values wherever a free text or number stands."""
        keys = dict.fromkeys(free_form(call, self.operation), False)
        return varied(call, keys, self.account.scope.number(), self.operation)

    async def is_nowhere(self, answer: Answer) -> bool:
        """Whether an answer is the one that nonsense routes beside it get, too."""
        requests = [nonsense_route(answer.exchange.request, n) for n in (1, 2)]
        first = await self.account.transport.send(requests[0])
        if route_answer(first) != route_answer(answer.exchange):
            return False
        return like_both([first, await self.account.transport.send(requests[1])], answer.exchange)

    def witness(self, answer: Answer, source: str, vary: Any = ()) -> Witness:
        """The witness of an accepted answer."""
        recipe = Recipe(self.steps, answer.call, source, tuple(vary))
        self.bench.judge.keep(answer.exchange)
        return Witness(self.operation, recipe, self.account, answer.exchange)


def _is_late(exchange: Exchange) -> bool:
    """Whether a request wasn't answered in time."""
    return isinstance(exchange.outcome, Failure) and exchange.outcome.kind == "timeout"


def fill(template: Call, scope: Scope) -> Call:
    """The call with its `{{variables}}` filled in; raises WorkflowError for unknown ones."""
    return replace(
        template,
        path=substitute(dict(template.path), scope),
        query=substitute(dict(template.query), scope),
        header=substitute(dict(template.header), scope),
        cookie=substitute(dict(template.cookie), scope),
        body=MISSING if template.body is MISSING else substitute(template.body, scope),
    )
