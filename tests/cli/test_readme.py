"""The README tells the truth about commands, options and the config."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from checker.cli import cli
from checker.config.file import read_config

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def test_it_opens_with_the_two_commands() -> None:
    main_job, tests = blocks("sh")[:2]
    for command in (main_job, tests):
        words = shlex.split(command)
        assert words[:4] == ["git", "clone", "$REPO", "driftcheck"]
        assert "venv" in words and "\n" not in command.strip()
    assert main_job.strip().endswith(".venv/bin/driftcheck swagger/")
    assert "pytest" in tests
    assert README.index(main_job) < 400


def test_commands_and_options_exist() -> None:
    named = set(re.findall(r"driftcheck (\w+)(?= |`)", README)) & set(cli.commands)
    assert named >= set(cli.commands) - {"check"}
    known = {
        option
        for command in (*cli.commands.values(), cli)
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) <= known


def test_workflow_commands_exist() -> None:
    workflows = cli.commands["workflows"]
    assert isinstance(workflows, click.Group)
    listed = re.search(r"driftcheck workflows ([\w\\|]+) PATH", README)
    assert listed is not None
    assert set(listed[1].replace("\\", "").split("|")) <= set(workflows.commands)


def test_the_config_can_be_read(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "driftcheck.toml"
    path.write_text(text, encoding="utf-8")
    assert read_config(path).targets


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
