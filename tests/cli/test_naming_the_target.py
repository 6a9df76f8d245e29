"""What a run is sent to: named first, never silently the sandbox, never unasked a stranger."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from serving import PromptHandler, running

from checker.cli import run
from checker.cli.announcing import is_this_machine

HOST = "api.example.invalid"
URL = f"http://{HOST}/v1"


def document(*, sandbox: bool = False, **paths: Any) -> str:
    info: dict[str, Any] = {"title": "Things", "version": "1"}
    if sandbox:
        info["x-driftcheck-sandbox"] = True
    answers = {"responses": {"200": {"description": "ok"}}}
    operations = {"/things": {"get": answers, "post": answers, "delete": answers}}
    return json.dumps(
        {
            "openapi": "3.0.0",
            "info": info,
            "servers": [{"url": f"http://{HOST}"}],
            "paths": paths or operations,
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "things.json").write_text(document())
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("DRIFTCHECK_") or "proxy" in n.lower()]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No name is looked up and nothing connected to: not even tried."""

    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was about to be sent")

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", refused)
        patched.setattr(socket.socket, "connect", refused)
        yield


class Proxy(ThreadingHTTPServer):
    """Stands for every host: keeps the addresses that are asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


class _Handler(PromptHandler):
    server: Proxy

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        body = b"{}" if self.path == f"{URL}/things" else b'{"error": "no"}'
        self.send_response(200 if self.path == f"{URL}/things" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _any


@pytest.fixture
def proxy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    with running(Proxy()) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_address[1]}")
        yield server


# -- without a base URL ----------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize("command", [["docs"], ["workflows", "run", "record.md"]])
def test_without_a_base_url_nothing_is_called(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "record.md").write_text("---\nendpoint: GET /things\nstatus: verified\n---\n# x\n")
    assert run(command) == 2
    said = capsys.readouterr()
    assert not said.out and said.err.startswith("driftcheck: No base URL")
    assert all(mend in said.err for mend in ("--base-url", "--static", "--sandbox"))
    assert not (folder / "reports").exists()


@pytest.mark.usefixtures("nothing_sent")
def test_documents_of_which_some_name_the_sandbox(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "docs" / "named.json").write_text(document(sandbox=True))
    assert run(["docs"]) == 2
    said = capsys.readouterr().err
    assert "1 of 2 documents name the embedded sandbox" in said
    assert "docs/things.json doesn't" in said


@pytest.mark.parametrize(("named", "options"), [(True, []), (False, ["--sandbox"])])
def test_the_sandbox_where_it_is_named(
    folder: Path, named: bool, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = document(sandbox=named, **{"/platform/v1/tags": {"get": {"responses": {"200": {}}}}})
    (folder / "docs" / "things.json").write_text(text)
    status = run(["docs", "--no-fuzz", "--fail-on", "never", *options])
    said = capsys.readouterr()
    assert said.err.splitlines()[0] == "Checking the embedded sandbox (1 operation of 1 document)"
    assert status == 0, said
    report = json.loads((folder / "reports" / "report.json").read_text())
    assert report["run"]["target"] == "sandbox"


@pytest.mark.usefixtures("nothing_sent")
def test_the_sandbox_and_a_base_url_are_too_much(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["docs", "--sandbox", "--base-url", URL, "--yes"]) == 2
    assert "--sandbox: there is a base URL, too" in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_sent")
def test_a_plan_needs_no_base_url(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "--dry-run"]) == 0
    assert "requests to nowhere yet (No base URL" in " ".join(capsys.readouterr().out.split())


def test_documents_alone_are_named_as_such(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["docs", "--static"])
    first = capsys.readouterr().err.splitlines()[0]
    assert first == "Checking documents only, no API (3 operations of 1 document)"


# -- the first run against a stranger --------------------------------------------------------------


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize("where", [["--base-url", URL], ["--base-url", "http://127.0.0.1:9"]])
def test_nobody_to_ask_is_a_no(
    folder: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    strange = [] if URL in where else ["--fallback-url", URL]
    assert run(["docs", *where, *strange]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"Checking {where[1]} (3 operations of 1 document)"
    assert lines[1].startswith(f"This is the first run against {URL}. Of its operations 1 only")
    assert "1 create something, 1 are skipped; at most 5000 requests are sent" in lines[1]
    assert "--yes" in lines[3]
    assert not (folder / "reports" / "report.json").exists()


@pytest.mark.parametrize("how", ["option", "environment", "config"])
def test_yes_is_a_yes_once(
    folder: Path,
    proxy: Proxy,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["docs", "--base-url", URL, "--no-fuzz", "--fail-on", "never"]
    with monkeypatch.context() as patched:
        if how == "environment":
            patched.setenv("DRIFTCHECK_YES", "1")
        if how == "config":
            (folder / "driftcheck.toml").write_text("[run]\nyes = true\n")
        assert run([*options, *(["--yes"] if how == "option" else [])]) == 0
    (folder / "driftcheck.toml").unlink(missing_ok=True)
    assert f"POST {URL}/things" in proxy.asked
    assert "This is the first run" in capsys.readouterr().err
    # Its report makes the host a known one.
    assert run(options) == 0
    assert "This is the first run" not in capsys.readouterr().err
    assert run([*options, "--out", "elsewhere"]) == 2
    assert run([*options, "--base-url", "http://other.example.invalid"]) == 2


def test_reading_needs_no_yes_and_is_none(
    folder: Path, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["docs", "--base-url", URL, "--no-fuzz", "--fail-on", "never"]
    assert run([*options, "--read-only"]) == 0
    assert proxy.asked and all(asked.startswith("GET ") for asked in proxy.asked)
    assert run(options) == 2
    assert "has to be confirmed" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_on_a_terminal_it_is_asked(
    folder: Path,
    proxy: Proxy,
    answer: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self, *_: Any) -> str:
            return answer

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer.strip())
    assert run(["docs", "--base-url", URL, "--no-fuzz", "--fail-on", "never"]) == status
    assert bool(proxy.asked) is (status == 0)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://localhost:8080/x", True),
        ("http://api.localhost", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9:1", True),
        ("http://[::1]:80", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.example.com", False),
        ("https://staging.example.com", False),
    ],
)
def test_what_is_this_machine(url: str, own: bool) -> None:
    assert is_this_machine(url) is own


# -- what matches nothing --------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_sent")
def test_globs_that_match_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "driftcheck.toml").write_text(
        '[targets.shop]\ndocuments = ["shop/**"]\nbase_url = "http://127.0.0.1:9"\n'
        '[targets.all]\nbase_url = "http://127.0.0.1:9"\n'
    )
    assert run(["docs"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("driftcheck: Target shop: documents = 'shop/**' matches none of the 1")
    assert "docs/things.json" in said


@pytest.mark.usefixtures("nothing_sent")
def test_a_recording_that_matches_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {
        "request": {"method": "GET", "url": "http://other.example.invalid/things", "headers": []},
        "response": {"status": 200},
    }
    (folder / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    assert run(["docs", "--base-url", "http://127.0.0.1:9", "--har", "a.har"]) == 3
    said = capsys.readouterr().err
    assert said.startswith(
        "driftcheck: --har: none of the 1 requests in a.har is a successful call"
    )
    assert "http://other.example.invalid" in said


@pytest.mark.usefixtures("nothing_sent")
def test_a_folder_without_records(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "records").mkdir()
    (folder / "records" / "notes.md").write_text("# Notes\n")
    assert run(["docs", "--base-url", "http://127.0.0.1:9", "--workflows", "records"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("driftcheck: --workflows: records holds no workflow record")
