"""Asks what can be asked of operations that delete, while the clean-up removes own things anyway.

Nothing is made for it, and nothing is sent that the gate doesn't let a clean-up send: deletions of
things that are shown to be this run's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from checker.domain.exchange import INVALID, Exchange, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Operation, OperationId
from checker.pipeline.doubts.missing import (
    NOT_HERE,
    Found,
    allowed_at,
    is_absence,
    is_served,
    may_hide,
)
from checker.pipeline.removing.deletion_answers import removed
from checker.pipeline.removing.deletion_states import StateTrials, is_referred_to
from checker.pipeline.removing.deletion_tokens import TWICE, Credential, TokenTrials
from checker.pipeline.removing.looking import has_gone
from checker.planning.answered import status_of
from checker.planning.markup import content_of
from checker.planning.recipe import find_operation
from checker.probing.bench import Bench
from checker.probing.refusals import like_both, nonsense_route
from checker.probing.trial import Witness
from checker.safety.brought import texts_of
from checker.safety.effects import Effect
from checker.safety.gate import Gate
from checker.safety.things import Thing
from checker.search.attempts import FAILURES

_NO_CONTENT = 204
_OF_THE_CREDENTIAL = (Rejection.AUTHORISATION, Rejection.VALIDATION)
"""Whatever the status: a deletion has nothing else that could be wrong where it is accepted with
another credential the next moment. What isn't there, is in the way or fails may pass by itself."""
_OF_THE_STATE = (Rejection.CONFLICT, Rejection.VALIDATION)


@dataclass(slots=True)
class Deletions:
    """Asks of the `documented` operations that are held back because they delete: which
    credentials they take, whether the server has them, and at which base URL.

    `found` are the searches' results, `tell` takes what was observed.
    """

    bench: Bench
    gate: Gate
    documented: Mapping[OperationId, Operation]
    found: Found
    tell: Callable[[OperationId, Observation], None]
    perhaps: set[int] = field(default_factory=set)
    """Things by `id()` of which a deletion was accepted, and nothing shows that they are gone."""
    _trials: dict[OperationId, TokenTrials] = field(default_factory=dict)
    _missed: dict[OperationId, int] = field(default_factory=dict)
    """How often it was asked whether an operation is missing."""
    _elsewhere: dict[OperationId, list[Evidence]] = field(default_factory=dict)
    """What the primary base URL has refused to delete and the fallback one has deleted."""
    _states: dict[OperationId, StateTrials] = field(default_factory=dict)
    _at_primary: set[OperationId] = field(default_factory=set)
    """Operations of which a deletion was accepted at the primary base URL."""

    # -- which credentials -----------------------------------------------------------------------

    async def tried(self, request: Request, thing: Thing) -> tuple[Exchange | None, list[Judged]]:
        """A thing's deletion with each credential of which more is to be known, until it is gone:
        (the exchange that has deleted it, None where it may be there still; the refusals)."""
        trials = self._of(request, thing)
        doubted = self.bench.wire.doubted  # they may have ended: a refusal would say nothing
        wanted = [t for t in trials.undecided() if t not in doubted] if trials is not None else []
        if trials is None or not wanted:
            return None, []
        trials.things += 1
        refused: list[Judged] = []
        for _ in range(TWICE):
            for token in sorted(wanted, key=lambda t: t == thing.token):
                if token in trials.unclear:
                    continue
                judged = await self._sent(request, thing, token)
                if judged.accepted and await self._has_gone(judged.exchange, thing):
                    self.note(refused, judged.exchange)
                    return judged.exchange, refused
                if judged.accepted:
                    self.perhaps.add(id(thing))
                if judged.rejection in _OF_THE_CREDENTIAL:
                    refused.append(judged)
                else:
                    trials.unclear.add(token)
        return None, refused

    def note(self, refused: Sequence[Judged], exchange: Exchange) -> None:
        """Tell what the deletion of a thing shows that was refused with other credentials."""
        operation = exchange.request.operation
        if operation is not None and removed(exchange) and exchange.request.base == "primary":
            self._at_primary.add(operation)
        trials = self._trials.get(operation) if operation is not None else None
        if trials is None or operation is None or not self.bench.judge.accepted(exchange):
            return
        for judged in refused:
            self.bench.judge.note_forbidden(judged.exchange)
        trials.note(refused, exchange, exchange.request.token)
        for seen in trials.news():
            self.tell(operation, seen)

    async def _sent(self, request: Request, thing: Thing, token: Credential) -> Judged:
        transport = self.bench.transport_of(thing.account)
        asked = replace(request, token=token, purpose="clean-up")
        return self.bench.judge.judged(await transport.send(asked))

    async def _has_gone(self, exchange: Exchange, thing: Thing) -> bool:
        """Whether an accepted deletion has deleted: with another credential than the thing's own,
        that isn't taken from what an answer's body seems to say."""
        empty = exchange.response is not None and exchange.response.status == _NO_CONTENT
        if empty or exchange.request.token == thing.token:
            return True
        return await has_gone(self.bench, self.gate, thing)

    def _of(self, request: Request, thing: Thing) -> TokenTrials | None:
        """The trials of a request's operation, where it is asked about."""
        operation = self._held_back(request, thing)
        if operation is None or operation.id in self._missed:
            return None
        if operation.id not in self._trials:
            types = tuple(self.bench.target.tokens)
            self._trials[operation.id] = TokenTrials(operation, types)
        return self._trials[operation.id]

    def _held_back(self, request: Request, thing: Thing) -> Operation | None:
        """The documented operation of a deletion where nothing but the clean-up may send it; what
        an earlier run has made tells nothing: it may have gone."""
        documented = self.documented.get(request.operation) if request.operation else None
        if documented is None or thing.earlier or self.gate.expected(documented) is None:
            return None
        effect = self.gate.assessor.assess(documented).effect
        return documented if effect is Effect.DELETES else None

    # -- in which state --------------------------------------------------------------------------

    async def before(self, request: Request, thing: Thing) -> Exchange | None:
        """A thing as it is read before it is deleted, where its state is of interest."""
        trials = self._states_of(request, thing)
        if trials is None or not trials.wants_before():
            return None
        trials.read += 1
        return await self._read(request, thing)

    async def after(self, exchange: Exchange, thing: Thing, before: Exchange | None) -> None:
        """Tell in which state a thing can be deleted, now that its deletion has been answered."""
        trials = self._states_of(exchange.request, thing)
        if trials is None:
            return
        said = self.bench.judge.judged(exchange)
        if removed(exchange) and before is not None:
            trials.deleted(before, exchange)
        elif said.rejection in _OF_THE_STATE and trials.wants_left():
            alone = not is_referred_to(thing, self.gate.ledger.things)
            shown = (before or await self._read(exchange.request, thing)) if alone else None
            if shown is not None:
                trials.left(exchange, said.rejection, shown)
        seen = trials.news(thing.operation)
        if seen is not None:
            self.tell(trials.operation, seen)

    def _states_of(self, request: Request, thing: Thing) -> StateTrials | None:
        """The trials of a request's operation, where what it deletes is made in a state."""
        operation, made = self._held_back(request, thing), self.found.get(thing.operation)
        answer = made.exchange.response if isinstance(made, Witness) else None
        if operation is None or answer is None or status_of(answer.body) is None:
            return None
        return self._states.setdefault(operation.id, StateTrials(operation.id))

    # -- at which base URL -----------------------------------------------------------------------

    async def elsewhere(self, refused: Exchange, thing: Thing) -> Exchange | None:
        """What deletes a thing at the fallback base URL, where the primary one has refused to;
        None where that can't be, or doesn't delete it either."""
        request = refused.request
        if not self.bench.target.fallback_url or request.base != "primary":
            return None
        if refused.held or removed(refused):
            return None
        operation, said = self._held_back(request, thing), self.bench.judge.judged(refused)
        told = operation is not None and said.rejection not in FAILURES
        if told and said.rejection is Rejection.ABSENCE:
            # It may have been too new to be found.
            told = await self._read(request, thing) is not None
        judged = await self._sent(replace(request, base="fallback"), thing, request.token)
        if not judged.accepted or not await self._has_gone(judged.exchange, thing):
            return None
        if told and operation is not None:
            self._note_elsewhere(operation.id, refused, judged.exchange, said)
        return judged.exchange

    def _note_elsewhere(
        self, operation: OperationId, refused: Exchange, accepted: Exchange, said: Judged
    ) -> None:
        """A deletion that works at the fallback base URL only; unless it did at the primary one."""
        if operation in self._at_primary:
            return
        evidence = self._elsewhere.setdefault(operation, [])
        evidence.append(Evidence("probe", refused, Verdict.REJECTED))
        evidence.append(Evidence("control", accepted, Verdict.ACCEPTED))
        self._tell_elsewhere(operation, said)

    def _tell_elsewhere(self, operation: OperationId, said: Judged) -> None:
        evidence = self._elsewhere[operation]
        if sum(e.role == "probe" for e in evidence) != TWICE:
            return
        self.tell(
            operation,
            Observation(
                operation,
                Kind.BASE,
                Verdict.REJECTED,
                rejection=said.rejection,
                confirmed=True,
                evidence=tuple(evidence),
                detail={"base": "primary"},
            ),
        )

    # -- whether it is there -----------------------------------------------------------------------

    async def missed(self, exchange: Exchange, thing: Thing) -> None:
        """Tell that the server has no such operation, where that is why a thing wasn't deleted.

        It can be read at the very address before and after the deletion is sent again, and either
        the method is what isn't there, or a nonsense route is answered alike.
        """
        operation = self._held_back(exchange.request, thing)
        absent = is_absence(self.bench, exchange.response)
        if operation is None or not absent or self._missed.get(operation.id, 0) >= TWICE:
            return
        self._missed[operation.id] = self._missed.get(operation.id, 0) + 1
        evidence = await self._still_missed(exchange, thing)
        if not evidence or not await self._is_no_route(exchange, operation):
            return
        response = exchange.response
        self.tell(
            operation.id,
            Observation(
                operation.id,
                Kind.EXIST,
                Verdict.REJECTED,
                rejection=Rejection.ABSENCE,
                confirmed=True,
                evidence=evidence,
                detail={"status": response.status if response is not None else 0},
            ),
        )

    async def _still_missed(self, exchange: Exchange, thing: Thing) -> tuple[Evidence, ...]:
        """The deletion, answered alike with every credential, between readings that show the
        thing; nothing where that isn't so."""
        said, transport = exchange.response, self.bench.transport_of(thing.account)
        evidence = [Evidence("probe", exchange, Verdict.REJECTED, "the documented operation")]
        for token in [exchange.request.token, *(t for t in transport.tokens if t != INVALID)]:
            read = await self._read(exchange.request, thing)
            if read is None:
                return ()
            evidence.append(Evidence("control", read, Verdict.ACCEPTED, "it is there"))
            again = (await self._sent(exchange.request, thing, token)).exchange
            if again.held:
                continue
            if said is None or again.response is None or again.response.status != said.status:
                return ()
            evidence.append(Evidence("probe", again, Verdict.REJECTED, "the documented operation"))
        last = await self._read(exchange.request, thing)
        return tuple(evidence) if last is not None else ()

    async def _read(self, deletion: Request, thing: Thing) -> Exchange | None:
        """The accepted reading of a deletion's own address that shows the thing; None without."""
        if find_operation("GET", deletion.url_path, self.gate.operations) is None:
            return None
        reading = Request(
            "GET",
            deletion.url_path,
            token=thing.token,
            base=deletion.base,
            purpose="clean-up",
        )
        exchange = await self.bench.transport_of(thing.account).send(reading)
        if exchange.response is None or not self.bench.judge.accepted(exchange):
            return None
        shown = set(texts_of(content_of(exchange.response)))
        return exchange if shown & thing.names.keys() else None

    async def _is_no_route(self, exchange: Exchange, operation: Operation) -> bool:
        """Whether an answer is that of a route or method that doesn't exist."""
        response = exchange.response
        if response is not None and response.status in NOT_HERE:
            return operation.id.method not in allowed_at(response)
        send = self.bench.first_account().transport.send
        nowhere = [await send(nonsense_route(exchange.request, n)) for n in (1, 2)]
        if any(e.response is None for e in nowhere) or not like_both(nowhere, exchange):
            return False
        if await may_hide(self.bench, nowhere, operation, self.found):
            return False
        return not await is_served(self.bench, exchange, operation.id, self.found)
