"""The rule spec-invalid."""

from __future__ import annotations

from pathlib import Path

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
