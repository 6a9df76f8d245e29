"""Targets that fail: one clear sentence, the right exit status, a report, nothing made up."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE_S
from serving import PromptHandler, running

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.settings import Settings, Target, Token

Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}
PAGE = (200, {"Content-Type": "text/html"}, b"<html><body>Welcome</body></html>")


class Server(ThreadingHTTPServer):
    """Answers what `answer` says; None hangs up without a word."""

    daemon_threads = True

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler, int], Answer | None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.count = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(PromptHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.count += 1
        answer = self.server.answer(self, self.server.count)
        if answer is None:
            self.close_connection = True
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _any


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler, int], Answer | None]) -> Iterator[Server]:
    with running(Server(answer)) as server:
        yield server


def operation(tokens: str = "") -> dict[str, Any]:
    description = f"Lists things. Available for {tokens}." if tokens else "Lists things."
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    return {
        "description": description,
        "security": [{"bearer": []}],
        "responses": {
            "200": {"description": "ok", "content": {"application/json": {"schema": schema}}},
            "401": {"description": "no"},
        },
    }


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    both = "**Staff and App tokens**"
    paths = {f"/shop/{name}": {"get": operation(both)} for name in ("a", "b", "c", "d")}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    (tmp_path / "shop.json").write_text(json.dumps(document))
    return tmp_path


def check(documents: Path, url: str, **options: Any) -> RunResult:
    tokens = {name: Token(name, f"{name}-secret") for name in ("staff", "app")}
    target = Target(base_url=url, tokens=options.pop("tokens", tokens))
    settings = Settings(
        paths=(documents,), targets=(target,), fuzz=False, **{"timeout": PATIENCE_S, **options}
    )
    return run(settings)


def thing(handler: BaseHTTPRequestHandler, accepted: tuple[str, ...]) -> Answer:
    """A truthful server that knows some of the tokens."""
    token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
    if token not in accepted:
        return 401, JSON, b'{"error": "who are you"}'
    if not handler.path.startswith("/shop/") or len(handler.path) > 7:
        return 404, JSON, b'{"error": "no such route"}'
    return 200, JSON, b'{"name": "x"}'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"), "status 502"),
        ((302, {"Location": "/again"}, b""), "redirect"),
        ((302, {"Location": "https://login.invalid/"}, b""), "redirect 302"),
        (None, "disconnected"),
    ],
)
def test_nobody_there_ends_the_run_early(documents: Path, answer: Answer | None, said: str) -> None:
    with serving(lambda *_: answer) as server:
        result = check(documents, server.url)
    assert result.exit_status == 3 and result.status == "failed"
    assert said in result.error and "Check the base URL" in result.error
    assert result.requests_sent <= 40


def test_an_api_that_answers_gateway_errors_at_one_operation_goes_on(documents: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        if handler.path.startswith("/shop/a"):
            return 502, {}, b""
        return thing(handler, ("staff-secret", "app-secret"))

    with serving(answer) as server:
        result = check(documents, server.url)
    statuses = {o.operation.path: o.status for o in result.operations}
    assert statuses["/shop/b"] == statuses["/shop/d"] == "probed"
    assert not result.error


def test_a_server_that_is_too_slow(documents: Path) -> None:
    over = threading.Event()

    def answer(*_: Any) -> None:
        over.wait(PATIENCE_S)

    with serving(answer) as server:
        try:
            result = check(documents, server.url, timeout=0.05)
        finally:
            over.set()
    assert result.exit_status == 3
    assert "no answer within 0.05 s" in result.error


def test_one_page_for_everything_is_no_answer(documents: Path) -> None:
    with serving(lambda *_: PAGE) as server:
        result = check(documents, server.url)
    assert result.exit_status == 3
    assert "the same answer to every operation" in result.error
    assert not result.findings


def test_wrong_tokens(documents: Path) -> None:
    with serving(lambda handler, _: thing(handler, ("other",))) as server:
        result = check(documents, server.url)
    assert result.exit_status == 3
    assert "refuses the tokens given (staff, app): 4 of the 4 operations" in result.error
    assert "DRIFTCHECK_TOKEN_STAFF" in result.error
    assert not result.findings


def test_nothing_of_the_documents_at_the_base_url(documents: Path) -> None:
    with serving(lambda handler, _: thing(handler, ("staff-secret", "app-secret"))) as server:
        result = check(documents, f"{server.url}/shop")
    assert result.exit_status == 3
    assert "all 4 operations answer 404 whatever is sent" in result.error
    assert "Check the base URL" in result.error
    assert not result.findings


def test_no_token_where_one_is_needed(documents: Path) -> None:
    with serving(lambda handler, _: thing(handler, ("other",))) as server:
        result = check(documents, server.url, tokens={})
    assert result.exit_status == 3
    assert "no token is given" in result.error


def test_one_wrong_token_of_two_is_no_drift(documents: Path) -> None:
    with serving(lambda handler, _: thing(handler, ("staff-secret",))) as server:
        result = check(documents, server.url)
    assert not result.error
    assert not [f for f in result.findings if f.rule.startswith("token")]
    assert any("app token was refused by all 4 operations" in note for note in result.notes)


def test_a_token_refused_by_one_operation_is_drift(documents: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        known = ("staff-secret",) if handler.path == "/shop/c" else ("staff-secret", "app-secret")
        return thing(handler, known)

    with serving(answer) as server:
        result = check(documents, server.url)
    assert [(f.rule, f.operation) for f in result.findings] == [("token-rejected", "GET /shop/c")]
    assert not result.notes


def test_gone_in_the_middle_of_the_run(documents: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler, count: int) -> Answer | None:
        if count > 12:
            with suppress(OSError):  # from here on, the system itself refuses
                handler.server.socket.shutdown(socket.SHUT_RDWR)
            threading.Thread(target=handler.server.shutdown, daemon=True).start()
            return None
        return thing(handler, ("staff-secret", "app-secret"))

    with serving(answer) as server:
        result = check(documents, server.url)
    assert result.exit_status == 3
    assert "can't be reached: Connection refused" in result.error
    assert result.requests_sent > 12


def test_an_unreachable_host_and_a_server_without_tls(documents: Path) -> None:
    with serving(lambda *_: PAGE) as server:
        url = server.url
        plain = check(documents, url.replace("http:", "https:"))
    gone = check(documents, url)
    assert "can't be reached: TLS fails" in plain.error and plain.exit_status == 3
    assert "can't be reached: Connection refused" in gone.error and gone.exit_status == 3


def test_a_failure_of_one_rule_costs_only_its_findings(
    documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checker.drift.rules.status_undocumented import StatusUndocumented

    def broken(*_: Any) -> Any:
        raise ValueError("boom")

    monkeypatch.setattr(StatusUndocumented, "check", broken)

    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        known = ("staff-secret",) if handler.path == "/shop/c" else ("staff-secret", "app-secret")
        return thing(handler, known)

    with serving(answer) as server:
        result = check(documents, server.url)
    assert [f.rule for f in result.findings] == ["token-rejected"]
    assert result.exit_status == 3 and "status-undocumented" in result.error


def test_resume_goes_on_where_the_budget_ended(
    documents: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from checker.cli import run as command

    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        known = ("staff-secret",) if handler.path == "/shop/a" else ("staff-secret", "app-secret")
        return thing(handler, known)

    monkeypatch.chdir(documents)
    with serving(answer) as server:
        options = ["shop.json", "--base-url", server.url, "--no-fuzz", "--concurrency", "1"]
        options += ["--token", "staff=staff-secret", "--token", "app=app-secret"]
        whole = command([*options, "--out", "whole"])
        counts = server.count
        first = command([*options, "--max-requests", str(counts * 3 // 5)])
        second = command([*options, "--resume"])
        resumed = server.count - counts - counts * 3 // 5
    said = capsys.readouterr()
    assert (whole, second) == (1, 1) and first in (1, 3)
    assert "--resume: " in said.err and " done before" in said.err
    assert resumed < counts
    reports = [json.loads(Path(place, "report.json").read_text()) for place in ("whole", "reports")]
    fingerprints = [[f["fingerprint"] for f in report["findings"]] for report in reports]
    assert fingerprints[0] == fingerprints[1] != []
    assert {o["status"] for o in reports[1]["operations"]} == {"probed"}


RECORD = """---
endpoint: GET /shop/a
status: verified
tokens: [staff]
---
# List

## Prerequisites
```yaml
steps:
  - id: make
    method: POST
    path: /shop/a
    extract: {staff: $.token}
```

## Test Request
```yaml
steps:
  - id: main
    method: GET
    path: /shop/a
```
"""


def test_read_only_sends_nothing_else_and_still_reads(documents: Path) -> None:
    """Neither the set-up nor a record's prerequisites may write, nor do they end the run."""
    methods: set[str] = set()

    def answer(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        methods.add(handler.command)
        return thing(handler, ("staff-secret",))

    record = documents / "list.md"
    record.write_text(RECORD)
    with serving(answer) as server:
        target = Target(
            base_url=server.url, tokens={"staff": Token("staff", "staff-secret")}, setup=record
        )
        result = run(Settings(paths=(documents,), targets=(target,), fuzz=False, read_only=True))
    assert methods <= {"GET", "HEAD", "OPTIONS"}
    assert not result.error
    assert {o.status for o in result.operations} == {"probed"}
