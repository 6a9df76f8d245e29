"""A creation that gives what is there of the same number, which a list shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import JsonServer, running

from checker.pipeline import run
from checker.settings import Settings, Target

THEIRS = {"id": 41, "register_code": "A00-0512", "name": "somebody's"}


class Register(JsonServer):
    """Numbers have a form that nobody documents, and one thing each."""

    def __init__(self) -> None:
        super().__init__()
        self.pupils: dict[int, dict[str, Any]] = {41: dict(THEIRS)}

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        match method, path:
            case "GET", ["pupils"]:
                return 200, list(self.pupils.values())
            case "POST", ["pupils"]:
                return self._made(body if isinstance(body, dict) else {})
            case _, ["pupils", name] if name.isdigit() and int(name) in self.pupils:
                return self._one(method, int(name), body)
        return 404, {"error": "no such pupil"}

    def _made(self, body: dict[str, Any]) -> tuple[int, Any]:
        number = body.get("register_code")
        if not isinstance(number, str) or not re.fullmatch(r"[A-Z]\d\d-\d{4}", number):
            return 400, {"error": "register_code has an invalid format"}
        for known in self.pupils.values():
            if known["register_code"] == number:
                return 200, known
        made = {"id": 42 + len(self.pupils), "register_code": number, "name": body.get("name")}
        self.pupils[made["id"]] = made
        return 200, made

    def _one(self, method: str, number: int, body: Any) -> tuple[int, Any]:
        if method == "DELETE":
            del self.pupils[number]
            return 204, None
        if method == "PATCH":
            name = body.get("name") if isinstance(body, dict) else None
            if not isinstance(name, str):
                return 400, {"error": "name must be a string"}
            self.pupils[number]["name"] = name
        return 200, self.pupils[number]


def test_what_comes_of_another_number_is_own(tmp_path: Path) -> None:
    text: Any = {"type": "string"}
    fields = {"type": "object", "properties": {"register_code": text, "name": text}}
    whole = {"type": "object", "properties": {"id": {"type": "integer"}, **fields["properties"]}}

    def op(schema: Any, sent: Any = None) -> Any:
        ok = {"description": "ok", "content": {"application/json": {"schema": schema}}}
        taken = {"requestBody": {"content": {"application/json": {"schema": sent}}}} if sent else {}
        refused = {"400": {"description": "bad"}, "404": {"description": "none"}}
        return {"responses": {"200": ok, **refused}, **taken}

    given = {"name": "pupil_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    gone = {"responses": {"204": {"description": "gone"}, "404": {"description": "none"}}}
    made = {**fields, "required": ["register_code"]}
    paths: Any = {
        "/pupils": {"get": op({"type": "array", "items": whole}), "post": op(whole, made)},
        "/pupils/{pupil_id}": {
            "parameters": [given],
            "get": op(whole),
            "patch": op(whole, {"type": "object", "properties": {"name": text}}),
            "delete": gone,
        },
    }
    write(tmp_path, openapi(paths=paths))
    with running(Register()) as server:
        target = Target(base_url=server.url)
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
        assert server.pupils == {41: THEIRS}
    found = {str(o.operation): o.status for o in result.operations}
    assert found["PATCH /pupils/{pupil_id}"] == "probed"
