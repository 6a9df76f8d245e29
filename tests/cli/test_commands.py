"""Commands that need no API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import driftcheck
from report_samples import make_finding, make_result

from checker.cli.completion import VARIABLE
from checker.domain.finding import FindingField
from checker.domain.location import Location
from checker.ranking import group, rank
from checker.reporting import json_report

SHARED = Path(os.environ.get("DRIFTCHECK_SHARED") or Path(__file__).parents[2].parent / "shared")
ROOT = Path(__file__).parents[2]
DOCUMENT = """{
  "swagger": "2.0",
  "paths": {
    "/things": {
      "post": {"responses": {}}
    }
  }
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "things.json").write_text(DOCUMENT)
    findings = rank(
        group(
            [
                make_finding(
                    source=Location("things.json", "/paths/~1things/post", 5, 15),
                    patch=({"op": "add", "path": "/paths/~1things/post/x-a", "value": 1},),
                ),
                make_finding(
                    field=FindingField("body", "other"),
                    source=Location("things.json", "/paths/~1things/post"),
                    patch=({"op": "remove", "path": "/paths/~1nowhere"},),
                ),
            ]
        )
    )
    text = json_report.render(make_result(findings=findings))
    (tmp_path / "report.json").write_text(text)
    return tmp_path


def test_help_names_every_command(tmp_path: Path) -> None:
    text = driftcheck("--help", cwd=tmp_path).stdout
    names = "check diff fix replay report baseline workflows sandbox rules words"
    for command in names.split(" "):
        assert f"\n  {command} " in text
    assert driftcheck(cwd=tmp_path).stdout == text


def test_the_version_is_told(tmp_path: Path) -> None:
    assert driftcheck("--version", cwd=tmp_path).stdout.startswith("driftcheck, version ")


def test_a_shell_completes_commands_and_options(tmp_path: Path) -> None:
    from click.shell_completion import ZshComplete

    from checker.cli import cli

    script = driftcheck("completion", "zsh", cwd=tmp_path).stdout
    assert f"{VARIABLE}=zsh_complete" in script

    def completed(arguments: list[str], word: str) -> set[str]:
        shell = ZshComplete(cli, {}, "driftcheck", VARIABLE)
        return {found.value for found in shell.get_completions(arguments, word)}

    assert completed([], "ba") == {"baseline"}
    assert completed(["check"], "--base") == {"--base-url", "--baseline"}


# What help may import of the checker: what click needs, and what stands ready to mask.
FOR_HELP = {
    "checker",
    "checker.cli",
    "checker.cli.exits",
    "checker.cli.group",
    "checker.errors",
    "checker.interruption",
    "checker.redaction",
    "checker.redaction.streams",
}
HEAVY = {
    "aiohttp",
    "asyncio",
    "dataclasses",
    "hypothesis",
    "jinja2",
    "json",
    "pathlib",
    "rich",
    "schemathesis",
    "starlette",
    "tomllib",
    "traceback",
    "uvicorn",
    "yaml",
}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_that_only_a_command_needs(tmp_path: Path, option: str) -> None:
    code = f"""
import sys
import click
before = set(sys.modules)
from checker.cli import main
try:
    main(['{option}'])
except SystemExit:
    print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stderr.split())
    assert {name for name in imported if name.startswith("checker")} == FOR_HELP
    assert not imported & HEAVY


def test_each_command_is_where_the_list_of_commands_says() -> None:
    from checker.cli import COMMANDS, cli

    assert {name: cli.commands[name].name for name in cli.commands} == {n: n for n in COMMANDS}


def test_check_help_has_every_option_of_the_interface(tmp_path: Path) -> None:
    path = SHARED / "design" / "cli.md"
    if not path.is_file():
        pytest.skip("cli.md isn't here: set DRIFTCHECK_SHARED")
    block = path.read_text().split("```")[1].split("driftcheck diff")[0]
    wanted = {word for word in block.replace("'", " ").split() if word.startswith("--")}
    text = driftcheck("check", "--help", cwd=tmp_path).stdout
    assert len(wanted) > 25
    assert not {option for option in wanted if option not in text}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere/"], "nowhere: no such file"),
        (["check", "--nonsense", "."], "--nonsense"),
        (["check"], "PATH"),
        ([".", "--max-requests", "many"], "--max-requests"),
        ([".", "--token", "s3cret-value"], "TYPE=VALUE"),
        (["rules", "enum-undocumentd"], "enum-undocumented"),
        (["report", "nowhere.json"], "nowhere.json"),
        (["replay", "report.json", "ffff"], "ffff"),
        (["report", "things.json"], "not a driftcheck report"),
        (["baseline", "things.json"], "not a driftcheck report"),
        (["report", "report.json", "--format", "pdf"], "pdf"),
        (["fix", "report.json", "--root", "elsewhere"], "elsewhere"),
        (["workflows", "lint", "things.json", "nowhere"], "nowhere"),
    ],
)
def test_wrong_usage_is_told_in_two_lines(project: Path, arguments: list[str], words: str) -> None:
    done = driftcheck(*arguments, cwd=project, status=2)
    assert words in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert "s3cret" not in done.stderr


def test_report_renders_again(project: Path) -> None:
    driftcheck(
        "report", "report.json", "--format", "md,json,html,sarif,junit", "--out", "o", cwd=project
    )
    assert (project / "o" / "report.json").read_text() == (project / "report.json").read_text()
    names = {path.name for path in (project / "o").iterdir()}
    pages = {"report.md", "report.json", "report.html", "report.sarif", "report.junit.xml"}
    assert names == pages | {"evidence"}


def test_report_to_stdout_is_the_format_alone(project: Path) -> None:
    done = driftcheck("report", "report.json", "--format", "json", "--out", "-", cwd=project)
    assert json.loads(done.stdout)["schema_version"] == 1
    driftcheck("report", "report.json", "--format", "md,html", "--out", "-", cwd=project, status=2)


def test_shards_merge(project: Path) -> None:
    done = driftcheck(
        "report", "report.json", "report.json", "--format", "json", "--out", "-", cwd=project
    )
    report = json.loads(done.stdout)
    assert len(report["findings"]) == 2
    assert report["run"]["requests_sent"] == 82


def test_baseline_is_written_and_refreshed(project: Path) -> None:
    path = project / "driftcheck-baseline.json"
    driftcheck("baseline", "report.json", cwd=project)
    first = path.read_text()
    assert len(json.loads(first)["findings"]) == 2
    driftcheck("baseline", "report.json", cwd=project)
    assert path.read_text() == first


def test_findings_are_accepted_one_by_one_with_reason_and_day(project: Path) -> None:
    report = json.loads((project / "report.json").read_text())
    chosen = report["findings"][0]["fingerprint"]
    said = ("--reason", "ticket 7", "--expires", "2030-01-31")
    driftcheck("baseline", "report.json", "--accept", chosen[:8], *said, cwd=project)
    path = project / "driftcheck-baseline.json"
    (entry,) = json.loads(path.read_text())["findings"]
    assert (entry["fingerprint"], entry["reason"], entry["expires"]) == (chosen, *said[1::2])
    driftcheck("baseline", "report.json", cwd=project)
    after = {e["fingerprint"]: e for e in json.loads(path.read_text())["findings"]}
    assert len(after) == 2 and after[chosen] == entry
    done = driftcheck("baseline", "report.json", "--accept", "zz", cwd=project, status=2)
    assert "'zz' is the fingerprint of 0 findings" in done.stderr
    done = driftcheck("baseline", "report.json", "--expires", "soon", cwd=project, status=2)
    assert "--expires: 'soon' is no date" in done.stderr


def test_fix_shows_then_writes(project: Path) -> None:
    done = driftcheck("fix", "report.json", cwd=project)
    assert '+      "post": {"responses": {}, "x-a": 1}' in done.stdout
    assert "left out" in done.stderr and "1 fix would change" in done.stderr
    assert (project / "things.json").read_text() == DOCUMENT
    patch = subprocess.run(
        ["git", "apply", "--check", "-"], cwd=project, input=done.stdout, text=True
    )
    assert patch.returncode == 0
    driftcheck("fix", "report.json", "--write", cwd=project)
    changed = (project / "things.json").read_text()
    assert json.loads(changed)["paths"]["/things"]["post"]["x-a"] == 1
    again = driftcheck("fix", "report.json", "--write", cwd=project)
    assert again.stdout == ""
    assert (project / "things.json").read_text() == changed


@pytest.mark.parametrize("name", ["o.yaml", "o.json"])
def test_fix_writes_an_overlay(project: Path, name: str) -> None:
    import yaml

    driftcheck("fix", "report.json", "--overlay", name, cwd=project)
    content = yaml.safe_load((project / name).read_text())
    assert content["overlay"] == "1.0.0"
    assert content["extends"] == "things.json"
    assert content["actions"][0]["update"] == {"x-a": 1}


def test_rules_are_listed_and_explained(tmp_path: Path) -> None:
    from checker.drift.registry import all_rules

    text = driftcheck("rules", cwd=tmp_path).stdout
    assert len(text.splitlines()) == len(all_rules())
    first = all_rules()[0]
    page = driftcheck("rules", first.id, cwd=tmp_path).stdout
    assert page.startswith(f"## {first.id}\n")
    assert first.severity.label in page


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m checker.cli rules | head -1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
