"""What a server calls is registered at the run's own address only, and in own things only."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from serving import JsonServer, running

from checker.documents.portal import load_portal
from checker.domain.exchange import Request
from checker.pipeline import run
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Settings, Target

Document = dict[str, Any]
UUID = "6f1c2a9e-0d1b-4c55-9f3e-2b7a4c1d8e{:02d}"
THEIRS = {UUID.format(0): {"url": "http://example.com/theirs", "title": "theirs"}}


class Watcher(JsonServer):
    """Watches pages: it would fetch each `url`. Answers in a map by identifiers."""

    def __init__(self) -> None:
        super().__init__()
        self.watches: dict[str, Document] = copy.deepcopy(THEIRS)
        self.registered: list[str] = []

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        known = self.watches.get(path[-1]) if path else None
        match method, path:
            case "GET", ["watches"]:
                return 200, self.watches
            case "POST", ["watches"]:
                if not isinstance(body, dict) or not _is_address(body.get("url")):
                    return 400, {"error": "url: an address is needed"}
                identifier = UUID.format(len(self.registered) + 1)
                self.registered.append(body["url"])
                self.watches[identifier] = body
                return 201, {"uuid": identifier}
            case _, ["watches", name] if known is not None:
                return self._of_one(method, name, known, body)
        return 404, {"error": "no such watch"}

    def _of_one(self, method: str, name: str, known: Document, body: Any) -> tuple[int, Any]:
        if method == "DELETE":
            del self.watches[name]
            return 204, None
        if method == "PUT":
            if not isinstance(body, dict) or ("url" in body and not _is_address(body["url"])):
                return 400, {"error": "url: an address is needed"}
            self.registered += [body["url"]] if "url" in body else []
            known.update(body)
        return 200, {"uuid": name, **known}


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("http://")


def document() -> Document:
    text = {"type": "string"}
    address = {**text, "format": "uri", "description": "URL to monitor for changes"}
    watch = {"type": "object", "properties": {"url": address, "title": text}, "required": ["url"]}
    change = {"type": "object", "properties": {"title": text, "paused": {"type": "boolean"}}}
    change["properties"]["url"] = address
    one = {"name": "watch_id", "in": "path", "required": True, "schema": text}

    def operation(summary: str, status: str, body: Document | None = None) -> Document:
        made: Document = {"summary": summary, "responses": {status: {"description": "Done."}}}
        if body is not None:
            made["requestBody"] = {"content": {"application/json": {"schema": body}}}
        return made

    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/watches": {
                "get": operation("List watches", "200"),
                "post": operation("Create a watch", "201", watch),
            },
            "/watches/{watch_id}": {
                "parameters": [one],
                "get": operation("Get a watch", "200"),
                "put": operation("Update a watch", "200", change),
                "delete": operation("Delete a watch", "204"),
            },
        },
    }


def test_own_things_are_made_at_the_runs_own_address(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(document()), encoding="utf-8")
    with running(Watcher()) as server:
        target = Target(base_url=server.url)
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
    told = {str(o.operation): (o.status, o.reason) for o in result.operations}
    for wanted in ("POST /watches", "PUT /watches/{watch_id}", "GET /watches/{watch_id}"):
        assert told[wanted][0] in ("probed", "partial"), told
    assert {urlsplit(url).path.partition("/hook")[0] for url in server.registered} == {""}
    assert len({urlsplit(url).netloc for url in server.registered}) == 1
    assert server.watches == THEIRS


def test_an_own_address_is_given_to_own_things_only(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document()), encoding="utf-8")
    operations = {o.id: o for o in load_portal((path,), Settings()).operations()}
    own = "http://127.0.0.1:9/hook"
    theirs = f"/watches/{UUID.format(0)}"
    body = json.dumps({"url": own}).encode()
    request = Request("PUT", theirs, content=body, media_type="application/json")
    for policy in (Policy(), Policy(test_system=True)):
        gate = Gate(policy, operations, Ledger(), lambda: (own,))
        held = gate.held(request)
        assert held is not None
        assert "own" in held.reason
        made = Request("POST", "/watches", content=body, media_type="application/json")
        assert gate.held(made) is None
