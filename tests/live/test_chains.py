"""States in chains, refusals that name nothing, identifiers in a header: found without help."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import driftcheck

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

from chains import TOKEN, Places, Verbs, serving  # noqa: E402

Document = dict[str, Any]
SECURITY = {"securitySchemes": {"main": {"type": "http", "scheme": "bearer"}}}
ITEM_ID = {"type": "integer", "description": "The id of an existing item (create_item)."}
ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "item_id": {"type": "integer"},
        "title": {"type": "string"},
        "count": {"type": "integer"},
        "phase": {"type": "string", "enum": ["new", "closed", "archived"]},
    },
}


def document(paths: Document) -> Document:
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": SECURITY}


def operation(words: str, answers: Document, fields: Document | None = None) -> Document:
    made: Document = {
        "description": f"{words} Available for main tokens.",
        "security": [{"main": []}],
        "responses": answers,
    }
    if fields is not None:
        schema = {"type": "object", "required": list(fields), "properties": fields}
        content = {"application/json": {"schema": schema}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def verbs(truthful: bool) -> Document:
    envelope = {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"type": "string"},
            "result": {"type": "object", "properties": {"entity": ITEM}},
            "fault": {"type": "object"},
        },
    }
    answers = {"200": {"description": "d", "content": {"application/json": {"schema": envelope}}}}
    title = {"type": "string", "minLength": 1, "maxLength": 40}
    fields = {"title": title, "count": {"type": "integer", "minimum": 1, "maximum": 99}}
    words = {
        "get": "",
        "close": "Only a new item can be closed.",
        "archive": "The item must be closed first." if truthful else "",
        "export": "The item must be closed and archived first." if truthful else "",
    }
    paths = {"/api/create_item": {"post": operation("", answers, fields)}}
    for verb, said in words.items():
        paths[f"/api/{verb}_item"] = {"post": operation(said, answers, {"item_id": ITEM_ID})}
    if not truthful:
        paths["/api/weigh_item"] = {"post": operation("", answers, {"item_id": ITEM_ID})}
    return document(paths)


def places(truthful: bool) -> Document:
    problem = {
        "description": "d",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    refusals = {str(status): problem for status in (400, 401, 404)}

    def one(method: str, status: int, said: str, *names: str, **fields: Document) -> Document:
        content = {"application/json": {"schema": {"type": "object"}}}
        body = {"content": content} if method == "get" or said.endswith("receipt.") else {}
        answers = {str(status): {"description": "d", **body}, **refusals}
        made = operation(said, answers, fields or None)
        text = {"type": "string"}
        made["parameters"] = [
            {"name": n, "in": "path", "required": True, "schema": text} for n in names
        ]
        return {method: made}

    label = {"type": "string", "minLength": 2, "maxLength": 30}
    amount = {"type": "integer", "minimum": 1, "maximum": 500}
    needed = "The entry must be submitted first." if truthful else ""
    approved = "The entry must be submitted and approved first." if truthful else ""
    entry = "/entries/{entry_id}"
    paths = {
        "/groups": one("post", 201, "", label=label),
        "/groups/{slug}": one("get", 200, "", "slug"),
        "/groups/{slug}/entries": one("post", 201, "", "slug", amount=amount),
        entry: one("get", 200, "", "entry_id"),
        f"{entry}/submit": one("post", 204, "Only a draft can be submitted.", "entry_id"),
        f"{entry}/approve": one("post", 204, needed, "entry_id"),
        f"{entry}/receipts": one("post", 201, f"{approved} Makes a receipt.", "entry_id"),
    }
    if not truthful:
        paths[f"{entry}/refund"] = one("post", 204, "", "entry_id")
    return document(paths)


KINDS = {"verbs": (Verbs, verbs), "places": (Places, places)}
DRIFTS = {
    "verbs": [
        ("lifecycle-undocumented", "POST /api/archive_item"),
        ("lifecycle-undocumented", "POST /api/export_item"),
        ("operation-missing", "POST /api/weigh_item"),
    ],
    "places": [
        ("lifecycle-undocumented", "POST /entries/{entry_id}/approve"),
        ("lifecycle-undocumented", "POST /entries/{entry_id}/receipts"),
        ("operation-missing", "POST /entries/{entry_id}/refund"),
    ],
}


def check(kind: str, truthful: bool, folder: Path) -> Document:
    """The report of a run with the document against a fresh server."""
    api, described = KINDS[kind]
    (folder / "docs").mkdir()
    (folder / "docs" / "api.json").write_text(json.dumps(described(truthful)), encoding="utf-8")
    with serving(api()) as url:
        options = ["--base-url", url, "--token", f"main={TOKEN.partition(' ')[2]}", "--no-fuzz"]
        options += ["--test-system"]  # a refund moves nobody's money
        done = driftcheck("docs", *options, "--out", "out", cwd=folder, status=None)
    path = folder / "out" / "report.json"
    assert path.exists(), done.stderr
    report: Document = json.loads(path.read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_from_the_words_is_found(kind: str, tmp_path: Path) -> None:
    report = check(kind, False, tmp_path)
    assert sorted((f["rule"], f["operation"]) for f in report["findings"]) == DRIFTS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_words_say_is_no_finding(kind: str, tmp_path: Path) -> None:
    report = check(kind, True, tmp_path)
    assert not report["findings"]
    assert {o["status"] for o in report["operations"]} == {"probed"}


def test_states_are_named_where_answers_tell_them(tmp_path: Path) -> None:
    found = check("verbs", False, tmp_path)["findings"]
    states = {f["operation"]: f["observed"] for f in found if f["rule"].startswith("life")}
    assert states["POST /api/archive_item"] == ["new", "closed"]
