"""A real server whose registers are numbered alike: an own number is somebody's elsewhere."""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from document_samples import openapi
from premises import body, said
from serving import PromptHandler, running

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
SHOWN = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
BRANCH = {"name": "branch", "in": "query", "schema": TEXT}
DESK = {"name": "X-Desk", "in": "header", "schema": TEXT}


def _collection(
    path: str, *more: dict[str, Any], item: str = "", read: bool = True
) -> dict[str, Any]:
    """Creation at a path, and reading, changing and deleting at an item's."""
    made = {"requestBody": body(NAMED), "responses": said("201", SHOWN), "parameters": [*more]}
    key = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    one = {"parameters": [key, *more]}
    acts = {
        "get": {**one, "responses": said("200", SHOWN)},
        "put": {**one, "requestBody": body(NAMED), "responses": said("200", SHOWN)},
        "delete": {**one, "responses": said("204")},
    }
    if not read:
        del acts["get"]
    return {path: {"post": made}, f"{item or path}/{{id}}": acts}


INSIDE: dict[str, Any] = {
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
    "requestBody": body(NAMED),
    "responses": said("201", SHOWN),
}
DOCUMENT = openapi(
    paths={
        **_collection("/cards"),
        **_collection("/slips", read=False),
        **_collection("/notices", read=False),
        **_collection("/pages", BRANCH),
        **_collection("/files", DESK),
        **_collection("/trial/notes", item="/notes"),
        **_collection("/papers"),
        **_collection("/sheets"),
        **_collection("/brands"),
        **_collection("/folders"),
        "/folders/{id}/papers": {"post": INSIDE},
        "/folders/{id}/notes": {
            "post": INSIDE,
            "get": {
                "parameters": INSIDE["parameters"],
                "responses": said("200", {"type": "array", "items": SHOWN}),
            },
        },
        "/centres": {
            "post": {
                "summary": "Create a centre",
                "description": "A closed centre with the code is opened again.",
                "requestBody": body(NAMED),
                "responses": said("201", SHOWN),
            }
        },
    }
)


class Registers(ThreadingHTTPServer):
    """`rows` are by register, place and identifier; theirs are called `theirs N`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.rows: dict[tuple[str, str], dict[str, str]] = {}
        for register in (
            "cards",
            "slips",
            "notices",
            "pages",
            "files",
            "notes",
            "papers",
            "sheets",
        ):
            self.rows[register, ""] = {str(n): f"theirs {n}" for n in range(1, 40)}
        self.rows["brands", ""] = {"0": "theirs 0"}
        self.next = 20
        self.renames = False
        """Brands are called by their names."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def theirs(self) -> dict[str, int]:
        """How many names of others stand in each register."""
        return {
            register: sum(name.startswith("theirs") for name in rows.values())
            for (register, place), rows in self.rows.items()
            if not place
        }


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Registers

    def log_message(self, *_: Any) -> None:
        pass

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.asked.append(f"{self.command} {self.path}")
            status, data = self.reply(json.loads(content) if content else {})
        answer = json.dumps(data).encode() if data is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def reply(self, given: dict[str, str]) -> tuple[int, Any]:
        split = urlsplit(self.path)
        parts = [unquote(p) for p in split.path.split("/") if p]
        place = split.query.removeprefix("branch=") or self.headers.get("X-Desk") or ""
        if self.command == "POST":
            return self.make(parts, place, given["name"])
        if parts[2:]:
            return 200, []
        register, key = parts[0], parts[1]
        if register == "brands" and key not in self.server.rows["brands", ""]:
            key = "0"  # as databases do that compare a number with a text
        rows = self.server.rows.get((register, place), {})
        if key not in rows:
            return 404, None
        if self.command == "DELETE":
            del rows[key]
            return 204, None
        name = given.get("name", rows[key])
        if self.server.renames and key != "0":
            del rows[key]
        rows[name if self.server.renames and key != "0" else key] = name
        return 200, {"id": key, "name": name}

    def make(self, parts: list[str], place: str, name: str) -> tuple[int, Any]:
        self.server.next += 1
        key = str(self.server.next)
        match parts:
            case ["cards" as register]:
                key = "9" + key
            case ["slips" | "folders" as register]:
                key = f"kx{key}q"
            case ["notices" as register]:
                self.server.rows["notices", ""]["9" + key] = name
                return 201, {"id": key, "name": name}  # the number of the order to print
            case ["pages" | "files" as register]:
                pass
            case ["trial", "notes"]:
                register, place = "notes", "trial"
            case ["folders", folder, "papers" | "notes"]:
                register, place = "in folders", folder
            case ["papers"]:
                self.server.rows["papers", ""]["9" + key] = name
                return 201, {"id": key, "name": name}  # the number of the job
            case ["sheets"]:
                key, register = f"drafts/{key}", "sheets"
            case _:
                return 201, {"name": name}
        self.server.rows.setdefault((register, place), {})[key] = name
        return 201, {"id": key, "name": name}


def registers() -> AbstractContextManager[Registers]:
    """The server, running."""
    return running(Registers())
