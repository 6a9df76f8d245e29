"""Which findings are one row of a table, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from report_samples import make_finding, make_result

from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.location import Location
from checker.reporting import markdown, terminal
from checker.reporting.rows import grouped


def needed(name: str, status: int = 422, **changes: Any) -> Finding:
    leaf = name.rpartition(".")[2]
    return make_finding(
        operation="POST /sessions",
        field=FindingField("body", name),
        issue=f"`{name}` is documented as optional, but without it the server answers {status}.",
        suggested_fix=f"Document `{leaf}` as required.",
        fingerprint=f"{abs(hash((name, status))):016x}"[:16],
        **changes,
    )


def test_one_sentence_about_several_fields_is_one_row() -> None:
    findings = [needed("room_uid"), needed("host.uid"), needed("guest_uid")]
    (row,) = grouped(findings, {})
    told = row.said
    assert told.issue == (
        "Each of `room_uid`, `host.uid` and `guest_uid` is documented as optional, but without it "
        "the server answers 422."
    )
    assert told.suggested_fix == "Document each of `room_uid`, `uid` and `guest_uid` as required."


def test_a_finding_of_its_own_says_what_it_says() -> None:
    (row,) = grouped([needed("room_uid")], {})
    assert row.said == needed("room_uid")


@pytest.mark.parametrize(
    "other",
    [
        needed("host_uid", status=400),
        needed("host_uid", severity=Severity.MINOR),
        replace(needed("host_uid"), operation="PUT /sessions"),
        replace(needed("host_uid"), rule="field-ignored"),
        replace(needed("host_uid"), field=FindingField("query", "host_uid")),
        replace(needed("host_uid"), suggested_fix="Document `host_uid`; `host_uid` is needed."),
        replace(needed("host_uid"), issue="It is needed."),
    ],
)
def test_what_differs_in_more_than_the_name_stands_alone(other: Finding) -> None:
    assert len(grouped([needed("room_uid"), other], {})) == 2


def test_what_is_known_and_what_is_new_are_two_rows() -> None:
    known, new = needed("room_uid"), needed("host_uid")
    assert len(grouped([known, new], {known.fingerprint: "known", new.fingerprint: "new"})) == 2


def test_each_finding_of_a_row_keeps_its_evidence() -> None:
    findings = (needed("room_uid"), needed("host_uid"))
    page = markdown.render(make_result(findings=findings))
    assert page.count("| `POST /sessions` `room_uid`, `host_uid` | Each of") == 1
    assert all(f"evidence/{finding.fingerprint}.md" in page for finding in findings)


def flaw(file: str, operation: str = "", **changes: Any) -> Finding:
    """A mistake of a document; `copied` ones say the same in every file."""
    values: dict[str, Any] = {
        "rule": "spec-invalid",
        "operation": operation,
        "field": FindingField("document"),
        "issue": "The document has `components`, which Swagger 2.0 doesn't know there.",
        "suggested_fix": "Move them to `definitions`.",
        "source": Location(file, "/components"),
        "fingerprint": f"{abs(hash((file, operation))):016x}"[:16],
        "evidence": (),
    }
    return make_finding(**{**values, **changes})


def test_the_same_flaw_in_many_files_is_one_row_that_names_them() -> None:
    findings = [flaw("a.json"), flaw("b.json"), flaw("c.json")]
    page = markdown.render(make_result(findings=findings))
    table = page.partition("## All findings")[2].partition("## Documents")
    assert table[0].count("doesn't know there") == table[2].count("doesn't know there") == 1
    assert "In `a.json`, `b.json` and `c.json`." in table[0]
    for finding in findings:
        assert f"{finding.fingerprint}`" in table[2] and finding.source is not None
        assert f"documented at `{finding.source.file}`" in table[2]


def test_a_terminal_shows_one_row_and_counts_the_places() -> None:
    shown = terminal.render(make_result(findings=[flaw("a.json"), flaw("b.json"), flaw("c.json")]))
    assert shown.count("components") == 1
    assert "a.json and 2 more places" in shown
    assert "3 findings" in shown


def test_the_same_flaw_of_several_operations_names_them() -> None:
    findings = [flaw("a.json", "GET /rooms"), flaw("a.json", "GET /hosts")]
    (row,) = grouped(findings, {})
    assert row.said.also_operations == ("GET /rooms", "GET /hosts")
    assert row.said.issue == findings[0].issue


def test_files_without_end_are_counted() -> None:
    (row,) = grouped([flaw(f"{number}.json") for number in range(30)], {})
    assert "`19.json` and 10 more." in row.said.issue


def test_what_each_operation_does_with_a_field_is_told_of_each() -> None:
    findings = [replace(needed("room_uid"), operation=name) for name in ("PUT /a", "POST /a")]
    assert len(grouped(findings, {})) == 2


def test_an_answer_that_all_operations_have_is_one_row() -> None:
    def plain(operation: str, seen: int, **changes: Any) -> Finding:
        values: dict[str, Any] = {
            "rule": "content-type-mismatch",
            "operation": operation,
            "field": FindingField("response", "", 401),
            "documented": ["application/json"],
            "observed": "text/plain",
            "issue": f"A 401 comes as `text/plain` in all {seen} responses seen.",
            "suggested_fix": "Add `text/plain`.",
        }
        return make_finding(**{**values, **changes})

    findings = [plain("GET /a", 2), plain("GET /b", 5), plain("GET /c", 2, observed="text/html")]
    assert [len(row.findings) for row in grouped(findings, {})] == [2, 1]


@pytest.mark.parametrize(
    "other",
    [
        flaw("b.json", severity=Severity.CRITICAL),
        flaw("b.json", suggested_fix="Delete it."),
        flaw("b.json", issue="The document has `host`, which OpenAPI 3.0 doesn't know there."),
        flaw("b.json", target="staging"),
    ],
)
def test_another_flaw_is_another_row(other: Finding) -> None:
    assert len(grouped([flaw("a.json"), other], {})) == 2
