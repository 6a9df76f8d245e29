"""The bookkeeping of questions."""

from __future__ import annotations

from documented import schema

from checker.domain.asked import Asked, together
from checker.domain.location import Location
from checker.domain.operation import Field, FieldKey, Place
from checker.questions.ledger import Entry, EntryState, Ledger, Question, Reason

HERE = Location("")


def entry(name: str, kind: str = "format", worth: float = 1.0) -> Entry:
    key = FieldKey(Place.BODY, name)
    field = Field(key, False, schema({"type": "string"}), HERE, HERE)
    return Entry(Question(kind, key), field, worth)


def test_the_open_question_of_the_most_worth_is_next() -> None:
    ledger = Ledger()
    for one in (entry("a", worth=0.1), entry("b", worth=0.9), entry("c", worth=0.5)):
        ledger.add(one)
    first = ledger.next()
    assert first is not None and first.question.subject.name == "b"
    ledger.decide(first.question)
    second = ledger.next()
    assert second is not None and second.question.subject.name == "c"


def test_a_question_that_is_there_stays_as_it_is() -> None:
    ledger, one = Ledger(), entry("a")
    ledger.add(one)
    ledger.decide(one.question)
    ledger.add(entry("a"))
    assert ledger[one.question].state is EntryState.DECIDED


def test_what_is_left_says_why_and_what_is_decided_stays() -> None:
    ledger = Ledger()
    first, second, third = entry("a"), entry("b"), entry("c")
    for one in (first, second, third):
        ledger.add(one)
    ledger.decide(first.question)
    ledger.leave(second.question, Reason.NO_VALUE)
    ledger.leave_open(Reason.BUDGET)
    assert [(e.state, e.reason) for e in ledger] == [
        (EntryState.DECIDED, None),
        (EntryState.UNDECIDED, Reason.NO_VALUE),
        (EntryState.UNDECIDED, Reason.BUDGET),
    ]
    assert ledger.next() is None


def test_counts_by_kind() -> None:
    ledger = Ledger()
    every = [entry("a"), entry("b"), entry("c"), entry("d", "bound"), entry("e")]
    for one in every:
        ledger.add(one)
    ledger.decide(every[0].question)
    ledger.decide(every[1].question)
    ledger.leave(every[2].question, Reason.NO_VALUE)
    ledger.leave(every[3].question, Reason.BUDGET)
    ledger.leave(every[4].question, Reason.UNSETTLED)
    # What a finding tells of differs, whatever became of the question itself.
    told = {every[1].question, every[4].question}
    counts = ledger.counts(lambda asked: asked in told)
    assert counts == {
        "format": Asked(1, 2, {Reason.NO_VALUE.value: 1}, ("c",)),
        "bound": Asked(0, 0, {Reason.BUDGET.value: 1}, ("d",)),
    }
    assert counts["format"].asked == 4 and counts["format"].decided == 3
    both = together(counts.values())
    assert (both.agrees, both.drifts) == (1, 2)
    assert both.undecided == {Reason.BUDGET.value: 1, Reason.NO_VALUE.value: 1}
