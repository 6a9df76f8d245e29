"""What reports say of the questions that were asked."""

from __future__ import annotations

import json

from documented import operation, schema
from report_samples import make_finding, make_result

from checker.domain.asked import Asked
from checker.domain.finding import FindingField
from checker.domain.location import Location
from checker.domain.observation import OperationOutcome
from checker.domain.operation import Field, FieldKey, OperationId, Place
from checker.pipeline.journal import LiveResult
from checker.pipeline.question_counts import with_questions
from checker.questions.ledger import Entry, Ledger, Question, Reason
from checker.reporting.json_report import from_json, report_json
from checker.reporting.summary import coverage_line

THINGS = OperationId("POST", "/things")
COUNTS = {"format": Asked(3, 1, {"no accepted value is known": 2}), "bound": Asked(4, 0)}


def test_counts_stand_in_the_report_and_are_read_back() -> None:
    outcome = OperationOutcome(THINGS, "probed", requests=9, questions=COUNTS)
    result = make_result(operations=(outcome,))
    shown = json.loads(json.dumps(report_json(result)))
    assert shown["operations"][0]["coverage"]["format"] == {
        "asked": 6,
        "agrees": 3,
        "drifts": 1,
        "undecided": {"no accepted value is known": 2},
    }
    assert shown["run"]["coverage"]["questions"] == {
        "asked": 10,
        "agree": 7,
        "drift": 1,
        "undecided": {"no accepted value is known": 2},
    }
    assert from_json(shown).operations[0].questions == COUNTS


def test_one_line_tells_them() -> None:
    outcome = OperationOutcome(THINGS, "probed", questions=COUNTS)
    line = coverage_line(make_result(operations=(outcome,)))
    assert line.endswith("Of 10 questions, 7 are answered as documented, 1 otherwise, 2 not.")
    bare = coverage_line(make_result(operations=(OperationOutcome(THINGS, "probed"),)))
    assert "questions" not in bare


def test_a_finding_tells_of_which_questions_the_documents_are_wrong() -> None:
    documented = operation({"type": "object"}).location
    ledger, text = Ledger(), schema({"type": "string"})
    for name in ("kind", "name"):
        key = FieldKey(Place.BODY, name)
        field = Field(key, False, text, documented, Location(""))
        ledger.add(Entry(Question("required", key), field, 1.0))
        ledger.decide(Question("required", key))
    key = FieldKey(Place.BODY, "kind")
    ledger.add(Entry(Question("bound", key), Field(key, False, text, documented, documented), 1.0))
    ledger.leave_open(Reason.BUDGET)
    live = LiveResult(ledgers={THINGS: ledger})
    outcomes = (
        OperationOutcome(THINGS, "probed"),
        OperationOutcome(OperationId("GET", "/x"), "probed"),
    )
    told = make_finding(also_operations=("POST /others",))
    other = make_finding(field=FindingField("query", "name"))
    counted, untouched = with_questions(outcomes, [live], [told, other])
    assert counted.questions == {
        "required": Asked(1, 1),
        "bound": Asked(0, 0, {Reason.BUDGET.value: 1}, ("kind",)),
    }
    assert untouched.questions == {}
