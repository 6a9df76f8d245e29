"""Runs: the target made ready, progress shown, the reports written, the exit status."""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli.announcing import SANDBOX, announce
from checker.cli.embedded import embedded, needs_sandbox
from checker.cli.exits import show, tell, write_file
from checker.cli.remembering import check_history, domains_of, remembered
from checker.cli.report_files import only_format, terminal_shape, write_reports
from checker.cli.repository import placed
from checker.domain.finding import Confidence
from checker.domain.run import RunResult
from checker.errors import DriftcheckError, UsageError
from checker.interruption import Interruption
from checker.pipeline.written.journals import APART, FOLDER, Journals
from checker.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checker.config import Loaded
    from checker.pipeline import Demand


def check_documents(loaded: Loaded) -> int:
    """The main job; the exit status."""
    from checker import pipeline
    from checker.reporting.progress import progress_for

    settings = loaded.settings
    known = _baseline_text(settings)
    _check_output(settings)
    portal = pipeline.load(settings)
    if not settings.static:
        pipeline.check_readable(portal)
        for sentence in pipeline.unmatched(settings, portal):
            tell(f"driftcheck: {sentence}")
    stop = Interruption()
    before, journals = None, journals_of(settings)
    with stop.listening():
        try:
            with embedded(loaded, portal) as ready:
                announce(ready, pipeline.intent(ready, portal), needs_sandbox(settings))
                warn(loaded)
                if settings.resume:
                    from checker.cli.resuming import unfinished

                    ready, before, journals = unfinished(ready, journals, portal)
                ready = replace(ready, accepted=_accepted(known, settings))
                with progress_for(sys.stderr, quiet=settings.quiet) as progress:
                    result = pipeline.run(
                        ready, progress, portal=portal, journals=journals, stop=stop
                    )
            stop.keep()
            domains = domains_of(portal)
            status = _report(result, settings, ready, before, known, journals, domains)
        finally:
            journals.close()
    return 130 if stop.asked else status


def check_on_cluster(loaded: Loaded, arguments: Sequence[str]) -> int:
    """The main job on the workers of a cluster; the exit status."""
    from checker import pipeline
    from checker.cli.clustered import merged, run_shards

    settings = loaded.settings
    if settings.out == "-" or settings.shard != (1, 1) or settings.resume:
        raise UsageError("--dask: not with --out -, --shard or --resume.", "Leave them out.")
    known = _baseline_text(settings)
    _check_output(settings)
    portal = pipeline.load(settings)
    stop = Interruption()
    with stop.listening():
        announce(settings, pipeline.intent(settings, portal), needs_sandbox(settings))
        stop.keep()
        result = merged(run_shards(loaded, arguments, stop), settings)
        journals = journals_of(settings)
        status = _report(result, settings, settings, None, known, journals, domains_of(portal))
    return 130 if stop.asked else status


def _report(
    result: RunResult,
    settings: Settings,
    ready: Settings,
    before: RunResult | None,
    known: str | None,
    journals: Journals,
    domains: Mapping[str, str],
) -> int:
    """A run's result written, and kept in the journal; the exit status."""
    from checker.pipeline.conclusions import with_error
    from checker.pipeline.doubts.diagnosis import internal

    if needs_sandbox(settings):
        result = as_sandbox(result)
    result = result.with_(paths=result.paths or tuple(str(p) for p in settings.paths))
    result = placed(result, new=True)
    try:
        result = _compared(result, settings, before, known)
    except DriftcheckError:
        raise
    except Exception as error:
        result = with_error(result, internal(error))
    result = remembered(result, settings, domains, exit_status(result, settings))
    journals.end(result)
    try:
        write_reports(result, ready)
        for file in result.workflows:
            write_file(Path(file.path), file.text)
    finally:
        journals.close(result)
    if result.workflows:
        names = f"{len(result.workflows)} workflow record{'s' * (len(result.workflows) > 1)}"
        show(f"Written: {names}", err=settings.out == "-")
    return exit_status(result, settings)


def _compared(
    result: RunResult, settings: Settings, before: RunResult | None, known: str | None
) -> RunResult:
    """The result with what an interrupted run had finished, against the baseline, and whether it
    is enough."""
    from checker import pipeline

    if before is not None:
        from checker.cli.resuming import together

        result = together(before, result)
    if known is not None:
        from checker.ranking import compare, load_baseline

        entries = load_baseline(known, str(settings.baseline))
        result = compare(result, entries, str(settings.baseline), settings)
    return pipeline.judged(result, _demand(settings, known))


def journals_of(settings: Settings, name: str = "") -> Journals:
    """Where a run keeps what it does: without an output folder the ledger of own things alone.

    `name` is that of what is no check.
    """
    part, parts = settings.shard
    return Journals(
        APART if settings.out == "-" else Path(settings.out) / FOLDER,
        full=settings.out != "-" and not name,
        name=name or (f"-{part}of{parts}" if parts > 1 else ""),
        place="sandbox" if needs_sandbox(settings) else "",
    )


def dry_run(loaded: Loaded, *, strict: bool = True) -> int:
    """Prints the plan; sends nothing and starts nothing."""
    from checker import pipeline
    from checker.reporting.terminal import render_plan

    settings = loaded.settings
    plan = pipeline.plan(settings, strict=strict)
    if needs_sandbox(settings):
        plan = replace(plan, target=_planned_target(loaded))
    width, color = terminal_shape()
    show(render_plan(plan, width, color), nl=False)
    return 0


def _planned_target(loaded: Loaded) -> str:
    from checker.cli.embedded import check_meant
    from checker.pipeline import load

    try:
        if not loaded.sandbox:
            check_meant(load(loaded.settings).documents)
    except UsageError as error:
        return f"nowhere yet ({error.message.rstrip('.')})"
    return SANDBOX


def exit_status(result: RunResult, settings: Settings) -> int:
    """The command's exit status for a run's result."""
    if result.status == "interrupted":
        return 130
    if result.exit_status or result.status == "failed":
        return result.exit_status or 3
    if drifts(result, settings):
        return 1
    # Drift is the more telling of the two: it is there, however little was examined.
    return 3 if result.shortfall else 0


def drifts(result: RunResult, settings: Settings) -> bool:
    """Whether there is a finding at or above `--fail-on` that the baseline doesn't know."""
    if settings.fail_on is None:
        return False
    known = set(result.baseline.known) if result.baseline is not None else set()
    return any(
        finding.severity >= settings.fail_on
        and finding.fingerprint not in known
        and (finding.confidence is Confidence.CONFIRMED or settings.fail_on_tentative)
        for finding in result.findings
    )


def _demand(settings: Settings, baseline: str | None) -> Demand:
    from checker.pipeline import Demand
    from checker.ranking.baseline import load_examined

    whole = not settings.selective and settings.shard == (1, 1)
    examined = load_examined(baseline) if baseline is not None else ()
    return Demand(settings.min_coverage, examined, whole, settings.shard != (1, 1))


def warn(loaded: Loaded) -> None:
    """A line for each token without a value; the sandbox brings its own."""
    settings = loaded.settings
    if not (needs_sandbox(settings) or settings.static or settings.dry_run):
        for warning in loaded.warnings:
            tell(f"driftcheck: {warning}")


def read_report(path: Path) -> RunResult:
    """A report.json."""
    from checker.reporting.json_report import load

    return load(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A text file; one sentence where that can't be."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text.") from None


def _check_output(settings: Settings) -> None:
    """Wrong output options end a run before it sends anything."""
    check_history(settings.history)
    if not settings.out:
        raise UsageError("--out: is empty.", "Name a folder, or - for stdout.")
    if settings.out == "-":
        only_format(settings)
    elif Path(settings.out).is_file():
        raise UsageError(f"--out: {settings.out} is a file.", "Name a folder, or - for stdout.")
    else:
        _check_writable(Path(settings.out))


def _check_writable(folder: Path) -> None:
    """By writing: what may be written can't be told otherwise on every system."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(
            f"--out: {folder} can't be written to ({error.strerror}).", "Name another folder."
        ) from None
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def _baseline_text(settings: Settings) -> str | None:
    """Read before the run, so that a wrong file costs no requests."""
    if settings.baseline is None:
        return None
    from checker.ranking import load_baseline

    text = read_text(settings.baseline)
    load_baseline(text, str(settings.baseline))
    return text


def _accepted(known: str | None, settings: Settings) -> frozenset[str]:
    """The fingerprints that a baseline's text accepts today."""
    if known is None:
        return frozenset()
    from checker.ranking import load_baseline, still_accepted

    entries = load_baseline(known, str(settings.baseline))
    return frozenset(still_accepted(entries, datetime.now(UTC).date()))


def as_sandbox(result: RunResult) -> RunResult:
    """The embedded API had an address for the moment only: reports say how to get it again."""
    from checker.cli.embedded import BASE_VARIABLE, FALLBACK_VARIABLE

    targets = tuple(
        replace(
            target,
            base_url=BASE_VARIABLE,
            fallback_url=FALLBACK_VARIABLE if target.fallback_url else "",
        )
        for target in result.targets
    )
    # What the run left behind went with the sandbox.
    return result.with_(target="sandbox", targets=targets, cleanup=())
