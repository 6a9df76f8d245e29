"""A shop that keeps what is made in it, and can be made to stop in the middle of an answer."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from patience import PATIENCE_S
from serving import PromptHandler

TOKEN = "a-token-that-nobody-may-see"
LEAST = 5
NAME = {"name": {"type": "string", "minLength": LEAST}, "size": {"type": "integer"}}


DIRECT = "/direct"
"""Below this prefix everything is there a second time, as behind another base URL."""
SETTINGS = {"greeting": "hello", "limit": 5}


def settings_path() -> dict[str, Any]:
    """The shop's settings, which are there and can't be made: for documents that name them."""
    schema = {
        "type": "object",
        "required": ["greeting", "limit"],
        "properties": {"greeting": {"type": "string"}, "limit": {"type": "integer"}},
    }
    content = {"application/json": {"schema": schema}}
    answers = {"200": {"description": "done", "content": content}, "422": {"description": "no"}}
    return {
        "get": {"summary": "Reads the settings", "responses": answers},
        "put": {
            "summary": "Replaces the settings",
            "requestBody": {"required": True, "content": content},
            "responses": answers,
        },
    }


def document() -> dict[str, Any]:
    """What the shop says of itself: all of it true but a status and a required field."""
    item = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, **NAME},
    }
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": NAME}}}}

    def answers(status: str, schema: Any = None) -> dict[str, Any]:
        content = {"content": {"application/json": {"schema": schema}}} if schema else {}
        return {
            status: {"description": "done", **content},
            **{s: {"description": "no"} for s in ("401", "404", "422")},
        }

    paths: dict[str, Any] = {}
    for kind in ("items", "boxes"):
        key = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
        paths[f"/{kind}"] = {
            "post": {
                "summary": f"Creates one of the {kind}",
                "requestBody": body,
                "responses": answers("201", item),
            },
            "get": {
                "summary": f"Lists the {kind}",
                "responses": answers("200", {"type": "array", "items": item}),
            },
        }
        paths[f"/{kind}/{{id}}"] = {
            "get": {
                "summary": f"Reads one of the {kind}",
                "parameters": key,
                "responses": answers("200", item),
            },
            "delete": {
                "summary": f"Deletes one of the {kind}",
                "parameters": key,
                "responses": answers("204"),
            },
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


class Shop(ThreadingHTTPServer):
    """`kept` is what is there, by kind and number; `made` and `deleted` count."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept: dict[str, dict[int, dict[str, Any]]] = {"items": {}, "boxes": {}}
        self.settings = dict(SETTINGS)
        self.made = self.deleted = self.count = 0
        self.log: list[str] = []
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.gone: tuple[int, Any] = (204, None)
        """What a deletion answers."""
        self.before: Callable[[str], Any] = lambda line: None
        """Called before each request is looked at; a status refuses it."""
        self.credentials = {TOKEN}
        """Those that are let in; an empty one stands for none."""
        self.guard: Callable[[str, str], tuple[int, Any] | None] = lambda line, credential: None
        """Called with each request that is let in and its credential; an answer refuses it."""
        self.mark: Callable[[dict[str, Any]], None] = lambda thing: None
        """Called with each new thing before it is shown."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def left(self) -> int:
        return sum(map(len, self.kept.values()))

    def wait(self, condition: Callable[[], bool]) -> None:
        """Until something that the requests bring about has come."""
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE_S)


class _Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Shop

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line = f"{self.command} {self.path}"
        with self.server.changed:
            self.server.count += 1
            self.server.log.append(line)
            self.server.changed.notify_all()
        refused = self.server.before(line)
        with self.server.changed:
            status, body = (refused, {"error": "no"}) if refused else self._answer(raw)
            self.server.changed.notify_all()
        content = b"" if body is None else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # who asked has gone

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _any

    def _answer(self, raw: bytes) -> tuple[int, Any]:
        credential = str(self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if credential not in self.server.credentials:
            return 401, {"error": "who are you"}
        refused = self.server.guard(f"{self.command} {self.path}", credential)
        if refused is not None:
            return refused
        path = self.path.removeprefix(DIRECT)
        if path == "/settings":
            return self._settings(raw)
        found = re.fullmatch(r"/(items|boxes)(?:/(\d+))?", path.split("?")[0])
        if found is None:
            return 404, {"error": "no such route"}
        kind, number = self.server.kept[found[1]], found[2]
        if number is None:
            return self._collection(kind, raw)
        if int(number) not in kind:
            return 404, {"error": "no such thing"}
        if self.command == "GET":
            return 200, kind[int(number)]
        if self.command == "DELETE":
            del kind[int(number)]
            self.server.deleted += 1
            return self.server.gone
        return 405, {"error": "no"}

    def _settings(self, raw: bytes) -> tuple[int, Any]:
        if self.command == "PUT":
            try:
                sent = json.loads(raw)
                fits = isinstance(sent["greeting"], str) and type(sent["limit"]) is int
            except (ValueError, TypeError, KeyError):
                fits = False
            if not fits:
                return 422, {"error": "a greeting and a limit are required"}
            self.server.settings = {name: sent[name] for name in SETTINGS}
        return 200, self.server.settings

    def _collection(self, kind: dict[int, dict[str, Any]], raw: bytes) -> tuple[int, Any]:
        if self.command == "GET":
            return 200, list(kind.values())
        if self.command != "POST":
            return 405, {"error": "no"}
        try:
            sent = json.loads(raw)
        except ValueError:
            return 422, {"error": "not JSON"}
        name = sent.get("name") if isinstance(sent, dict) else None
        if not isinstance(name, str) or len(name) < LEAST:
            return 422, {"error": f"name is required, of {LEAST} characters"}
        self.server.made += 1
        thing = {"id": self.server.made, "name": name, "size": 1}
        self.server.mark(thing)
        kind[self.server.made] = thing
        return 201, thing


@contextmanager
def open_shop() -> Iterator[Shop]:
    """A shop of its own on a free port."""
    shop = Shop()
    thread = threading.Thread(target=shop.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        shop.shutdown()
        shop.server_close()
        thread.join()
