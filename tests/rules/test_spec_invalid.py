"""The rule spec-invalid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from document_samples import OK, openapi, write

from checker.documents.portal import load_portal
from checker.domain.finding import Finding, Severity
from checker.drift.rules.spec_invalid import SpecInvalid
from checker.settings import Settings


def check(folder: Path) -> list[Finding]:
    return list(SpecInvalid().check_documents(load_portal([folder], Settings()), {}))


def test_a_valid_document_has_no_finding(tmp_path: Path) -> None:
    write(tmp_path, openapi(paths={"/a": {"get": {"responses": OK}}}))
    assert check(tmp_path) == []


def test_an_error_names_place_and_mend(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        openapi(paths={"/a": {"get": {}}}, servers=[{"url": "https://example.com/v1"}]),
    )
    (finding,) = check(tmp_path)
    assert (finding.rule, finding.severity) == ("spec-invalid", Severity.MAJOR)
    assert finding.operation == "GET /v1/a"
    assert finding.field.place == "document"
    assert finding.issue == "GET /a has no `responses`."
    assert finding.suggested_fix.startswith("Add `responses`")
    assert finding.source is not None
    assert (finding.source.file, finding.source.pointer) == (str(path), "/paths/~1a/get")
    assert finding.source.line
    assert finding.patch[0]["op"] == "add"


def test_what_no_tool_can_use_is_critical(tmp_path: Path) -> None:
    write(tmp_path, {"info": {"title": "t", "version": "1"}, "paths": {}}, "a.json")
    write(tmp_path, '{"openapi": "3.0.0", "paths": {}', "b.json")
    findings = check(tmp_path)
    critical = [f for f in findings if f.severity is Severity.CRITICAL]
    assert len(critical) == 2
    assert all(f.operation == "" for f in critical)


def test_identities_are_stable_when_lines_move(tmp_path: Path) -> None:
    document = openapi(paths={"/a": {"get": {}}})
    write(tmp_path, document)
    before = [f.identity for f in check(tmp_path)]
    path = tmp_path / "api.json"
    path.write_text("\n\n" + path.read_text())
    assert [f.identity for f in check(tmp_path)] == before


def test_two_errors_of_one_operation_have_two_identities(tmp_path: Path) -> None:
    get = {"foo": 1, "bar": 2, "responses": OK}
    write(tmp_path, openapi(paths={"/a": {"get": get}}))
    assert len({f.identity for f in check(tmp_path)}) == 2


def paged(*defaults: Any) -> dict[str, Any]:
    """One operation for each default of the parameter `page`."""
    paths = {}
    for number, default in enumerate(defaults):
        page = {"name": "page", "in": "query", "schema": {"type": "integer", "default": default}}
        paths[f"/a{number}"] = {"get": {"parameters": [page], "responses": OK}}
    return openapi(paths=paths)


def test_a_copied_default_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, paged("1", "1", 1, "1"))
    (finding,) = check(tmp_path)
    assert finding.severity is Severity.MAJOR
    assert finding.issue.endswith(
        'default "1", which is not an integer (and the same at 2 more places).'
    )
    assert finding.also_operations == ("GET /a0", "GET /a1", "GET /a3")
    assert [step["value"] for step in finding.patch] == [1, 1, 1]
    assert len(finding.related) == 2


def test_different_defaults_are_told_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, paged("1", "2"))
    assert len(check(tmp_path)) == 2


def test_null_for_no_default_is_one_habit_of_a_file(tmp_path: Path) -> None:
    document = paged(None, None)
    document["paths"]["/a1"]["get"]["parameters"][0]["name"] = "size"
    write(tmp_path, document)
    (finding,) = check(tmp_path)
    assert finding.severity is Severity.MINOR
    assert [step["op"] for step in finding.patch] == ["remove", "remove"]
