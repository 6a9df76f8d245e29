"""A run against what was known before."""

from __future__ import annotations

import pytest
from report_samples import make_finding, make_result

from checker.domain.finding import FindingField
from checker.errors import UsageError
from checker.ranking import compare, group, load_baseline, write_baseline
from checker.ranking.baseline import examined_with, load_examined
from checker.settings import Settings


def test_known_new_and_fixed() -> None:
    gone = make_finding(operation="POST /things", field=FindingField("body", "gone"))
    before = group([make_finding(), gone])
    known = load_baseline(write_baseline(before), "b.json")
    now = group([make_finding(), make_finding(operation="POST /messages")])
    result = compare(make_result(findings=now), known, "b.json", Settings())
    assert result.baseline is not None
    assert len(result.baseline.known) == len(result.baseline.new) == 1
    assert [k.field for k in result.baseline.fixed] == ["gone"]
    assert result.baseline.unchecked == ()


@pytest.mark.parametrize(
    ("operation", "settings"),
    [
        ("DELETE /things/{id}", Settings()),  # skipped in this run
        ("GET /things", Settings()),  # examined partly
        ("GET /things/{id}", Settings()),  # without a witness
        ("POST /elsewhere", Settings()),  # not selected
        ("POST /things", Settings(ignore=("required-*",))),
        ("POST /things", Settings(rules=("enum-*",))),
    ],
)
def test_what_was_not_looked_for_is_not_fixed(operation: str, settings: Settings) -> None:
    known = load_baseline(write_baseline(group([make_finding(operation=operation)])), "b.json")
    result = compare(make_result(findings=()), known, "b.json", settings)
    assert result.baseline is not None
    assert result.baseline.fixed == ()
    assert len(result.baseline.unchecked) == 1


def test_writing_is_stable() -> None:
    findings = group([make_finding(), make_finding(operation="GET /a")])
    assert write_baseline(findings) == write_baseline(reversed(findings))


@pytest.mark.parametrize("text", ["", "[]", '{"findings": []}', '{"baseline_version": 9}', "nul"])
def test_other_files_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match=r"b\.json"):
        load_baseline(text, "b.json")


def test_it_remembers_what_was_examined() -> None:
    result = make_result()
    examined = examined_with(result, ("GET /elsewhere", "DELETE /things/{id}"))
    # What this run was about is as this run says; the rest stays.
    assert examined == (
        "GET /elsewhere",
        "GET /ok",
        "GET /things",
        "POST /messages",
        "POST /things",
    )
    assert load_examined(write_baseline((), examined=examined)) == examined
    assert load_examined('{"baseline_version": 1, "findings": []}') == ()
