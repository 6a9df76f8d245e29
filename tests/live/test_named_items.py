"""Items that the client names itself (`PUT /notes/{name}`), of two kinds; a credential that all
operations need; a page to log in where a stranger asks for a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from serving import PromptHandler

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.settings import Settings, Target, Token

Document = dict[str, Any]
TEXT: Document = {"type": "string"}
SKINS = {"skin-day": "a.css", "skin-night-2": "b.css"}


class Notes:
    """Pages, which need a `format`, and books, which hold other notes. Names are free."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        """The status of a POST to a note that isn't there."""
        self.notes: dict[str, Document] = {}

    def answer(self, method: str, name: str, body: Document) -> tuple[int, Any]:
        note = self.notes.get(name)
        match method:
            case "PUT":
                return self._put(name, body)
            case "POST" if note is None:
                return self.lost, "lost"
            case "POST" if note["kind"] != "book":
                return 400, "not here"
            case "POST":
                child = f"{name}.{len(self.notes)}"
                self.notes[child] = {"name": child, "kind": "page", "content": ""}
                return 201, self.notes[child]
            case _ if note is None:
                return 404, "no such note"
            case "DELETE":
                del self.notes[name]
                return 204, None
            case _:
                inside = [n for n in self.notes if n.startswith(name + ".")]
                return 200, {**note, "content": inside} if note["kind"] == "book" else note

    def _put(self, name: str, body: Document) -> tuple[int, Any]:
        kind, content = body.get("kind", "page"), body.get("content", "")
        if kind not in ("page", "book") or not isinstance(content, str):
            return 400, "no"
        if kind == "page" and body.get("format") not in ("plain", "rich"):
            return 400, "no"
        status = 200 if name in self.notes else 201
        self.notes[name] = {"name": name, "kind": kind, "content": content}
        return status, self.notes[name]


@contextmanager
def serving(lost: int) -> Iterator[tuple[str, Notes]]:
    api = Notes(lost)

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _any(self) -> None:
            self._send(*self._answer())

        def _answer(self) -> tuple[int, str, str]:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path = self.path.partition("?")[0]
            known = self.headers.get("X-Key") == "good"
            if path == "/login":
                return 200, "<html>Log in</html>", "text/html"
            if path == "/about.yaml" and self.command == "GET":
                if not known:
                    return 302, "", "text/html"
                return 200, "title: notes\n", "application/yaml"
            if not known:
                return self._json(403, "who are you?")
            if path == "/skins" and self.command == "GET":
                return self._json(200, SKINS)
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                body = None
            if not path.startswith("/notes/") or path.count("/") != 2:
                return self._json(404, "nothing here")
            if not isinstance(body, dict):
                return self._json(400, "no")
            return self._json(*api.answer(self.command, path.rpartition("/")[2], body))

        def _json(self, status: int, answer: Any) -> tuple[int, str, str]:
            said = {"error": answer} if isinstance(answer, str) else answer
            return status, "" if answer is None else json.dumps(said), "application/json"

        def _send(self, status: int, text: str, media: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media)
            if status == 302:
                self.send_header("Location", "/login")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", api
        server.shutdown()


def document(*, truthful: bool) -> Document:
    refused = ("400", "403", "404") if truthful else ("400",)

    def operation(*statuses: str, **more: Any) -> Document:
        answers: Document = {s: {"description": "Refused."} for s in refused}
        schema: Document = {
            "type": "object",
            "properties": {"name": TEXT, "kind": TEXT, "content": TEXT},
        }
        if truthful:
            schema["properties"]["content"] = {}
        for status in statuses:
            answers[status] = {"description": "Done."}
            if status != "204":
                answers[status]["schema"] = schema
        return {"responses": answers, **more}

    format_words = "How the content is written ('plain', 'rich')."
    if truthful:
        format_words += " Required when `kind` is `page`."
    body = {
        "type": "object",
        "properties": {
            "kind": {**TEXT, "description": "What it is ('page', 'book')."},
            "format": {**TEXT, "description": format_words},
            "content": TEXT,
        },
    }
    about = operation("200", produces=["application/yaml"])
    about["responses"]["200"]["schema"] = {"type": "file"}
    skins = operation("200")
    skins["responses"]["200"]["schema"] = {"type": "object", "properties": {"skin-*": TEXT}}
    made: Document = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/about.yaml": {"get": about},
            "/skins": {"get": skins},
            "/notes/{name}": {
                "parameters": [{"name": "name", "in": "path", "required": True, **TEXT}],
                "get": operation("200"),
                "put": operation(
                    "200", "201", parameters=[{"name": "b", "in": "body", "schema": body}]
                ),
                "post": operation("201"),
                "delete": operation("204"),
            },
        },
    }
    if truthful:
        made["securityDefinitions"] = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
        made["security"] = [{"key": []}]
    return made


def checked(folder: Path, *, truthful: bool) -> tuple[RunResult, Notes]:
    (folder / "api.json").write_text(json.dumps(document(truthful=truthful)), encoding="utf-8")
    with serving(404 if truthful else 500) as (url, api):
        tokens = {"key": Token("key", "good", header="X-Key", scheme="")}
        target = Target(base_url=url, tokens=tokens)
        settings = Settings(paths=(folder,), targets=(target,), fuzz=False, allow_destructive=True)
        return run(settings), api


def test_named_items_are_made_read_and_removed(tmp_path: Path) -> None:
    result, api = checked(tmp_path, truthful=False)
    assert {o.status for o in result.operations} == {"probed"}
    notes = [f"{m} /notes/{{name}}" for m in ("DELETE", "GET", "POST", "PUT")]
    told = {
        (f.rule, f.field.name, f.field.status): [*(f.also_operations or (f.operation,))]
        for f in result.findings
    }
    assert told == {
        ("dependency-undocumented", "format", None): ["PUT /notes/{name}"],
        ("response-type-mismatch", "content", 200): ["GET /notes/{name}"],
        ("server-error", "name", None): ["POST /notes/{name}"],
        ("token-undocumented", "key", None): [*notes[:2], "GET /skins", *notes[2:]],
        ("status-undocumented", "", 403): [*notes[:2], "GET /skins", *notes[2:]],
        ("status-undocumented", "", 404): notes[:2],
    }
    assert api.notes == {}
    assert result.cleanup == ()


def test_a_truthful_document_is_told_nothing(tmp_path: Path) -> None:
    result, api = checked(tmp_path, truthful=True)
    assert {o.status for o in result.operations} == {"probed"}
    assert [(f.rule, f.operation, f.issue) for f in result.findings] == []
    assert api.notes == {}
