"""Operations on things that don't touch are examined side by side; what is found is the same."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import JsonServer, running

from checker.pipeline import run
from checker.settings import Settings, Target

WAIT_S = 0.003
CHOSEN = ("required-undocumented", "enum-undocumented")
NOUNS = ("boats", "huts")


class Harbour(JsonServer):
    """Boats and huts; each answer takes its time. Counts how many changes are under way."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self.things: dict[str, dict[str, dict[str, Any]]] = {noun: {} for noun in NOUNS}
        self.made = 0
        self.writing: list[str] = []
        self.together: set[frozenset[str]] = set()
        self.most = 0

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        noun = path[0] if path and path[0] in NOUNS else ""
        with self._lock:
            self.writing += [noun] if method != "GET" else []
            self.most = max(self.most, len(self.writing))
            self.together.add(frozenset(self.writing))
        time.sleep(WAIT_S)
        with self._lock:
            if method != "GET":
                self.writing.remove(noun)
            return self._answered(method, noun, path[1:], body)

    def _answered(self, method: str, noun: str, rest: list[str], body: Any) -> tuple[int, Any]:
        known = self.things.get(noun)
        if known is None or (rest and rest[0] not in known):
            return 404, {"error": "no such thing"}
        if method == "GET":
            return 200, known[rest[0]] if rest else list(known.values())
        if method == "DELETE":
            return 200, known.pop(rest[0])
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            return 400, {"error": "title is missing"}
        if "colour" in body and body["colour"] not in ("red", "blue"):
            return 400, {"error": "colour is invalid"}
        self.made += 1
        made = {"id": f"n{self.made}", "title": body["title"], "colour": body.get("colour", "red")}
        known[made["id"]] = made
        return 201, made


def paths() -> dict[str, Any]:
    text: Any = {"type": "string"}
    taken = {"type": "object", "properties": {"title": text, "colour": text}}
    thing = {"type": "object", "properties": {"id": text, "title": text, "colour": text}}
    content = {"content": {"application/json": {"schema": thing}}}
    listed = {"content": {"application/json": {"schema": {"type": "array", "items": thing}}}}
    named = [{"name": "id", "in": "path", "required": True, "schema": text}]
    refused = {s: {"description": "d"} for s in ("400", "404")}

    def shown(status: str, what: Any) -> dict[str, Any]:
        return {"responses": {status: {"description": "d", **what}, **refused}}

    out: dict[str, Any] = {}
    for noun in NOUNS:
        body = {"required": True, "content": {"application/json": {"schema": taken}}}
        out[f"/{noun}"] = {
            "post": {**shown("201", content), "requestBody": body},
            "get": shown("200", listed),
        }
        one = shown("200", content)
        out[f"/{noun}/{{id}}"] = {"parameters": named, "get": one, "delete": one}
    return out


def found(folder: Path, at_once: int) -> tuple[set[Any], Harbour]:
    with running(Harbour()) as server:
        target = Target(base_url=server.url)
        settings = Settings(
            paths=(folder,), targets=(target,), fuzz=False, concurrency=at_once, rules=CHOSEN
        )
        result = run(settings)
    assert result.error == ""
    told = {(f.rule, str(f.operation), f.field.name, f.severity) for f in result.findings}
    return told, server


def test_the_same_is_found_however_many_are_examined_at_once(tmp_path: Path) -> None:
    write(tmp_path, openapi(paths=paths()))
    alone, server = found(tmp_path, 1)
    assert server.most == 1
    assert {(rule, field) for rule, _, field, _ in alone} >= {
        ("required-undocumented", "title"),
        ("enum-undocumented", "colour"),
    }
    beside, server = found(tmp_path, 4)
    assert beside == alone
    assert frozenset(NOUNS) in server.together
    assert not any(server.things.values())
