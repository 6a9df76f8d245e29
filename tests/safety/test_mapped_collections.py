"""Collections that are read as a map of identifiers, or at the plural of where things are made.

The answer to a creation names the new thing and shows nothing of what it was given: only the
collection, read before and after, tells that it is new.
"""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from serving import PromptHandler, running

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.settings import Settings, Target

GIVEN = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string", "example": "Theirs 1"}, "note": {"type": "string"}},
}
NAMED = {"type": "object", "properties": {"uuid": {"type": "string"}}}
KINDS = {"/lamp": "/lamp", "/label": "/labels"}
"""Where things are made, and where they are listed."""


def said(status: str, schema: Any = None) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}} if schema else {}
    failed = {s: {"description": "no"} for s in ("400", "404")}
    return {"responses": {status: {"description": "fine", "content": content}, **failed}}


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for made, listed in KINDS.items():
        text = {"application/json": {"schema": GIVEN}}
        key = {"name": "uuid", "in": "path", "required": True, "schema": {"type": "string"}}
        things = {"type": "object", "additionalProperties": GIVEN}
        paths.setdefault(listed, {})["get"] = said("200", things)
        paths.setdefault(made, {})["post"] = {
            "requestBody": {"required": True, "content": text},
            **said("201", NAMED),
        }
        paths[f"{made}/{{uuid}}"] = {
            "parameters": [key],
            "get": said("200", GIVEN),
            "put": {"requestBody": {"required": True, "content": text}, **said("200")},
            "delete": said("204"),
        }
    return openapi(paths=paths)


class Shelf(ThreadingHTTPServer):
    """`things` by the path at which they are made; `breaks`: no listing of much is answered;
    `upserts`: a creation with the title of what is there changes that."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.things = {
            made: {str(uuid.UUID(int=n)): {"title": f"theirs {n}"} for n in (1, 2)}
            for made in KINDS
        }
        self.breaks = False
        self.upserts = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Shelf

    def log_message(self, *_: Any) -> None:
        pass

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            given = json.loads(content) if content else None
        except ValueError:
            given = None
        with self.server.lock:
            status, data = self.reply(self.path.split("?")[0], given)
        out = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    def reply(self, path: str, given: Any) -> tuple[int, Any]:
        things = self.server.things
        made = next((m for m, listed in KINDS.items() if listed == path), "")
        if self.command == "GET" and made:
            many = len(things[made]) > 8
            return (500, None) if many and self.server.breaks else (200, things[made])
        fits = isinstance(given, dict) and isinstance(given.get("title"), str) and given["title"]
        if self.command in ("POST", "PUT") and not fits:
            return 400, {"error": "title is required"}
        if self.command == "POST" and path in things:
            same = [n for n, t in things[path].items() if alike(t["title"], given["title"])]
            number = same[0] if same and self.server.upserts else str(uuid.uuid4())
            things[path][number] = given
            return 201, {"uuid": number}
        above, _, number = path.rpartition("/")
        if number not in things.get(above, {}):
            return 404, {"error": "nothing there"}
        match self.command:
            case "GET":
                return 200, things[above][number]
            case "PUT":
                things[above][number] = given
                return 200, None
            case "DELETE":
                del things[above][number]
                return 204, None
        return 404, {"error": "no such route"}


def alike(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()


def shelf() -> AbstractContextManager[Shelf]:
    """The server, running."""
    return running(Shelf())


def checked(server: Shelf, folder: Path) -> RunResult:
    write(folder, document())
    target = Target(base_url=server.url)
    return run(Settings(paths=(folder,), targets=(target,), fuzz=False))


@pytest.mark.parametrize("breaks", [False, True])
def test_what_the_run_made_is_removed_and_what_was_there_is_not(
    tmp_path: Path, breaks: bool
) -> None:
    """Even where the listing fails as soon as there is much in it."""
    with shelf() as server:
        server.breaks = breaks
        before = json.dumps(server.things)
        result = checked(server, tmp_path)
        assert json.dumps(server.things) == before
    assert result.cleanup == ()
    status = {str(o.operation): o.status for o in result.operations}
    assert status["POST /lamp"] == status["POST /label"] == "probed"
    assert status["PUT /lamp/{uuid}"] == status["PUT /label/{uuid}"] == "probed"


def test_what_is_known_by_the_documented_title_is_not_overwritten(tmp_path: Path) -> None:
    with shelf() as server:
        server.upserts = True
        before = json.dumps(server.things)
        result = checked(server, tmp_path)
        assert json.dumps(server.things) == before
    status = {str(o.operation): o.status for o in result.operations}
    assert status["POST /lamp"] == status["POST /label"] == "probed", "with titles of its own"
