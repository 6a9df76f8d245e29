"""One finding's experiment again: the run that it came from, narrowed to it."""

from __future__ import annotations

from dataclasses import replace

from checker.domain.finding import Finding
from checker.domain.progress import Progress, silent
from checker.domain.run import RunResult
from checker.pipeline.run import run
from checker.pipeline.written.journals import Journals
from checker.settings import Settings


def replay(
    settings: Settings,
    report: RunResult,
    finding: Finding,
    progress: Progress = silent,
    journals: Journals | None = None,
) -> RunResult:
    """Run the experiments on a finding's operations with the report's seed.

    The result holds the finding (recognised by its fingerprint) where it is still there, and
    nothing else. Raises DriftcheckError as `run` does.
    """
    result = run(narrowed(settings, report, finding), progress, strict=False, journals=journals)
    same = tuple(f for f in result.findings if f.fingerprint == finding.fingerprint)
    return replace(result, findings=same)


def narrowed(settings: Settings, report: RunResult, finding: Finding) -> Settings:
    """The settings of a run that only looks for a report's finding."""
    operations = tuple(o for o in (finding.operation, *finding.also_operations) if o)
    return replace(
        settings,
        seed=report.seed,
        operations=() if settings.static else operations,
        domains=(),
        tags=(),
        rules=(finding.rule,),
        ignore=(),
        severity=None,
        shard=(1, 1),
        resume=False,
    )
