"""A creation that answers with what is there of the same title, and changes nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import JsonServer, running

from checker.pipeline import run
from checker.settings import Settings, Target

TEXT = {"type": "string"}
TAGS = {"type": "array", "items": TEXT, "example": ["loud", "dark"]}
NAME = {"type": "string", "example": "my-room"}
ROOM = {"type": "object", "required": ["name"], "properties": {"name": NAME, "tags": TAGS}}
SHOWN = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": TEXT, "tags": TAGS, "since": TEXT},
}


class Rooms(JsonServer):
    """One room a name; what else a second request brings is passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: dict[int, dict[str, Any]] = {
            1: {"id": 1, "name": "theirs", "tags": ["old"], "since": "2024-01-03"}
        }
        self.given = 1

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if path == ["rooms"] and method == "POST":
            return self.make(body)
        room = self.rooms.get(int(path[1])) if len(path) > 1 and path[1].isdecimal() else None
        if path[:1] != ["rooms"] or room is None:
            return 404, {"error": "nothing is here"}
        if path[2:] == ["opening"] and method == "PUT":
            room["since"] = "2026-01-01"
        elif path[2:]:
            return 404, {"error": "nothing is here"}
        elif method == "DELETE":
            del self.rooms[room["id"]]
            return 204, None
        return 200, room

    def make(self, body: Any) -> tuple[int, Any]:
        name = body.get("name") if isinstance(body, dict) else None
        tags = body.get("tags", []) if isinstance(body, dict) else None
        if not isinstance(name, str) or not isinstance(tags, list):
            return 422, {"error": "name: a text is expected"}
        for room in self.rooms.values():
            if room["name"] == name:
                return 200, room
        self.given += 1
        self.rooms[self.given] = {"id": self.given, "name": name, "tags": tags, "since": "2025"}
        return 201, self.rooms[self.given]


def test_what_is_made_of_a_new_title_is_used_all_the_same(tmp_path: Path) -> None:
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}

    def said(status: str, schema: Any = None) -> dict[str, Any]:
        content = {"application/json": {"schema": schema}} if schema else {}
        return {status: {"description": "fine", "content": content}}

    made = {"required": True, "content": {"application/json": {"schema": ROOM}}}
    paths = {
        "/rooms": {"post": {"requestBody": made, "responses": said("201", SHOWN)}},
        "/rooms/{id}": {
            "get": {"parameters": [number], "responses": said("200", SHOWN)},
            "delete": {"parameters": [number], "responses": said("204")},
        },
        "/rooms/{id}/opening": {"put": {"parameters": [number], "responses": said("200", SHOWN)}},
    }
    write(tmp_path, openapi(paths=paths))
    with running(Rooms()) as server:
        theirs = dict(server.rooms[1])
        result = run(Settings(paths=(tmp_path,), targets=(Target(base_url=server.url),)))
        assert server.rooms[1] == theirs
    status = {str(o.operation): o.status for o in result.operations}
    assert status["POST /rooms"] == status["GET /rooms/{id}"] == "probed"
    assert status["PUT /rooms/{id}/opening"] == "probed"
