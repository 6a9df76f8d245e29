"""Runs: the target made ready, progress shown, the reports written, the exit status."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli.embedded import embedded, needs_sandbox
from checker.cli.exits import show, tell, write_file
from checker.domain.finding import Confidence, Finding
from checker.domain.run import RunResult
from checker.errors import UsageError
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.config import Loaded

DEFAULT_FORMATS = ("md", "json")


def check_documents(loaded: Loaded) -> int:
    """The main job; the exit status."""
    from checker import pipeline
    from checker.reporting.progress import progress_for

    settings = loaded.settings

    known = _baseline_text(settings)
    _check_output(settings)
    before = None
    if settings.resume:
        from checker.cli.resuming import together, unfinished

        settings, before = unfinished(settings)
        loaded = replace(loaded, settings=settings)
    with embedded(loaded) as ready, progress_for(sys.stderr) as progress:
        result = pipeline.run(ready, progress)
    if needs_sandbox(settings):
        result = _as_sandbox(result)
    result = result.with_(paths=result.paths or tuple(str(p) for p in settings.paths))
    if before is not None:
        result = together(before, result)
    if known is not None:
        from checker.ranking import compare, load_baseline

        entries = load_baseline(known, str(settings.baseline))
        result = compare(result, entries, str(settings.baseline), settings)
    write_reports(result, ready)
    for file in result.workflows:
        write_file(Path(file.path), file.text)
    if result.workflows:
        names = f"{len(result.workflows)} workflow record{'s' * (len(result.workflows) > 1)}"
        show(f"Written: {names}", err=settings.out == "-")
    return exit_status(result, settings)


def dry_run(settings: Settings) -> int:
    """Prints the plan; sends nothing and starts nothing."""
    from checker import pipeline
    from checker.reporting.terminal import render_plan

    plan = pipeline.plan(settings)
    if needs_sandbox(settings):
        plan = replace(plan, target="the embedded sandbox")
    width, color = terminal_shape()
    show(render_plan(plan, width, color), nl=False)
    return 0


def find_one(report: RunResult, fingerprint: str) -> Finding:
    """The finding with this fingerprint, or with the only one that begins so."""
    matching = [f for f in report.findings if f.fingerprint.startswith(fingerprint)]
    if len(matching) == 1:
        return matching[0]
    known = ", ".join(f.fingerprint for f in report.findings[:8]) or "none"
    raise UsageError(
        f"{fingerprint!r} is the fingerprint of {len(matching)} findings in the report.",
        f"It has: {known}{' …' if len(report.findings) > 8 else ''}.",
    )


def replay_finding(loaded: Loaded, report: RunResult, fingerprint: str) -> int:
    """One finding again; 1 if it is still there, 0 if not, 3 if that couldn't be found out."""
    from checker import pipeline

    settings = loaded.settings
    with embedded(loaded) as ready:
        result = pipeline.replay(ready, report, find_one(report, fingerprint))
    if needs_sandbox(settings):
        result = _as_sandbox(result)
    width, color = terminal_shape()
    from checker.reporting.terminal import render

    show(render(result, width, color), nl=False)
    if result.error and not result.findings:
        tell(f"driftcheck: {result.error}")
        return result.exit_status or 3
    still = any(f.fingerprint == fingerprint for f in result.findings)
    show(f"{fingerprint}: {'still there' if still else 'not seen any more'}")
    return 1 if still else 0


def write_reports(result: RunResult, settings: Settings) -> None:
    """All asked-for formats to the output folder and the summary to stdout; or one to stdout."""
    from checker.reporting.formats import file_name, render
    from checker.reporting.terminal import render as render_summary

    if settings.out == "-":
        show(render(_only_format(settings), result), nl=False)
    else:
        folder = Path(settings.out)
        for name in settings.formats:
            write_file(folder / file_name(name), render(name, result))
        width, color = terminal_shape()
        show(render_summary(result, width, color), nl=False)
        if "github" in settings.formats:
            show(render("github", result), nl=False)
        written = ", ".join(str(folder / file_name(name)) for name in settings.formats)
        show(f"Written: {written}")
    if result.error:
        tell(f"driftcheck: {result.error}")


def exit_status(result: RunResult, settings: Settings) -> int:
    """The command's exit status for a run's result."""
    if result.status == "interrupted":
        return 130
    if result.exit_status or result.status == "failed":
        return result.exit_status or 3
    if settings.fail_on is None:
        return 0
    known = set(result.baseline.known) if result.baseline is not None else set()
    failing = any(
        finding.severity >= settings.fail_on
        and finding.fingerprint not in known
        and (finding.confidence is Confidence.CONFIRMED or settings.fail_on_tentative)
        for finding in result.findings
    )
    return 1 if failing else 0


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


def terminal_shape() -> tuple[int, bool]:
    """Columns to print in, and whether stdout takes colours.

    Behind a pipe the terminal that shows stderr gives the width.
    """
    import os

    tty = sys.stdout.isatty()
    width = 80
    if not tty and sys.stderr.isatty() and "COLUMNS" not in os.environ:
        width = os.get_terminal_size(sys.stderr.fileno()).columns or width
    width = shutil.get_terminal_size((width, 24)).columns
    return width, tty and "NO_COLOR" not in os.environ


def _check_output(settings: Settings) -> None:
    """Wrong output options end a run before it sends anything."""
    if settings.out == "-":
        _only_format(settings)
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


def _only_format(settings: Settings) -> str:
    if settings.formats == DEFAULT_FORMATS:
        return "json"
    if len(settings.formats) != 1:
        raise UsageError("--out -: prints one format.", "Name one with --format.")
    return settings.formats[0]


def _baseline_text(settings: Settings) -> str | None:
    """Read before the run, so that a wrong file costs no requests."""
    if settings.baseline is None:
        return None
    from checker.ranking import load_baseline

    text = read_text(settings.baseline)
    load_baseline(text, str(settings.baseline))
    return text


def _as_sandbox(result: RunResult) -> RunResult:
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
