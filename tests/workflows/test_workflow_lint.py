"""Every slip in a record is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from workflow_samples import RECORD

from checker.documents.workflow import load_record, parse_record
from checker.documents.workflow_lint import lint
from checker.domain.operation import OperationId

KNOWN = (OperationId("POST", "/depots"), OperationId("POST", "/parcels/{depot_id}/labels"))


def told(text: str, **options: object) -> list[str]:
    record, problems = parse_record(text, "r.md")
    found = lint(record, problems, **options)  # type: ignore[arg-type]
    assert all(p.location.file == "r.md" and p.location.line for p in found)
    return [f"{p.location.line} {p.message} {p.mend}" for p in found]


def test_a_good_record_has_no_problems() -> None:
    assert told(RECORD, known_operations=KNOWN) == []


SLIPS = {
    "timesReused: 0": ("timesResued: 0", "no key `timesResued`"),
    "status: skip": ("status: verfied", "is not a status. Is `verified` meant?"),
    'savedAt: "2026-01-01T00:00:00Z"': ("savedAt: yesterday", "`savedAt` is not a date"),
    'endpoint: "POST /parcels/{depot}/labels"': ("endpoint: parcels", "is not an endpoint"),
    '"$.data.uid"': ('"$.data[?(@.uid"', "is not a JSONPath"),
    'depot: "$.data.uid"': ('depot: "data.uid"', "doesn't start with `$`"),
    "onFail: abort": ("onFail: abrot", "is not a value of onFail. Is `abort` meant?"),
    "status: 201": ("status: 2010", "is not an HTTP status"),
    "  - id: print": ("  - id: open_depot", "Two steps have the id open_depot"),
    "Hello {{depot}}": ("Hello {{depto}}", "nothing gives {{depto}}. Give it with --var"),
    "Depot {{now_timestamp}}": ("Depot {{depot}}", "before step open_depot extracts it"),
    "/parcels/{{depot}}/labels": ("/parcels/{depto}/labels", "nothing gives {depto} in its path"),
    '    method: POST\n    path: "/depots"': ("    path: /depots", "has no method"),
    '    path: "/depots"': ("    path: /depos", "is in no document. Is `POST /depots` meant?"),
    "    expect:\n      status: 201": ("    expects:\n      status: 201", "no key `expects`"),
    '"/parcels/{{depot}}/labels"': ('"/parcels/{{depot}}/tags"', "No test step calls POST"),
    "## Test Request": ("## Some Request", "has no test request"),
    '{text: "Hello {{depot}}"}': ("{text: 'Hi {{a b}}'}", "{{a b}} is not a variable"),
}


@pytest.mark.parametrize("good", list(SLIPS))
def test_slips(good: str) -> None:
    bad, words = SLIPS[good]
    assert good in RECORD
    found = told(RECORD.replace(good, bad), known_operations=KNOWN)
    assert any(words in line for line in found), found


def test_given_variables_are_known() -> None:
    text = RECORD.replace("Hello {{depot}}", "Hello {{name}}")
    assert told(text) and told(text, variables=("name",)) == []


def test_unknown_endpoint_only_where_documents_are_known() -> None:
    assert told(RECORD, known_operations=()) == []
    assert any("is in no document" in t for t in told(RECORD, known_operations=KNOWN[:1]))


def test_two_records_of_one_endpoint() -> None:
    first, _ = parse_record(RECORD, "a.md")
    second, _ = parse_record(RECORD, "b.md")
    assert lint(first, records=[first, second]) == ()
    assert "a.md is a record of" in lint(second, records=[first, second])[0].message


def test_a_stale_document_path_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    file = folder / "r.md"
    file.write_text(RECORD, encoding="utf-8")
    record, _ = load_record(file, str(file))
    (problem,) = lint(record)
    assert "parcels.yaml isn't there" in problem.message and problem.location.line == 5
    (tmp_path / "parcels.yaml").write_text("{}", encoding="utf-8")
    assert lint(record) == ()


def test_a_severity_that_is_none() -> None:
    rows = "\n\n## Documentation Fix Suggestions\n\n| Field | Issue | Suggested Fix | Severity |\n"
    text = f"{RECORD}{rows}|--|--|--|--|\n| a | b | c | hugely |\n"
    (line,) = told(text)
    number = text.split("\n").index("| a | b | c | hugely |") + 1
    assert line.startswith(f"{number} 'hugely' is not a severity")


@pytest.mark.parametrize(
    ("called", "known", "meant"),
    [
        ("GET /v1/depos", "GET /v1/depots", True),
        ("GET /v1/depots", "GET /v2/depots", True),
        ("PATCH /depots/{id}", "PUT /depots/{uid}", True),
        ("POST /scheduling/calendars", "POST /scheduling/waitlist", False),
        ("GET /api/v2/availabilities", "GET /v3/scheduling/business_availabilities", False),
        ("GET /v1/depos", "PUT /v1/depots", False),
        ("GET /depots/{id}", "GET /depots/all", False),
    ],
)
def test_an_operation_is_proposed_only_where_it_is_near(
    called: str, known: str, meant: bool
) -> None:
    text = f"---\nendpoint: {called}\n---\n"
    record, _ = parse_record(text, "r.md")
    told_of = [
        problem.mend
        for problem in lint(record, known_operations=[OperationId.parse(known)])
        if "is in no document" in problem.message
    ]
    assert [mend == f"Is `{known}` meant?" for mend in told_of] == [meant]


def test_of_two_that_are_equally_near_none_is_proposed() -> None:
    record, _ = parse_record("---\nendpoint: GET /v1/depots\n---\n", "r.md")
    known = [OperationId("GET", "/v2/depots"), OperationId("GET", "/v3/depots")]
    mends = [p.mend for p in lint(record, known_operations=known) if "no document" in p.message]
    assert mends == ["Mend `endpoint`, or document it."]
