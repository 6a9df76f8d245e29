"""What the files of a CI would run, and running it here: with this checkout's program, without
installing anything."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
_OWN_ACTION = re.compile(r"OWNER/driftcheck@")
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.]+)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """A script of a job, with the variables that it is given."""

    script: str
    variables: Mapping[str, str] = field(default_factory=dict)
    name: str = ""


def read(path: Path) -> Any:
    """A YAML file; `on` of a workflow is a word in it."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with the expressions that have a value; a secret's is its name."""
    return _EXPRESSION.sub(
        lambda m: values.get(m[1], "secret" if m[1].startswith("secrets.") else m[0]), text
    )


def action_steps(given: Mapping[str, str], values: Mapping[str, str]) -> Iterator[Step]:
    """The scripts of this repository's action with these inputs; KeyError for one it hasn't."""
    action = read(ACTION)
    inputs = {name: str(one.get("default", "")) for name, one in action["inputs"].items()}
    for name, value in given.items():
        assert name in inputs, f"action.yml has no input {name}"
        inputs[name] = filled(value, values)
    missing = [n for n, one in action["inputs"].items() if one.get("required") and n not in given]
    assert not missing, missing
    known = {**values, **{f"inputs.{name}": value for name, value in inputs.items()}}
    for step in action["runs"]["steps"]:
        if "run" in step:
            variables = {n: filled(v, known) for n, v in step.get("env", {}).items()}
            yield Step(step["run"], variables, step.get("name", ""))


def github_steps(workflow: Any, values: Mapping[str, str]) -> Iterator[Step]:
    """The scripts of a workflow, those of this repository's action in their place."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            variables = {n: filled(v, values) for n, v in step.get("env", {}).items()}
            if _OWN_ACTION.match(step.get("uses", "")):
                for own in action_steps(step.get("with", {}), values):
                    yield Step(own.script, {**variables, **own.variables}, own.name)
            elif "run" in step:
                yield Step(step["run"], variables, step.get("name", ""))


def gitlab_steps(pipeline: Any, job: str) -> Iterator[Step]:
    """The scripts of a job, what it extends before it."""
    own = pipeline[job]
    base = pipeline.get(own.get("extends", ""), {})
    for line in [*base.get("before_script", []), *own["script"]]:
        yield Step(line, {n: str(v) for n, v in pipeline.get("variables", {}).items()})


class Runner:
    """A machine of a CI: a folder, and programs that are stood in for.

    `driftcheck` is this checkout's; `pip` and `gh` do nothing but keep what they are called with.
    """

    def __init__(self, folder: Path, replaced: Mapping[str, str]) -> None:
        self.folder, self._replaced = folder, replaced
        self.temp, self._bin = folder / ".runner", folder / ".runner" / "bin"
        own = f'exec {shlex.quote(sys.executable)} -m checker.cli "$@"'
        for place in (self._bin, self.temp / "driftcheck" / "bin"):
            place.mkdir(parents=True)
            self._program(place / "driftcheck", own)
        for name in ("pip", "gh"):
            self._program(self._bin / name, f'echo {name} "$@" >> "$RUNNER_TEMP/called"')

    @property
    def called(self) -> str:
        """The lines with which `pip` and `gh` were called."""
        file = self.temp / "called"
        return file.read_text() if file.exists() else ""

    def written(self, name: str) -> str:
        """What the scripts have added to the file that a variable of the runner names."""
        file = self.temp / name
        return file.read_text() if file.exists() else ""

    def run(self, step: Step, **more: str) -> int:
        """A script's exit status, as `shell: bash` runs it; it prints where the test does."""
        script, variables = step.script, {**step.variables, **more}
        for old, new in self._replaced.items():
            script = script.replace(old, new)
            variables = {n: v.replace(old, new) for n, v in variables.items()}
        names = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
        environment = {n: v for n, v in os.environ.items() if not n.startswith("DRIFTCHECK_")}
        environment |= {n: str(self.temp / n) for n in names}
        environment |= {"RUNNER_TEMP": str(self.temp), "PYTHONPATH": str(ROOT)}
        environment["PATH"] = f"{self._bin}{os.pathsep}{environment['PATH']}"
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            shell, cwd=self.folder, env={**environment, **variables}, check=False
        ).returncode

    @staticmethod
    def _program(path: Path, line: str) -> None:
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
