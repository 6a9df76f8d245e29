"""A reading that makes things is not read to find out whether it may be sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from document_samples import openapi, write
from serving import JsonServer, running

from checker.pipeline import run
from checker.settings import Settings, Target

TEXT = {"type": "string"}
SITE = {"type": "object", "required": ["name"], "properties": {"id": TEXT, "name": TEXT}}
WHICH = {"name": "id", "in": "path", "required": True, "schema": TEXT}


class Sites(JsonServer):
    def __init__(self) -> None:
        super().__init__()
        self.sites = {"1": "theirs"}

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        if path == ["sites"] and method == "POST":
            name = body.get("name") if isinstance(body, dict) else None
            if not isinstance(name, str) or not name:
                return 422, {"error": "name is required"}
            own = str(len(self.sites) + 1)
            self.sites[own] = name
            return 201, {"id": own, "name": name}
        if path == ["sites"]:
            return 200, [{"id": key, "name": name} for key, name in self.sites.items()]
        if len(path) == 2 and path[1] in self.sites:
            return 200, {"id": path[1], "name": self.sites[path[1]]}
        return 404, {"error": "nothing is here"}


def test_no_run_ends_in_it(tmp_path: Path) -> None:
    def said(status: str, schema: Any) -> dict[str, Any]:
        return {status: {"description": "ok", "content": {"application/json": {"schema": schema}}}}

    made = {"required": True, "content": {"application/json": {"schema": SITE}}}
    paths = {
        "/sites": {
            "get": {"responses": said("200", {"type": "array", "items": SITE})},
            "post": {"requestBody": made, "responses": said("201", SITE)},
        },
        "/sites/{id}": {"get": {"parameters": [WHICH], "responses": said("200", SITE)}},
        "/addSite/{id}": {"get": {"parameters": [WHICH], "responses": said("200", SITE)}},
    }
    write(tmp_path, openapi(paths=paths))
    with running(Sites()) as server:
        target = Target(base_url=server.url)
        result = run(Settings(paths=(tmp_path,), targets=(target,), fuzz=False))
    assert not result.error
    assert sum(o.status == "probed" for o in result.operations) >= 3
