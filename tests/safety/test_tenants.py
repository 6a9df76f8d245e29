"""Numbers are given to each tenant anew: what one caller reads there isn't what another has."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import body, said
from serving import JsonServer, running

from checker.domain.exchange import Request
from checker.probing.http import Wire
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Target, Token

FILE = {"type": "object", "properties": {"title": {"type": "string"}}}
FILE_ID = {"name": "file_id", "in": "path", "required": True, "schema": {"type": "string"}}
PATHS: dict[str, Any] = {
    "/files": {"post": {"requestBody": body(FILE), "responses": said("201")}},
    "/files/{file_id}": {
        "parameters": [FILE_ID],
        "get": {"responses": said("200", FILE)},
        "delete": {"responses": said("204")},
    },
}
UUID = "6f1c2a9e-0d1b-4c55-9f3e-2b7a4c1d8e90"
TOKENS = {name: Token(name, name) for name in ("user", "admin")}


class Tenants(JsonServer):
    """Each caller has files of its own; one of them may delete, and read nothing."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number
        self.files: dict[str, dict[str, str]] = {"user": {}, "admin": {number: "theirs"}}

    def answer_to(self, caller: str, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        files, name = self.files[caller], path[-1]
        if method == "POST":
            name = self.number.replace("7", "8") if files else self.number
            files[name] = body["title"]
            return 201, {"id": name, "title": files[name]}
        if method == "GET" and caller == "admin":
            return 403, {"error": "no"}
        if name not in files:
            return 404, {"error": "none"}
        shown = {"id": name, "title": files[name]}
        if method == "DELETE":
            del files[name]
        return 200, shown


@pytest.mark.parametrize(("number", "sent"), [("7", False), (UUID, True)])
def test_what_another_caller_reads_there_proves_nothing_of_a_number(
    tmp_path: Path, number: str, sent: bool
) -> None:
    operations = {o.id: o for o in load(tmp_path, openapi(paths=PATHS)).operations}
    gate = Gate(Policy(allow_destructive=True), operations, Ledger())

    async def ran(server: Tenants) -> None:
        async with Wire(Target(base_url=server.url), gate, max_requests=50) as wire:
            wire.observers.append(lambda e: gate.note(e, e.response is not None))
            for title in ("gkwshdrqx", "bnwqtzrvd"):
                content = json.dumps({"title": title}).encode()
                made = Request("POST", "/files", (), (), content, "application/json", token="user")
                await wire.send(made, TOKENS, {})
            await wire.send(Request("DELETE", f"/files/{number}", token="admin"), TOKENS, {})

    with running(Tenants(number)) as server:
        asyncio.run(ran(server))
        assert (number not in server.files["admin"]) is sent
