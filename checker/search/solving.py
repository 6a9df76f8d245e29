"""The search for one operation's witness: blind requests, complaints answered, what there is
before the request changed, conventions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from checker.domain.exchange import Call, Exchange
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.templates import variables_in
from checker.planning import edits
from checker.planning.credentials import tokens_for
from checker.planning.encoding import is_multipart
from checker.planning.producers import kin, names_itself
from checker.planning.recipe import call_variables
from checker.planning.values import Generator
from checker.planning.variation import free_form
from checker.probing.trial import Answer, NoWitness, Trial, Witness, better
from checker.search.attempts import DROPPED, Attempt, Attempts, further
from checker.search.calibration import calibrate
from checker.search.complaints import Complaint, ComplaintKind
from checker.search.documented import as_accepted, as_elsewhere, as_told
from checker.search.doors import Doors
from checker.search.failing import told
from checker.search.growth import Growth
from checker.search.mending import Mender, with_edits
from checker.search.moves.emptied import emptied
from checker.search.shown import field_shown, fields_shown
from checker.search.shrinking import shrunk
from checker.search.steps import without_idle
from checker.search.surroundings import Surroundings
from checker.search.values import Candidate, Subject, identifies
from checker.search.waits import sooner
from checker.search.widening import Widening
from checker.search.worlds import worlds

if TYPE_CHECKING:
    from checker.search.solver import Solver

BLIND = 2
CALIBRATED_FIELDS = 2
CONVENTIONS = 20
MAX_KIN = 2
DEEPEST = 3


class Solving:
    """The search for one operation, from its first request to the witness.

    `bound` are the identifiers that the trial's steps give; `reason` says why the workflow record
    failed, where there is one.
    """

    def __init__(
        self,
        solver: Solver,
        trial: Trial,
        known: Mapping[FieldKey, Field],
        bound: Mapping[FieldKey, Any],
        depth: int,
        reason: str,
    ) -> None:
        self.solver = solver
        self.trial = trial
        self.operation = trial.operation
        self.known = known
        self.bound = bound
        self.depth = depth
        self.reason = reason
        self.steps = trial.steps
        self.tokens = tokens_for(self.operation.security, solver.bench.living(trial.account))
        shown = fields_shown(self.operation, known, solver.operations)
        self.attempts = Attempts(trial, solver.grammar, known, solver.weather, shown=shown)
        self.mender = self.new_mender()
        self.doors = Doors(self)
        self.deep = 0
        """How many new answers led to one another without a named field."""

    def new_mender(self) -> Mender:
        fixed = frozenset(k for k in self.bound if k.place is Place.PATH)
        solver = self.solver
        shown = partial(field_shown, operation=self.operation, operations=solver.operations)
        return Mender(
            self.attempts, solver.values, solver.memory, self.known, self._ask, shown, fixed
        )

    async def run(self, stale: Answer | None = None) -> Witness | NoWitness:
        """The witness, or why there is none. `stale` is the refusal of the record's request."""
        best: Attempt | None = None
        calls = self.solver.blind.calls(self.operation, self.bound, self.tokens)
        for number, (source, call) in enumerate(calls):
            got = await self._first(call)
            if got is None:
                continue
            if got.accepted:
                return await self.grown(got, source)
            best = further(best, got)
            if number == 0 and await self.doors.leads_nowhere(got):
                other = await self.doors.elsewhere_or_later(got)
                if other is not None and other.accepted:
                    return await self.grown(other, "repaired")
                if other is None:
                    return self._failure(best)
                best = other
            if number + 1 >= BLIND and source != "recording":
                break
        if stale is not None:
            best = further(best, self.attempts.read(stale))
        if best is None:
            return self._failure(None)
        await self._calibrate(best)
        found = await self._mended(best) or await self._others(calls, best)
        return self._failure(best) if found is None else await self.grown(found, "repaired")

    # -- the stages ----------------------------------------------------------------------------

    async def sent(self, call: Call) -> Attempt | None:
        got = await self.attempts.send(call)
        if got is not None:
            self.solver.note_failure(got.answer)
        return got

    async def _first(self, call: Call) -> Attempt | None:
        """What comes of a blind call; without what its lists would gather where that holds it."""
        got = await self.sent(call)
        if got is not None and self.operation.id.safe and not got.accepted:
            return await sooner(self.attempts, got, self.known)
        if got is None or got.answer.rejection is not Rejection.HELD:
            return got
        other = await self.sent(emptied(call, self.known))
        if other is None:
            return got
        lacking = [v for k, v in self.bound.items() if not edits.has(other.call, k)]
        wanted = call_variables(other.call) | variables_in(lacking)
        self.trial.steps = without_idle(self.trial.steps, wanted)
        return replace(other, steps=self.trial.steps)

    async def _calibrate(self, base: Attempt) -> None:
        """Once for the target: how it says what about which field."""
        solver = self.solver
        if solver.calibrated or base.answer.rejection is not Rejection.VALIDATION:
            return
        scalars = [
            k
            for k in edits.present_fields(base.call)
            if k.place is Place.BODY and isinstance(edits.get(base.call, k), (str, int, float))
        ]
        if len(scalars) < CALIBRATED_FIELDS:
            return
        solver.calibrated = True

        async def attempt(call: Call) -> Exchange | None:
            answer = await self.trial.send(call)
            return None if answer is None else answer.exchange

        await calibrate(solver.grammar, attempt, base.call, self.known)
        self.attempts.read_again()

    async def _mended(self, best: Attempt) -> Attempt | None:
        """An accepted attempt after other credentials, values, states, conventions."""
        best = next((a for a in self.attempts.made if a.answer is best.answer), best)
        if best.answer.rejection in (Rejection.AUTHORISATION, Rejection.ELSEWHERE, None):
            other = await self.doors.elsewhere(best)
            if other is None or other.accepted:
                return other
            best = other
        if best.answer.rejection is Rejection.VALIDATION:
            other = await self.doors.elsewhere(best) if self._silent(best) else None
            if other is not None and other.accepted:
                return other
            await self._consult()
        for base in self._bases(best):
            reached = await self.mender.run(base)
            found = reached if reached.accepted else await self._unnamed(reached)
            if found is not None:
                return await self._controlled(found, base)
        return None

    def _silent(self, best: Attempt) -> bool:
        """Whether all answers are alike and name nothing: the door may be the wrong one."""
        return not best.named and all(a.signature == best.signature for a in self.attempts.made)

    async def _consult(self) -> None:
        """Let the operations that show the same resource be asked for the values it has."""
        for other in kin(self.operation.id, self.solver.operations)[:MAX_KIN]:
            found = await self.solver.find(other, self.depth + 1)
            if isinstance(found, Witness):
                self.solver.learn(found)

    async def _controlled(self, found: Attempt, base: Attempt) -> Attempt:
        """What was accepted, or the request before all edits where that is accepted by now, too:
        then time or state did it."""
        if found.call == base.call or found.steps != base.steps:
            return found
        control = await self.attempts.send(base.call, again=True)
        return control if control is not None and control.accepted else found

    def _bases(self, best: Attempt) -> list[Attempt]:
        """The attempts to mend: the best where only the state of what there is stands against it;
        those that name fields, the leanest and the fullest, else the best."""
        naming = [
            a
            for a in self.attempts.made
            if a.named and a.call.token == best.call.token and a.answer.rejection not in DROPPED
        ]
        naming.sort(key=lambda a: len(list(edits.present_fields(a.call))))
        alike = [a for a in self.attempts.made if a.signature == best.signature]
        fullest = max(alike, key=lambda a: len(list(edits.present_fields(a.call))), default=best)
        silent = [best] if fullest is best else [best, fullest]
        ends = [*naming[:1], *naming[-1:]][: len(naming)]
        return [best, *ends] if ends and best.is_untimely else ends or silent

    async def _unnamed(self, base: Attempt) -> Attempt | None:
        """What remains where no edit of a named field helps."""
        kinds, rejection = {c.kind for c in base.complaints}, base.answer.rejection
        if rejection is Rejection.AUTHORISATION:  # asked for only of what is well-formed
            other = await self.doors.elsewhere(base)
            return await self._deeper(other) if other and not other.accepted else other
        stands = rejection is Rejection.CONFLICT or ComplaintKind.STATE in kinds
        around = Surroundings(self)
        if stands or ComplaintKind.REFERENCE in kinds or rejection is Rejection.ABSENCE:
            found = await around.changed(base, stands)
            if found is not None:
                return found
        if stands or ComplaintKind.TAKEN in kinds:
            answer, _ = await self.trial.afresh(base.answer, free_form(base.call, self.operation))
            if answer is not None:
                return self.attempts.read(answer)
        if rejection is not Rejection.VALIDATION or stands:
            return None
        if base.named:
            given = base.named.keys() <= set(self.bound)
            return await around.changed(base, True) if given else None
        return await self._by_convention(base) or await around.changed(base, True)

    async def _by_convention(self, base: Attempt) -> Attempt | None:
        """The request with one convention for all fields of a kind, where nothing is named."""
        signature, limit = base.signature, self.trial.limit
        self.trial.limit = min(limit, len(self.trial.answers) + CONVENTIONS)
        try:
            for call in self._conventions(base):
                got = await self.sent(call)
                if got is None and self.attempts.spent:
                    return None
                if got is None or got.answer.rejection in DROPPED:
                    continue
                if got.accepted:
                    return await shrunk(self.attempts, got, base)
                if got.signature != signature:
                    reached = await self._deeper(got)
                    if reached is not None:
                        return reached
                    signature = got.signature
            return None
        finally:
            self.trial.limit = limit

    def _conventions(self, base: Attempt) -> Iterator[Call]:
        """The request with single fields as they were accepted elsewhere, with every field that no
        request has had so far, then under each convention, then with single fields of those that
        it lacks: what the documents let be left out may be what is missing, or not go with the
        rest."""
        solver, call = self.solver, base.call
        lacking = {k: Candidate(v, "documented") for k, v in self.growth(base).missing()}
        yield from as_accepted(call, lacking, solver.accepted())
        if any(not any(edits.has(a.call, k) for a in self.attempts.made) for k in lacking):
            yield with_edits(call, lacking)
        yield from as_told(self.operation, self.known, call, lacking)
        yield from as_elsewhere(
            self.operation, self.known, call, self.bound, solver.operations, solver.candidates
        )
        yield from worlds(self.known, call, solver.candidates, partial(self._values_of, call))
        for key, candidate in lacking.items():
            yield with_edits(call, {key: candidate})

    def _values_of(self, call: Call, key: FieldKey) -> Iterator[Candidate]:
        """What a field's queue has where it may be the one that is wrong."""
        number = self.trial.account.scope.number()
        subject = Subject(key, self.known.get(key), call, self.operation, number=number)
        return self.solver.values.of(subject, Complaint(key, ComplaintKind.INVALID))

    def growth(self, found: Attempt) -> Growth:
        """What adds the known fields that a request lacks."""
        files = is_multipart(found.call.media_type)
        generator = Generator(self.solver.bench.rng("grow", self.operation.id), files=files)
        return Growth(self.trial, found.answer, generator, self.bound)

    async def _deeper(self, got: Attempt) -> Attempt | None:
        """What comes of an attempt whose answer is a new one, where it comes to an acceptance."""
        if self.deep >= DEEPEST:
            return None
        self.deep += 1
        try:
            reached = await self.mender.run(got)
            return reached if reached.accepted else await self._unnamed(reached)
        finally:
            self.deep -= 1

    async def _others(self, rest: Iterator[tuple[str, Call]], best: Attempt) -> Attempt | None:
        """What else the documents and the generator have."""
        if best.answer.rejection in (Rejection.ABSENCE, Rejection.AUTHORISATION):
            return None
        for _, call in rest:
            got = None if self.attempts.spent else await self.sent(call)
            if got is not None and got.accepted:
                return got
        return None

    async def _ask(self, key: FieldKey, kind: ComplaintKind) -> Sequence[Candidate]:
        """Identifiers that may stand in a field."""
        if key in self.bound:
            return [Candidate(self.bound[key], "given")]
        own = names_itself(key, self.operation.id)  # nobody else's may be called so
        if kind is not ComplaintKind.REFERENCE and (
            own or not identifies(key, self.known.get(key))
        ):
            return []
        return await self.solver.binding.offers(
            key, self.operation, self.trial.steps, dict(self.bound), self.depth
        )

    # -- the end -------------------------------------------------------------------------------

    async def grown(self, found: Attempt, source: str) -> Witness | NoWitness:
        """The witness with as many of the known fields as it bears: more to experiment on."""
        return await Widening(self).witness(found, source)

    async def widened(self, found: Attempt, source: str) -> Witness:
        """The witness of a request that people gave, with as many more of the known fields as it
        bears; what they wrote stays as it is."""
        return await Widening(self).given(found, source)

    def _failure(self, best: Attempt | None) -> NoWitness:
        furthest = best.answer if best is not None else None
        for answer in self.trial.answers:
            furthest = better(furthest, answer)
        return told(self, furthest)
