"""A reading whose parameters choose what is shown and how it is sorted: no drift in either."""

from __future__ import annotations

import json
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from document_samples import openapi, write
from serving import PromptHandler, running

from checker.pipeline import run
from checker.settings import Settings, Target

TEXTS = {"type": "array", "items": {"type": "string"}}
ROOM = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
ROOMS: list[dict[str, Any]] = [{"id": 1, "name": "blue"}, {"id": 2, "name": "red"}]
BARE = [{"id": 1}, {"id": 2}]


def listed(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": TEXTS, "style": "form", "explode": False}


class Rooms(ThreadingHTTPServer):
    """`named`: whether a room's name is shown where nobody chose what is."""

    daemon_threads = True
    named = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Rooms

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        given = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        sort = given.get("sort", [""])[0].split(",")
        unknown = [s for s in sort if s.isalpha() and s not in ("id", "name")]
        chosen = "fields" in given and "name" not in given["fields"][0].split(",")
        status = 400 if unknown else 200
        said: Any = {"error": "Unknown sort field"} if unknown else ROOMS
        if not unknown and (chosen or not self.server.named):
            said = BARE
        if urlsplit(self.path).path != "/rooms":
            status, said = 404, {"error": "nothing is here"}
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.mark.parametrize("named", [True, False])
def test_what_was_not_asked_for_is_not_missing(tmp_path: Path, named: bool) -> None:
    reading = {
        "parameters": [listed("sort"), listed("fields")],
        "responses": {
            "200": {
                "description": "fine",
                "content": {"application/json": {"schema": {"type": "array", "items": ROOM}}},
            },
            "400": {"description": "no"},
        },
    }
    write(tmp_path, openapi(paths={"/rooms": {"get": reading}}))
    with running(Rooms()) as server:
        server.named = named
        target = Target(base_url=f"http://127.0.0.1:{server.server_address[1]}")
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
    found = {f.rule for f in result.findings}
    assert "type-mismatch" not in found, "one text in a list travels as the text"
    assert ("response-field-missing" in found) is not named
