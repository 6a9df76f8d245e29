"""Two small APIs on which states come in chains and refusals say nothing of fields.

`verbs`: POST everywhere, 200 for everything, `{"status": "Error"}` with a random reference
inside. `places`: identifiers in the Location header only, one body for every refusal.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any, Protocol

from serving import PromptHandler

TOKEN = "Bearer main-token"
Answer = tuple[int, Any, dict[str, str]]


class Refused(Exception):
    """A status and a code."""

    def __init__(self, status: int, code: str = "") -> None:
        self.status, self.code = status, code


def need(condition: Any, status: int, code: str = "E_INPUT") -> None:
    if not condition:
        raise Refused(status, code)


def whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


class Verbs:
    """`/api/<verb>_item`: new, closed, archived; an archived one can be exported."""

    def __init__(self) -> None:
        self.items: dict[int, dict[str, Any]] = {}
        self.numbers = itertools.count(101)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        path, known = target.partition("?")[0], headers.get("authorization") == TOKEN
        try:
            name = path.removeprefix("/api/").removesuffix("_item")
            moves = {"close": ("new", "closed"), "archive": ("closed", "archived")}
            need(method == "POST" and name in ("create", "get", "export", *moves), 0, "E_NOFUNC")
            need(known, 0, "E_LOGIN")
            need(isinstance(body, dict), 0)
            if name == "create":
                need(isinstance(body.get("title"), str) and 1 <= len(body["title"]) <= 40, 0)
                need(whole(body.get("count"), 1, 99), 0)
                number = next(self.numbers)
                kept = {"title": body["title"], "count": body["count"], "phase": "new"}
                self.items[number] = {"id": number, **kept}
                return self.entity(self.items[number])
            wanted = body.get("item_id")
            need(whole(wanted, 1, 10**9) and wanted in self.items, 0)
            item = self.items[wanted]
            if name == "export":
                need(item["phase"] == "archived", 0, "E_PHASE")
                return self.entity({"id": next(self.numbers), "item_id": item["id"]})
            if name in moves:
                need(item["phase"] == moves[name][0], 0, "E_PHASE")
                item["phase"] = moves[name][1]
            return self.entity(item)
        except Refused as error:
            fault = {"code": error.code, "reference": uuid.uuid4().hex[:10]}
            return 200, {"status": "Error", "fault": fault}, {}

    @staticmethod
    def entity(value: dict[str, Any]) -> Answer:
        return 200, {"status": "OK", "result": {"entity": value}}, {}


class Places:
    """Groups by slug, their entries by number: draft, submitted, approved."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Any]] = {}
        self.entries: dict[str, dict[str, Any]] = {}
        self.numbers = itertools.count(7)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        path, known = target.partition("?")[0], headers.get("authorization") == TOKEN
        routes: list[tuple[str, str, Callable[..., Answer]]] = [
            ("POST", "/groups", self.make_group),
            ("GET", "/groups/([^/]+)", lambda b, k: (200, self.found(self.groups, k), {})),
            ("POST", "/groups/([^/]+)/entries", self.make_entry),
            ("GET", "/entries/([^/]+)", lambda b, k: (200, self.found(self.entries, k), {})),
            ("POST", "/entries/([^/]+)/submit", self.move("draft", "submitted")),
            ("POST", "/entries/([^/]+)/approve", self.move("submitted", "approved")),
            ("POST", "/entries/([^/]+)/receipts", self.receipt),
        ]
        try:
            for wanted, pattern, handler in routes:
                match = re.fullmatch(pattern, path)
                if match and wanted == method:
                    need(known, 401)
                    return handler(body, *match.groups())
            raise Refused(404)
        except Refused as error:
            return error.status, {"type": "about:blank", "title": "Request failed"}, {}

    @staticmethod
    def found(store: dict[str, dict[str, Any]], key: str) -> dict[str, Any]:
        need(key in store, 404)
        return store[key]

    def make_group(self, body: Any) -> Answer:
        need(isinstance(body, dict) and isinstance(body.get("label"), str), 400)
        need(2 <= len(body["label"]) <= 30, 400)
        slug = re.sub("[^a-z0-9]+", "-", body["label"].lower()) + f"-{next(self.numbers)}"
        self.groups[slug] = {"slug": slug, "label": body["label"]}
        return 201, None, {"Location": f"/groups/{slug}"}

    def make_entry(self, body: Any, slug: str) -> Answer:
        self.found(self.groups, slug)
        need(isinstance(body, dict) and whole(body.get("amount"), 1, 500), 400)
        number = str(next(self.numbers))
        kept = {"number": int(number), "group": slug, "amount": body["amount"]}
        self.entries[number] = {**kept, "status": "draft"}
        return 201, None, {"Location": f"/entries/{number}"}

    def move(self, before: str, after: str) -> Callable[..., Answer]:
        def handler(body: Any, number: str) -> Answer:
            entry = self.found(self.entries, number)
            need(entry["status"] == before, 400)
            entry["status"] = after
            return 204, None, {}

        return handler

    def receipt(self, body: Any, number: str) -> Answer:
        need(self.found(self.entries, number)["status"] == "approved", 400)
        return 201, {"receipt": next(self.numbers)}, {}


class Api(Protocol):
    """What answers a request: status, body (None: none) and headers."""

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer: ...


@contextmanager
def serving(api: Api) -> Iterator[str]:
    """The address at which the API answers."""
    lock = threading.Lock()

    class Handler(PromptHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def handle_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                body = json.loads(content) if content else None
            except ValueError:
                body = None
            sent = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                status, value, headers = api.answer(self.command, self.path, body, sent)
            data = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            problem = status >= 400
            if data:
                media = "application/problem+json" if problem else "application/json"
                self.send_header("content-type", media)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
