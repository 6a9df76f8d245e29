"""What lies on the desk: the last report with what was tested again, and what was decided."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from checker.domain.finding import Finding
from checker.domain.history import PastRun
from checker.domain.run import RunResult
from checker.errors import UsageError
from checker.history.store import Store
from checker.reporting.json_report import load

REPORT, RETESTS = "report.json", ".retests"
State = Literal["open", "done", "skip", "accepted"]
STATES: tuple[State, ...] = ("open", "done", "skip", "accepted")


@dataclass(frozen=True)
class Entry:
    """A finding in the fix queue.

    `again`: it was said to be done, and a later run has seen it still. `report` is the file that
    it stands in.
    """

    finding: Finding
    result: RunResult
    report: Path
    state: State = "open"
    reason: str = ""
    again: bool = False


@dataclass(frozen=True)
class Setting:
    """What `driftcheck serve` was told: paths and options of `check`, and where things are."""

    paths: tuple[str, ...]
    options: tuple[str, ...]
    out: Path
    history: str
    baseline: Path

    def check(self, *more: str, out: Path | None = None) -> list[str]:
        """The arguments of a run."""
        known = ["--baseline", str(self.baseline)] if self.baseline.is_file() else []
        return [
            "check",
            *self.paths,
            *self.options,
            *known,
            "--history",
            self.history,
            "--out",
            str(out or self.out),
            "--format",
            "json" if out else "md,json,html",
            *more,
        ]

    def retest(self, operation: str) -> list[str]:
        """The arguments of a run of one operation, whose report lies beside the others'."""
        name = hashlib.sha256(operation.encode()).hexdigest()[:16]
        return self.check("--operation", operation, out=self.out / RETESTS / name)

    def accept(self, entry: Entry, reason: str) -> list[str]:
        """The arguments that take a finding into the baseline."""
        chosen = ["--accept", entry.finding.fingerprint, "--reason", reason]
        return ["baseline", str(entry.report), "--output", str(self.baseline), *chosen]


class Desk:
    """Read anew for each page: runs write while pages are looked at. Raises DriftcheckError where
    a report or the history can't be read."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.store = Store(setting.history)

    @cached_property
    def reports(self) -> tuple[tuple[Path, RunResult], ...]:
        """The last whole report and what was tested again since, the newest first."""
        main = self.setting.out / REPORT
        if not main.is_file():
            return ()
        whole = (main, _read(main))
        again = [(p, _read(p)) for p in (self.setting.out / RETESTS).glob(f"*/{REPORT}")]
        since = [one for one in again if one[1].started_at > whole[1].started_at]
        since.sort(key=lambda one: one[1].started_at, reverse=True)
        return (*since, whole)

    @cached_property
    def runs(self) -> tuple[PastRun, ...]:
        """All runs of the history, the oldest first."""
        return self.store.runs()

    @cached_property
    def queue(self) -> tuple[Entry, ...]:
        """The findings as they are now, the open ones first, the worst first, each once."""
        decided = self.store.queue()
        judged: set[str] = set()
        found: dict[str, Entry] = {}
        for path, result in self.reports:
            for finding in result.findings:
                # What was tested again is told by that run alone.
                if finding.operation not in judged:
                    entry = _entry(finding, result, path, decided)
                    found.setdefault(finding.fingerprint, entry)
            judged |= {str(o.operation) for o in result.operations}
        return tuple(sorted(found.values(), key=lambda e: (e.state != "open", -e.finding.severity)))

    def entry(self, fingerprint: str) -> Entry | None:
        """One finding of the queue."""
        return next((e for e in self.queue if e.finding.fingerprint == fingerprint), None)

    def next(self, after: str = "") -> Entry | None:
        """The first open finding after one, or the first of all."""
        names = [e.finding.fingerprint for e in self.queue]
        start = names.index(after) + 1 if after in names else 0
        turned = (*self.queue[start:], *self.queue[:start])
        others = (e for e in turned if e.finding.fingerprint != after)
        return next((e for e in others if e.state == "open"), None)


def latest_series(runs: Sequence[PastRun]) -> list[PastRun]:
    """The runs that are of one series with the newest one."""
    return [run for run in runs if run.series == runs[-1].series] if runs else []


def _entry(
    finding: Finding, result: RunResult, path: Path, decided: dict[str, tuple[str, str, str]]
) -> Entry:
    state, reason, at = decided.get(finding.fingerprint, ("open", "", ""))
    known = result.baseline is not None and finding.fingerprint in result.baseline.known
    if known and state == "open":
        state = "accepted"
    again = state == "done" and result.started_at.isoformat(timespec="seconds") > at
    shown: State = "open"
    if not again:
        shown = next((s for s in STATES if s == state), "open")
    return Entry(finding, result, path, shown, reason, again)


def _read(path: Path) -> RunResult:
    try:
        return load(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read ({error}).") from None
