"""`--resume`: what an interrupted run's report has is not done again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from checker.cli.exits import tell
from checker.cli.running import read_report
from checker.domain.run import RunResult
from checker.settings import Settings

FINISHED = ("probed", "no-witness")


def unfinished(settings: Settings) -> tuple[Settings, RunResult | None]:
    """The settings without what the report in the output folder has finished, and that part of
    it; None where there is nothing to go on with."""
    path = Path(settings.out) / "report.json"
    if settings.out == "-" or not path.is_file():
        _say(f"--resume: there is no {path}; a whole run.")
        return settings, None
    old = read_report(path)
    if old.status == "complete":
        _say(f"--resume: the run of {path} was complete; a whole run.")
        return settings, None
    if old.seed != settings.seed or old.paths != tuple(str(p) for p in settings.paths):
        _say(f"--resume: {path} is of other paths or another seed; a whole run.")
        return settings, None
    done = frozenset(
        str(o.operation) for o in old.operations if o.status in FINISHED and not o.passing
    )
    kept = old.with_(
        operations=tuple(o for o in old.operations if str(o.operation) in done),
        findings=tuple(f for f in old.findings if f.operation in done),
        status="complete",
        error="",
        exit_status=0,
        shortfall="",
    )
    _say(f"--resume: {len(done)} operation{'' if len(done) == 1 else 's'} done before.")
    return replace(settings, done=done), kept


def together(old: RunResult, new: RunResult) -> RunResult:
    """The finished part of the old run and the new one as one result."""
    from checker.ranking import merge_same, rank
    from checker.reporting.merge import merge_runs

    merged = merge_runs([new, old])
    return merged.with_(
        findings=rank(merge_same(merged.findings)),
        duration_s=old.duration_s + new.duration_s,
        workflows=new.workflows,
    )


def _say(text: str) -> None:
    tell(f"driftcheck: {text}")
