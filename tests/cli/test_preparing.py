"""`init` and `doctor`, at a server that asks for credentials."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from serving import JsonServer, running

from checker.cli import cli
from checker.cli import run as driftcheck
from checker.cli.origin import requirement
from checker.config import load_settings
from checker.documents.git import git
from checker.reporting.formats import FORMATS
from checker.reporting.nightly import PLACES, Job, job_text, needed
from checker.reporting.starter import Flow, config_text, flows_in
from checker.settings import Target, Token

TOKEN = "quartz-lantern-7"


class Guarded(JsonServer):
    """Opens `/things` for one token, and `/news` for all; what it is asked is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def answer_to(self, caller: str, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        self.asked.append(f"{method} /{'/'.join(path)}")
        if path == ["login"] and method == "POST":
            return (200, {"token": TOKEN}) if body == {"pw": "s3cr3t"} else (401, {"error": "no"})
        if path == ["news"]:
            return 200, []
        if path == ["things"]:
            return (200, []) if caller == TOKEN else (401, {"error": "no"})
        return 404, {"error": "no such route"}


@pytest.fixture
def server() -> Iterator[Guarded]:
    with running(Guarded()) as found:
        yield found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents: two readings, a deletion of everything."""
    answers = {"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}}
    closed = {"security": [{"staff": []}], "responses": answers}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {
            "/news": {"get": {"responses": answers}},
            "/things": {"get": closed, "delete": {**closed, "summary": "Deletes all things"}},
        },
        "components": {"securitySchemes": {"staff": {"type": "http", "scheme": "bearer"}}},
    }
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "api.json").write_text(json.dumps(document))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """A command's exit status and all that it prints."""
    status = driftcheck(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_a_token_that_opens_what_is_closed_without_it(
    server: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = said(
        capsys, "doctor", "docs", "--base-url", server.url, "--token", f"staff={TOKEN}"
    )
    assert status == 0
    assert "GET /things answers 200 with it, and refuses without it" in text
    assert "skipped: DELETE /things" in text and "requests" in text
    assert TOKEN not in text
    assert {line.split()[0] for line in server.asked} == {"GET"}, "only readings are sent"


def expired() -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1_000_000_000}).encode()).decode()
    return f"eyJhbGciOiJub25lIn0.{claims.rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("staff=wrong-value", "GET /things answers 401 with it"),
        ("staff=Bearer wrong-value", "begins with 'Bearer'"),
        (f'staff="{TOKEN}"', "in quotes"),
        (f"staff={expired()}", "It ended at "),
        ("admin=wrong-value", "GET /things answers 401 with it"),
    ],
)
def test_what_is_wrong_with_a_token(
    token: str, words: str, server: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = said(capsys, "doctor", "docs", "--base-url", server.url, "--token", token)
    assert (status, words in text) == (3, True), text


def test_nobody_there_and_nothing_given(
    server: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = said(capsys, "doctor", "docs", "--base-url", server.url)
    assert status == 0 and "the documents name staff" in text
    server.server_close()
    status, text = said(capsys, "doctor", "docs", "--base-url", server.url, "--timeout", "1")
    assert status == 3 and "WRONG  address" in text


def test_a_login_is_tried(server: Guarded, capsys: pytest.CaptureFixture[str]) -> None:
    config = f'[targets.a]\nbase_url = "{server.url}"\n[targets.a.tokens.staff]\nlogin = '
    login = '{{ operation = "POST /login", body = {{ pw = "{}" }}, token = "$.token" }}\n'
    Path("driftcheck.toml").write_text(config + login.format("s3cr3t"))
    assert said(capsys, "doctor", "docs")[0] == 0
    Path("driftcheck.toml").write_text(config + login.format("other"))
    status, text = said(capsys, "doctor", "docs")
    assert status == 3 and "POST /login answers 401" in text


def test_a_dry_run_of_it_sends_nothing(server: Guarded, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("doctor", "init"):
        status, text = said(capsys, command, "docs", "--base-url", server.url, "--dry-run")
        assert status == 0 and "Nothing was sent." in text
    assert not server.asked
    assert [p.name for p in Path().iterdir()] == ["docs"]


def test_init_writes_what_the_next_commands_find(
    server: Guarded, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTCHECK_TOKEN_STAFF", TOKEN)
    status, text = said(capsys, "init", "docs", "--base-url", server.url, "--ci", "github")
    assert status == 0 and "refuses without it" in text
    written = Path("driftcheck.toml").read_text() + Path(PLACES["github"]).read_text()
    assert TOKEN not in written + text and "DRIFTCHECK_TOKEN_STAFF" in written
    assert said(capsys, "doctor", "docs")[0] == 0, "the config is found, and all that is needed"
    status, text = said(capsys, "init", "docs", "--base-url", server.url)
    assert status == 2 and "driftcheck.toml: is there already" in text
    assert said(capsys, "init", "docs", "--base-url", server.url, "--force")[0] == 0


def test_init_says_what_is_wrong_and_writes_all_the_same(
    server: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--base-url", server.url, "--token", "staff=other-value-9")
    status, text = said(capsys, "init", "docs", *arguments)
    assert status == 3 and "answers 401 with it" in text
    assert server.url in Path("driftcheck.toml").read_text()


def test_init_without_an_address_names_the_documents_one_and_calls_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, text = said(capsys, "init", "docs")
    assert status == 2 and "https://api.example.com" in text
    assert not Path("driftcheck.toml").exists()


def test_on_a_terminal_it_asks(
    server: Guarded, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prompt(words: str, **_: Any) -> str:
        asked.append(words)
        return server.url if "URL" in words else TOKEN

    monkeypatch.setattr("checker.cli.preparing._asks", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    status, text = said(capsys, "init", "docs")
    assert status == 0 and len(asked) == 2 and "staff" in asked[1]
    assert TOKEN not in text + Path("driftcheck.toml").read_text()


# -- the files -------------------------------------------------------------------------------------

ODD = Target(
    'a "b"\\',
    'http://h/"x"',
    tokens={
        "my key": Token("my key", "v", header="X-Key"),
        "t": Token("t", "v", scheme="Token"),
        "q": Token("q", "v", query="k"),
    },
)


def test_a_config_is_read_as_it_was_meant(tmp_path: Path) -> None:
    (tmp_path / "driftcheck.toml").write_text(config_text(ODD, {"other scheme": None}))
    environment = {f"DRIFTCHECK_TOKEN_{n}": "v" for n in ("MY_KEY", "T", "Q")}
    (target,) = load_settings([tmp_path], {}, environment).settings.targets
    assert (target.name, target.base_url) == (ODD.name, ODD.base_url)
    for name, token in ODD.tokens.items():
        found = target.tokens[name]
        assert (found.header, found.query, found.value) == (token.header, token.query, "v")
    assert target.tokens["t"].scheme == "Token"


PASSWORD = {"type": "oauth2", "flow": "password", "tokenUrl": "token"}
CLIENT = {"flows": {"clientCredentials": {"tokenUrl": "https://idp.example/t"}}}


@pytest.mark.parametrize(
    ("schemes", "flow"),
    [
        ({"securityDefinitions": {"a": PASSWORD}}, Flow("http://h/api/token", "password")),
        (
            {"components": {"securitySchemes": {"a": CLIENT}}},
            Flow("https://idp.example/t", "client_credentials"),
        ),
        ({"components": {"securitySchemes": {"a": {"type": "http"}, "b": 1}}}, None),
        ({"components": []}, None),
    ],
)
def test_a_documented_way_to_a_token_is_offered(
    schemes: dict[str, Any], flow: Flow | None, tmp_path: Path
) -> None:
    found = flows_in(schemes, "http://h/api").get("a")
    assert found == flow
    text = config_text(Target(base_url="http://h/api"), {"a": found})
    assert ("oauth2" in text) is (flow is not None)
    config = tmp_path / "driftcheck.toml"
    config.write_text(re.sub(r"# (\[targets|oauth2)", r"\1", text))
    loaded = load_settings([tmp_path], {}, {"…": "secret"})
    assert ("a" in loaded.settings.targets[0].tokens) is (flow is not None)


JOB = Job(["my docs/", "other: x/"], ["staff", "my key"])


def lines_of(ci: str, job: Job) -> list[str]:
    """The shell lines of a CI's job, in their order."""
    read = yaml.safe_load(job_text(ci, job))
    if ci == "github":
        return [s["run"].strip() for s in read["jobs"]["driftcheck"]["steps"] if "run" in s]
    return [line.strip() for line in read["driftcheck"]["script"]]


@pytest.mark.parametrize("ci", PLACES)
def test_a_job_runs_a_command_that_there_is(ci: str) -> None:
    (line,) = [line for line in lines_of(ci, JOB) if "docs" in line]
    name, *words = shlex.split(line)
    command = cli.commands["check"]
    given, _, _ = command.make_parser(click.Context(command)).parse_args(args=words)
    assert (name, list(given["paths"])) == ("driftcheck", ["my docs/", "other: x/"])
    assert set(",".join(given["format"]).split(",")) <= set(FORMATS)
    text = job_text(ci, JOB)
    assert {"DRIFTCHECK_TOKEN_MY_KEY", "DRIFTCHECK_TOKEN_STAFF"} <= set(re.findall(r"\w+", text))
    named = set(re.findall(r"reports/([\w.]+)", text))
    written = {FORMATS[form][1] for form in ",".join(given["format"]).split(",")}
    assert named <= written, "the job hands on what the command writes"


@pytest.mark.parametrize("ci", PLACES)
def test_the_memory_of_a_red_night_is_kept(ci: str) -> None:
    job = yaml.safe_load(job_text(ci, JOB))["jobs" if ci == "github" else "driftcheck"]
    if ci == "gitlab":
        assert job["cache"]["when"] == "always" and job["cache"]["paths"] == [".driftcheck/"]
    else:
        steps = {s["uses"]: s for s in job["driftcheck"]["steps"] if "uses" in s}
        kept, had = steps["actions/cache/save@v4"], steps["actions/cache/restore@v4"]
        assert kept["if"] == "always()" and kept["with"]["path"] == had["with"]["path"]


@pytest.mark.parametrize("ci", PLACES)
def test_a_job_says_what_it_needs_besides(ci: str) -> None:
    """Where this program comes from, secrets, and an API that is there."""
    whole = Job(["docs"], source="git+https://host.example/x@1", starts=False)
    assert "pip install git+https://host.example/x@1" in lines_of(ci, whole)
    assert needed(whole) == [] and "CHECKER_URL" not in job_text(ci, whole)
    least = Job(["docs"], ["staff"], starts=True)
    text = job_text(ci, least)
    assert text.index("start it here") < text.index("driftcheck docs")
    first, second, third = needed(least)
    assert "start the API" in first and "DRIFTCHECK_TOKEN_STAFF" in second
    assert "CHECKER_URL" in third and 'pip install "git+$CHECKER_URL"' in lines_of(ci, least)


def test_what_the_job_needs_is_said(server: Guarded, capsys: pytest.CaptureFixture[str]) -> None:
    token = ("--token", f"staff={TOKEN}")
    _, text = said(capsys, "init", "docs", "--base-url", server.url, *token, "--ci", "gitlab")
    assert "For the nightly job: start the API at the marked line" in text
    assert "For the nightly job: give it the secret DRIFTCHECK_TOKEN_STAFF." in text


GIT = {"vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}


@pytest.mark.parametrize(
    ("noted", "found"),
    [
        ({"url": "https://host.example/x.git", **GIT}, "git+https://host.example/x.git@c0ffee"),
        ({"url": "https://me:secret@host.example/x.git", **GIT}, ""),
        ({"url": "ssh://git@host.example/x.git", **GIT}, ""),
        ({"url": "file:///home/me/x", **GIT}, ""),
        ({"url": "https://host.example/x.whl", "archive_info": {}}, ""),
        ({"url": "file:///no/such/folder", "dir_info": {}}, ""),
        ({}, ""),
    ],
)
def test_where_this_program_comes_from(noted: dict[str, Any], found: str) -> None:
    assert requirement(noted) == found


def test_a_clone_comes_from_where_it_was_cloned(folder: Path) -> None:
    def asked(*arguments: str) -> str:
        person = ("-c", "user.name=t", "-c", "user.email=t@t.example")
        return git(folder, *person, *arguments).decode().strip()

    noted = {"url": folder.as_uri(), "dir_info": {}}
    asked("init", "-q")
    asked("commit", "-q", "--allow-empty", "-m", "x")
    assert requirement(noted) == ""
    asked("remote", "add", "origin", "https://host.example/x")
    assert requirement(noted) == f"git+https://host.example/x@{asked('rev-parse', 'HEAD')}"
