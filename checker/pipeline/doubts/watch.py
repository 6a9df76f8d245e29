"""Watches a run's answers for an outage, and asks again before it says that there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checker.domain.exchange import INVALID, Exchange, Request, Response
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.errors import TargetError
from checker.pipeline.doubts.outage import (
    ABOUT_A_TOKEN,
    LEAST_BROKEN,
    ROW,
    UNAUTHORISED,
    Outage,
    Stream,
    about_the_caller,
    alike,
    explained,
    manner,
)
from checker.probing.http import Wire
from checker.probing.judge import Judge
from checker.probing.refusals import ask_nowhere, elsewhere
from checker.settings import Token

NOWHERE = ("zq-no-such-route", "zq-nowhere")


class OutageWatch:
    """One target's watch; `found` is the outage that ended the run, `retired` those of tokens
    without which it went on, since another one was renewed.

    `tokens` and `variables` are those that the user gave. Tokens that a set-up has made are the
    bench's affair: it makes new ones.
    """

    def __init__(
        self,
        wire: Wire,
        tokens: Mapping[str, Token],
        variables: Mapping[str, Any],
        judge: Judge,
    ) -> None:
        self.found: Outage | None = None
        self.retired: list[Outage] = []
        self._wire = wire
        self._judge = judge
        self._tokens = tokens
        self._variables = variables
        self._stream = Stream()
        self._open: set[OperationId] = set()
        """Reads that need no credential."""
        self._asking = False

    async def after(self, exchange: Exchange, tokens: Mapping[str, Token]) -> None:
        """Note an answer that came with `tokens`. Raises TargetError once the target has stopped
        accepting what it accepted before."""
        token = exchange.request.token
        if token is not None and tokens.get(token) != self._tokens.get(token):
            return
        self._stream.note(exchange, self._judge.judged(exchange).verdict)
        if exchange.request.operation is not None:
            await self._look(token, ROW)

    def may_be_over(self, refused: Exchange) -> bool:
        """Whether a refusal may come from an ended token: it is that of nobody, or one about the
        caller by an operation that has accepted the token. Else it is the ordinary one of those
        whom the operation isn't for."""
        request, response = refused.request, refused.response
        if response is None or response.status not in ABOUT_A_TOKEN:
            return False
        nobody = response.status == UNAUTHORISED
        return nobody or self._stream.took(request.token, request.operation)

    async def ended(self, refused: Exchange) -> bool:
        """Whether reads that a request's token was accepted for are refused now as the request
        was; asks them."""
        response = refused.response
        if response is None:
            return False
        return await self._outage(refused.request.token, str(response.status)) is not None

    async def last_look(self) -> None:
        """At the end of a run a shorter row is suspicious; raises as `after` does."""
        for token in self._stream.tokens():
            await self._look(token, LEAST_BROKEN)

    async def _look(self, token: str | None, least: int) -> None:
        how = self._stream.suspicion(token, least)
        over = self.found is not None or token in self._wire.ended
        if how is None or self._asking or over:
            return
        self._asking = True
        try:
            found = await self._outage(token, how)
            alone = found is not None and found.of_token and await self._renews_another(token)
        finally:
            self._asking = False
        if found is None:
            self._stream.clear(token, how, proved=bool(self._stream.proofs(token, how)))
            return
        if alone and token is not None:
            self._wire.ended.add(token)
            self.retired.append(found)
            return
        self.found = found
        raise TargetError(*explained(found))

    async def _outage(self, token: str | None, how: str) -> Outage | None:
        """The outage, where every read that was accepted is answered in this manner now; those
        that are open to all prove nothing of a credential."""
        proofs = self._stream.proofs(token, how, self._open)
        if not proofs:
            return self._stream.outage(token, how, unproved=True)
        if len(proofs) == 1:
            if not about_the_caller(how):
                return None
            proofs = proofs * 2
        answer: Exchange | None = None
        for proof in proofs:
            answer = await self._ask(proof.request)
            if manner(answer, self._judge.judged(answer).verdict, proof) != how:
                return await self._outage(token, how) if await self._opens(proof, how) else None
        assert answer is not None
        refused = how.isdigit() and int(how) // 100 == 4
        if not refused and not await self._everywhere(answer):
            return None
        return self._stream.outage(token, how, intruder=answer.response)

    async def _renews_another(self, token: str | None) -> bool:
        """Whether another token was renewed: maybe now, as it is asked for what accepted it."""
        others = {t: v.value for t, v in self._tokens.items() if t not in (token, INVALID)}
        for other in others if not self._wire.renewed.keys() & others.values() else ():
            for proof in self._stream.proofs(other, str(UNAUTHORISED))[:1]:
                await self._wire.send(proof.request, self._tokens, self._variables)
        return bool(self._wire.renewed.keys() & others.values())

    async def _opens(self, proof: Exchange, how: str) -> bool:
        """Whether a read that goes on is one that is accepted without the credential, too."""
        request, operation = proof.request, proof.request.operation
        if request.token is None or operation is None or not about_the_caller(how):
            return False
        answer = await self._ask(replace(request, token=None))
        if manner(answer, self._judge.judged(answer).verdict, proof) is not None:
            return False
        self._open.add(operation)
        return True

    async def _everywhere(self, answer: Exchange) -> bool:
        """Whether a route that doesn't exist is answered alike: else the API itself is there."""
        request = answer.request
        head, deeper, _ = request.url_path.strip("/").partition("/")
        path = "/" + "/".join(part for part in (head if deeper else "", *NOWHERE) if part)
        stranger = await ask_nowhere(self._ask, elsewhere(request, path))
        ours, theirs = answer.outcome, stranger.outcome
        if isinstance(ours, Response) and isinstance(theirs, Response):
            same = ours.status == theirs.status
            return same and (ours.status >= 300 or alike(ours, theirs))
        return not isinstance(theirs, Response)

    async def _ask(self, request: Request) -> Exchange:
        """The answer to a request; a read counts as no operation's, so that it isn't noted."""
        safe = request.method in SAFE_METHODS
        asked = replace(request, operation=None) if safe else request
        return await self._wire.send(asked, self._tokens, self._variables)
