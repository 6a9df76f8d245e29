"""`docs-conflict` on pages in many layouts, and on pages about a thing instead of an endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from checker.documents.portal import load_portal
from checker.domain.finding import Finding
from checker.domain.portal import Portal
from checker.drift.notes import document_notes
from checker.drift.rules.docs_conflict import DocsConflict
from checker.settings import Settings

PAGES = Path(__file__).parents[1] / "documents" / "pages"
STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def document(paths: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    info = {"title": "t", "version": "1"}
    return {
        "openapi": "3.0.3",
        "info": info,
        "paths": paths,
        "components": {"schemas": schemas},
    }


def operation(
    body: dict[str, Any] | None = None,
    required: Iterable[str] = (),
    answer: dict[str, Any] | None = None,
    status: str = "201",
    query: dict[str, tuple[dict[str, Any], bool]] | None = None,
) -> dict[str, Any]:
    made: dict[str, Any] = {"responses": {status: {"description": "x"}}}
    if answer is not None:
        schema = {"type": "object", "properties": answer}
        made["responses"][status]["content"] = {"application/json": {"schema": schema}}
    if body is not None:
        inner = {"type": "object", "properties": body, "required": list(required)}
        made["requestBody"] = {"content": {"application/json": {"schema": inner}}}
    made["parameters"] = [
        {"name": n, "in": "query", "required": r, "schema": s}
        for n, (s, r) in (query or {}).items()
    ]
    return made


def portal(folder: Path, content: Any, *pages: tuple[str, str], **schemas: Any) -> Portal:
    (folder / "docs").mkdir()
    (folder / "api.json").write_text(json.dumps(content))
    for name, text in pages:
        (folder / "docs" / name).write_text(text)
    for name, schema in schemas.items():
        (folder / f"{name}.json").write_text(json.dumps(schema))
    return load_portal((folder,), Settings())


def conflicts(loaded: Portal) -> list[Finding]:
    return list(DocsConflict().check_documents(loaded, {}))


def told(loaded: Portal) -> set[tuple[str, str]]:
    return {
        (f.field.name or str(f.field.status or f.operation), f.identity) for f in conflicts(loaded)
    }


def leads(planted: bool) -> dict[str, Any]:
    body = {"name": STRING, "value": STRING if planted else NUMBER}
    if not planted:
        body["active"] = {"type": "boolean"}
    query = {"page": (INTEGER, False), "limit": (INTEGER, planted), "filter": (STRING, False)}
    answer = {"id": STRING, "created_at": STRING}
    made = operation(body, ["name"], answer, query=query)
    made["parameters"].append({"name": "id", "in": "path", "required": True, "schema": STRING})
    return document({"/leads/{id}/notes": {"post": made}})


@pytest.mark.parametrize("name", ["flat.md", "half.md"])
def test_tables_that_run_together_or_lack_bars(tmp_path: Path, name: str) -> None:
    text = (PAGES / name).read_text()
    agreeing, planted = tmp_path / "agreeing", tmp_path / "planted"
    agreeing.mkdir()
    planted.mkdir()
    assert told(portal(agreeing, leads(False), (name, text))) == set()
    assert told(portal(planted, leads(True), (name, text))) == {
        ("value", "type"),
        ("active", "field"),
        ("limit", "required"),
    }


def test_statuses_belong_to_the_endpoint_of_their_heading(tmp_path: Path) -> None:
    body = {"name": STRING, "ttl": NUMBER, "type": STRING}
    paths = {
        "/v2/domains": {"post": operation(body, ["name"])},
        "/v2/domains/{domain_name}": {"delete": operation(status="204")},
    }
    text = (PAGES / "scope.html").read_text()
    loaded = portal(tmp_path, document(paths), ("p.html", text))
    assert {f.operation for f in conflicts(loaded)} == {"POST /v2/domains"}
    assert told(loaded) == {("ip_address", "field"), ("409", "status 409")}


def test_a_definition_list(tmp_path: Path) -> None:
    kind = {"type": "string", "enum": ["text", "image"], "default": "image"}
    body = {"channel_uid": STRING, "type": kind, "text": STRING}
    content = document({"/v1/messages": {"post": operation(body, answer={"uid": STRING})}})
    assert told(portal(tmp_path, content, ("p.md", (PAGES / "list.md").read_text()))) == {
        ("channel_uid", "required"),
        ("type", "enum"),
        ("type", "default"),
        ("retries", "field"),
        ("uid", "required"),
    }


CALL = {
    "type": "object",
    "properties": {
        "uid": STRING,
        "seconds": INTEGER,
        "state": {"type": "string", "enum": ["OPEN", "MISSED"]},
        "party": {"type": "object", "properties": {"number": STRING, "name": STRING}},
    },
    "required": ["uid"],
}
CALL_PAGE = """## VoiceCall

A call.

## Properties

| Name | Description | Type | Required |
| --- | --- | --- | --- |
| uid | Its id | string | Yes |
| seconds | How long | string | |
| state | Its state | string (enum: `open`, `missed`) | |
| recording | A link | string | |

### Party Properties

| Name | Description | Type | Required |
| --- | --- | --- | --- |
| number | Its number | integer | |
"""
CALL_CONFLICTS = {
    ("seconds", "VoiceCall type"),
    ("state", "VoiceCall enum"),
    ("recording", "VoiceCall field"),
    ("party.number", "VoiceCall type"),
}


def test_a_page_about_a_named_schema(tmp_path: Path) -> None:
    content = document({"/calls": {"get": operation(status="200")}}, VoiceCall=CALL)
    assert told(portal(tmp_path, content, ("call.md", CALL_PAGE))) == CALL_CONFLICTS


def test_a_page_about_a_schema_in_a_file_of_its_own(tmp_path: Path) -> None:
    content = document({"/calls": {"get": operation(status="200")}})
    loaded = portal(tmp_path, content, ("call.md", CALL_PAGE), voiceCall=CALL)
    assert {name for name, _ in told(loaded)} == {name for name, _ in CALL_CONFLICTS}
    assert not any("skipped" in note for note in loaded.notes)
    assert {f.source.file for f in conflicts(loaded) if f.source} == {
        str(tmp_path / "docs/call.md")
    }


def test_two_schemas_of_one_name_are_no_schema(tmp_path: Path) -> None:
    content = document(
        {"/calls": {"get": operation(status="200")}}, VoiceCall=CALL, voice_call=dict(CALL)
    )
    assert told(portal(tmp_path, content, ("call.md", CALL_PAGE))) == set()


def test_a_page_that_is_like_no_schema(tmp_path: Path) -> None:
    content = document({"/calls": {"get": operation(status="200")}}, Voice=CALL)
    loaded = portal(tmp_path, content, ("call.md", CALL_PAGE))
    assert conflicts(loaded) == []
    (note,) = (n for n in document_notes(loaded) if n.startswith("page not understood"))
    assert "call.md: lines 7, 16: no heading says" in note and note.startswith(
        "page not understood"
    )


HEAD = "| Field | Type | Required |\n|--|--|--|\n"
TABLE = HEAD + "| {} | string | Yes |\n| {} | string | Yes |\n| {} | string | Yes |\n"


def test_a_table_of_other_fields_is_a_note(tmp_path: Path) -> None:
    """An address below an order: nothing says that it isn't the order's own table."""
    text = "# Orders\n\n`POST /orders`\n\n" + TABLE.format("title", "street", "city")
    content = document({"/orders": {"post": operation({"title": STRING, "count": INTEGER})}})
    loaded = portal(tmp_path, content, ("a.md", text))
    assert conflicts(loaded) == []
    assert "line 5: most of its fields aren't those of POST /orders" in document_notes(loaded)[0]


def test_a_table_of_the_other_direction_is_a_note(tmp_path: Path) -> None:
    text = "# Orders\n\n`POST /orders`\n\n" + TABLE.format("title", "id", "made_at")
    answer = {"title": STRING, "id": STRING, "made_at": STRING}
    content = document(
        {"/orders": {"post": operation({"title": STRING, "id": STRING}, answer=answer)}}
    )
    assert conflicts(portal(tmp_path, content, ("a.md", text))) == []


def test_endpoints_of_another_api_are_a_note(tmp_path: Path) -> None:
    listed = "# All\n\n| Method | Path |\n|--|--|\n| GET | /trains |\n| PUT | trains/{id} |\n"
    content = document({"/orders": {"post": operation()}})
    loaded = portal(
        tmp_path, content, ("a.md", listed), ("b.md", listed + "| POST | v1/orders |\n")
    )
    assert {f.operation for f in conflicts(loaded)} == {"GET /trains", "PUT /trains/{id}"}
    assert {f.source.file.rpartition("/")[2] for f in conflicts(loaded) if f.source} == {"b.md"}
    assert "a.md: line 3: no document has any of the endpoints" in document_notes(loaded)[0]


def test_statuses_of_the_api_as_such_are_no_conflict(tmp_path: Path) -> None:
    statuses = "| Status | Meaning |\n|--|--|\n| 401 | a |\n| 429 | b |\n"
    content = document({"/login": {"post": operation()}})
    first = "# All\n\nFirst call `POST /login`.\n\n## Errors\n\n" + statuses
    below = "# All\n\n`POST /login`\n\n## Errors\n\n" + statuses
    loaded = portal(tmp_path, content, ("a.md", first), ("b.md", below))
    assert conflicts(loaded) == []


def test_a_page_without_documents_has_no_notes(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(CALL_PAGE)
    assert document_notes(load_portal((tmp_path,), Settings())) == ()


def test_a_path_parameter_may_have_another_name_on_the_page(tmp_path: Path) -> None:
    rows = "| order_id | integer | Yes |\n| title | string | Yes |\n"
    text = f"# PUT /orders/{{order_id}}\n\n{HEAD}{rows}"
    made = operation({"title": STRING}, ["title"])
    made["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": STRING}]
    content = document({"/orders/{id}": {"put": made}})
    assert conflicts(portal(tmp_path, content, ("a.md", text))) == []


def test_two_uses_of_one_endpoint_require_each_their_own(tmp_path: Path) -> None:
    query = {"all": (STRING, False), "id": (STRING, False)}
    content = document({"/orders": {"delete": operation(status="204", query=query)}})
    use = "## DELETE /orders\n\n### Parameters\n\n" + HEAD + "| {} | {} | Yes |\n\n"
    once = use.format("all", "string")
    twice = once + use.format("id", "integer")
    loaded = portal(tmp_path, content, ("a.md", twice), ("b.md", once))
    assert told(loaded) == {("id", "type"), ("all", "required")}
    assert {f.source.file[-4:] for f in conflicts(loaded) if f.source and f.identity != "type"} == {
        "b.md"
    }


@pytest.mark.parametrize(
    ("heading", "rows", "found"),
    [
        ("Address", ("street", "city"), set()),
        ("Request headers", ("Authorization", "X-Trace"), set()),
        ("Parameters", ("api_key", "Content-Type"), set()),
        ("Parameters", ("colour", "size"), {("colour", "field"), ("size", "field")}),
    ],
)
def test_few_fields_that_the_spec_does_not_have(
    tmp_path: Path, heading: str, rows: tuple[str, str], found: set[tuple[str, str]]
) -> None:
    """What a small object, a header or a credential is called says nothing of the body."""
    text = f"# POST /orders\n\n## {heading}\n\n{HEAD}"
    text += "".join(f"| {name} | string | Yes |\n" for name in rows)
    content = document({"/orders": {"post": operation({"title": STRING, "address": {}})}})
    scheme = {"type": "apiKey", "in": "query", "name": "api_key"}
    content["components"]["securitySchemes"] = {"key": scheme}
    content["security"] = [{"key": []}]
    assert told(portal(tmp_path, content, ("a.md", text))) == found
