"""`operation-dropped`: legacy operations that no current document has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from valid_documents import errors

from checker.documents.portal import load_portal
from checker.domain.finding import Finding, Severity, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import OperationId
from checker.drift.notes import document_notes
from checker.drift.rules.operation_dropped import OperationDropped
from checker.fixing import fix_text
from checker.settings import Settings


def document(*operations: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for text in operations:
        method, path = text.split(" ")
        paths.setdefault(path, {})[method.lower()] = {"responses": {"200": {"description": "x"}}}
    return {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": paths}


def check(
    folder: Path, old: dict[str, Any], new: dict[str, Any] | None, live: str = ""
) -> list[Finding]:
    (folder / "legacy").mkdir()
    (folder / "legacy" / "a.json").write_text(json.dumps(old))
    if new is not None:
        (folder / "a.json").write_text(json.dumps(new))
    observed = {}
    if live:
        operation = OperationId.parse(live)
        accepted = Observation(operation, Kind.EXIST, Verdict.ACCEPTED, confirmed=True)
        observed[operation] = ObservedContract(operation, (accepted,))
    return list(OperationDropped().check_documents(load_portal((folder,), Settings()), observed))


def test_dropped(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, document("GET /a", "DELETE /a/{id}"), document("GET /a"))
    assert (finding.operation, finding.severity) == ("DELETE /a/{id}", Severity.MINOR)
    assert finding.source is not None and "legacy" in finding.source.file
    assert finding.observed is None


def test_still_served_is_major(tmp_path: Path) -> None:
    old, new = document("GET /a", "DELETE /a/{id}"), document("GET /a")
    (finding,) = check(tmp_path, old, new, live="DELETE /a/{id}")
    assert finding.severity is Severity.MAJOR
    assert "still serves" in finding.issue


def test_parameter_names_do_not_matter(tmp_path: Path) -> None:
    assert check(tmp_path, document("GET /a/{id}"), document("GET /a/{uid}")) == []


def test_another_version_is_named(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, document("GET /v1/a"), document("GET /v2/a"))
    assert "GET /v2/a" in finding.issue


def test_nothing_is_dropped_from_a_portal_without_current_documents(tmp_path: Path) -> None:
    assert check(tmp_path, document("GET /a"), None) == []


def test_another_api_is_alive(tmp_path: Path) -> None:
    old, new = document("GET /trains", "DELETE /trains/{id}"), document("GET /a")
    assert check(tmp_path, old, new) == []
    loaded = load_portal((tmp_path,), Settings())
    (note,) = document_notes(loaded)
    assert "legacy/a.json is shared with" in note


def test_each_legacy_document_is_a_family_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "legacy").mkdir()
    (tmp_path / "legacy" / "b.json").write_text(json.dumps(document("GET /trains")))
    (tmp_path / "legacy" / "c.json").write_text(json.dumps(document("GET /a/{x}", "PUT /a/{x}")))
    (tmp_path / "a.json").write_text(json.dumps(document("GET /a/{id}")))
    loaded = load_portal((tmp_path,), Settings())
    found = OperationDropped().check_documents(loaded, {})
    assert [f.operation for f in found] == ["PUT /a/{x}"]


def test_without_a_current_document_no_note_is_due(tmp_path: Path) -> None:
    assert check(tmp_path, document("GET /a"), None) == []
    assert document_notes(load_portal((tmp_path,), Settings())) == ()


def test_documents_of_one_folder_and_base_path_are_one_family(tmp_path: Path) -> None:
    (tmp_path / "legacy").mkdir()
    for name, operation, base in (
        ("b", "GET /b", "/v1"),
        ("c", "GET /c", "/v1"),
        ("d", "GET /d", ""),
    ):
        old = {**document(operation), **({"basePath": base} if base else {})}
        (tmp_path / "legacy" / f"{name}.json").write_text(json.dumps(old))
    (tmp_path / "a.json").write_text(json.dumps(document("GET /v1/b")))
    loaded = load_portal((tmp_path,), Settings())
    assert [f.operation for f in OperationDropped().check_documents(loaded, {})] == ["GET /v1/c"]
    assert "legacy/d.json" in document_notes(loaded)[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("GET /events/{id}/summary", "GET /events/{eventId}", 1),
        ("GET /v1/events/{id}/summary", "POST /v2/events", 1),
        ("DELETE /events", "GET /events", 1),
        ("GET /eventsources", "GET /events", 0),
        ("GET /summary", "GET /events/{id}/summary", 0),
        ("GET /invoices/{id}", "GET /{id}", 0),
    ],
)
def test_what_was_left_behind_may_be_all_that_a_legacy_document_has(
    tmp_path: Path, old: str, new: str, told: int
) -> None:
    """It is about what a current path leads to, or about another API."""
    assert len(check(tmp_path, document(old), document(new))) == told


def patched(folder: Path, name: str, finding: Finding) -> dict[str, Any]:
    file = next(folder.rglob(name))
    fixed = fix_text(str(file), file.read_text(), [finding])
    assert fixed.applied
    file.write_text(fixed.after)
    done: dict[str, Any] = json.loads(fixed.after)
    return done


def test_where_it_is_served_the_current_document_gets_it_with_what_it_refers_to(
    tmp_path: Path,
) -> None:
    old, new = document("GET /a", "GET /b/{id}"), document("GET /a")
    schema = {"$ref": "#/definitions/B"}
    old["paths"]["/b/{id}"]["get"]["responses"]["200"]["schema"] = schema
    old["definitions"] = {"B": {"$ref": "#/definitions/C"}, "C": {"type": "object"}}
    new["definitions"] = {"C": {"type": "object"}}
    (finding,) = check(tmp_path, old, new, live="GET /b/{id}")
    assert finding.named_at is not None and "legacy" in finding.named_at.file
    after = patched(tmp_path, "a.json", finding) if finding.source is not None else {}
    assert finding.source is not None and "legacy" not in finding.source.file
    assert after["paths"]["/b/{id}"] == old["paths"]["/b/{id}"]
    assert after["definitions"] == old["definitions"]


def of_2(**members: Any) -> dict[str, Any]:
    """A Swagger 2.0 document of `GET /a` and `GET /b/{id}`, the latter with members."""
    old = document("GET /a", "GET /b/{id}")
    shown = {"description": "The b.", "schema": {"$ref": "#/definitions/B"}}
    old["paths"]["/b/{id}"]["get"] = {
        "tags": ["b"],
        "description": "Reads a b.",
        "produces": ["application/json"],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "type": "string", "maxLength": 3}
        ],
        "responses": {"200": shown},
        **members,
    }
    of_b = {"type": "object", "properties": {"note": {"type": "string", "x-nullable": True}}}
    old["definitions"] = {"B": of_b}
    return old


def of_3(version: str = "3.0.3") -> dict[str, Any]:
    ok = {"200": {"description": "fine"}}
    return {
        "openapi": version,
        "info": {"title": "A", "version": "1"},
        "paths": {"/a": {"get": {"responses": ok}}},
        "components": {"schemas": {}},
    }


@pytest.mark.parametrize(
    ("version", "nullable"),
    [
        ("3.0.3", {"type": "string", "nullable": True}),
        ("3.1.0", {"type": ["string", "null"]}),
    ],
)
def test_what_is_said_in_swagger_2_is_said_in_openapi_3(
    tmp_path: Path, version: str, nullable: Any
) -> None:
    (finding,) = check(tmp_path, of_2(), of_3(version), live="GET /b/{id}")
    after = patched(tmp_path, "a.json", finding) if finding.source is not None else {}
    made = after["paths"]["/b/{id}"]["get"]
    assert errors(json.dumps(after)) == set()
    assert (made["tags"], made["description"]) == (["b"], "Reads a b.")
    of_id = {"type": "string", "maxLength": 3}
    assert made["parameters"] == [{"name": "id", "in": "path", "required": True, "schema": of_id}]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}}
    assert made["responses"] == {"200": {"description": "The b.", "content": content}}
    note = after["components"]["schemas"]["B"]["properties"]["note"]
    assert note == nullable


@pytest.mark.parametrize(
    "members",
    [
        {"parameters": [{"name": "f", "in": "formData", "type": "file"}]},
        {"parameters": [{"name": "q", "in": "query", "type": "array", "items": {}}]},
        {"responses": {"200": {"description": "", "headers": {"X-A": {"type": "string"}}}}},
        {"responses": {"200": {"description": "", "schema": {"type": "file"}}}},
    ],
)
def test_what_has_no_plain_counterpart_is_not_translated(
    tmp_path: Path, members: dict[str, Any]
) -> None:
    (finding,) = check(tmp_path, of_2(**members), of_3(), live="GET /b/{id}")
    assert finding.patch == ()


def test_what_means_something_else_in_the_current_document_is_not_copied(tmp_path: Path) -> None:
    old, new = document("GET /a", "GET /b/{id}"), document("GET /a")
    schema = {"$ref": "#/definitions/B"}
    old["paths"]["/b/{id}"]["get"]["responses"]["200"]["schema"] = schema
    old["definitions"] = {"B": {"type": "object"}}
    new["definitions"] = {"B": {"type": "array", "items": {}}}
    (finding,) = check(tmp_path, old, new, live="GET /b/{id}")
    assert finding.patch == ()


def test_where_it_is_not_known_to_be_served_the_legacy_document_says_so_once(
    tmp_path: Path,
) -> None:
    old, new = document("GET /v1/a", "GET /v1/b"), document("GET /v1/a", "GET /v2/b")
    (finding,) = check(tmp_path, old, new)
    assert [step["op"] for step in finding.patch] == ["add", "add"]
    (tmp_path / "a.json").rename(tmp_path / "new.json")
    after = patched(tmp_path / "legacy", "a.json", finding)
    assert after["paths"]["/v1/b"]["get"]["deprecated"] is True
    assert after["paths"]["/v1/b"]["get"]["description"] == "Replaced by `GET /v2/b`."
    again = load_portal((tmp_path,), Settings())
    assert not list(OperationDropped().check_documents(again, {}))
