"""`driftcheck fix`: what it shows, changes, asks, commits and refuses."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from report_samples import make_finding, make_result

from checker.cli import run
from checker.domain.finding import Finding, FindingField, OtherPatch
from checker.domain.location import Location
from checker.fixing.sealed import seal
from checker.reporting.json_report import render

DOCUMENT = """{
  "openapi": "3.0.3",
  "info": {"title": "T", "version": "1"},
  "paths": {
    "/a": {
      "get": {
        "operationId": "listA",
        "responses": {"200": {"description": "fine"}}
      }
    }
  }
}
"""
GET = "/paths/~1a/get"


ANSWER = {
    "op": "add",
    "path": f"{GET}/responses/404",
    "value": {"description": "Not Found"},
}
SUMMARY = {"op": "add", "path": f"{GET}/summary", "value": "Lists a."}
NAMELESS = {"op": "add", "path": f"{GET}/parameters", "value": [{"in": "query"}]}


def found(number: int, rule: str, *steps: dict[str, Any], **more: Any) -> Finding:
    patch = seal(steps, json.loads(DOCUMENT)) if steps else ()
    return make_finding(
        rule=rule,
        operation="GET /a",
        field=FindingField("operation"),
        fingerprint=f"{number:016x}",
        suggested_fix=f"Do what number {number} says.",
        source=Location("docs/a.json", GET),
        patch=patch,
        **more,
    )


def findings() -> list[Finding]:
    return [
        found(
            1,
            "status-undocumented",
            {"op": "add", "path": f"{GET}/responses/404", "value": {"description": "Not Found"}},
        ),
        found(
            2, "required-not-enforced", {"op": "add", "path": f"{GET}/summary", "value": "Lists a."}
        ),
        found(3, "server-error"),
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.json").write_bytes(DOCUMENT.encode())
    report(tmp_path, findings())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(folder: Path, listed: list[Finding]) -> None:
    (folder / "report.json").write_text(render(make_result(findings=tuple(listed))), "utf-8")


def now(folder: Path) -> dict[str, Any]:
    operation: dict[str, Any] = json.loads((folder / "docs/a.json").read_text())["paths"]["/a"][
        "get"
    ]
    return operation


def test_it_says_what_it_did_what_was_there_and_what_is_left(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fix", "report.json", "--write"]) == 0
    said = capsys.readouterr()
    assert '"404": {"description": "Not Found"}}' in said.out
    assert "2 fixes applied to 1 file." in said.err
    assert "server-error GET /a: only the server can mend it" in said.err
    once = (folder / "docs/a.json").read_bytes()
    assert run(["fix", "report.json", "--write"]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "0 fixes applied to 0 files; 2 already there." in said.err
    assert (folder / "docs/a.json").read_bytes() == once


def test_only_safe_leaves_decisions_to_people(folder: Path) -> None:
    assert run(["fix", "report.json", "--write", "--only-safe"]) == 0
    assert "404" in now(folder)["responses"] and "summary" not in now(folder)


@pytest.mark.parametrize(
    ("answers", "done"),
    [("y\nn\n", "404"), ("n\ny\n", "summary"), ("q\n", ""), ("a\n", "404 summary")],
)
def test_each_finding_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answers: str, done: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answers))
    assert run(["fix", "report.json", "--interactive"]) == 0
    operation = now(folder)
    has = [n for n in ("404", "summary") if n in operation or n in operation["responses"]]
    assert " ".join(has) == done


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fingerprint", "ffff"], "'ffff' is the fingerprint of no finding"),
        (["--write", "--overlay", "o.json"], "--write and --overlay can't be used together"),
        (["--branch", "no good"], "no good"),
    ],
)
def test_wrong_usage_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    git(folder, "init", "-q")
    assert run(["fix", "report.json", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert (folder / "docs/a.json").read_text() == DOCUMENT


@pytest.mark.parametrize("way", ["..", "absolute", "link", "beside"])
def test_no_report_leads_out_of_the_root(
    folder: Path, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    outside = folder / "outside.json"
    outside.write_text(DOCUMENT)
    (folder / "docs" / "link.json").symlink_to(outside)
    names = {"..": "../outside.json", "absolute": str(outside), "link": "link.json"}
    one = findings()[0]
    if way == "beside":
        one = one.with_(
            source=Location("a.json"), elsewhere=(OtherPatch("../outside.json", one.patch),)
        )
    else:
        one = one.with_(source=Location(names[way]))
    report(folder, [one])
    assert run(["fix", "report.json", "--write", "--root", "docs"]) == 2
    assert "outside of docs" in capsys.readouterr().err
    assert outside.read_text() == DOCUMENT == (folder / "docs/a.json").read_text()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def committed(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "start")
    for name, value in (
        ("user.name", "T"),
        ("user.email", "t@example.com"),
        ("commit.gpgsign", "false"),
    ):
        git(folder, "config", name, value)
    git(folder, "add", "docs")
    git(folder, "commit", "-qm", "Documents")


def test_a_branch_has_one_commit_for_each_finding(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    committed(folder)
    (folder / "docs/a.json").write_text("{}")  # what lies here isn't touched
    assert run(["fix", "report.json", "--branch", "drift"]) == 0
    assert "2 commits on drift." in capsys.readouterr().out
    assert git(folder, "log", "--format=%s", "start..drift").splitlines() == [
        "Do what number 2 says",
        "Do what number 1 says",
    ]
    changed = json.loads(git(folder, "show", "drift:docs/a.json"))["paths"]["/a"]["get"]
    assert "404" in changed["responses"] and changed["summary"] == "Lists a."
    assert git(folder, "show", "--stat", "--format=", "drift~1").count("|") == 1
    assert (folder / "docs/a.json").read_text() == "{}"
    assert git(folder, "branch", "--show-current").strip() == "start"
    assert run(["fix", "report.json", "--branch", "drift"]) == 2
    assert "The branch drift exists." in capsys.readouterr().err


def test_a_fix_that_makes_a_document_invalid_is_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = found(
        4,
        "status-undocumented",
        {"op": "add", "path": f"{GET}/parameters", "value": [{"in": "query"}]},
    )
    report(folder, [bad, findings()[0]])
    assert run(["fix", "report.json", "--write"]) == 0
    assert "left out: 0000000000000004 status-undocumented" in capsys.readouterr().err
    assert "parameters" not in now(folder) and "404" in now(folder)["responses"]
