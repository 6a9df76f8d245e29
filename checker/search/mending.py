"""The mending of a refused request: all named complaints are answered in one request, and an edit
stays where nothing is said about its field any more, or something new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.planning import edits
from checker.search.attempts import DROPPED, Attempt, Attempts
from checker.search.complaints import Complaint, ComplaintKind, Complaints
from checker.search.memory import Memory
from checker.search.steps import merge_steps
from checker.search.values import Candidate, Subject, Values

Mark = tuple[ComplaintKind, str]
Ask = Callable[[FieldKey, ComplaintKind], Awaitable[Sequence[Candidate]]]
"""Gives the identifiers that may stand in a field."""


def mark_of(complaint: Complaint) -> Mark:
    """What tells whether a field has met a complaint before."""
    return (complaint.kind, complaint.skeleton)


def _wording(complaint: Complaint) -> str:
    """What is said, whatever it means: `missing or no string` says the same of an absent value
    and of a wrong one."""
    return complaint.skeleton or complaint.kind.value


@dataclass(slots=True)
class Mender:
    """Answers the complaints about one operation's request, round by round."""

    attempts: Attempts
    values: Values
    memory: Memory
    known: Mapping[FieldKey, Field]
    ask: Ask
    shown: Callable[[FieldKey], Field | None] = lambda key: None
    """What answers tell of a field that no request is documented to have."""
    fixed: frozenset[FieldKey] = frozenset()
    """Fields that no edit may touch."""
    patience: int = 99
    """Values that are tried for a field that may be left out, before it is."""
    spare: frozenset[FieldKey] = frozenset()
    """Fields that may be left out."""
    tried: dict[FieldKey, list[str]] = field(default_factory=dict)
    """What was tried for each field."""
    _queues: dict[tuple[FieldKey, Mark], Iterator[Candidate]] = field(default_factory=dict)
    _met: dict[FieldKey | None, set[str]] = field(default_factory=dict)
    """What was said about each field on the way here: nothing of it is a step further."""
    _alone: bool = False
    """Whether fields are edited one at a time, since several together brought a failure."""

    async def run(self, base: Attempt) -> Attempt:
        """The attempt that got furthest: accepted, or one whose complaints are all spent."""
        while not base.accepted and not self.attempts.spent:
            for complaint in base.complaints:
                if complaint.field is not None:
                    self._met.setdefault(complaint.field, set()).add(_wording(complaint))
            named = {k: c for k, c in base.named.items() if k not in self.fixed}
            chosen = await self._chosen(base, named)
            if not chosen:
                break
            base = await self._round(base, named, chosen)
        return base

    async def _chosen(
        self, base: Attempt, named: Mapping[FieldKey, Complaint]
    ) -> dict[FieldKey, Candidate]:
        """The next value of each complained field; none inside another one that is chosen."""
        chosen: dict[FieldKey, Candidate] = {}
        for key, complaint in named.items():
            if any(_inside(key, other) for other in chosen):
                continue
            candidate = await self._next(base, key, complaint)
            if candidate is not None:
                chosen[key] = candidate
                if self._alone:
                    break
        return chosen

    async def _next(self, base: Attempt, key: FieldKey, complaint: Complaint) -> Candidate | None:
        slot = (key, mark_of(complaint))
        queue = self._queues.get(slot)
        if queue is None:
            queue = self._queues[slot] = await self._queue(base, key, complaint)
        tried = self.tried.setdefault(key, [])
        spare = key in self.spare and edits.has(base.call, key)
        if spare and len(tried) >= self.patience and repr(MISSING) not in tried:
            tried.append(repr(MISSING))  # once: what was sent before brings nothing new
            return Candidate(MISSING, "absent")
        for candidate in queue:
            shown = repr(candidate.value)
            if shown not in tried:
                tried.append(shown)
                return candidate
        return None

    async def _queue(
        self, base: Attempt, key: FieldKey, complaint: Complaint
    ) -> Iterator[Candidate]:
        trial = self.attempts.trial
        given = tuple(await self.ask(key, complaint.kind))
        number = trial.account.scope.number()
        about = self.known.get(key) or self.shown(key)
        subject = Subject(key, about, base.call, trial.operation, given, number)
        return self.values.of(subject, complaint)

    async def _round(
        self,
        base: Attempt,
        named: Mapping[FieldKey, Complaint],
        chosen: Mapping[FieldKey, Candidate],
    ) -> Attempt:
        """The base after one request: with the edits that stood the test."""
        call = with_edits(base.call, chosen)
        before = self.attempts.trial.steps
        steps = with_steps(before, chosen.values())
        if steps != before:
            self.attempts.trial.use_steps(steps)
        got = await self.attempts.send(call)
        if got is None or got.answer.rejection in DROPPED:
            self._back(before)
            if len(chosen) > 1:
                self._alone = True
                self._forget(chosen)
            return base
        if got.accepted:
            self._note(named, chosen, set(chosen))
            return got
        got = replace(got, complaints=_of_edited(base, got, chosen))
        kept = {k for k in chosen if self._stands(k, got, base)}
        self._note(named, chosen, kept)
        if kept == set(chosen):
            return got
        if not kept:
            self._back(before)
            return replace(base, complaints=self._merged(base, got, chosen))
        staying = {k: c for k, c in chosen.items() if k in kept}
        mended = replace(got.answer, call=with_edits(base.call, staying))
        return replace(got, answer=mended)

    def _forget(self, chosen: Mapping[FieldKey, Candidate]) -> None:
        """What was tried beside others that may be at fault is to be tried again, alone."""
        for key, candidate in chosen.items():
            self.tried[key].remove(repr(candidate.value))
        self._queues.clear()

    def _back(self, steps: tuple[Step, ...]) -> None:
        if self.attempts.trial.steps != steps:
            self.attempts.trial.use_steps(steps)

    def _stands(self, key: FieldKey, got: Attempt, base: Attempt) -> bool:
        """Whether an edit is kept: no complaint about its field is left, or one that is new."""
        left = [c for c in got.complaints if c.field is not None and _same(c.field, key)]
        if not left:
            return not (got.answer.rejection is Rejection.ABSENCE and self._sank(base))
        own = [c for c in left if c.field == key]
        return not any(self._is_met(c) or c.kind is ComplaintKind.UNKNOWN for c in own)

    def _is_met(self, complaint: Complaint) -> bool:
        return _wording(complaint) in self._met.get(complaint.field, set())

    def _merged(
        self, base: Attempt, got: Attempt, chosen: Mapping[FieldKey, Candidate]
    ) -> Complaints:
        """What is complained about now: of the edited fields, what the last answer says of them,
        unless that leads back to where the base has been before."""
        here = {(c.field, _wording(c)) for c in base.complaints}
        newer = frozenset(
            c
            for c in got.complaints
            if c.field in chosen and ((c.field, _wording(c)) in here or not self._is_met(c))
        )
        about = {c.field for c in newer}
        return newer | frozenset(c for c in base.complaints if c.field not in about)

    @staticmethod
    def _sank(base: Attempt) -> bool:
        return base.answer.rejection is Rejection.CONFLICT

    def _note(
        self,
        named: Mapping[FieldKey, Complaint],
        chosen: Mapping[FieldKey, Candidate],
        kept: set[FieldKey],
    ) -> None:
        for key, candidate in chosen.items():
            self.memory.note(candidate.source, named[key].kind, key in kept)


def _of_edited(base: Attempt, got: Attempt, chosen: Mapping[FieldKey, Candidate]) -> Complaints:
    """The complaints, new ones that name a field whose namesake was edited as that one's."""
    before = {(c.field, _wording(c)) for c in base.complaints}

    def of(complaint: Complaint) -> Complaint:
        key = complaint.field
        if key is None or key in chosen or (key, _wording(complaint)) in before:
            return complaint
        meant = [k for k in chosen if k in complaint.mentions and k.leaf == key.leaf]
        return replace(complaint, field=meant[0]) if len(meant) == 1 else complaint

    return frozenset(map(of, got.complaints))


def with_edits(call: Call, chosen: Mapping[FieldKey, Candidate]) -> Call:
    """The call with the values set, those to leave out last."""
    for key, candidate in chosen.items():
        if candidate.value is not MISSING:
            call = edits.put(call, key, candidate.value)
            if key.place is Place.BODY and call.media_type is None:
                call = replace(call, media_type="application/json")
    return edits.remove(call, *(k for k, c in chosen.items() if c.value is MISSING))


def with_steps(steps: tuple[Step, ...], chosen: Iterable[Candidate]) -> tuple[Step, ...]:
    """The steps with those that the candidates need."""
    for candidate in chosen:
        if candidate.steps:
            steps = merge_steps(steps, candidate.steps)
    return steps


def _inside(key: FieldKey, other: FieldKey) -> bool:
    return key.place is other.place and key.name.startswith((f"{other.name}.", f"{other.name}["))


def _same(named: FieldKey, key: FieldKey) -> bool:
    """Whether a complaint's field is the edited one, its item, or what encloses it."""
    bare, other = named.name.replace("[]", ""), key.name.replace("[]", "")
    return named.place is key.place and (bare == other or _inside(named, key))
