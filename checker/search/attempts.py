"""Tries of one operation with what their answers complain about, each request sent once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from checker.domain.exchange import Call, Failure
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.encoding import path_parameters
from checker.probing.trial import Answer, Trial, rank
from checker.search.complaints import Complaint, ComplaintKind, Complaints
from checker.search.grammar import Grammar

DROPPED = (
    Rejection.SERVER_ERROR,
    Rejection.TRANSPORT,
    Rejection.RATE,
    Rejection.ELSEWHERE,
    Rejection.HELD,
)
"""Answers that say nothing about the request's values."""
FAILURES = (Rejection.SERVER_ERROR, Rejection.TRANSPORT, Rejection.RATE)
"""Those of them that may come for every request."""
PASSING_RETRIES = 4
MEDIA_TYPE = 415
"""The status that speaks of the body's type."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer and what it complains about. `steps` ran before it."""

    answer: Answer
    complaints: Complaints
    steps: tuple[Step, ...] = ()

    @property
    def call(self) -> Call:
        return self.answer.call

    @property
    def accepted(self) -> bool:
        return self.answer.accepted

    @property
    def named(self) -> Mapping[FieldKey, Complaint]:
        """The complaints that an edit of the field they name may answer, by field."""
        found: dict[FieldKey, Complaint] = {}
        for complaint in sorted(self.complaints, key=_order):
            if complaint.field is not None and complaint.kind is not ComplaintKind.STATE:
                found.setdefault(complaint.field, complaint)
        return found

    @property
    def is_of_state(self) -> bool:
        """Whether the state of what there is stands against the request, which may be named."""
        kinds = {c.kind for c in self.complaints}
        stands = self.answer.rejection is Rejection.CONFLICT or ComplaintKind.STATE in kinds
        return stands and ComplaintKind.TAKEN not in kinds

    @property
    def is_untimely(self) -> bool:
        """Whether nothing but the state of what there is stands against the request."""
        return self.is_of_state and not self.named

    @property
    def signature(self) -> tuple[object, ...]:
        """What the answer says, but for names, numbers and what was sent."""
        said = frozenset((c.field, c.kind, c.skeleton) for c in self.complaints)
        return (self.answer.status, self.answer.rejection, said)


def _order(complaint: Complaint) -> tuple[int, str, str]:
    kinds = list(ComplaintKind)
    return (kinds.index(complaint.kind), str(complaint.field), complaint.skeleton)


@dataclass(slots=True)
class Weather:
    """Whether failures of a target pass: they are waited for then."""

    passing: bool = False

    @property
    def retries(self) -> int:
        """How often a failure is worth the same request again."""
        return PASSING_RETRIES if self.passing else 1


@dataclass(slots=True)
class Attempts:
    """Sends what hasn't been sent yet and reads the answers."""

    trial: Trial
    grammar: Grammar
    known: Mapping[FieldKey, Field]
    weather: Weather = field(default_factory=Weather)
    made: list[Attempt] = field(default_factory=list)
    needed: set[FieldKey] = field(default_factory=set)
    """Fields whose absence was complained about."""
    shown: Sequence[FieldKey] = ()
    """Fields that only answers are documented to have."""

    @property
    def spent(self) -> bool:
        return self.trial.spent

    async def send(self, call: Call, *, again: bool = False) -> Attempt | None:
        """The attempt of a call after the present steps; None where it was made before (unless
        `again`) or can't be made."""
        steps = self.trial.steps
        if not again and self.earlier(call) is not None:
            return None
        if self.spent:
            return None
        answer = await self._sent(call)
        return None if answer is None else self.read(answer, steps)

    def earlier(self, call: Call) -> Attempt | None:
        """The attempt of a call after the present steps that was made already, if one was."""
        steps = self.trial.steps
        return next((a for a in self.made if a.call == call and a.steps == steps), None)

    async def _sent(self, call: Call) -> Answer | None:
        """The answer, asked for again where a failure may pass; how often it did is counted. What
        wasn't answered in time has been sent again already."""
        failures: list[Rejection | None] = []
        answer = await self.trial.send(call)
        while answer is not None and answer.rejection in FAILURES:
            late = isinstance(o := answer.exchange.outcome, Failure) and o.kind == "timeout"
            if late or len(failures) == self.weather.retries:
                return answer
            failures.append(answer.rejection)
            answer = await self.trial.send(call)
        if answer is not None and (failures or answer.accepted):
            self.weather.passing |= bool(failures)
            self.trial.bench.controls.passed(*failures)
        return answer

    def read(self, answer: Answer, steps: tuple[Step, ...] | None = None) -> Attempt:
        """What an answer says, kept."""
        found: Complaints = frozenset()
        if not answer.accepted and answer.sent is not None and answer.rejection not in DROPPED:
            found = self.grammar.parse(
                answer.exchange, answer.sent, self.known, answer.rejection, self.shown
            )
            found = self._in_place(answer.sent, found) | self._of_path(answer, found)
        attempt = Attempt(answer, found, self.trial.steps if steps is None else steps)
        self.made.append(attempt)
        return attempt

    def _in_place(self, sent: Call, found: Complaints) -> Complaints:
        """What is missed where it isn't may be there: its value isn't known then, not the field."""
        unknown = ComplaintKind.UNKNOWN
        self.needed |= {
            c.field
            for c in found
            if c.field is not None
            and not edits.has(sent, c.field)
            and (c.kind is ComplaintKind.MISSING or (c.kind is unknown and c.field in self.known))
        }
        return frozenset(
            replace(c, kind=ComplaintKind.INVALID)
            if c.kind is unknown and c.field in self.needed
            else c
            for c in found
        )

    def _of_path(self, answer: Answer, found: Complaints) -> Complaints:
        """Nothing there under a path's value that no answer gave is a complaint about it."""
        if answer.rejection is not Rejection.ABSENCE or any(c.field for c in found):
            return frozenset()
        guessed = [
            FieldKey(Place.PATH, name)
            for name in path_parameters(answer.call.operation.path)
            if "{{" not in str(answer.call.path.get(name, ""))
        ]
        return frozenset(Complaint(k, ComplaintKind.REFERENCE, skeleton="path") for k in guessed)

    def read_again(self) -> None:
        """Read all answers once more, when the grammar has learned something."""
        made, self.made = self.made, []
        for attempt in made:
            self.read(attempt.answer, attempt.steps)


def further(best: Attempt | None, got: Attempt) -> Attempt:
    """Which of two refused attempts got further, the earlier one of equals."""
    return got if best is None or _reach(got) > _reach(best) else best


def _reach(got: Attempt) -> tuple[int, bool]:
    """How far a refused request got: what refuses the body's type has read nothing of it."""
    return (rank(got.answer.rejection), got.answer.status != MEDIA_TYPE)
