"""A run for tests: in a process of its own, judged finding by finding."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli.check import check, loaded_settings
from checker.domain.finding import Finding
from checker.domain.run import RunResult
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.config import Loaded
    from checker.testing.applications import Application

WRONG_USAGE = 2


class DriftFound(AssertionError):
    """Documents and API differ; the message has the findings."""


@dataclass(frozen=True)
class Checked:
    """What a run came to: its exit status, its result, what it said, and by which settings."""

    status: int
    result: RunResult
    said: str
    loaded: Loaded

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, the worst first."""
        return self.result.findings

    @cached_property
    def failing(self) -> tuple[Finding, ...]:
        """Those that fail a run: at or above `fail_on`, and not known to the baseline."""
        from checker.cli.running import drifts

        settings = self.loaded.settings
        return tuple(f for f in self.findings if drifts(self.result.with_(findings=(f,)), settings))

    def raise_for_drift(self) -> None:
        """Raises DriftFound where a finding fails the run, or where the run is no answer."""
        if self.failing:
            raise DriftFound(told(self.failing))
        if self.status:
            raise DriftFound(self.said)


def told(findings: Iterable[Finding]) -> str:
    """Findings as a test's failure tells them."""
    from checker.reporting.clean import one_line, printable
    from checker.reporting.summary import field_name, place_text

    parts = []
    for finding in findings:
        head = f"{finding.severity.label}: {finding.rule} {field_name(finding)}"
        lines = [f"{head} [{finding.fingerprint}]", f"  {finding.issue}"]
        lines += [f"  Fix: {finding.suggested_fix}", f"  {place_text(finding)}".rstrip()]
        parts.append("\n".join(one_line(line) if n else line for n, line in enumerate(lines)))
    return printable("\n\n".join(parts))


def settings_of(arguments: Sequence[str]) -> Loaded:
    """The settings that `driftcheck check` would have with these arguments."""
    import click

    try:
        context = check.make_context("driftcheck", [*arguments], resilient_parsing=False)
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
    options = dict(context.params)
    return loaded_settings(options.pop("paths"), options)


def checked(arguments: Sequence[str], out: Path) -> Checked:
    """Run `driftcheck check` with arguments; reports go to `out` unless they name another folder.

    Raises UsageError where it didn't come to a report.
    """
    loaded = settings_of(arguments)
    more = ["--out", str(out), *([] if "json" in loaded.settings.formats else ["--format", "json"])]
    path = out / "report.json"
    path.unlink(missing_ok=True)
    # In a process of its own: signals, event loops and streams stay the test's.
    done = subprocess.run(
        [sys.executable, "-m", "checker.cli", "check", *arguments, *more],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return read_back(done.returncode, path, done.stdout, loaded)


def read_back(status: int, path: Path, said: str, loaded: Loaded) -> Checked:
    """A run from its report."""
    from checker.cli.running import read_report

    if status == WRONG_USAGE or not path.is_file():
        raise UsageError(said.strip() or f"driftcheck ended with {status}.")
    return Checked(status, read_report(path), said, loaded)


def check_application(
    application: Application, paths: Sequence[str | Path], options: Sequence[str], out: Path
) -> Checked:
    """Documents against an ASGI or WSGI application, which is served in this process meanwhile."""
    from checker.testing.applications import serving

    with serving(application) as address:
        return checked([*map(str, paths), "--base-url", address, *options], out)
