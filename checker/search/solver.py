"""The search for working requests of one target: one for all its operations."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Operation, OperationId, Place, known_fields
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.credentials import tokens_for
from checker.planning.encoding import is_multipart
from checker.planning.routes import name_given
from checker.planning.values import Generator
from checker.planning.variation import free_form
from checker.probing.bench import Bench, created_identifier
from checker.probing.growth import Growth
from checker.probing.states import States
from checker.probing.trial import Answer, NoWitness, Trial, Witness, better, rank
from checker.probing.witness import NO_METHOD, CallSource, Search, _unbound
from checker.search.attempts import DROPPED, Attempt, Attempts
from checker.search.binding import Binding
from checker.search.complaints import ComplaintKind
from checker.search.grammar import Grammar
from checker.search.memory import Memory
from checker.search.mending import Mender, with_edits
from checker.search.moves.entries import other_entries
from checker.search.moves.readings import after_readings
from checker.search.moves.siblings import after_sibling, related
from checker.search.values import Candidate, Values, identifies
from checker.search.widening import poorer
from checker.search.worlds import worlds

EFFORT = 45
"""Requests of one operation and pass."""
BLIND = 2
WIDENING = 12
"""Requests for a fuller witness, before it is looked for by halves."""
PATIENCE = 3
MAX_READINGS = 2
MAX_SIBLINGS = 4
WAITS_S = (0.1, 0.25, 0.6, 1.2)
MAX_WAITED_IN_VAIN = 3
CALIBRATED_FIELDS = 2


class Solver(Search):
    """See the module; the interface is `Search`'s."""

    def __init__(
        self,
        bench: Bench,
        operations: Sequence[Operation],
        legacy: Mapping[OperationId, Sequence[Operation]],
        candidates: Candidates,
        recorded: Mapping[OperationId, Sequence[Call]] | None = None,
        fuzzer: CallSource | None = None,
    ) -> None:
        super().__init__(bench, operations, legacy, candidates, recorded, fuzzer)
        self.grammar = Grammar()
        self.memory = Memory()
        self.values = Values(candidates, self.memory, bench.rng)
        self._calibrated = False
        self.room: Callable[[], Awaitable[bool]] | None = None
        """Removes what earlier tries have made; whether there was any."""
        self.waited = 0
        """How often in a row waiting was in vain."""
        self.lag_ms = 0
        """How long it took until what was made could be used."""
        self._repeated: set[OperationId] = set()
        self.binding = Binding(bench, self.operations, self.find, self.grammar)
        self._provisional: dict[OperationId, NoWitness] = {}

    async def find(self, operation: Operation, depth: int = 0) -> Witness | NoWitness:
        """The operation's witness; searched once, and once more in a second pass."""
        if operation.id in self._provisional:
            self._cut = True
            return self._provisional[operation.id]
        found = await super().find(operation, depth)
        if depth == 0:
            self._provisional.clear()
        elif (
            isinstance(found, NoWitness)
            and operation.id not in self.found
            and operation.id not in self._under_way
        ):
            self._provisional[operation.id] = found
        return found

    def again(self, operation: Operation) -> bool:
        """Let a failed operation be searched once more: whether more is known by now than when
        it failed."""
        found = self.found.get(operation.id)
        if not isinstance(found, NoWitness) or found.held or operation.id in self._repeated:
            return False
        self._repeated.add(operation.id)
        del self.found[operation.id]
        return True

    async def _search(self, operation: Operation, depth: int) -> Witness | NoWitness:
        account = await self.bench.open_account()
        trial = Trial(self.bench, operation, account, limit=EFFORT, room=self.room)
        reason = ""
        record = self.bench.records.get(operation.id)
        if record is not None:
            found = await self._from_record(operation, record, trial)
            if found is not None:
                return found
            reason = trial.failed_step
        known = known_fields(operation, self.legacy.get(operation.id, ()))
        named = await self._named_anew(operation, trial, known, depth)
        if named is not None:
            return named
        steps, bound = await self.binding.bind(operation, known, depth)
        unbound = _unbound(operation, bound)
        if self._cut and depth and unbound - {name_given(operation)}:
            return NoWitness(operation.id, "it needs itself")
        trial.use_steps(steps)
        trial.limit = len(trial.answers) + EFFORT
        return await _Solving(self, trial, known, bound, steps, depth, reason).run()


class _Solving:
    """The search for one operation's witness."""

    def __init__(
        self,
        solver: Solver,
        trial: Trial,
        known: Mapping[FieldKey, Field],
        bound: Mapping[FieldKey, Any],
        steps: tuple[Step, ...],
        depth: int,
        reason: str,
    ) -> None:
        self.solver = solver
        self.trial = trial
        self.operation = trial.operation
        self.known = known
        self.bound = bound
        self.steps = steps
        self.depth = depth
        self.reason = reason
        self.tokens = tokens_for(self.operation.security, trial.account.tokens)
        self.attempts = Attempts(trial, solver.grammar, known)
        self.mender = self._mender()
        self.source = "generated"

    def _mender(self) -> Mender:
        fixed = frozenset(k for k in self.bound if k.place is Place.PATH)
        solver = self.solver
        return Mender(self.attempts, solver.values, solver.memory, self.known, self._ask, fixed)

    async def run(self) -> Witness | NoWitness:
        best: Attempt | None = None
        rest = self._calls()
        for number, (source, call) in enumerate(rest):
            got = await self._sent(call)
            if got is None:
                continue
            if got.accepted:
                self.source = source
                return await self._grown(got)
            best = self._further(best, got)
            if number == 0 and await self._leads_nowhere(got):
                late = await self._in_time(got)
                if late is not None:
                    return await self._grown(late)
                other = await self._elsewhere(got)
                if other is not None and other.accepted:
                    return await self._grown(other)
                if other is None or rank(other.answer.rejection) <= rank(got.answer.rejection):
                    return self._failure(best)
                best = other
            if number + 1 >= BLIND and source != "recording":
                break
        if best is None:
            return self._failure(None)
        await self._calibrate(best)
        self.source = "repaired"
        found = await self._mended(best)
        if found is None:
            found = await self._others(rest, best)
        return self._failure(best) if found is None else await self._grown(found)

    # -- the stages ----------------------------------------------------------------------------

    async def _sent(self, call: Call) -> Attempt | None:
        got = await self.attempts.send(call)
        if got is not None:
            self.solver._note_failure(got.answer)
        return got

    def _calls(self) -> Iterator[tuple[str, Call]]:
        """What recordings and documents have; the required only, then everything."""
        calls = self.solver._calls(self.operation, self.bound, self.tokens)
        ready = list(calls)
        order = {"recording": 0, "example": 1}
        lean = min(
            (c for s, c in ready if s == "generated" and (c.body is not MISSING or not self.known)),
            key=lambda c: len(list(edits.present_fields(c))),
            default=None,
        )
        first = [(s, c) for s, c in ready if s in order]
        second = [(s, c) for s, c in ready if c is lean]
        yield from (
            *first,
            *second,
            *((s, c) for s, c in ready if s not in order and c is not lean),
        )

    def _further(self, best: Attempt | None, got: Attempt) -> Attempt:
        if best is None or rank(got.answer.rejection) > rank(best.answer.rejection):
            return got
        return best

    async def _leads_nowhere(self, got: Attempt) -> bool:
        """Whether a first answer says that nothing is there, whatever is sent."""
        answer = got.answer
        if answer.rejection is not Rejection.ABSENCE or _unbound(self.operation, self.bound):
            return False
        return answer.status in NO_METHOD or await self.trial.is_nowhere(answer)

    async def _elsewhere(self, got: Attempt) -> Attempt | None:
        """The answer that gets furthest with other tokens and base URLs."""
        best: Attempt | None = None
        for call in self._other_doors(got.call):
            other = await self._sent(call)
            if other is not None and other.accepted:
                return other
            if other is not None and rank(other.answer.rejection) > rank(got.answer.rejection):
                best = self._further(best, other)
        return best

    def _other_doors(self, call: Call) -> Iterator[Call]:
        for token in self.tokens:
            if token != call.token:
                yield replace(call, token=token)
        if self.solver.bench.target.fallback_url and call.base == "primary":
            for token in self.tokens:
                yield replace(call, token=token, base="fallback")

    async def _calibrate(self, base: Attempt) -> None:
        """Once for the target: how it says what about which field."""
        solver = self.solver
        if solver._calibrated or base.answer.rejection is not Rejection.VALIDATION:
            return
        scalars = [
            k
            for k in edits.present_fields(base.call)
            if k.place is Place.BODY and isinstance(edits.get(base.call, k), (str, int, float))
        ]
        if len(scalars) < CALIBRATED_FIELDS:
            return
        solver._calibrated = True

        async def attempt(call: Call) -> Exchange | None:
            answer = await self.trial.send(call)
            return None if answer is None else answer.exchange

        await solver.grammar.calibrate(attempt, base.call, self.known)
        for made in list(self.attempts.made):
            self.attempts.made.remove(made)
            self.attempts.read(made.answer, made.steps)

    async def _mended(self, best: Attempt) -> Attempt | None:
        """An accepted attempt after other credentials, values, states, conventions."""
        best = next((a for a in self.attempts.made if a.answer is best.answer), best)
        if best.answer.rejection in (Rejection.AUTHORISATION, Rejection.ELSEWHERE, None):
            other = await self._elsewhere(best)
            if other is None:
                return None
            if other.accepted:
                return other
            best = other
        for base in self._bases(best):
            reached = await self.mender.run(base)
            if reached.accepted:
                return reached
            found = await self._unnamed(reached)
            if found is not None:
                return found
        return None

    def _bases(self, best: Attempt) -> list[Attempt]:
        """The attempts to mend: those that name fields, the leanest first, else the best."""
        naming = [
            a
            for a in self.attempts.made
            if a.named and a.call.token == best.call.token and a.answer.rejection not in DROPPED
        ]
        naming.sort(key=lambda a: len(list(edits.present_fields(a.call))))
        return [*naming[:1], *naming[-1:]][: len(naming)] or [best]

    async def _unnamed(self, base: Attempt) -> Attempt | None:
        """What remains where no edit of a named field helps."""
        kinds = {c.kind for c in base.complaints}
        rejection = base.answer.rejection
        stands = rejection is Rejection.CONFLICT or ComplaintKind.STATE in kinds
        found: Attempt | None = None
        if stands or ComplaintKind.REFERENCE in kinds or rejection is Rejection.ABSENCE:
            found = await self._in_time(base) or await self._by_entries(base)
            if found is None and stands:
                found = await self._by_readings(base)
            if found is None and stands:
                found = await self._with_room(base)
            if found is None and not (self.operation.id.safe and rejection is Rejection.ABSENCE):
                states = States(self.trial, self.tokens, self.solver)
                moved = await states.run(base.answer)
                found = None if moved is None else self.attempts.read(moved)
        if found is None and (stands or ComplaintKind.TAKEN in kinds):
            answer, _ = await self.trial.afresh(base.answer, free_form(base.call, self.operation))
            found = None if answer is None else self.attempts.read(answer)
        if found is None and not base.named and rejection is Rejection.VALIDATION:
            found = await self._by_convention(base)
        return found

    async def _in_time(self, base: Attempt) -> Attempt | None:
        """The same request again after some time; what the wait brought becomes a step's."""
        lost = base.answer.rejection is Rejection.ABSENCE and not self.guessed(base)
        if not self.trial.steps or (self.solver.waited > MAX_WAITED_IN_VAIN and not lost):
            return None
        waited, known = 0.0, self.solver.lag_ms / 1000
        for wait in (known, *(w for w in WAITS_S if w > known)) if known else WAITS_S:
            await asyncio.sleep(wait)
            waited += wait
            got = await self.attempts.send(base.call, again=True)
            if got is None:
                return None
            if got.accepted:
                self.solver.waited = 0
                self.solver.lag_ms = int(waited * 1000)
                last = self.trial.steps[-1]
                slow = replace(last, sleep_ms=last.sleep_ms + int(waited * 1000))
                self.trial.steps = (*self.trial.steps[:-1], slow)
                return got
            if got.signature != base.signature:
                return None
        self.solver.waited += 1
        return None

    def guessed(self, base: Attempt) -> bool:
        """Whether no answer gave the path's values."""
        return any("{{" not in str(v) for v in base.call.path.values())

    async def _with_room(self, base: Attempt) -> Attempt | None:
        """The same request after what earlier tries have made is removed: there may be as many
        things as there can be."""
        if self.solver.room is None or not await self.solver.room():
            return None
        self.trial.use_steps(self.trial.steps)
        got = await self.attempts.send(base.call, again=True)
        return got if got is not None and got.accepted else None

    async def _by_entries(self, base: Attempt) -> Attempt | None:
        """The same request with other entries of the lists that it takes identifiers from."""
        steps = self.trial.steps
        bodies: dict[OperationId, Any] = {}
        for step in steps:
            found = self.solver.found.get(step.operation) if step.operation is not None else None
            if isinstance(found, Witness):
                response = self.solver.binding.giving(found).exchange.response
                bodies[found.operation.id] = response.body if response is not None else None
        for other in other_entries(base.call, steps, bodies):
            found = await self._after(base, other)
            if found is not None:
                return found
        self.trial.use_steps(steps)
        return None

    async def _after(self, base: Attempt, steps: tuple[Step, ...]) -> Attempt | None:
        """The accepted attempt of the same request, mended if need be, after other steps."""
        if self.attempts.spent:
            return None
        self.trial.use_steps(steps)
        got = await self.attempts.send(base.call)
        if got is None or got.accepted:
            return got
        if got.signature != base.signature and got.named:
            reached = await self.mender.run(got)
            return reached if reached.accepted else None
        return None

    async def _after_siblings(self, base: Attempt, steps: tuple[Step, ...]) -> Attempt | None:
        solver = self.solver
        others = related(self.operation, steps, solver.operations)
        for other in itertools.islice(others, MAX_SIBLINGS):
            found = await solver.find(other, self.depth + 1)
            if not isinstance(found, Witness):
                continue
            made = await solver.binding.step(found)
            grown = after_sibling(steps, found.recipe.steps, made)
            got = None if grown is None else await self._after(base, grown)
            if got is not None:
                return got
        return None

    async def _by_readings(self, base: Attempt) -> Attempt | None:
        """The same request after what it refers to has been read, and after what belongs to it
        has been made."""
        steps = self.trial.steps
        others = after_readings(base.call, steps, self.solver.operations, self.solver.lag_ms)
        read = list(itertools.islice(others, MAX_READINGS))
        for other in read:
            found = await self._after(base, other)
            if found is not None:
                return found
        for start in (steps, *read[:1]):
            found = await self._after_siblings(base, start)
            if found is not None:
                return found
        self.trial.use_steps(steps)
        return None

    async def _by_convention(self, base: Attempt) -> Attempt | None:
        signature = base.signature
        for call in worlds(
            self.operation, self.known, base.call, self.solver.candidates, self.solver.bench.rng
        ):
            got = await self._sent(call)
            if got is None:
                if self.attempts.spent:
                    return None
                continue
            if got.accepted:
                return got
            if got.signature != signature and got.answer.rejection not in DROPPED:
                reached = await self.mender.run(got)
                if reached.accepted:
                    return reached
                signature = reached.signature
        return None

    async def _others(self, rest: Iterable[tuple[str, Call]], best: Attempt) -> Attempt | None:
        if best.answer.rejection in (Rejection.ABSENCE, Rejection.AUTHORISATION):
            return None
        for _, call in rest:
            if self.attempts.spent:
                return None
            got = await self._sent(call)
            if got is not None and got.accepted:
                return got
        return None

    async def _ask(self, key: FieldKey, kind: ComplaintKind) -> Sequence[Candidate]:
        """Identifiers that may stand in a field."""
        if key in self.bound:
            return [Candidate(self.bound[key], "given")]
        if kind is not ComplaintKind.REFERENCE and not identifies(key, self.known.get(key)):
            return []
        return await self.solver.binding.offers(
            key, self.operation, self.trial.steps, dict(self.bound), self.depth
        )

    # -- the end -------------------------------------------------------------------------------

    async def _grown(self, found: Attempt) -> Witness:
        self.trial.limit = len(self.trial.answers) + EFFORT
        lean = found.answer
        best = lean if self.source == "record" else await self._widened(found)
        vary = free_form(best.call, self.operation)
        witness = self.trial.witness(best, self.source, vary)
        return replace(witness, lean=lean.call, lean_exchange=lean.exchange)

    async def _widened(self, found: Attempt) -> Answer:
        """The fullest request that the server accepts as well: with all known fields at once,
        mended; failing that, by halves."""
        files = is_multipart(found.call.media_type)
        generator = Generator(self.solver.bench.rng("grow", self.operation.id), files=files)
        growth = Growth(self.trial, found.answer, generator, self.bound)
        missing = dict(growth.missing())
        if not missing:
            return found.answer
        self.mender = self._mender()
        self.mender.patience, self.mender.spare = PATIENCE, frozenset(missing)
        limit, self.trial.limit = self.trial.limit, len(self.trial.answers) + WIDENING
        additions = {k: Candidate(v, "documented") for k, v in missing.items()}
        got = await self.attempts.send(with_edits(found.call, additions))
        if got is not None and not got.accepted and got.named:
            got = await self.mender.run(got)
        self.trial.limit = limit
        if got is not None and got.accepted and not self._poorer(found, got):
            return got.answer
        return await growth.run()

    @staticmethod
    def _poorer(found: Attempt, got: Attempt) -> bool:
        """Whether an answer shows less than the one before, or the thing that was made before."""
        before, after = found.answer.exchange.response, got.answer.exchange.response
        if before is None or after is None:
            return False
        if found.call.operation.safe:
            return poorer(before.body, after.body)
        made = created_identifier(before.body)
        posted = found.call.operation.method == "POST"
        return posted and made is not MISSING and bool(created_identifier(after.body) == made)

    def _failure(self, best: Attempt | None) -> NoWitness:
        furthest: Answer | None = best.answer if best is not None else None
        for answer in self.trial.answers:
            furthest = better(furthest, answer)
        return self.solver._failure(self.operation, self.trial, self.reason, furthest, self.steps)
