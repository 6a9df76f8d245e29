"""The README and the pages it leads to tell the truth about commands, options and the config."""

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
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
}
OF_USERS = (
    *("README.md", "docs/running.md", "docs/commands.md", "docs/reports.md", "docs/shards.md"),
    *("docs/workflows.md", "docs/reading-a-run.md"),
)
LINKS = sorted(
    {(name, link) for name, text in PAGES.items() for link in re.findall(r"\]\(([^)#]+)\)", text)}
)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def test_it_opens_with_the_two_commands() -> None:
    main_job, tests = blocks("sh")[:2]
    for command in (main_job, tests):
        words = shlex.split(command)
        assert words[:4] == ["git", "clone", "$REPO", "driftcheck"]
        assert "venv" in words and "\n" not in command.strip()
    assert main_job.strip().endswith(".venv/bin/driftcheck swagger/")
    assert "pytest" in tests
    assert README.index(main_job) < 400


def test_it_is_short_and_has_a_picture() -> None:
    """What a stranger needs in the first ten minutes; the rest is on the pages it leads to."""
    assert len(README.split()) < 800
    assert re.search(r"!\[[^]]+\]\(docs/[\w.]+\.png\)", README)


def test_each_command_is_told() -> None:
    named = set(re.findall(r"driftcheck (\w+)(?= |`)", PAGES["docs/commands.md"]))
    assert named & set(cli.commands) >= set(cli.commands) - {"check"}


@pytest.mark.parametrize("name", OF_USERS)
def test_options_exist(name: str) -> None:
    groups = [c for c in cli.commands.values() if isinstance(c, click.Group)]
    of_groups = [command for group in groups for command in group.commands.values()]
    known = {
        option
        for command in (*cli.commands.values(), *of_groups, cli)
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGES[name])) <= known


def test_workflow_commands_exist() -> None:
    workflows = cli.commands["workflows"]
    assert isinstance(workflows, click.Group)
    listed = re.search(r"driftcheck workflows ([\w\\|]+) PATH", PAGES["docs/commands.md"])
    assert listed is not None
    assert set(listed[1].replace("\\", "").split("|")) <= set(workflows.commands)


def test_the_config_can_be_read(tmp_path: Path) -> None:
    (text,) = blocks("toml", PAGES["docs/running.md"])
    path = tmp_path / "driftcheck.toml"
    path.write_text(text, encoding="utf-8")
    assert read_config(path).targets


@pytest.mark.parametrize(("name", "link"), LINKS)
def test_links_lead_somewhere(name: str, link: str) -> None:
    assert (ROOT / name).parent.joinpath(link).exists()
