"""What anybody may make and only somebody may read and delete is removed all the same."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import running

from checker.pipeline import run
from checker.settings import Settings, Target, Token

TEXT = {"type": "string"}
BADGE = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
SHOWN = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
WHICH = {"name": "id", "in": "path", "required": True, "schema": TEXT}


class Badges(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.badges = {"b1": "theirs"}
        self.next = 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Badges

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            given = json.loads(raw) if raw else None
        except ValueError:
            given = None
        path = [p for p in self.path.split("?")[0].split("/") if p]
        status, said = self.reply(path, given)
        text = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = _any

    def reply(self, path: list[str], given: Any) -> tuple[int, Any]:
        badges = self.server.badges
        if path == ["badges"] and self.command == "POST":
            name = given.get("name") if isinstance(given, dict) else None
            if not isinstance(name, str) or not name:
                return 422, {"error": "name is required"}
            self.server.next += 1
            badges[f"b{self.server.next}"] = name
            return 201, {"id": f"b{self.server.next}", "name": name}
        if path[:1] != ["badges"] or len(path) != 2:
            return 404, {"error": "nothing is here"}
        if self.headers.get("Authorization") != "Bearer staff-secret":
            return 401, {"error": "who are you"}
        if path[1] not in badges:
            return 404, {"error": "no such badge"}
        if self.command == "DELETE":
            del badges[path[1]]
            return 204, None
        return 200, {"id": path[1], "name": badges[path[1]]}


def test_what_a_stranger_made_is_removed(tmp_path: Path) -> None:
    def said(status: str, schema: Any = None) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}} if schema else {}
        return {status: {"description": "fine", "content": content}}

    made = {"required": True, "content": {"application/json": {"schema": BADGE}}}
    paths = {
        "/badges": {"post": {"requestBody": made, "responses": said("201", SHOWN)}},
        "/badges/{id}": {
            "get": {"parameters": [WHICH], "responses": said("200", SHOWN)},
            "delete": {"parameters": [WHICH], "responses": said("204")},
        },
    }
    write(tmp_path, openapi(paths=paths))
    with running(Badges()) as server:
        target = Target(
            base_url=f"http://127.0.0.1:{server.server_address[1]}",
            tokens={"staff": Token("staff", "staff-secret")},
        )
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
        assert server.badges.pop("b1") == "theirs"
        # Names of a few letters may be anybody's: those stay.
        assert not [name for name in server.badges.values() if len(name) > 5]
    assert {str(o.operation): o.status for o in result.operations}["POST /badges"] == "probed"
