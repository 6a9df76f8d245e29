"""There is one way to the wire, and it leads through the gate; a dry run never takes it."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, write
from premises import Premises, document, premises
from raw_server import OK, answer, raw_server
from report_samples import make_finding, make_result

import checker
from checker.cli import run as driftcheck
from checker.domain.exchange import Exchange, Request
from checker.domain.location import Location
from checker.pipeline import run
from checker.probing.http import Wire
from checker.ranking import group
from checker.reporting.formats import render
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Held, Policy
from checker.settings import Settings, Target, Token

PACKAGE = Path(checker.__file__).parent
NETWORK = (
    *("aiohttp", "socket", "ssl", "http", "urllib.request", "urllib3", "requests", "httpx"),
    *("ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "websockets", "paramiko"),
    *("socketserver", "uvicorn", "starlette", "schemathesis", "subprocess", "multiprocessing"),
)
OPENERS = {
    *("open_connection", "open_unix_connection", "create_connection", "create_unix_connection"),
    *("create_datagram_endpoint", "sock_connect", "start_server", "create_server", "urlopen"),
    *("create_subprocess_exec", "create_subprocess_shell", "system", "popen", "__import__"),
}
MAY_IMPORT = {
    "probing/client.py": {"aiohttp"},  # sends, behind the gate
    "probing/trust.py": {"ssl"},  # whom connections trust, none of its own
    "probing/webhook.py": {"aiohttp.web"},  # listens
    "probing/proxies.py": {"urllib.request.getproxies", "urllib.request.proxy_bypass"},
    "probing/generated.py": {"schemathesis"},  # makes values of schemas
    "documents/git.py": {"subprocess"},  # git, which stays in its own repository
    "cli/clustered.py": {"subprocess"},  # the checker itself, for a shard
    "testing/checking.py": {"subprocess"},  # the checker itself
    "serving/live.py": {"subprocess"},  # the checker itself
    "cli/serve.py": {"uvicorn", "socket"},  # listens on loopback
    "testing/applications.py": {
        "uvicorn",
        "socket",
        "socketserver.ThreadingMixIn",
    },  # serves the application under test
    "documents/references.py": {"urllib.request.Request", "urllib.request.urlopen"},
}
"""Who may know of the network. The documents' references are fetched with --remote-refs only."""


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    found = {p.relative_to(PACKAGE).as_posix(): p for p in sorted(PACKAGE.rglob("*.py"))}
    return tuple((name, ast.parse(p.read_text(encoding="utf-8"))) for name, p in found.items())


def imported(tree: ast.Module) -> set[str]:
    """The full names of what a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def calls(tree: ast.AST) -> set[str]:
    """The last names of what is called."""
    names = (n.func for n in ast.walk(tree) if isinstance(n, ast.Call))
    return {n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in names}


def of_the_network(name: str) -> bool:
    known = name != "http.HTTPStatus" and not name.startswith("http.cookies")
    return known and any(name == n or name.startswith(n + ".") for n in NETWORK)


def answers(module: str, name: str) -> bool:
    """Whether it is what the pages of `serve` are answered with: no way to send anything."""
    client = name.startswith(("starlette.testclient", "starlette.websockets"))
    return module.startswith("serving/") and name.startswith("starlette.") and not client


def test_who_knows_of_the_network() -> None:
    found = {
        name: {n for n in imported(tree) if of_the_network(n) and not answers(name, n)}
        for name, tree in modules()
        if not name.startswith("sandbox/")  # it is a server, and imports nothing of the rest
    }
    assert {name: names for name, names in found.items() if names} == MAY_IMPORT


def test_who_opens_connections() -> None:
    found = {name: calls(tree) & OPENERS for name, tree in modules()}
    found = {n: c for n, c in found.items() if c and not n.startswith("sandbox/")}
    listening = {"cli/serve.py", "testing/applications.py"}
    assert all(found.pop(name) == {"create_server"} for name in listening)
    assert found == {"documents/references.py": {"urlopen"}}


def test_the_client_library_sends_at_one_place() -> None:
    """`aiohttp` has many ways to send; one is used, in a function that one other calls, whose
    first act is to ask the gate."""
    ways = {"request", "get", "post", "put", "patch", "delete", "head", "options", "ws_connect"}
    tree = dict(modules())["probing/client.py"]
    sending = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ways | {"_request"}
        and ast.unparse(node.func.value) != "os.environ"
    ]
    assert [ast.unparse(node.func) for node in sending] == ["self._session.request"]

    functions = [
        n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    (talk,) = [f for f in functions if sending[0] in list(ast.walk(f))]
    callers = [f for f in functions if talk.name in calls(f)]
    assert [f.name for f in callers] == ["send"]
    first, second, third = [ast.unparse(s) for s in callers[0].body[1:4]]
    assert first == "request = sending.request"
    assert second.startswith("held = self._gate.held(request) or self._gate.held_hop(")
    assert third.startswith("if held is not None:\n    return ")
    assert "_session" not in "".join(
        ast.unparse(f) for f in functions if f.name not in ("__init__", "open", "close", talk.name)
    )


def test_nobody_else_has_the_client() -> None:
    made = {name for name, tree in modules() if "Client" in calls(tree)}
    sessions = {name for name, tree in modules() if "ClientSession" in calls(tree)}
    private = {"_client", "_session", "_talk"}
    uses = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in private
    }
    assert made == {"probing/http.py"}
    assert sessions == {"probing/client.py", "sandbox/webhooks.py"}
    assert uses == {"probing/client.py", "probing/http.py", "sandbox/webhooks.py"}


# -- by running ------------------------------------------------------------------------------------


class Counting:
    """A server that answers everything with an empty object; `connections` are counted."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                first = connection.recv(65536)
                if first == b"end":
                    return
                self.connections += 1
                said = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n"
                connection.sendall(said + b"Content-Length: 2\r\n\r\n{}")

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()) as last:
            last.sendall(b"end")
        self._thread.join()
        self._listener.close()


@pytest.fixture
def counting() -> Iterator[Counting]:
    server = Counting()
    yield server
    server.close()


RECORD = """---
endpoint: POST /rooms
status: verified
---
# Make a room

## Prerequisites
```yaml
steps:
  - id: first
    method: GET
    path: /rooms
```

## Test Request
```yaml
steps:
  - id: main
    method: POST
    path: /rooms
    body: {name: a room}
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counting: Counting) -> Path:
    """Documents with a reference to the server, a record, a recording, a report."""
    elsewhere = {"$ref": f"{counting.url}/parts.json#/thing"}
    said = {"200": {"description": "ok", "content": {"application/json": {"schema": elsewhere}}}}
    write(tmp_path / "docs", document(**{"/things": {"get": {"responses": said}}}))
    (tmp_path / "record.md").write_text(RECORD, encoding="utf-8")
    request = {"method": "GET", "url": f"{counting.url}/rooms", "headers": []}
    entries = [{"request": request, "response": {"status": 200}}]
    (tmp_path / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    finding = make_finding(
        operation="POST /rooms", source=Location("docs/api.json", "/paths/~1rooms/post")
    )
    report = make_result(findings=group([finding]), paths=("docs",), targets=())
    (tmp_path / "report.json").write_text(render("json", report), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("DRIFTCHECK_") or "proxy" in n.lower()]:
        monkeypatch.delenv(name)
    return tmp_path


ALL = ("--borrow", "--allow-destructive", "--allow", "*", "--test-system", "--effects", "unknown")
COMMANDS: dict[str, tuple[str, ...]] = {
    "check": ("docs",),
    "check, all allowed": ("docs", *ALL),
    "with a set-up": ("docs", "--setup", "record.md"),
    "with a recording": ("docs", "--har", "a.har"),
    "with records": ("docs", "--workflows", "."),
    "replay": ("replay", "report.json", "", "docs"),
    "a record": ("workflows", "run", "record.md"),
    "a record with a set-up": ("workflows", "run", "record.md", "--setup", "record.md"),
}


def started(name: str, url: str, *more: str) -> int:
    """A command run in this process, with the fingerprint looked up; the exit status."""
    arguments = [a or fingerprint() for a in COMMANDS[name]]
    return driftcheck([*arguments, "--base-url", url, "--max-requests", "40", *more])


def fingerprint() -> str:
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return str(report["findings"][0]["fingerprint"])


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_gate_refuses_opens_no_connection(
    name: str, folder: Path, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as refusing:
        refusing.setattr(Gate, "held", lambda *_: Held("nothing may be sent"))
        started(name, counting.url)
    assert counting.connections == 0
    started(name, counting.url)
    assert counting.connections > 0, "the command sends where it may"


@pytest.mark.parametrize("more", [(), ("--remote-refs",), ALL, ("--yes",)])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_dry_run_sends_nothing(
    name: str,
    more: tuple[str, ...],
    folder: Path,
    counting: Counting,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(p.name for p in folder.rglob("*"))
    assert started(name, counting.url, "--dry-run", *more) == 0
    assert counting.connections == 0
    assert "nothing was sent" in capsys.readouterr().out.lower()
    assert sorted(p.name for p in folder.rglob("*")) == before, "and writes nothing"


def test_a_dry_run_by_the_config_sends_nothing(folder: Path, counting: Counting) -> None:
    (folder / "driftcheck.toml").write_text("[run]\ndry_run = true\n", encoding="utf-8")
    for name in COMMANDS:
        assert started(name, counting.url) == 0
    assert counting.connections == 0


def test_the_gate_itself_knows_a_dry_run(folder: Path, counting: Counting) -> None:
    """Whoever runs the pipeline with these settings by another way sends nothing either."""
    target = Target(base_url=counting.url)
    run(Settings(paths=(folder / "docs",), targets=(target,), fuzz=False, dry_run=True))
    assert counting.connections == 0


def test_what_a_dry_run_says_of_records(
    folder: Path, counting: Counting, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "skip.md").write_text(RECORD.replace("verified", "skip"), encoding="utf-8")
    driftcheck(["workflows", "run", ".", "--dry-run", "--base-url", counting.url])
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("planned POST /rooms") and said[1].startswith("skipped POST /rooms")
    driftcheck(["workflows", "run", ".", "--dry-run", "--read-only", "--base-url", counting.url])
    assert "--read-only" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(("onward", "arrives"), [("/rooms", 2), ("/admin/reboot", 1)])
def test_a_redirect_into_what_is_held_is_not_followed(
    tmp_path: Path, onward: str, arrives: int
) -> None:
    reboot = {"/admin/reboot": {"get": {"responses": {"200": {"description": "ok"}}}}}
    operations = {o.id: o for o in load(tmp_path, document(**reboot)).operations}

    def reply(line: str, number: int) -> bytes:
        return OK if number > 1 else answer("302 Found", f"Location: {onward}")

    async def go() -> tuple[list[str], Exchange]:
        async with raw_server(reply) as server:
            gate = Gate(Policy(), operations, Ledger())
            async with Wire(Target("t", server.url), gate) as wire:
                return server.arrived, await wire.send(Request("GET", "/settings"), {}, {})

    arrived, exchange = asyncio.run(go())
    assert len(arrived) == arrives
    assert bool(exchange.held) is (arrives == 1)


@pytest.mark.parametrize("start", ["http://", "//", "http://user:x@"])
def test_another_host_gets_nothing(start: str) -> None:
    """A redirect to another port is one to another host."""

    async def go() -> tuple[Exchange, list[str]]:
        async with raw_server(lambda *_: OK) as other:
            place = start + other.url.removeprefix("http://") + "/rooms"
            moved = answer("302 Found", f"Location: {place}")
            async with raw_server(lambda *_: moved) as server:
                gate, tokens = Gate(Policy(), {}, Ledger()), {"staff": Token("staff", "s3cret")}
                async with Wire(Target("t", server.url), gate) as wire:
                    request = Request("GET", "/rooms", token="staff")
                    return await wire.send(request, tokens, {}), other.arrived

    exchange, arrived = asyncio.run(go())
    assert exchange.response is not None and exchange.response.status == 302
    assert arrived == []


def refusing_clean_up(real: Callable[..., Held | None]) -> Callable[..., Held | None]:
    def held(gate: Gate, request: Any) -> Held | None:
        if request.purpose == "clean-up":
            return Held("nothing may be cleaned up")
        return real(gate, request)

    return held


@pytest.mark.parametrize("refused", [False, True])
def test_clean_up_and_giving_back_ask_the_gate_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    def sent(server: Premises) -> tuple[bool, bool]:
        write(tmp_path, document())
        settings = Settings(
            paths=(tmp_path,),
            targets=(Target(base_url=server.url),),
            fuzz=False,
            borrow=True,
            operations=("POST /rooms", "PUT /settings"),
        )
        run(settings)
        return bool(server.sent("DELETE /rooms")), bool(server.sent("PUT /settings"))

    if refused:
        monkeypatch.setattr(Gate, "held", refusing_clean_up(Gate.held))
    with premises() as server:
        assert sent(server) == (not refused, not refused)
