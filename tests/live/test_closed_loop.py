"""Check, fix, check again: nothing left that a document can express, nothing new."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from serving import JsonServer, running
from valid_documents import errors

from checker.documents.judging import judge_of
from checker.domain.finding import Finding
from checker.fixing import by_file, fix_text
from checker.pipeline import run
from checker.settings import Settings, Target

TEXT = {"type": "string"}


class Things(JsonServer):
    """Things need a `name` and a `code` of four digits; `tags` are at most three texts, a `kind` is
    any text of at most twenty letters."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(1)

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        match method, path:
            case "POST", ["things"]:
                given = body if isinstance(body, dict) else {}
                if wrong := self._wrong(given):
                    return 400, {"error": wrong}
                made = {"id": f"t{next(self.numbers)}", "tags": [], **given}
                made = {k: made[k] for k in ("id", "name", "code", "tags", "kind") if k in made}
                return 201, made
            case _:
                return 404, {"error": "not found"}

    @staticmethod
    def _wrong(given: dict[str, Any]) -> str:
        name, code, tags = given.get("name"), given.get("code"), given.get("tags", [])
        if not isinstance(name, str):
            return "name: a text is required"
        if not isinstance(code, str) or len(code) != 4 or not code.isdecimal():
            return "code: a text of 4 digits such as '0815' is required"
        kind = given.get("kind", "")
        if not isinstance(kind, str) or len(kind) > 20:
            return "kind: must be a text of at most 20 letters"
        texts = isinstance(tags, list) and all(isinstance(t, str) for t in tags)
        return "" if texts and len(tags) <= 3 else "tags: must be an array of at most 3 texts"


def documents(folder: Path) -> Path:
    """They lack `code`, take `tags` for a text and any `kind` for one of two, and say that the
    name needn't be given, on a page, too."""
    kind = {**TEXT, "enum": ["big", "small"], "description": "What it is."}
    body = {
        "type": "object",
        "properties": {"name": dict(TEXT), "tags": dict(TEXT), "kind": kind},
    }
    shown = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": TEXT, "name": TEXT, "code": TEXT, "kind": TEXT},
    }
    json_of = {"application/json": {"schema": shown}}
    ok = {"description": "fine", "content": json_of}
    content = {"application/json": {"schema": body, "example": {"name": "Ada", "code": "0815"}}}
    made = {"operationId": "make", "requestBody": {"required": True, "content": content}}
    paths = {"/things": {"post": {**made, "responses": {"201": ok}}}}
    info = {"title": "Things", "version": "1"}
    (folder / "things.json").write_text(
        json.dumps({"openapi": "3.0.3", "info": info, "paths": paths}, indent=2)
    )
    rows = "".join(f"| {name} | string | no |\n" for name in ("name", "tags"))
    rows = f"| Field | Type | Required |\n|---|---|---|\n{rows}"
    (folder / "things.md").write_text(f"# Things\n\n`POST /things`\n\n{rows}")
    return folder


def checked(folder: Path, serving: JsonServer | None = None) -> tuple[Finding, ...]:
    with running(serving or Things()) as server:
        settings = Settings(
            paths=(folder,),
            targets=(Target(base_url=server.url),),
            allow_destructive=True,
            fuzz=False,
        )
        result = run(settings)
    assert all(o.status == "probed" for o in result.operations), result.operations
    return result.findings


def fixed(findings: tuple[Finding, ...]) -> None:
    for file, found in by_file(findings).items():
        text = Path(file).read_text()
        judge = judge_of(Path(file), file) if file.endswith(".json") else None
        done = fix_text(file, text, found, judge)
        assert done.applied and not done.skipped
        Path(file).write_text(done.after)
        again = fix_text(file, done.after, found, judge)
        assert again.after == done.after and not again.applied


def test_nothing_is_left_and_nothing_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(documents(tmp_path))
    before = checked(Path())
    # An example has a field that the schema lacks: that goes with the patch that adds the field.
    assert {f.rule for f in before if not f.patch} == {"description-conflict"}
    fixed(before)
    text = Path("things.json").read_text()
    assert errors(text) == set()
    assert checked(Path()) == ()
    media = json.loads(text)["paths"]["/things"]["post"]["requestBody"]["content"]
    schema = media["application/json"]["schema"]
    assert set(schema["required"]) == {"name", "code"}
    assert schema["properties"]["code"]["pattern"] == r"^\d{4}$"
    assert schema["properties"]["tags"] == {"type": "array", "items": TEXT, "maxItems": 3}
    known = "What it is. Known values: `big` and `small`; others are accepted, too."
    assert schema["properties"]["kind"] == {**TEXT, "description": known, "maxLength": 20}
    rows = Path("things.md").read_text().splitlines()[-2:]
    assert rows == ["| name | string | yes |", "| tags | array | no |"]


class Notes(JsonServer):
    """Notes need a `title` of at most twenty letters; a `kind` is one of two."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[dict[str, Any]] = []

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        match method, path:
            case "GET", ["notes"]:
                return 200, self.kept
            case "POST", ["notes"]:
                given = body if isinstance(body, dict) else {}
                title, kind = given.get("title"), given.get("kind", "plain")
                if not isinstance(title, str) or not 0 < len(title) <= 20:
                    return 400, {"error": "title: a text of at most 20 letters is required"}
                if kind not in ("plain", "urgent"):
                    return 400, {"error": "kind: must be one of: plain, urgent"}
                made = {"id": f"n{len(self.kept)}", "title": title, "kind": kind}
                self.kept.append(made)
                return 201, made
            case _:
                return 404, {"error": "not found"}


RECORD = """---
endpoint: POST /notes
domain: notes
status: verified
---

# Write a note

## Test Request
```yaml
steps:
- id: main_request
  description: Write a note
  method: POST
  path: /notes
  body:
    title: Milk
    kind: plain
  expect:
    status: 201
```
"""


def test_an_operation_that_a_fix_adds_is_no_news_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its patch says at once what a next run would ask of a documented one."""
    monkeypatch.chdir(tmp_path)
    note = {"type": "object", "properties": dict.fromkeys(("id", "title", "kind"), TEXT)}
    notes = {"application/json": {"schema": {"type": "array", "items": note}}}
    listing = {"operationId": "listNotes", "responses": {"200": {"description": "All."}}}
    listing["responses"]["200"]["content"] = notes  # type: ignore[index]
    document = {"openapi": "3.0.3", "info": {"title": "Notes", "version": "1"}}
    document["paths"] = {"/notes": {"get": listing}}  # type: ignore[assignment]
    Path("notes.json").write_text(json.dumps(document, indent=2))
    Path("workflows").mkdir()
    Path("workflows", "post_notes.md").write_text(RECORD)

    before = checked(Path(), Notes())
    assert {f.rule for f in before} == {"operation-undocumented"}
    fixed(before)
    text = Path("notes.json").read_text()
    assert errors(text) == set()
    assert checked(Path(), Notes()) == ()
    made = json.loads(text)["paths"]["/notes"]["post"]["requestBody"]["content"]
    schema = made["application/json"]["schema"]
    assert schema["required"] == ["title"]
    assert schema["properties"]["title"]["maxLength"] == 20
    kind = schema["properties"]["kind"]
    assert set(kind["enum"]) == {"plain", "urgent"} and kind["default"] == "plain"
