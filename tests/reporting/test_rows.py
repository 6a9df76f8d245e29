"""Which findings are one row of a table, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from report_samples import make_finding, make_result

from checker.domain.finding import Finding, FindingField, Severity
from checker.reporting import markdown
from checker.reporting.rows import as_one, grouped


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
    told = as_one(row)
    assert told.issue == (
        "Each of `room_uid`, `host.uid` and `guest_uid` is documented as optional, but without it "
        "the server answers 422."
    )
    assert told.suggested_fix == "Document each of `room_uid`, `uid` and `guest_uid` as required."


def test_a_finding_of_its_own_says_what_it_says() -> None:
    (row,) = grouped([needed("room_uid")], {})
    assert as_one(row) == needed("room_uid")


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
