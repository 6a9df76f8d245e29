"""The recipes name commands and options that there are, and the configs can be read and used."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from checker.cli import cli, run
from checker.config.file import read_config
from checker.reporting.formats import FORMATS, file_name

FOLDER = Path(__file__).parents[2] / "docs" / "recipes"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".toml")


def texts(value: Any) -> Iterator[str]:
    """All texts of a YAML value."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts(item)
        case dict():
            for item in value.values():
                yield from texts(item)


def commands(path: Path) -> list[list[str]]:
    """The command lines of driftcheck's in a recipe, without the program's name."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".yml", ".yaml"):
        lines = [line for part in texts(yaml.safe_load(text)) for line in part.splitlines()]
    elif path.suffix == ".md":
        lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.S)).splitlines()
    else:
        # The image is called as the program in it.
        lines = [
            re.sub(r"^# podman run .* (?=driftcheck )", "", line) for line in text.splitlines()
        ]
    return [shlex.split(line)[1:] for line in lines if re.match(r"driftcheck [\w.-]", line)]


EVERY = [(path.name, words) for path in FILES for words in commands(path)]


def test_each_recipe_has_a_command_and_stands_in_the_list() -> None:
    assert {name for name, _ in EVERY} == {path.name for path in FILES}
    listed = set(re.findall(r"\]\(([\w.-]+)\)", (FOLDER / "README.md").read_text()))
    assert listed == {path.name for path in FOLDER.iterdir()} - {"README.md"}


@pytest.mark.parametrize(("name", "words"), EVERY)
def test_commands_and_options_are_there(name: str, words: list[str]) -> None:
    """Parsed as the command line does, but for files, which are examples."""
    command = cli.commands.get(words[0], cli.commands["check"])
    rest = words[1:] if words[0] in cli.commands else words
    context = click.Context(command)
    values, _, _ = command.make_parser(context).parse_args(args=list(rest))
    formats = values.get("format") or values.get("formats") or ()
    for form in [name for text in formats for name in text.split(",")]:
        assert form in FORMATS


def test_files_that_are_named_are_those_that_are_written() -> None:
    written = {file_name(form) for form in FORMATS}
    for path in FILES:
        named = re.findall(r"(?<=reports/)report\.[\w.]+", path.read_text())
        assert set(named) <= written, path.name


def test_several_apis_become_one_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(FOLDER / "monorepo.toml", tmp_path / "driftcheck.toml")
    assert set(read_config(tmp_path / "driftcheck.toml").targets) == {"orders", "billing"}
    for name in ("orders", "billing"):
        paths = {f"/{name}": {"get": {"responses": {"200": {"description": "ok"}}}}}
        info = {"title": name, "version": "1"}
        path = tmp_path / "apis" / name / "api.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": paths}))
    assert run(["apis", "--static"]) == 0
    report = json.loads(Path("reports/report.json").read_text())
    assert {o["path"] for o in report["operations"]} == {"/orders", "/billing"}
    assert {target["name"] for target in report["run"]["targets"]} == {"orders", "billing"}
    assert Path("reports/report.html").is_file()


def test_the_hook_before_a_commit_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "docs" / "swagger"
    folder.mkdir(parents=True)
    info = {"title": "T", "version": "1"}
    (folder / "api.json").write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": {}}))
    ((_, words),) = [one for one in EVERY if one[0] == "pre-commit-config.yaml"]
    assert run(words) == 0
    assert (tmp_path / ".driftcheck" / "static" / "report.json").is_file()
