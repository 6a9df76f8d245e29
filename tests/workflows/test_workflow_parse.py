"""Records in every shape that people write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_samples import RECORD

from checker.documents.portal import load_portal
from checker.documents.workflow import load_record, looks_like_record, parse_record
from checker.documents.workflow_lint import lint
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Record
from checker.settings import Settings


def text_of(record: Record) -> str:
    return "".join(h + t for h, t in record.sections)


def steps(yaml: str, front: str = "endpoint: GET /x") -> tuple[Record, list[str]]:
    record, problems = parse_record(
        f"---\n{front}\n---\n## Test Request\n```yaml\n{yaml}\n```\n", "r.md"
    )
    return record, [f"{p.location.line}: {p.message}" for p in problems]


def test_whole_record() -> None:
    record, problems = parse_record(RECORD, "r.md")
    assert problems == ()
    assert record.endpoint == OperationId("POST", "/parcels/{depot}/labels")
    assert record.tokens == ("clerk",)
    assert record.front_matter["skipReason"] == "needs a depot: with a printer"
    (before,), (main,) = record.prerequisites, record.test_steps
    assert before.extract == {"depot": "$.data.uid"}
    assert before.expect_status == (200, 201)
    assert before.location.line == RECORD.split("\n").index("  - id: open_depot") + 1
    assert main.operation == record.endpoint and before.operation is None
    assert main.body == {"text": "Hello {{depot}}"}
    assert text_of(record) == RECORD


@pytest.mark.parametrize("change", ["crlf", "bom", "utf16", "setext", "bold", "numbered", "tight"])
def test_same_record_in_other_clothes(change: str, tmp_path: Path) -> None:
    text = {
        "crlf": RECORD.replace("\n", "\r\n"),
        "bom": "\ufeff" + RECORD,
        "utf16": RECORD,
        "setext": RECORD.replace("## Test Request", "Test Request\n------------"),
        "bold": RECORD.replace("## Test Request", "**Test Request:**"),
        "numbered": RECORD.replace("## Test Request", "### 3. TEST REQUEST ###"),
        "tight": RECORD.replace("## Test Request", "##Test Request"),
    }[change]
    path = tmp_path / "r.md"
    path.write_bytes(text.encode("utf-16" if change == "utf16" else "utf-8"))
    record, problems = load_record(path, "r.md")
    assert problems == ()
    assert [s.id for s in record.test_steps] == ["print"]
    assert [s.id for s in record.prerequisites] == ["open_depot"]
    assert record.status == "skip"


def test_front_matter_with_bare_colons_and_tabs() -> None:
    text = (
        "---\nendpoint: POST /x\nskipReason: it fails: always\ntags:\t[a]\nstatus: verified\n"
        "useFallback: yes\ntoken: Staff token\n---\n"
    )
    record, problems = parse_record(text, "r.md")
    assert record.endpoint == OperationId("POST", "/x")
    assert record.front_matter["skipReason"] == "it fails: always"
    assert (record.status, record.use_fallback, record.tokens) == ("verified", True, ("staff",))
    assert any(p.location.line in (3, 4) for p in problems)


def test_front_matter_without_marks_or_end() -> None:
    bare, _ = parse_record("endpoint: GET /a\nstatus: pass\n\n# T\n", "r.md")
    assert bare.endpoint == OperationId("GET", "/a") and bare.status == "pass"
    unclosed, problems = parse_record("---\nendpoint: GET /a\n# T\ntext\n", "r.md")
    assert unclosed.endpoint == OperationId("GET", "/a")
    assert "not closed" in problems[0].message


def test_missing_front_matter_takes_the_endpoint_of_the_test_request() -> None:
    record, problems = parse_record(
        "## Test Request\n```yaml\nmethod: get\npath: /a/{{id}}\n```\n", "r.md"
    )
    assert record.endpoint == OperationId("GET", "/a/{id}")
    assert problems[0].location.line == 1


def test_verified_request_stands_in_for_a_test_request() -> None:
    text = (
        "---\nendpoint: PUT /a/{id}\n---\n## Verified Successful Request\n```json\n"
        '{"method": "PUT", "path": "/a/7", "body": {"x": null}, "params": {"q": "1"}}\n```\n'
    )
    record, problems = parse_record(text, "r.md")
    assert problems == ()
    (step,) = record.test_steps
    assert (step.path, step.body, step.params) == ("/a/7", {"x": None}, {"q": "1"})
    assert step.operation == record.endpoint


def test_uid_resolution_from_json_and_table() -> None:
    text = (
        "---\nendpoint: GET /a\n---\n## UID Resolution\n\n"
        "| UID Field | Source Endpoint | Fallback (Create) | Used Fallback |\n|--|--|--|--|\n"
        "| a_uid | GET /a | POST /a | Yes |\n| b_uid | pre-resolved | - | No |\n\n"
        '```json\n{"a_uid": {"source_endpoint": "GET /a", "resolved_value": "7", '
        '"used_fallback": true, "fallback_endpoint": "POST /a"}}\n```\n'
    )
    record, _ = parse_record(text, "r.md")
    a, b = record.uid_resolutions
    assert (a.field, a.resolved_value, a.used_fallback) == ("a_uid", "7", True)
    assert (b.field, b.source_endpoint, b.fallback_endpoint) == ("b_uid", "pre-resolved", "")


def test_all_keys_of_a_step() -> None:
    record, problems = steps(
        """steps:
  - id: s
    description: d
    method: post
    path: https://api.example.com/x?page=2
    params: [{name: a, value: 1}]
    headers: {Authorization: "Bearer {{staff_token}}", X-A: b}
    x_on_behalf_of: "{{business}}"
    extract: [{name: v, path: "$.a[?(@.b == 'c')].d"}]
    expect: {status: "200, 2xx"}
    onFail: Continue
    sleep: 250
    useFallback: true
    content_type: multipart/form-data
    form_fields: {f: 1}
    file_fields: {g: text}
    waitFor: {event: opened, timeout: 5000}
    until: {path: $.s, equals: open, timeout: 3s, every: 100}"""
    )
    assert problems == []
    (step,) = record.test_steps
    assert (step.method, step.path, step.params) == ("POST", "/x?page=2", {"a": 1})
    assert step.headers == {"X-A": "b", "X-On-Behalf-Of": "{{business}}"}
    assert (step.token, step.anonymous, step.use_fallback) == ("staff", False, True)
    assert step.expect_status[:2] == (200, 201) and len(step.expect_status) == 100
    assert (step.on_fail, step.sleep_ms, step.body) == ("continue", 250, MISSING)
    assert step.wait_for is not None and step.wait_for.timeout_s == 5.0
    assert step.until is not None
    assert (step.until.timeout_s, step.until.every_s) == (3.0, 0.1)


@pytest.mark.parametrize(
    "yaml",
    [
        "steps:\n  - id: m\n    method: GET\n    path: /x\n    params:\n      a: {{b}}",
        "steps:\n\t- id: m\n\t  method: GET\n\t  path: /x\n\t  params:\n\t    a: '{{b}}'",
        '{"id": "m", "method": "GET", "path": "/x", "params": {"a": {{b}}}}',
        "- id: m\n  endpoint: GET /x\n  params: 'a={{b}}'",
        "m:\n  method: GET\n  path: /x\n  params: {a: '{{b}}'}",
    ],
)
def test_slips_are_mended(yaml: str) -> None:
    record, _ = steps(yaml)
    (step,) = record.test_steps
    assert (step.id, step.method, step.path) == ("m", "GET", "/x")
    assert step.params == {"a": "{{b}}"}


def test_credentials_in_documents_are_never_sent() -> None:
    record, problems = steps(
        "method: GET\npath: /x\nid: m\nheaders: {authorization: Bearer abc123}"
    )
    assert record.test_steps[0].headers == {}
    assert "credential" in problems[0] and "abc123" not in problems[0]


def test_the_step_that_calls_the_endpoint_is_the_test_request() -> None:
    yaml = (
        "steps:\n  - {id: a, method: GET, path: /y}\n  - {id: b, method: GET, path: /x}\n"
        "  - {method: GET, path: /z}"
    )
    record, problems = steps(yaml)
    assert [s.operation is not None for s in record.test_steps] == [False, True, False]
    assert record.test_steps[2].id == "main_request_3"
    assert problems == ["9: A step has no id."]


def test_fences_and_headings_do_not_mix() -> None:
    text = "---\nendpoint: GET /x\n---\n## Notes\n```sh\n# Test Request\n## Prerequisites\n```\n"
    record, _ = parse_record(text, "r.md")
    assert [h for h, _ in record.sections] == ["", "## Notes"]


def test_unclosed_fence_ends_at_the_next_section() -> None:
    text = RECORD.replace("    onFail: abort\n```\n", "    onFail: abort\n")
    record, problems = parse_record(text, "r.md")
    assert [s.id for s in record.prerequisites] == ["open_depot"]
    assert [s.id for s in record.test_steps] == ["print"]
    assert any("not closed" in p.message for p in problems)


def test_unreadable_files_are_problems(tmp_path: Path) -> None:
    _, problems = load_record(tmp_path / "absent.md", "absent.md")
    assert problems[0].fatal and problems[0].location.file == "absent.md"
    folder = tmp_path / "folder.md"
    folder.mkdir()
    assert load_record(folder, "folder.md")[1][0].fatal


def test_what_a_record_is() -> None:
    assert looks_like_record(RECORD)
    assert looks_like_record("endpoint: GET /x\n\n# T")
    assert not looks_like_record("# Manual\n\nSend `POST /x`.\n")
    assert not looks_like_record("")
    # A template shows the sections, and no front matter of its own.
    assert not looks_like_record(RECORD.partition("---\n")[2].partition("---\n")[2])


def test_a_template_among_records_is_no_record(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    body = RECORD.partition("---\n")[2].partition("---\n")[2]
    (folder / "TEMPLATE.md").write_text(body + "\n| Field | Type |\n|--|--|\n| a | b |\n")
    (folder / "get_a.md").write_text(RECORD)
    portal = load_portal((tmp_path,), Settings())
    assert [r.file for r in portal.records] == [str(folder / "get_a.md")]
    assert portal.pages == ()
    assert any("TEMPLATE.md skipped: no front matter" in note for note in portal.notes)


PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "---\n",
                "```yaml\n",
                "```\n",
                "## Test Request\n",
                "## UID Resolution\n",
                "steps:\n",
            ),
            *("  - id: x\n", "    path: {{y}}\n", "| a | b |\n|---|\n", "\t", "\r\n", "&a [*a]\n"),
            *(
                "endpoint: [",
                "expect: {status: [{}]}\n",
                "    extract: 5\n",
                "\x00",
                "\ufeff",
                "***",
            ),
        ]
    ),
    st.text(max_size=12),
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_nothing_crashes(text: str) -> None:
    record, problems = parse_record(text, "r.md")
    lint(record, problems, [OperationId("GET", "/x")], [record])
    assert text_of(record) == text


@given(st.data())
def test_mutated_records_never_crash(data: st.DataObject) -> None:
    text = RECORD
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(PIECES) + text[at + cut :]
    record, problems = parse_record(text, "r.md")
    for problem in lint(record, problems):
        assert problem.location.line and problem.message
    assert text_of(record) == text
