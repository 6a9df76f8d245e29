"""`--har`: recorded requests are witnesses, and tell of operations that no document has."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from test_failing_targets import JSON, Answer, serving

from checker.pipeline import run
from checker.settings import Settings, Target

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {"/items": {"get": {"responses": {"200": {"description": "ok"}}}}},
}


def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
    if handler.path in ("/api/items", "/api/items/7/prices", "/api/items/8/prices"):
        return 200, JSON, b'{"found": []}'
    if handler.path == "/api/logo":
        return 200, {"Content-Type": "image/svg+xml"}, b"<svg/>"
    return 404, JSON, b'{"error": "no such thing"}'


def test_an_operation_that_only_a_recording_has(tmp_path: Path) -> None:
    with serving(answer) as server:
        paths = ("items", "items/7/prices", "items/8/prices", "logo", "gone")
        entries = [
            {
                "request": {"method": "GET", "url": f"{server.url}/api/{path}", "headers": []},
                "response": {"status": 200},
            }
            for path in paths
        ]
        (tmp_path / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "shop.json").write_text(json.dumps(DOCUMENT))
        settings = Settings(
            paths=(tmp_path / "docs",),
            targets=(Target(base_url=f"{server.url}/api"),),
            har=(tmp_path / "a.har",),
            fuzz=False,
        )
        result = run(settings)
    found = [f for f in result.findings if f.rule == "operation-undocumented"]
    assert [f.operation for f in found] == ["GET /items/{id2}/prices"]
    assert "recording" in found[0].issue and found[0].evidence
