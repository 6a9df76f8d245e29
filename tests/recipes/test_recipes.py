"""The recipes name commands and options that there are, and what they run does what it should."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from ci_jobs import ROOT, Runner, action_steps, github_steps, gitlab_steps, read
from serving import JsonServer, running

from checker.cli import cli, run
from checker.config.file import read_config
from checker.documents.git import git
from checker.ranking.baseline import baseline_text
from checker.reporting.formats import FORMATS, file_name

FOLDER = ROOT / "docs" / "recipes"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".toml")


HOOKS = ROOT / ".pre-commit-hooks.yaml"
STAGING = "https://staging.example.com/api"


def hook_command() -> str:
    """What pre-commit runs for the recipe: the hook's entry and the recipe's arguments."""
    (hook,) = read(HOOKS)
    ((named,),) = [repo["hooks"] for repo in read(FOLDER / "pre-commit-config.yaml")["repos"]]
    assert named["id"] == hook["id"] and not hook["pass_filenames"]
    return shlex.join([*shlex.split(hook["entry"]), *named["args"]])


def scripts(path: Path) -> list[str]:
    """The shell texts of a recipe."""
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("github-"):
        steps = list(github_steps(read(path), {"github.base_ref": "main"}))
        words = [" ".join(v for n, v in s.variables.items() if n in ARGUMENTS) for s in steps]
        return [s.script.replace('"${words[@]}"', w) for s, w in zip(steps, words, strict=True)]
    if path.name.startswith("gitlab-"):
        pipeline = read(path)
        return [s.script for job in ("drift", "drift-report") for s in gitlab_steps(pipeline, job)]
    if path.name.startswith("pre-commit"):
        return [hook_command()]
    if path.suffix == ".md":
        return re.findall(r"```sh\n(.*?)```", text, re.S)
    # The image is called as the program in it.
    return [re.sub(r"^# podman run .* (?=driftcheck )", "", line) for line in text.splitlines()]


ARGUMENTS = ("CHECK_PATHS", "CHECK_ARGS")


def commands(path: Path) -> list[list[str]]:
    """The command lines of driftcheck's in a recipe, without the program's name."""
    lines = [
        line.split("||")[0].replace('"$RUNNER_TEMP/driftcheck/bin/driftcheck"', "driftcheck")
        for script in scripts(path)
        for line in script.replace("\\\n", " ").splitlines()
    ]
    return [shlex.split(line)[1:] for line in map(str.strip, lines) if IS_OURS.match(line)]


IS_OURS = re.compile(r"driftcheck [\w.-]")
EVERY = [(path.name, words) for path in FILES for words in commands(path)]


def test_each_recipe_has_a_command_and_stands_in_the_list() -> None:
    assert {name for name, _ in EVERY} == {path.name for path in FILES}
    listed = set(
        re.findall(r"^\| \[[^]]+\]\(([\w.-]+)\)", (FOLDER / "README.md").read_text(), re.M)
    )
    assert listed == {path.name for path in FOLDER.iterdir()} - {"README.md"}


@pytest.mark.parametrize(("name", "words"), EVERY)
def test_commands_and_options_are_there(name: str, words: list[str]) -> None:
    """Parsed as the command line does, but for files, which are examples."""
    command = cli.commands.get(words[0], cli.commands["check"])
    rest = words[1:] if words[0] in cli.commands else words
    context = click.Context(command)
    values, _, _ = command.make_parser(context).parse_args(args=list(rest))
    formats = values.get("format") or values.get("formats") or ()
    for form in [name for text in formats for name in text.split(",") if "$" not in name]:
        assert form in FORMATS


def test_files_that_are_named_are_those_that_are_written() -> None:
    written = {file_name(form) for form in FORMATS}
    for path in FILES:
        named = re.findall(r"(?<=reports/)report\.[\w.]+", path.read_text())
        assert set(named) <= written, path.name


class News(JsonServer):
    """One reading operation, as documented."""

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        return (200, {"news": []}) if path == ["news"] else (404, {"error": "no such route"})


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """A checkout on a machine of a CI, with a document of a server that is there."""
    answers = {"200": {"description": "ok"}, "404": {"description": "no"}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/news": {"get": {"responses": answers}}},
    }
    folder = tmp_path / "docs" / "swagger"
    folder.mkdir(parents=True)
    (folder / "api.json").write_text(json.dumps(document))
    (tmp_path / "driftcheck-baseline.json").write_text(baseline_text(()))
    with running(News()) as server:
        yield Runner(tmp_path, {STAGING: server.url})


def documented_health(title: str) -> dict[str, Any]:
    """A document of an API: all of a team's have the same check of health."""
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    answers = {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}
    answers["404"] = {"description": "no"}
    paths = {"/health": {"get": {"responses": answers}}}
    return {"openapi": "3.0.3", "info": {"title": title, "version": "1"}, "paths": paths}


class Health(JsonServer):
    """Says whether it is well; not in the way in which it is documented where it drifts."""

    drifts = True

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        said = {"ok": "yes" if self.drifts else True}
        return (200, said) if path == ["health"] else (404, {"error": "no such route"})


def test_several_apis_become_one_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What two of them have in common is one row that names both files; each has its own memory."""
    monkeypatch.chdir(tmp_path)
    names = ("billing", "orders")
    for name in names:
        path = tmp_path / "apis" / name / "api.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(documented_health(name), indent=1))
    with running(Health()) as billing, running(Health()) as orders:
        config = (FOLDER / "monorepo.toml").read_text()
        for name, server in zip(names, (billing, orders), strict=True):
            config = config.replace(f"https://staging.example.com/{name}", server.url)
        Path("driftcheck.toml").write_text(config)
        check = ["apis", "--no-fuzz", "--rate", "100/s", "--quiet", "--format", "md,json,junit"]
        assert set(read_config(Path("driftcheck.toml")).targets) == set(names)
        assert run(check) == 1
        page = Path("reports/report.md").read_text()
        table = page.partition("## All findings")[2].partition("\n## ")[0]
        (row,) = [line for line in table.splitlines() if "`ok`" in line]
        assert "`apis/billing/api.json`" in row and "`apis/orders/api.json`" in row
        report = json.loads(Path("reports/report.json").read_text())
        assert sorted(o["target"] for o in report["operations"]) == [*names]
        suites = ElementTree.parse("reports/report.junit.xml").getroot()
        assert [s.get("name") for s in suites] == ["billing GET /health", "orders GET /health"]

        # One of them is mended: that of the other is known, and not fixed with it.
        assert run(["baseline", "reports/report.json"]) == 0
        orders.drifts = False
        assert run([*check, "--baseline", "driftcheck-baseline.json"]) == 0
    baseline = json.loads(Path("reports/report.json").read_text())["baseline"]
    assert [entry["target"] for entry in baseline["fixed"]] == ["orders"]
    assert len(baseline["known"]) == 1


def test_the_nightly_job_on_github_runs(runner: Runner) -> None:
    steps = list(github_steps(read(FOLDER / "github-workflow.yml"), {}))
    (check,) = [step for step in steps if step.name != "Install"]
    assert runner.run(check) == 0
    assert runner.written("GITHUB_OUTPUT") == "status=0\n"
    assert "# API drift report" in runner.written("GITHUB_STEP_SUMMARY")
    reports = {path.name for path in (runner.folder / "reports").iterdir()}
    assert {"report.md", "report.html", "report.sarif"} <= reports
    assert (runner.folder / ".driftcheck" / "history.sqlite").is_file()


def test_a_red_night_is_red_and_told(runner: Runner) -> None:
    """And blanks in names are no ends of words."""
    wrong = {"paths": "'no such folder'", "args": "--base-url x --operation 'GET /news'"}
    (check,) = [step for step in action_steps(wrong, {}) if step.name != "Install"]
    assert runner.run(check) == 2
    assert runner.written("GITHUB_OUTPUT") == "status=2\n"
    assert runner.written("GITHUB_STEP_SUMMARY") == ""


def test_the_job_of_a_pull_request_runs(runner: Runner) -> None:
    def asked(*arguments: str) -> None:
        git(runner.folder, "-c", "user.name=t", "-c", "user.email=t@t.example", *arguments)

    asked("init", "-q")
    asked("add", "docs")
    asked("commit", "-qm", "before")
    asked("update-ref", "refs/remotes/origin/main", "HEAD")
    file = runner.folder / "docs" / "swagger" / "api.json"
    file.write_text(file.read_text().replace('"ok"', '"The news."'))
    values = {"github.base_ref": "main", "github.event.pull_request.number": "7"}
    _, check, comment = github_steps(read(FOLDER / "github-pull-request.yml"), values)
    assert runner.run(check) == 0 and runner.run(comment) == 0
    assert runner.called.startswith("gh pr comment 7 ")
    assert (runner.folder / runner.called.split()[-1]).read_text().startswith("<!-- driftcheck")


def test_the_jobs_on_gitlab_run(runner: Runner) -> None:
    pipeline = read(FOLDER / "gitlab-ci.yml")
    assert pipeline["variables"]["DRIFTCHECK_BASE_URL"] == STAGING
    node = {"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "1"}  # a shard that has everything
    for job in ("drift", "drift-report"):
        assert [runner.run(step, **node) for step in gitlab_steps(pipeline, job)] == [0, 0]
    assert runner.called.count("pip install git+https://git.example.com/driftcheck") == 2
    kept = pipeline["drift-report"]["artifacts"]["reports"].values()
    assert all((runner.folder / file).is_file() for file in kept)
    assert (runner.folder / ".driftcheck" / "history.sqlite").is_file()


def test_the_hook_before_a_commit_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "docs" / "swagger"
    folder.mkdir(parents=True)
    info = {"title": "T", "version": "1"}
    (folder / "api.json").write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": {}}))
    assert run(shlex.split(hook_command())[1:]) == 0
    assert (tmp_path / ".driftcheck" / "static" / "report.json").is_file()
