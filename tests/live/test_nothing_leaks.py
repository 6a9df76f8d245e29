"""A server that echoes credentials wherever it can, and everything that a run leaves behind."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from command_line import ran
from patience import PATIENCE_S
from secret_spellings import SPELLINGS, core
from serving import PromptHandler

ROOT = Path(__file__).parents[2]
FORMATS = "md,json,sarif,junit,html,github,gitlab,comment"
STAFF = "st/k+5f\"2c'x_&<9*d8|1ab`~?>z"
OTHER = "Qm7x+v4/\"Lt'z_&<W2*k9|Rr`~?>b"
TENANT = "tenant-7c1e93ab"
HANDED_OUT = "handed-out-4b8f21"
COOKIE = "cookie-93bd07ac5e"
MEMBER = "private-value-1"
FORMATTED = "formatted-value-2"
THING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "example": "box"},
        "kind": {"type": "string", "example": "flat"},
        "phrase": {"type": "string", "format": "password", "example": FORMATTED},
    },
    "required": ["name"],
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "components": {"securitySchemes": {"staff": {"type": "http", "scheme": "bearer"}}},
    "security": [{"staff": []}],
    "paths": {
        "/things": {
            "post": {
                "summary": "Create a thing",
                "requestBody": {"content": {"application/json": {"schema": THING}}},
                "responses": {
                    "201": {
                        "description": "made",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"id": {"type": "integer"}},
                                }
                            }
                        },
                    },
                    "422": {"description": "wrong"},
                },
            },
            "get": {
                "summary": "List things",
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "ok"}, "422": {"description": "wrong"}},
            },
        },
        "/broken": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
}


NUMBERS = itertools.count(17)


class Echo(PromptHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        credential = self.headers.get("Authorization") or ""
        secret = credential.removeprefix("Bearer ")
        status, body = self._answer(secret, content)
        seen = [secret, self.headers.get("X-Tenant") or "", HANDED_OUT, COOKIE]
        body["seen"] = [{name: spell(s) for name, spell in SPELLINGS.items()} for s in seen if s]
        body |= {"headers": dict(self.headers), "access_token": HANDED_OUT, "password": MEMBER}
        body[secret or "nobody"] = 1
        raw = json.dumps(body).encode()
        if status == 500:
            broken = SPELLINGS["wrapped-indented"](secret)
            raw = f"<pre>Traceback: token {secret} of {TENANT}, {broken}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if status == 500 else "application/json")
        made = f"/things/{body.get('id', 1)}?access_token="
        self.send_header("Location", made + SPELLINGS["percent"](secret))
        self.send_header("WWW-Authenticate", f'Bearer error="{SPELLINGS["json"](secret)}"')
        self.send_header("Set-Cookie", f"sid={COOKIE}; Path=/")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _any

    def _answer(self, secret: str, content: bytes) -> tuple[int, dict[str, Any]]:
        message = "; ".join(f"{name} {spell(secret)}" for name, spell in SPELLINGS.items())
        if secret not in (STAFF, OTHER):
            return 401, {"error": f"unknown credential {message}"}
        if self.path.startswith("/broken"):
            return 500, {}
        if self.path.split("?")[0] != "/things":
            return 404, {"error": f"no route for {message}"}
        if self.command == "GET":
            return 200, {"things": [], "next": f"/things?token={secret}"}
        try:
            sent = json.loads(content)
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not sent.get("name") or "kind" not in sent:
            return 422, {"error": f"`kind` is required. You are {message}", "errors": [message]}
        if not isinstance(sent["name"], str):
            return 500, {}
        return 201, {"id": next(NUMBERS), "phrase": FORMATTED}


@contextmanager
def echoing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def process(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own: nothing can be written around what is looked at."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DRIFTCHECK_")}
    return subprocess.run(
        [sys.executable, "-m", "checker.cli", *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def driftcheck(
    folder: Path, *arguments: str, start: Callable[..., Any] = ran, **variables: str
) -> Mapping[str, str]:
    """All that the command leaves behind: its output and the texts of all files, by name."""
    done = start(*arguments, cwd=folder, **variables)
    assert "internal error" not in done.stderr, done.stderr
    files = [p for p in folder.rglob("*") if p.is_file() and p.name not in GIVEN]
    texts = {str(p.relative_to(folder)): p.read_text(errors="replace") for p in files}
    return {**texts, "stdout": done.stdout, "stderr": done.stderr}


GIVEN = ("api.json", "driftcheck.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "driftcheck.toml").write_text(
        f'[targets.default]\nheaders = {{ "X-Tenant" = "{TENANT}" }}\n'
    )
    return tmp_path


def leaks(texts: Mapping[str, str], secret: str) -> list[str]:
    return [
        f"{spelling} in {name}"
        for name, text in texts.items()
        for spelling in SPELLINGS
        if core(spelling, secret) in text
    ]


def test_no_spelling_of_a_secret_leaves_a_run(folder: Path) -> None:
    with echoing() as url:
        options = ["--format", FORMATS, "--write-workflows", "--no-fuzz", "--debug"]
        texts = driftcheck(
            folder, "api.json", "--base-url", url, *options,
            start=process, DRIFTCHECK_TOKEN_STAFF=STAFF,
        )  # fmt: skip
        report = json.loads(texts["reports/report.json"])
        assert {"required-undocumented", "server-error"} <= {f["rule"] for f in report["findings"]}
        assert any(name.startswith("workflows/") for name in texts)
        for secret in (STAFF, TENANT, HANDED_OUT, COOKIE):
            assert leaks(texts, secret) == []
        for value in (MEMBER, FORMATTED):
            assert [n for n, text in texts.items() if value in text and "workflows" not in n] == []
        pages = "".join(t for n, t in texts.items() if n.startswith("reports/evidence/"))
        assert "$DRIFTCHECK_TOKEN_STAFF" in pages and "X-Tenant: [redacted]" in pages
        again = driftcheck(
            folder, "api.json", "--base-url", url, *options, DRIFTCHECK_TOKEN_STAFF=OTHER
        )
        finding = report["findings"][0]["fingerprint"]
        replayed = driftcheck(
            folder, "replay", "reports/report.json", finding, "--base-url", url,
            "--token", f"staff={OTHER}",
        )  # fmt: skip
        ran = driftcheck(
            folder, "workflows", "run", "workflows", "--base-url", url, "--token", f"staff={OTHER}"
        )
    assert leaks({**again, **replayed, **ran}, OTHER) == []
    names = [f["fingerprint"] for f in report["findings"]]
    assert [f["fingerprint"] for f in json.loads(again["reports/report.json"])["findings"]] == names


def test_one_format_to_stdout_and_commands_that_read_reports(folder: Path) -> None:
    with echoing() as url:
        given = {"DRIFTCHECK_TOKEN_STAFF": STAFF}
        for form in ("md", "json", "github"):
            options = ["--base-url", url, "--no-fuzz", "--out", "-", "--format", form]
            options += ["--rule", "required-undocumented"]
            texts = driftcheck(folder, "api.json", *options, "--operation", "POST /things", **given)
            assert leaks(texts, STAFF) == []
            assert "kind" in texts["stdout"]
    # A report that holds a secret, from wherever: what is made of it doesn't.
    texts = driftcheck(folder, "api.json", "--static", **given)
    report = json.loads(texts["reports/report.json"])
    report["run"]["notes"] = [f"here it is: {STAFF}"]
    (folder / "old.json").write_text(json.dumps(report))
    driftcheck(folder, "report", "old.json", "--format", FORMATS, "--out", "new", **given)
    shown = driftcheck(folder, "report", "old.json", "--format", "md", "--out", "-", **given)
    assert "here it is" in shown["stdout"] and leaks({"": shown["stdout"]}, STAFF) == []
    (folder / "old.json").unlink()
    made = {str(p): p.read_text() for p in (folder / "new").rglob("*.*")}
    assert "here it is" in made[str(folder / "new" / "report.md")]
    assert leaks(made, STAFF) == []


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_errors_repeat_no_secret(folder: Path, debug: tuple[str, ...]) -> None:
    address = "http://me:url-secret-1@127.0.0.1:9"
    token = ("--token", f"staff={STAFF}")
    wrong = (
        ("api.json", "--base-url", address, "--no-fuzz"),
        ("api.json", "--base-url", address.replace("http", "htp"), *token),
        ("api.json", f"staff={STAFF}", *token),
        ("api.json", "--operation", STAFF, *token),
        ("api.json", "--rule", STAFF, *token),
        ("api.json", "--out", f"api.json/{STAFF}", "--static", *token),
    )
    for arguments in wrong:
        texts = driftcheck(folder, *arguments, *debug)
        assert texts["stderr"]
        assert leaks(texts, STAFF) == leaks(texts, "url-secret-1") == [], arguments


def test_an_ordinary_word_as_a_token_leaves_the_report_as_it_is(folder: Path) -> None:
    """Names and sentences stay; fingerprints, too."""
    reports = []
    for token in ("things", "kind", "tok-5f2c9d81ab"):
        driftcheck(folder, "api.json", "--static", DRIFTCHECK_TOKEN_STAFF=token)
        reports.append(json.loads((folder / "reports" / "report.json").read_text()))
    assert reports[0]["operations"] == reports[1]["operations"] == reports[2]["operations"]
    assert reports[0]["findings"] == reports[1]["findings"] == reports[2]["findings"]
