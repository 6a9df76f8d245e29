"""The server that benchmarks ask, its document, and whole runs against it. Served by itself:

    python benchmarks/things.py --resources 2 --fields 8 --required 2 --delay-ms 50

prints its address. It keeps things in memory: POST and GET at /things<n>, GET and DELETE at
/things<n>/{id}. A creation that lacks one of the first required fields is refused, always with
the same words; all fields are documented as optional.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

ROOT = Path(__file__).resolve().parents[1]
COMPILED = tempfile.TemporaryDirectory(prefix="driftcheck-compiled-")
"""Where the measured processes keep compiled modules: as where it is installed, all but the first
find them."""


@dataclass(frozen=True, slots=True)
class Api:
    """How large the served API is, and how slow."""

    resources: int = 1
    fields: int = 8
    required: tuple[int, ...] = ()
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What a whole run took; `asked` are requests to the first creation after the first accepted
    one, which are what the questions about it cost once its witness is known."""

    requests: int
    asked: int
    cpu_s: float
    wall_s: float
    peak_mb: float
    report: dict[str, Any]


def document(api: Api) -> dict[str, Any]:
    """The OpenAPI document of what is served."""
    texts = {f"field_{n}": {"type": "string", "maxLength": 200} for n in range(api.fields)}
    thing = {"type": "object", "properties": {"id": {"type": "integer"}, **texts}}
    paths: dict[str, Any] = {}
    for number in range(api.resources):
        own = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
        found = {"description": "A thing.", "content": {"application/json": {"schema": thing}}}
        missing = {"404": {"description": "There is none."}}
        body = {"application/json": {"schema": {"type": "object", "properties": texts}}}
        listed = {"application/json": {"schema": {"type": "array", "items": thing}}}
        paths[f"/things{number}"] = {
            "get": {"responses": {"200": {"description": "All.", "content": listed}}},
            "post": {
                "requestBody": {"required": True, "content": body},
                "responses": {"201": found, "400": {"description": "Refused."}},
            },
        }
        paths[f"/things{number}/{{id}}"] = {
            "get": {"parameters": own, "responses": {"200": found, **missing}},
            "delete": {
                "parameters": own,
                "responses": {"204": {"description": "Removed."}, **missing},
            },
        }
    return {"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": paths}


def application(api: Api) -> web.Application:
    """What answers. /counts tells the requests: all of them, and `asked` of `Measured`."""
    kept: dict[str, dict[int, Any]] = {}
    counts = {"all": 0, "asked": 0}
    accepted = False
    needed = {f"field_{n}" for n in api.required}

    @web.middleware
    async def counted(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path != "/counts":
            counts["all"] += 1
            if api.delay_ms:
                await asyncio.sleep(api.delay_ms / 1000)
        response: web.StreamResponse = await handler(request)
        return response

    async def create(request: web.Request) -> web.Response:
        nonlocal accepted
        name = request.match_info["name"]
        counts["asked"] += accepted and name == "things0"
        try:
            body = await request.json()
        except ValueError:
            body = None
        right = isinstance(body, dict) and needed <= {k for k, v in body.items() if _is_text(v)}
        if not right or not all(_is_text(v) for k, v in body.items() if k.startswith("field_")):
            return web.json_response({"message": "Bad request"}, status=400)
        accepted = accepted or name == "things0"
        things = kept.setdefault(name, {})
        number = max(things, default=0) + 1
        things[number] = {**{k: v for k, v in body.items() if k.startswith("field_")}, "id": number}
        return web.json_response(things[number], status=201)

    async def listed(request: web.Request) -> web.Response:
        return web.json_response(list(kept.get(request.match_info["name"], {}).values()))

    async def one(request: web.Request) -> web.Response:
        things, number = kept.get(request.match_info["name"], {}), request.match_info["id"]
        if not number.isdigit() or int(number) not in things:
            return web.json_response({"message": "Not found"}, status=404)
        if request.method == "DELETE":
            del things[int(number)]
            return web.Response(status=204)
        return web.json_response(things[int(number)])

    async def told(_: web.Request) -> web.Response:
        return web.json_response(counts)

    app = web.Application(middlewares=[counted])
    app.router.add_get("/counts", told)
    app.router.add_post("/{name:things[0-9]+}", create)
    app.router.add_get("/{name:things[0-9]+}", listed)
    app.router.add_get("/{name:things[0-9]+}/{id}", one)
    app.router.add_delete("/{name:things[0-9]+}/{id}", one)
    return app


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200


@contextmanager
def served(api: Api) -> Iterator[str]:
    """The address of a server in a process of its own."""
    options = ("resources", "fields", "delay_ms")
    line = [sys.executable, __file__]
    line += [f"--{name.replace('_', '-')}={getattr(api, name)}" for name in options]
    line += ["--required", ",".join(map(str, api.required))]
    child = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


def run(api: Api, *options: str, records: dict[str, str] | None = None) -> Measured:
    """A whole run of `driftcheck` against a fresh server. `records` are the texts of workflow
    records by the names of their files."""
    with served(api) as url, tempfile.TemporaryDirectory() as folder:
        _write(folder, api, records or {})
        line = ["check", "swagger", f"--base-url={url}", "--seed=1", "--out=out", "--format=json"]
        measured = timed([sys.executable, "-m", "checker.cli", *line, *options], folder)
        with urllib.request.urlopen(f"{url}/counts") as answer:
            counts = json.load(answer)
        place = Path(folder, "out", "report.json")
        if not place.exists():
            sys.exit(f"the run wrote no report:\n{measured.said}")
        report = json.loads(place.read_text(encoding="utf-8"))
    return Measured(
        counts["all"], counts["asked"], measured.cpu_s, measured.wall_s, measured.peak_mb, report
    )


def static(api: Api, *, records: dict[str, str] | None = None) -> Timed:
    """What the documents and records alone take: a run that sends nothing."""
    with tempfile.TemporaryDirectory() as folder:
        _write(folder, api, records or {})
        line = ["check", "swagger", "--static", "--out=out", "--format=json"]
        taken = [timed([sys.executable, "-m", "checker.cli", *line], folder) for _ in range(3)]
        return min(taken, key=lambda t: t.cpu_s)


def _write(folder: str, api: Api, records: dict[str, str]) -> None:
    place = Path(folder, "swagger")
    (place / "workflows" if records else place).mkdir(parents=True)
    (place / "api.json").write_text(json.dumps(document(api)))
    for name, text in records.items():
        (place / "workflows" / name).write_text(text)


@dataclass(frozen=True, slots=True)
class Timed:
    """What a process took, and what it printed."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    said: str


def timed(line: list[str], folder: str | Path = ROOT) -> Timed:
    """Runs a process with the checkout's package and waits for it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": COMPILED.name}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(line, stdout=said, stderr=said, cwd=folder, env=environment)
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0  # it was waited for
        wall = time.perf_counter() - start
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    return Timed(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, text)


async def _serve(api: Api) -> None:
    runner = web.AppRunner(application(api), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--resources", type=int, default=1)
    parser.add_argument("--fields", type=int, default=8)
    parser.add_argument("--required", default="", help="numbers of fields, with commas between")
    parser.add_argument("--delay-ms", type=float, default=0.0)
    given = parser.parse_args()
    required = tuple(int(n) for n in given.required.split(",") if n)
    asyncio.run(_serve(Api(given.resources, given.fields, required, given.delay_ms)))


if __name__ == "__main__":
    main()
