"""A reading that waits longer than is waited for it, as its parameter lets it."""

from __future__ import annotations

import json
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import PromptHandler, running

from checker.pipeline import run
from checker.settings import Settings, Target

TIMEOUT_S = 1.0
MOST = 4
"""Two of the first reading, one of the search, one more that finds out."""


class _Handler(PromptHandler):
    server: Changes

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/changes" and "wait=0" not in query.split("&"):
            self.server.unanswered += not self.server.asked
            self.server.over.wait()
            return
        self.server.asked = self.server.asked or path == "/changes"
        content = json.dumps({"changes": []} if path == "/changes" else {"error": "none"}).encode()
        self.send_response(200 if path == "/changes" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Changes(ThreadingHTTPServer):
    """Answers about changes when there are some: never, here."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.over = threading.Event()
        self.unanswered = 0
        self.asked = False  # not to wait, by now


def left_waiting(tmp_path: Path) -> int:
    """How many requests nobody answered until the reading was asked not to wait."""
    wait = {"name": "wait", "in": "query", "schema": {"type": "integer", "minimum": 0}}
    said = {"200": {"description": "ok"}, "404": {"description": "none"}}
    paths: Any = {"/changes": {"get": {"parameters": [wait], "responses": said}}}
    write(tmp_path, openapi(paths=paths))
    with running(Changes()) as server:
        target = Target(base_url=f"http://127.0.0.1:{server.server_address[1]}")
        settings = Settings(
            paths=(tmp_path,), targets=(target,), fuzz=False, timeout=TIMEOUT_S, max_requests=25
        )
        result = run(settings)
        server.over.set()
    assert [o.status for o in result.operations] in (["probed"], ["partial"])
    return server.unanswered


def test_it_is_asked_not_to_wait(tmp_path: Path) -> None:
    assert left_waiting(tmp_path) <= MOST, "whoever waited twice need not wait again"
