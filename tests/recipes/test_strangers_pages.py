"""What strangers meet first on a forge: the job, the forms for issues, the changelog."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from ci_jobs import ROOT, github_steps, read

from checker.cli import cli

GITHUB = ROOT / ".github"
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def job() -> Any:
    # YAML 1.1 has `on` for a truth.
    workflow = read(GITHUB / "workflows" / "ci.yml")
    return {"on": workflow.get("on", workflow.get(True)), **workflow}


def test_the_gates_run_on_pushes_and_pull_requests() -> None:
    assert {"push", "pull_request"} <= set(job()["on"])
    scripts = [step.script.split()[0] for step in github_steps(job(), {})]
    assert scripts == [".ci/run"] and (ROOT / ".ci" / "run").is_file()


def test_the_gates_run_with_the_lowest_and_the_newest_python() -> None:
    (gates,) = job()["jobs"].values()
    lowest = PROJECT["requires-python"].removeprefix(">=")
    runs = {run["python"]: run["modes"].split() for run in gates["strategy"]["matrix"]["include"]}
    assert set(runs) == {lowest, "3.x"}
    # What `.ci/run` does without arguments.
    assert runs[lowest] == ["newest", "lowest"] and "newest" in runs["3.x"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_warns_of_secrets_before_it_asks(path: Any) -> None:
    form = read(path)
    first, *asked = form["body"]
    assert {"name", "description", "body"} <= set(form)
    assert first["type"] == "markdown"
    assert re.search(r"public.*\btokens, passwords\b", first["attributes"]["value"])
    names = [field["id"] for field in asked]
    assert len(set(names)) == len(names) and "version" in names
    for field in asked:
        assert field["type"] in ("input", "textarea")
        assert field["attributes"]["label"] and set(field) <= {
            *("type", "id", "attributes", "validations"),
        }


@pytest.mark.parametrize(
    "path", [*FORMS, ROOT / "CHANGELOG.md"], ids=lambda path: path.stem.lower()
)
def test_commands_and_options_that_are_named_are_there(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    options = {
        option
        for command in (*cli.commands.values(), cli)
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--version"}
    for span in re.findall(r"`([^`\n]+)`", text):
        words = span.split()
        if words[0] == "python3":
            continue
        assert {w for w in words if w.startswith("--")} <= options, span
        if words[0] == "driftcheck" and re.fullmatch(r"[a-z]+", words[1]):
            assert words[1] in cli.commands, span


def test_the_changelog_is_kept() -> None:
    """In the form that it names: the version that is to come first, and whatever has come."""
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.M)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", h) for h in headings[1:])
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", CHANGELOG, re.M)) <= kinds
    assert PROJECT["version"] in CHANGELOG
