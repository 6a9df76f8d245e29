"""What a user gives wrong ends in one sentence that names the place and the mend."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from report_samples import make_finding, make_result

from checker.cli import run as driftcheck
from checker.config.environment import unknown_variables
from checker.errors import UsageError
from checker.reporting.formats import render

NOBODY = "http://127.0.0.1:9"
"""An address at which nothing may be asked: each of these ends before the first request."""
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}},
}
FILES = {
    "docs/api.json": json.dumps(DOCUMENT),
    "broken.yaml": "openapi: 3.0.3\ninfo: {title: t\npaths:\n  /a: [\n",
    "list.json": "[1]",
    "events.yaml": "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\n",
    "text.txt": "x",
    "other.har": json.dumps(
        {
            "log": {
                "version": "1.2",
                "entries": [
                    {
                        "request": {"method": "GET", "url": "https://other.example/a"},
                        "response": {"status": 200},
                    }
                ],
            }
        }
    ),
    "half.har": '{"log": ',
    "record.md": "---\nendpoint: GET /a\n---\n# x\n\n## Test Request\n```yaml\nsteps: [\n```\n",
    "glob.toml": f'[targets.a]\nbase_url = "{NOBODY}"\ndocuments = ["nowhere/**"]\n',
    "key.toml": '[run]\nfail_onn = "major"\n',
    "half.toml": "[run\n",
    "report.json": render("json", make_result(findings=(make_finding(),))),
    "not-a-report.json": "{}",
    "odd-baseline.json": '{"baseline_version": 1, "findings": {}}',
    "nul.toml": '[run]\nout = "a\\u0000b"\n',
    "nameless.toml": f'[targets.""]\nbase_url = "{NOBODY}"\n',
    "two-places.toml": '[targets.a.tokens.x]\nheader = "X-Key"\nquery = "key"\n',
    "no-password.toml": '[targets.a.tokens.x]\nuser = "u"\n',
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "empty").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    for name in [n for n in os.environ if n.startswith("DRIFTCHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


LIVE = ("docs", "--base-url", NOBODY)
WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a misspelt command": (("chek", "docs"), 2, "Is `driftcheck check` meant?"),
    "another": (("reprot", "report.json"), 2, "Is `driftcheck report` meant?"),
    "in capitals": (("DIFF", "docs", "docs"), 2, "Is `driftcheck diff` meant?"),
    "below a command": (("workflows", "lst", "docs"), 2, "Did you mean 'list'?"),
    "an option": (("docs", "--base_url", NOBODY), 2, "--base-url"),
    "no such folder": (("nowhere",), 2, "nowhere: no such file or folder."),
    "an address": ((f"{NOBODY}/openapi.json",), 2, "save it first"),
    "a glob": (("docs/*.yml",), 2, "matches nothing"),
    "an empty folder": (("empty", "--base-url", NOBODY), 2, "No API document was found in empty"),
    "no document": (("list.json", "--static"), 2, "list.json skipped: no API document in it"),
    "of another kind": (("events.yaml", "--static"), 2, "events.yaml skipped"),
    "text": (("text.txt", "--static"), 2, "text.txt skipped"),
    "a broken document": (("broken.yaml", "--base-url", NOBODY), 2, "broken.yaml:3: "),
    "it, looked at": (("doctor", "broken.yaml", "--base-url", NOBODY), 2, "broken.yaml:3: "),
    "host and port": (("docs", "--base-url", "localhost:80"), 2, "https://host/path"),
    "half an address": (("docs", "--base-url", "http://[::1"), 2, "is not an address"),
    "no port": (("docs", "--base-url", "http://h:99999"), 2, "is not an address"),
    "a blank": (("docs", "--base-url", f"{NOBODY}/a b"), 2, "is not an address"),
    "a query": (("docs", "--base-url", f"{NOBODY}/?key=hush"), 2, "has a query"),
    "a fragment": (("docs", "--base-url", f"{NOBODY}/#/x"), 2, "has a fragment"),
    "a bare token": ((*LIVE, "--token", "abc"), 2, "TYPE=VALUE"),
    "a broken token": ((*LIVE, "--token", "staff=hush\nx"), 2, "token staff: it holds a line"),
    "a bare header": ((*LIVE, "--header", "hush"), 2, "'Name: value'"),
    "a recording of others": ((*LIVE, "--har", "other.har"), 3, "https://other.example"),
    "half a recording": ((*LIVE, "--har", "half.har"), 2, "half.har:1: not JSON"),
    "no recording": ((*LIVE, "--har", "no.har"), 2, "no.har: can't be read"),
    "no operation": ((*LIVE, "--operation", "GET /b"), 2, "Did you mean 'GET /a'?"),
    "no rule": ((*LIVE, "--rule", "enum-undocumentd"), 2, "Did you mean 'enum-undocumented'?"),
    "no folder of references": ((*LIVE, "--ref-map", "http://x=no"), 2, "no doesn't exist"),
    "no records": ((*LIVE, "--workflows", "empty"), 3, "holds no workflow record"),
    "no folder of records": ((*LIVE, "--workflows", "no"), 2, "--workflows: no doesn't exist"),
    "a broken set-up": ((*LIVE, "--setup", "record.md"), 2, "The set-up record record.md can't"),
    "no baseline": ((*LIVE, "--baseline", "no.json"), 2, "no.json: can't be read"),
    "another baseline": ((*LIVE, "--baseline", "list.json"), 2, "not a baseline"),
    "no number": ((*LIVE, "--max-requests", "many"), 2, "must be a whole number"),
    "no share": ((*LIVE, "--shard", "5/4"), 2, "Write I/N"),
    "no percentage": ((*LIVE, "--min-coverage", "200"), 2, "from 0 to 100"),
    "no format": ((*LIVE, "--format", "pdf"), 2, "unknown format 'pdf'"),
    "a file for reports": ((*LIVE, "--out", "text.txt"), 2, "text.txt is a file"),
    "globs of a target": (("docs", "--config", "glob.toml"), 3, "'nowhere/**' matches none"),
    "a key": (("docs", "--config", "key.toml"), 2, "key.toml:2: run.fail_onn: unknown key"),
    "half a config": (("docs", "--config", "half.toml"), 2, "half.toml: not TOML"),
    "a fingerprint": (("replay", "report.json", "0" * 16), 2, "0000"),
    "no report": (("fix", "not-a-report.json"), 2, "not-a-report.json: not a driftcheck report"),
    "no revision": (("docs", "--since", "HEAD"), 2, "--since: "),
    "a folder for it": ((*LIVE, "--history", "docs"), 2, "docs is a folder"),
    "no dialect": ((*LIVE, "--history", "bogus://u:hush@h/x"), 2, "can't be used"),
    "of a report": (("report", "report.json", "--history", "docs"), 2, "docs is a folder"),
    "no authority": ((*LIVE, "--cacert", "text.txt"), 2, "it holds no certificate"),
    "no certificate": ((*LIVE, "--cert", "text.txt"), 2, "text.txt can't be used with its key"),
    "half a proxy": ((*LIVE, "--proxy", "http://[::"), 2, "--proxy: 'http://[::' is not"),
    "an empty label": (("docs", "--base-url", "http://a..b"), 2, "is not an address"),
    "a long label": (("docs", "--base-url", f"http://{'a' * 64}.b"), 2, "is not an address"),
    "a template": (("docs", "--base-url", "https://{host}/v1"), 2, "Put values in its braces"),
    "a file of references": ((*LIVE, "--ref-map", "http://x=text.txt"), 2, "is no folder"),
    "an empty folder's name": ((*LIVE, "--out", ""), 2, "--out: is empty"),
    "a report nowhere": (("report", "report.json", "--out", ""), 2, "--out: is empty"),
    "a NUL": (("docs", "--config", "nul.toml"), 2, "nul.toml:2: run.out: it holds a NUL"),
    "a nameless target": (("docs", "--config", "nameless.toml"), 2, "a target has no name"),
    "two places": (("docs", "--config", "two-places.toml"), 2, "two-places.toml:3: "),
    "no password": (("docs", "--config", "no-password.toml"), 2, "Add password_env."),
    "findings of no list": ((*LIVE, "--baseline", "odd-baseline.json"), 2, "not a baseline file"),
    "an empty fingerprint": (("replay", "report.json", ""), 2, "The fingerprint is empty"),
    "to accept": (("baseline", "report.json", "--accept", ""), 2, "The fingerprint is empty"),
    "half a command": (("workflows",), 2, "Missing command"),
    "no journal": (("cleanup", "docs"), 2, "docs: no journal of a run is there"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_input_is_one_sentence(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, status, words = WRONG[name]
    before = sorted(folder.rglob("*"))
    assert driftcheck(list(arguments)) == status
    captured = capsys.readouterr()
    assert words in captured.err, captured.err
    assert "internal error" not in captured.err and "Traceback" not in captured.err
    assert "hush" not in captured.err + captured.out
    assert sorted(folder.rglob("*")) == before, "and nothing is left behind"


def test_of_a_broken_document_only_the_break_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert driftcheck(["broken.yaml", "--static", "--out", "-"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [f["rule"] for f in found] == ["spec-invalid"]
    assert "isn't valid YAML" in found[0]["issue"]


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("DRIFTCHECK_MAX_REQUEST", "is DRIFTCHECK_MAX_REQUESTS meant?"),
        ("DRIFTCHECK_TOKEN", "write DRIFTCHECK_TOKEN_<TYPE>"),
        ("DRIFTCHECK_TOKEN_OTHER__STAFF", "no target other"),
        ("DRIFTCHECK_COLOUR_OF_ALL", "isn't used."),
        ("DRIFTCHECK_TOKEN_STAFF", ""),
        ("DRIFTCHECK_TOKEN_SHOP__STAFF", ""),
        ("DRIFTCHECK_VAR_ID", ""),
        ("DRIFTCHECK_RATE", ""),
        ("DRIFTCHECK_OF_MINE", ""),
        ("PATH", ""),
    ],
)
def test_a_variable_that_nothing_reads(variable: str, words: str) -> None:
    config = 'password_env = "DRIFTCHECK_OF_MINE"'
    found = list(unknown_variables({variable: "v"}, ["shop"], config))
    assert len(found) == bool(words)
    assert words in "".join(found)


def test_an_empty_token_is_told() -> None:
    """As a job has it whose secret isn't there."""
    (said,) = unknown_variables({"DRIFTCHECK_TOKEN_STAFF": " "}, [], "")
    assert said == "DRIFTCHECK_TOKEN_STAFF is empty: there is no such token."


@pytest.mark.parametrize("variable", ["DRIFTCHECK_READONLY", "DRIFTCHECK_Dry_Run"])
def test_a_limit_with_another_punctuation_ends_the_run(variable: str) -> None:
    with pytest.raises(UsageError, match=r"Write DRIFTCHECK_(READ_ONLY|DRY_RUN)\."):
        list(unknown_variables({variable: "1"}, [], ""))


def test_patterns_that_name_nothing_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    patterns = ("--deny", "POST /b", "--allow", "GET /b*", "--deny", "GET /a", "--legacy", "old*")
    driftcheck(["doctor", *LIVE, *patterns, "--dry-run"])
    said = capsys.readouterr().out
    assert "--deny: 'POST /b' is the name of no operation" in said
    assert "--allow: 'GET /b*'" in said and "--legacy: 'old*' matches no document" in said
    assert "'GET /a' is" not in said
