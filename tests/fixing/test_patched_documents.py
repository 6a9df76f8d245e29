"""What patches make of documents: valid ones, with nothing else changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documented import operation
from observed import replaced
from valid_documents import errors

from checker.domain.observation import Observation, ObservedContract
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.enum_undocumented import EnumUndocumented
from checker.fixing.apply import by_file, fix_text
from checker.fixing.plan import Sequencer
from checker.reporting.json_report import from_json

ROOT = Path(__file__).parents[2]


def test_the_fixes_of_a_report_leave_the_documents_valid() -> None:
    report = json.loads((ROOT / "reports" / "example" / "report.json").read_text("utf-8"))
    patched = by_file(from_json(report).findings)
    assert patched
    for file, findings in patched.items():
        before = (ROOT / file).read_text("utf-8")
        fixed = fix_text(file, before, findings)
        assert fixed.after != before
        assert errors(fixed.after) <= errors(before)


@pytest.mark.parametrize("name", ["required", "enum"])
def test_a_list_that_may_not_be_empty_goes_with_its_last_entry(name: str) -> None:
    steps = Sequencer({name: ["a", "b"], "x": 1})
    for number in (0, 1):
        patch = [{"op": "remove", "path": f"/{name}/{number}"}]
        steps.accept(patch, steps.operations(patch))
    assert steps.current == {"x": 1}


def test_another_list_may_be_empty() -> None:
    steps = Sequencer({"security": [{"key": []}]})
    patch = [{"op": "remove", "path": "/security/0"}]
    steps.accept(patch, steps.operations(patch))
    assert steps.current == {"security": []}


def test_the_set_of_a_parameter_stands_in_its_schema() -> None:
    """In OpenAPI 3 a parameter has a schema of its own; there belongs what is said of values."""
    key = FieldKey(Place.QUERY, "level")
    documented = operation(query={"level": {"type": "string"}})
    schema = documented.fields[key].schema.location.pointer
    assert schema != documented.fields[key].location.pointer

    def seen(value: str, role: str) -> Observation:
        accepted = role != "nonsense"
        return replaced(key, value, role, accepted=accepted, id=documented.id, witness="low")

    observed = [seen("low", "candidate"), seen("high", "candidate")]
    observed += [seen(text, "nonsense") for text in ("zqccbkcb", "zqavjm")]
    case = Case(documented.id, ObservedContract(documented.id, tuple(observed)), documented)
    (found,) = EnumUndocumented().check(case)
    assert [step["path"] for step in found.patch] == [f"{schema}/enum"]
