"""Servers that fail now and then, and two versions behind one address, over real HTTP."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from serving import PromptHandler, running

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.settings import Settings, Target

Answer = tuple[int, Any]
Order = Callable[[Any], Answer]
Around = Callable[[int, Any], Answer]
"""What a body is answered, by the request's number."""

KINDS = ["parcel", "letter", "pallet"]
FIELDS = {
    "name": {"type": "string"},
    "kind": {"type": "string", "enum": KINDS},
    "amount": {"type": "integer", "minimum": 1, "maximum": 100},
    "note": {"type": "string"},
    "currency": {"type": "string", "enum": ["EUR", "USD"]},
}


def order(body: Any, required: tuple[str, ...] = ("name", "kind")) -> Answer:
    """One version of the server: what it is sent is checked as documented."""
    if not isinstance(body, dict):
        return 422, {"message": "an object is needed"}
    for name in required:
        if name not in body:
            return 422, {"message": f"{name} is missing"}
    for name, value in body.items():
        schema = FIELDS.get(name, {})
        if schema.get("type") == "string" and not isinstance(value, str):
            return 422, {"message": f"{name} must be a string"}
        if "enum" in schema and value not in schema["enum"]:
            return 422, {"message": f"{name} must be one of {schema['enum']}"}
        if schema.get("type") == "integer" and (
            not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100
        ):
            return 422, {"message": f"{name} must be from 1 to 100"}
    return 201, {"id": 7, **{k: v for k, v in body.items() if k in FIELDS}}


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        self._answer(*self.server.answer(body) if self.path == "/orders" else (404, {}))

    def do_GET(self) -> None:
        self._answer(404, {"message": "nothing here"})

    def _answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, around: Around) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.around, self.orders, self.lock = around, 0, threading.Lock()

    def answer(self, body: Any) -> Answer:
        with self.lock:
            self.orders += 1
            return self.around(self.orders, body)


@contextmanager
def serving(around: Around) -> Iterator[Server]:
    with running(Server(around)) as server:
        yield server


def check(folder: Path, around: Around, required: list[str], **options: Any) -> RunResult:
    schema = {
        "type": "object",
        "required": required,
        "properties": FIELDS,
        "additionalProperties": False,
    }
    made = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, **FIELDS},
    }
    refused = {"type": "object", "properties": {"message": {"type": "string"}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/orders": {
                "post": {
                    "summary": "Create an order",
                    "requestBody": {"content": {"application/json": {"schema": schema}}},
                    "responses": {
                        "201": {
                            "description": "made",
                            "content": {"application/json": {"schema": made}},
                        },
                        "422": {
                            "description": "refused",
                            "content": {"application/json": {"schema": refused}},
                        },
                    },
                }
            }
        },
    }
    (folder / "orders.json").write_text(json.dumps(document))
    with serving(around) as server:
        target = Target(base_url=f"http://127.0.0.1:{server.server_address[1]}")
        settings = Settings(
            paths=(folder,), targets=(target,), concurrency=1, **{"fuzz": False, **options}
        )
        return run(settings)


def told(result: RunResult) -> set[tuple[str, str]]:
    return {(f.rule, f.field.name) for f in result.findings}


def failing(share: float, seed: int, status: int = 500) -> Around:
    """Some of the answers, at random, are a failure."""
    fates = random.Random(f"unsteady {seed}")

    def around(_: int, body: Any) -> Answer:
        return (status, {"message": "oops"}) if fates.random() < share else order(body)

    return around


TRUE = ["name", "kind"]
NEEDED = ("name", "kind", "currency")
PLANTED = {("required-undocumented", "name")}
CLEAN, CLEAN_PLANTED = 66, 74
"""Requests to the operation that two equal answers took for every claim, whatever the server did.
What asks whether the API itself still answers goes to other routes."""


def steady(_: int, body: Any) -> Answer:
    return order(body)


def test_a_clean_server_is_asked_no_oftener_than_it_was(tmp_path: Path) -> None:
    """The numbers of requests are those from before failure rates were measured."""
    asked: list[Any] = []

    def counted(number: int, body: Any) -> Answer:
        asked.append(body)
        return steady(number, body)

    truthful, clean = check(tmp_path, counted, TRUE), len(asked)
    planted = check(tmp_path, counted, ["kind"])
    assert not told(truthful) and told(planted) == PLANTED
    assert clean <= CLEAN and len(asked) - clean <= CLEAN_PLANTED
    assert not truthful.notes and not planted.notes


@pytest.mark.parametrize("seed", range(4))
def test_a_tenth_of_5xx_brings_nothing_up(tmp_path: Path, seed: int) -> None:
    result = check(tmp_path, failing(0.1, seed), TRUE)
    assert not told(result)
    assert any("failed now and then" in n and "POST /orders (" in n for n in result.notes)


@pytest.mark.parametrize("seed", range(4))
def test_drift_is_found_among_a_tenth_of_5xx(tmp_path: Path, seed: int) -> None:
    assert told(check(tmp_path, failing(0.1, seed), ["kind"])) <= PLANTED


def test_most_of_it_is_found(tmp_path: Path) -> None:
    found = [told(check(tmp_path, failing(0.1, seed), ["kind"])) for seed in range(4)]
    assert found.count(PLANTED) >= 2


@pytest.mark.parametrize("seed", range(3))
def test_two_fifths_of_5xx_bring_nothing_up(tmp_path: Path, seed: int) -> None:
    result = check(tmp_path, failing(0.4, seed), TRUE)
    assert not told(result)
    assert any("failed now and then" in note for note in result.notes)


@pytest.mark.parametrize("documented", [TRUE, [*TRUE, "currency"], ["kind"]])
@pytest.mark.parametrize("first", [0, 1])
def test_two_versions_behind_one_address(tmp_path: Path, first: int, documented: list[str]) -> None:
    """Every second request gets to a version that needs one more field: that, and nothing else."""

    def balanced(number: int, body: Any) -> Answer:
        return order(body, NEEDED if (number + first) % 2 else ("name", "kind"))

    result = check(tmp_path, balanced, documented)
    assert told(result) == {("answers-inconsistent", "")}
    assert [o.status for o in result.operations] == ["inconclusive"]
    assert "by turns" in result.operations[0].reason
    ways = [e.verdict.value for e in result.findings[0].evidence]
    assert min(ways.count("accepted"), ways.count("rejected")) >= 3
