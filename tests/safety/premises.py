"""A real server with things of others in it, an account, a switch; it notes what is done."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from document_samples import openapi
from serving import PromptHandler, running

ROOM = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "size": {"type": "integer", "minimum": 1},
        "floor": {"type": "string", "enum": ["low", "high"]},
    },
}
SETTINGS = {
    "type": "object",
    "properties": {"opens": {"type": "string"}, "limit": {"type": "integer", "minimum": 0}},
}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def said(status: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}} if schema else {}
    return {status: {"description": "fine", "content": content}, "404": {"description": "none"}}


SHOWN = {**ROOM, "properties": {"id": {"type": "integer"}, **ROOM["properties"]}}  # type: ignore[dict-item]
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def document(**paths: Any) -> dict[str, Any]:
    """The API's document: rooms, and what nobody may call unattended."""
    return openapi(
        paths={
            "/rooms": {
                "get": {"responses": said("200", {"type": "array", "items": SHOWN})},
                "post": {"requestBody": body(ROOM), "responses": said("201", SHOWN)},
            },
            "/rooms/{id}": {
                "get": {"parameters": [ID], "responses": said("200", SHOWN)},
                "put": {
                    "parameters": [ID],
                    "requestBody": body(ROOM),
                    "responses": said("200", SHOWN),
                },
                "delete": {"parameters": [ID], "responses": said("204")},
            },
            "/rooms/{id}/archive": {"post": {"parameters": [ID], "responses": said("204")}},
            "/settings": {
                "get": {"responses": said("200", SETTINGS)},
                "put": {"requestBody": body(SETTINGS), "responses": said("200", SETTINGS)},
            },
            "/shutdown": {"post": {"responses": said("204")}},
            "/me": {"patch": {"requestBody": body(ROOM), "responses": said("200", ROOM)}},
            "/emails": {"post": {"requestBody": body(ROOM), "responses": said("202")}},
            "/zxqv": {"post": {"responses": said("204")}},
            **paths,
        }
    )


class Premises(ThreadingHTTPServer):
    """`rooms` and `settings` are the data; `asked` are method and path of all requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.rooms = {
            n: {"id": n, "name": f"theirs {n}", "size": n, "floor": "low"} for n in range(1, 6)
        }
        self.settings: dict[str, Any] = {"opens": "08:00", "limit": 7}
        self.next = 6
        self.deletes = True
        self.keeps = 0  # of so many rooms one can't be deleted; 0: of none
        self.most = 0  # so many rooms are kept at most; 0: as many as there are
        self.ever = 0  # so many numbers are given at most, whatever goes; 0: as many as are asked
        self.tells = True  # whether the answer to a creation shows more than the number
        self.deleted = 204  # what is answered to a deletion that was done
        self.rules: dict[int, Any] = {}
        self.fired = 0  # how often a rule was made that fits all that happens, and was on

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def theirs(self) -> dict[int, Any]:
        """What was there from the start, as it is now."""
        return {n: dict(r) for n, r in self.rooms.items() if n < 6}

    def sent(self, start: str) -> list[str]:
        return [a for a in self.asked if a.startswith(start)]


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Premises

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self, status: int, data: Any = None) -> None:
        content = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        with self.server.lock:
            self.server.asked.append(f"{self.command} {path}")
            try:
                given = json.loads(content) if content else None
            except ValueError:
                given = None
            self.answer(*self.reply(path, given))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

    def reply(self, path: str, given: Any) -> tuple[int, Any]:
        parts = [unquote(p) for p in path.split("/") if p]
        match self.command, parts:
            case "GET", ["rooms"]:
                return 200, list(self.server.rooms.values())
            case "POST", ["rooms"]:
                return self.make(given)
            case "DELETE", ["rooms"]:
                self.server.rooms.clear()
                return 204, None
            case _, ["rooms", number, *rest]:
                return self.one(int(number) if number.isdigit() else 0, rest, given)
            case _, ["automations", *rest]:
                return self.rule(rest, given)
            case "GET", ["settings"]:
                return 200, self.server.settings
            case "PUT", ["settings"]:
                if not isinstance(given, dict) or not isinstance(given.get("limit", 0), int):
                    return 422, {"error": "limit"}
                self.server.settings = {**self.server.settings, **given}
                return 200, self.server.settings
            case (("POST" | "PATCH"), ["shutdown" | "me" | "emails" | "zxqv"]):
                return 204, None
        return 404, {"error": "no such route"}

    def rule(self, rest: list[str], given: Any) -> tuple[int, Any]:
        number = int(rest[0]) if rest and rest[0].isdigit() else 0
        if not rest and self.command == "GET":
            return 200, list(self.server.rules.values())
        if self.command in ("POST", "PUT"):
            if not fits(given) or not isinstance(given.get("enabled", True), bool):
                return 422, {"error": "name is required"}
            number = number or len(self.server.asked)
            self.server.rules[number] = {"id": number, "enabled": True, **given}
            self.server.fired += self.server.rules[number]["enabled"]
            return 201 if self.command == "POST" else 200, self.server.rules[number]
        found = self.server.rules.get(number)
        if found is None:
            return 404, {"error": "no such rule"}
        if self.command == "DELETE":
            del self.server.rules[number]
            return 204, None
        return 200, found

    def make(self, given: Any) -> tuple[int, Any]:
        if not fits(given):
            return 422, {"error": "name is required"}
        if self.server.most and len(self.server.rooms) >= self.server.most:
            return 422, {"error": "There are too many already"}
        if self.server.ever and self.server.next > self.server.ever:
            return 422, {"error": "There are too many already"}
        room = {"id": self.server.next, **given}
        self.server.rooms[self.server.next] = room
        self.server.next += 1
        return 201, room if self.server.tells else {"id": room["id"]}

    def one(self, number: int, rest: list[str], given: Any) -> tuple[int, Any]:
        room = self.server.rooms.get(number)
        if room is None:
            return 404, {"error": "no such room"}
        match self.command, rest:
            case "GET", []:
                return 200, room
            case "PUT", []:
                if not fits(given):
                    return 422, {"error": "name is required"}
                room.update(given)
                return 200, room
            case "DELETE", []:
                kept = self.server.keeps and number % self.server.keeps == 0
                if kept or not self.server.deletes:
                    return 409, {"error": "not now"}
                del self.server.rooms[number]
                return self.server.deleted, None
            case "POST", ["archive"]:
                room["archived"] = True
                return 204, None
        return 404, {"error": "no such route"}


def fits(given: Any) -> bool:
    return isinstance(given, dict) and isinstance(given.get("name"), str) and bool(given["name"])


def premises() -> AbstractContextManager[Premises]:
    """The server, running."""
    return running(Premises())
