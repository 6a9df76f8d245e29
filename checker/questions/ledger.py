"""The ledger of one operation's questions: pure bookkeeping, nothing is asked here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from checker.domain.asked import Asked
from checker.domain.operation import Field, FieldKey


class EntryState(StrEnum):
    """Where an entry stands."""

    OPEN = "open"
    DECIDED = "decided"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why a question isn't decided; as reports say it."""

    NO_VALUE = "no accepted value is known"
    GROUND_MOVED = "the unchanged request was no longer accepted"
    BUDGET = "the budget was used up"
    NOT_OBSERVABLE = "no answer shows it"
    CLOSED_SET = "explained by the closed set of its values"
    UNSETTLED = "the answers didn't decide it"
    SPARED = "a value wasn't sent, as it may do harm"
    NOT_CHOSEN = "no rule that the run is about is decided by it"


@dataclass(frozen=True, slots=True)
class Question:
    """What one kind asks about one field of the operation."""

    kind: str
    subject: FieldKey


@dataclass(frozen=True, slots=True)
class Entry:
    """A question, the field as it is documented, and what became of it."""

    question: Question
    field: Field
    worth: float
    state: EntryState = EntryState.OPEN
    reason: Reason | None = None


class Ledger:
    """The entries of an operation by question, in the order in which they were filled in."""

    def __init__(self) -> None:
        self._entries: dict[Question, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Enter a question; one that is there already stays as it is."""
        self._entries.setdefault(entry.question, entry)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __getitem__(self, question: Question) -> Entry:
        return self._entries[question]

    def decide(self, question: Question) -> None:
        """The observations say what holds."""
        self._set(question, EntryState.DECIDED, None)

    def leave(self, question: Question, reason: Reason) -> None:
        """The question can't be decided, or not yet."""
        self._set(question, EntryState.UNDECIDED, reason)

    def leave_open(self, reason: Reason) -> None:
        """Leave every question that is still open."""
        for entry in list(self):
            if entry.state is EntryState.OPEN:
                self.leave(entry.question, reason)

    def next(self) -> Entry | None:
        """The open question of the most worth; None where none is open."""
        open_ = [e for e in self if e.state is EntryState.OPEN]
        return max(open_, key=lambda e: e.worth, default=None)

    def counts(self, drifts: Callable[[Question], bool]) -> Mapping[str, Asked]:
        """What became of the questions, by kind; `drifts` says of which a finding tells."""
        kinds = dict.fromkeys(e.question.kind for e in self)
        return {
            kind: _count([e for e in self if e.question.kind == kind], drifts) for kind in kinds
        }

    def _set(self, question: Question, state: EntryState, reason: Reason | None) -> None:
        self._entries[question] = replace(self._entries[question], state=state, reason=reason)


def _count(entries: Iterable[Entry], drifts: Callable[[Question], bool]) -> Asked:
    found: Counter[bool] = Counter()
    undecided: Counter[str] = Counter()
    left: list[str] = []
    unasked = 0
    for entry in entries:
        # What a finding tells of is decided, whoever decided it.
        differs = drifts(entry.question)
        if differs or entry.state is EntryState.DECIDED:
            found[differs] += 1
        elif entry.reason is Reason.NOT_CHOSEN:
            unasked += 1
        else:
            undecided[(entry.reason or Reason.UNSETTLED).value] += 1
            left.append(entry.question.subject.name)
    return Asked(found[False], found[True], dict(sorted(undecided.items())), tuple(left), unasked)
