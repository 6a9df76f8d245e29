"""Generation by Schemathesis, and fuzzing of a real server through the lab."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import strategies
from open_gate import open_gate

from checker.domain.exchange import Call
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import DocumentInfo, Field, FieldKey, Operation, OperationId, Place
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.recipe import Recipe
from checker.probing.asks import Ask
from checker.probing.bench import Bench
from checker.probing.fuzz import Fuzzer, fuzz_operation
from checker.probing.generated import TimeUp, _processor_time, generated_cases
from checker.probing.http import Wire
from checker.probing.lab import Lab
from checker.probing.reduced import reduced_document, unrolled
from checker.probing.server_errors import confirm_server_errors
from checker.settings import Settings, Target

HERE = Location("api.json")
ID = FieldKey(Place.PATH, "id")
NAME = FieldKey(Place.BODY, "name")
BODY: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]{1,8}$"},
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "node": {"$ref": "#/components/schemas/Node"},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "security": [{"key": []}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "post": {
                "parameters": [
                    {"name": n, "in": "header", "required": True, "schema": {"type": "string"}}
                    for n in ("Authorization", "X-Api-Key", "X-Region")
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": BODY}},
                },
                "responses": {"200": {"description": "OK"}},
            },
        },
        "/other": {"get": {"responses": {"200": {"description": "OK"}}}},
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "parameters": {
            "Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        },
        "schemas": {
            "Node": {
                "type": "object",
                "properties": {
                    "next": {"$ref": "#/components/schemas/Node"},
                    "far": {"$ref": "http://127.0.0.1:9/never.json#/X"},
                    "file": {"$ref": "../../secrets.json"},
                },
            },
            "Unused": {"type": "string"},
        },
    },
}


def operation() -> Operation:
    def plain(*types: str) -> Schema:
        return Schema(HERE, types=types)

    node = Schema(HERE, types=("object",))
    body = Schema(
        HERE,
        types=("object",),
        required=("name",),
        properties={"name": plain("string"), "size": plain("integer"), "node": node},
    )
    return Operation(
        OperationId("POST", "/v1/things/{id}"),
        DocumentInfo("api.json", "3.0"),
        HERE,
        "/things/{id}",
        parameters=(Field(ID, True, plain("string"), HERE, HERE),),
        body={"application/json": body},
    )


def test_documented_valid_calls() -> None:
    calls = Fuzzer().generate(operation(), DOCUMENT, 8, 1, {ID: "bound"})
    assert 2 <= len(calls) <= 8
    for call in calls:
        assert call.path == {"id": "bound"}
        assert set(call.body) <= {"name", "size", "node"}
        assert call.body["name"].isalpha() and 1 <= len(call.body["name"]) <= 8
        assert 1 <= call.body.get("size", 1) <= 9
        assert set(call.header) <= {"X-Region"} and call.token is None
        assert call.media_type == "application/json"


def test_generation_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    code = "import test_fuzz as t; print(len(t.Fuzzer().fuzz_calls(t.operation(), t.DOCUMENT, 8)))"
    root = Path(__file__).parents[2]
    paths = [str(Path(__file__).parent), str(root / "tests" / "helpers"), str(root)]
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(ran.stdout) > 0
    assert not list(tmp_path.iterdir())


def test_fuzz_calls_of_both_kinds() -> None:
    calls = Fuzzer({"api.json": DOCUMENT}).fuzz_calls(operation(), count=10, seed=1)
    assert {c.valid for c in calls} == {True, False}
    assert len(calls) <= 10
    assert Fuzzer().fuzz_calls(operation(), DOCUMENT, 0) == []


def test_same_seed_same_calls_in_any_process() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/probing'); import test_fuzz as t;"
        "print(ascii(t.Fuzzer(seed=5).fuzz_calls(t.operation(), t.DOCUMENT, 8)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join((os.getcwd(), "tests/helpers")),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_same_seed_same_calls_whatever_came_before() -> None:
    first = Fuzzer(seed=5).fuzz_calls(operation(), DOCUMENT, 8)
    assert Fuzzer(seed=6).fuzz_calls(operation(), DOCUMENT, 8) != first
    assert Fuzzer(seed=5).fuzz_calls(operation(), DOCUMENT, 8) == first


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "(["},
        {"type": "integer", "minimum": 5, "maximum": 1},
        {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#/nowhere"}}},
        {"type": "nonsense"},
        {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
        7,
    ],
)
def test_odd_schemas_give_fewer_calls(schema: Any) -> None:
    document = json.loads(json.dumps(DOCUMENT))
    media = document["paths"]["/things/{id}"]["post"]["requestBody"]["content"]
    media["application/json"]["schema"] = schema
    document["components"]["schemas"]["Loop"] = {
        "type": "object",
        "required": ["me"],
        "properties": {"me": {"$ref": "#/components/schemas/Loop"}},
    }
    assert len(Fuzzer().generate(operation(), document, 5)) <= 5


def test_a_generation_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strategy never returns: without the bound, this test doesn't either."""
    entered = []

    def endless(*_: Any, **__: Any) -> Any:
        entered.append(True)
        while True:
            pass

    strategy = strategies.builds(endless)
    monkeypatch.setattr("schemathesis.schemas.APIOperation.as_strategy", lambda *_, **__: strategy)
    # Most of what takes long to import is there by now.
    monkeypatch.setattr("checker.probing.generated.LOADING_S", 3.0)
    before = signal.getsignal(signal.SIGVTALRM)
    assert Fuzzer(seconds=0.05).generate(operation(), DOCUMENT, 5) == []
    assert entered
    assert signal.getsignal(signal.SIGVTALRM) == before


def test_waiting_costs_no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the clock runs ahead of the work: the calls are the same."""
    undisturbed = Fuzzer(seed=5).fuzz_calls(operation(), DOCUMENT, 8)
    clock, timers, start = itertools.count(0.0, 1_000.0), set(), signal.setitimer
    monkeypatch.setattr(
        signal, "setitimer", lambda which, *s: (timers.add(which), start(which, *s))
    )
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    assert Fuzzer(seed=5).fuzz_calls(operation(), DOCUMENT, 8) == undisturbed
    assert signal.ITIMER_REAL not in timers


def test_unknown_operations_and_documents() -> None:
    other = replace(operation(), path_template="/elsewhere")
    assert Fuzzer().generate(other, DOCUMENT, 3) == []
    assert Fuzzer().generate(operation(), None, 3) == []
    assert Fuzzer().generate(operation(), {"paths": []}, 3) == []


def test_reduced_document_leads_nowhere_else() -> None:
    before = json.dumps(DOCUMENT)
    reduced = reduced_document(DOCUMENT, operation())
    assert reduced is not None
    text = json.dumps(reduced)
    for gone in ("127.0.0.1", "secrets", "Unused", "securitySchemes", "Authorization", "/other"):
        assert gone not in text
    assert json.dumps(DOCUMENT) == before


# -- a server ------------------------------------------------------------------------------------


class Shop:
    """Crashes where the name isn't a string; `flaky` crashes once for anything odd."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.crashed = 0

    async def post(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            return web.json_response({"error": "no JSON"}, status=400)
        if not isinstance(body, dict) or "name" not in body:
            return web.json_response({"error": "name"}, status=422)
        if not isinstance(body["name"], str):
            if self.mode == "crash" or (self.mode == "flaky" and not self.crashed):
                self.crashed += 1
                return web.json_response({"error": "oops"}, status=500)
            return web.json_response({"error": "name"}, status=422)
        return web.json_response({"id": 1}, status=201)


def against(mode: str, work: Callable[[Lab], Awaitable[Any]]) -> Any:
    """Run `work` with a lab on a server of its own."""

    async def main() -> Any:
        app = web.Application()
        app.router.add_post("/v1/things/{id}", Shop(mode).post)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        target = Target(base_url=f"http://{host}:{port}")
        try:
            async with Wire(target, open_gate()) as wire:
                bench = Bench(wire, target, Settings())
                call = Call(operation().id, {"id": "7"}, body={"name": "abc"})
                recipe = Recipe((), replace(call, media_type="application/json"), "example")
                lab = Lab(bench, operation(), recipe, bench.first_account())
                await lab.learn_level()
                return await work(lab)
        finally:
            await runner.cleanup()

    return asyncio.run(main())


def test_a_crash_is_confirmed_and_isolated() -> None:
    async def work(lab: Lab) -> tuple[list[Observation], int]:
        # What is drawn depends on the modules that are loaded, too: another seed has it then.
        for seed in range(1, 8):
            found = await fuzz_operation(lab, Fuzzer({"api.json": DOCUMENT}, seed=seed), 40)
            if found:
                break
        return found, len(lab.answers)

    found, answers = against("crash", work)
    assert len(found) == 1
    seen = found[0]
    assert seen.confirmed and seen.rejection is Rejection.SERVER_ERROR and seen.subject is None
    assert seen.kind is Kind.REPLACE and seen.detail["role"] == "fuzz"
    assert seen.detail["valid"] is False and seen.detail["field"] == NAME
    assert [e.role for e in seen.evidence] == ["probe", "control", "probe"]
    assert answers > 20
    assert all(e.exchange.request.url_path == "/v1/things/7" for e in seen.evidence)


@pytest.mark.parametrize("mode", ["sound", "flaky"])
def test_no_crash_is_confirmed_where_there_is_none(mode: str) -> None:
    async def work(lab: Lab) -> list[Observation]:
        return await fuzz_operation(lab, Fuzzer({"api.json": DOCUMENT}, seed=1), 40)

    assert not any(seen.confirmed for seen in against(mode, work))


@pytest.mark.parametrize(("mode", "confirmed"), [("crash", True), ("flaky", False)])
def test_unconfirmed_crashes_are_asked_again(mode: str, confirmed: bool) -> None:
    async def work(lab: Lab) -> list[Observation]:
        ask = Ask(Kind.REPLACE, edits.putting(NAME, 5), NAME, 5)
        return await confirm_server_errors(lab, [await lab.ask(ask)])

    assert [seen.confirmed for seen in against(mode, work)] == [confirmed]


def test_nothing_to_fuzz() -> None:
    async def work(lab: Lab) -> list[Observation]:
        lab.documented = replace(operation(), body={})
        return await fuzz_operation(lab, Fuzzer({"api.json": DOCUMENT}), 10)

    assert against("crash", work) == []


def chained(width: int, levels: int) -> dict[str, Any]:
    """The document with a body whose every level names the next one several times."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    schemas = document["components"]["schemas"]
    for n in range(levels):
        to = [{"$ref": f"#/components/schemas/L{n + 1}"} for _ in range(width)]
        schemas[f"L{n}"] = {"oneOf": to}
    schemas[f"L{levels}"] = {"type": "object", "properties": {"a": {"type": "string"}}}
    media = document["paths"]["/things/{id}"]["post"]["requestBody"]["content"]
    media["application/json"]["schema"] = {"$ref": "#/components/schemas/L0"}
    return document


def test_what_unrolls_without_end_is_not_handed_to_the_generator_of_wrong_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would visit each of 2³⁰ places, and keep a note of each."""
    import schemathesis

    handed: list[Any] = []
    monkeypatch.setattr(schemathesis.openapi, "from_dict", lambda *a, **_: handed.append(a))
    reduced = reduced_document(chained(2, 30), operation())
    assert reduced is not None
    assert unrolled(reduced, 50_000) == 50_000
    assert generated_cases(reduced, operation(), 3, 1, False, 1.0) == []
    assert not handed
    generated_cases(reduced, operation(), 3, 1, True, 1.0)
    assert handed


def test_what_contains_itself_unrolls_once() -> None:
    reduced = reduced_document(DOCUMENT, operation())
    assert reduced is not None
    assert unrolled(reduced, 50_000) < 200


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_a_time_limit_that_is_swallowed_once_comes_again() -> None:
    """As in a callback of the garbage collector, which passes nothing on."""
    rings = 0
    with pytest.raises(TimeUp), _processor_time(0.01):
        while True:
            try:
                while True:
                    pass
            except TimeUp:
                rings += 1
                if rings == 2:
                    raise
    assert rings == 2
