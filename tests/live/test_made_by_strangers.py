"""What anybody may make and only somebody may read and delete is removed all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import JsonServer, running

from checker.pipeline import run
from checker.settings import Settings, Target, Token

TEXT = {"type": "string"}
BADGE = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
SHOWN = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
WHICH = {"name": "id", "in": "path", "required": True, "schema": TEXT}


class Badges(JsonServer):
    def __init__(self) -> None:
        super().__init__()
        self.badges = {"b1": "theirs"}
        self.next = 1

    def answer_to(self, caller: str, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if path == ["badges"] and method == "POST":
            name = body.get("name") if isinstance(body, dict) else None
            if not isinstance(name, str) or not name:
                return 422, {"error": "name is required"}
            self.next += 1
            self.badges[f"b{self.next}"] = name
            return 201, {"id": f"b{self.next}", "name": name}
        if path[:1] != ["badges"] or len(path) != 2:
            return 404, {"error": "nothing is here"}
        if caller != "staff-secret":
            return 401, {"error": "who are you"}
        if path[1] not in self.badges:
            return 404, {"error": "no such badge"}
        if method == "DELETE":
            del self.badges[path[1]]
            return 204, None
        return 200, {"id": path[1], "name": self.badges[path[1]]}


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
        target = Target(base_url=server.url, tokens={"staff": Token("staff", "staff-secret")})
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
        assert server.badges.pop("b1") == "theirs"
        # Names of a few letters may be anybody's: those stay.
        assert not [name for name in server.badges.values() if len(name) > 5]
    assert {str(o.operation): o.status for o in result.operations}["POST /badges"] == "probed"
