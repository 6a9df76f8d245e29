"""Runs: the target made ready, progress shown, the reports written, the exit status."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli.embedded import embedded, needs_sandbox
from checker.cli.files import replace_file
from checker.domain.finding import Confidence, Finding
from checker.domain.run import RunResult
from checker.errors import DriftcheckError, RunFailed, UsageError
from checker.pipeline.interruption import Interruption
from checker.pipeline.journals import APART, FOLDER, Journals
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.config import Loaded

DEFAULT_FORMATS = ("md", "json")
LEAST_SECRET = 6


def check_documents(loaded: Loaded) -> int:
    """The main job; the exit status."""
    from checker import pipeline
    from checker.reporting.progress import progress_for

    settings = loaded.settings

    known = _baseline_text(settings)
    _check_output(settings)
    stop = Interruption()
    before, journals = None, journals_of(settings)
    with stop.listening():
        with embedded(loaded) as ready, progress_for(sys.stderr) as progress:
            if settings.resume:
                from checker.cli.resuming import unfinished

                ready, before, journals = unfinished(ready, journals)
            result = pipeline.run(ready, progress, journals=journals, stop=stop)
        stop.keep()
        status = _report(result, settings, ready, before, known, journals)
    return 130 if stop.asked else status


def _report(
    result: RunResult,
    settings: Settings,
    ready: Settings,
    before: RunResult | None,
    known: str | None,
    journals: Journals,
) -> int:
    """A run's result written, and kept in the journal; the exit status."""
    if needs_sandbox(settings):
        result = _as_sandbox(result)
    result = result.with_(paths=result.paths or tuple(str(p) for p in settings.paths))
    try:
        result = _compared(result, settings, before, known)
    except DriftcheckError:
        raise
    except Exception as error:
        result = _broken(result, error)
    journals.end(result)
    try:
        write_reports(result, ready)
        for file in result.workflows:
            write_file(Path(file.path), redacted(file.text, ready))
    finally:
        journals.close(result)
    if result.workflows:
        names = f"{len(result.workflows)} workflow record{'s' * (len(result.workflows) > 1)}"
        click.echo(f"Written: {names}", err=settings.out == "-")
    return exit_status(result, settings)


def _compared(
    result: RunResult, settings: Settings, before: RunResult | None, known: str | None
) -> RunResult:
    """The result with what an interrupted run had finished, and against the baseline."""
    if before is not None:
        from checker.cli.resuming import together

        result = together(before, result)
    if known is not None:
        from checker.ranking import compare, load_baseline

        entries = load_baseline(known, str(settings.baseline))
        result = compare(result, entries, str(settings.baseline), settings)
    return result


def _broken(result: RunResult, error: Exception) -> RunResult:
    from checker.pipeline.diagnosis import internal

    status = "partial" if result.status == "complete" else result.status
    return result.with_(
        status=status,
        error=result.error or internal(error),
        exit_status=result.exit_status or 3,
    )


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


def dry_run(settings: Settings) -> int:
    """Prints the plan; sends nothing and starts nothing."""
    from checker import pipeline
    from checker.reporting.terminal import render_plan

    plan = pipeline.plan(settings)
    if needs_sandbox(settings):
        plan = replace(plan, target="the embedded sandbox")
    width, color = terminal_shape()
    click.echo(render_plan(plan, width, color), nl=False)
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
    journals = journals_of(settings, "-replay")
    with embedded(loaded) as ready:
        result = pipeline.replay(ready, report, find_one(report, fingerprint), journals=journals)
    journals.end(result)
    journals.close(result)
    if needs_sandbox(settings):
        result = _as_sandbox(result)
    width, color = terminal_shape()
    from checker.reporting.terminal import render

    click.echo(redacted(render(result, width, color), ready), nl=False)
    if result.error and not result.findings:
        click.echo(f"driftcheck: {redacted(result.error, ready)}", err=True)
        return result.exit_status or 3
    still = any(f.fingerprint == fingerprint for f in result.findings)
    click.echo(f"{fingerprint}: {'still there' if still else 'not seen any more'}")
    return 1 if still else 0


def write_reports(result: RunResult, settings: Settings) -> None:
    """All asked-for formats to the output folder and the summary to stdout; or one to stdout.

    A format that can't be made or written keeps no other from it: the first one's error is raised
    at the end.
    """
    from checker.reporting.formats import file_name, render
    from checker.reporting.terminal import render as render_summary

    errors: list[Exception] = []
    if settings.out == "-":
        click.echo(redacted(render(_only_format(settings), result), settings), nl=False)
    else:
        folder, written = Path(settings.out), []
        for name in settings.formats:
            try:
                write_file(folder / file_name(name), redacted(render(name, result), settings))
                written.append(str(folder / file_name(name)))
            except UsageError as error:
                errors.append(error)
            except Exception as error:
                errors.append(_format_failed(name, error, settings))
        width, color = terminal_shape()
        click.echo(redacted(render_summary(result, width, color), settings), nl=False)
        if "github" in settings.formats:
            click.echo(redacted(render("github", result), settings), nl=False)
        if written:
            click.echo(f"Written: {', '.join(written)}")
    if result.error:
        click.echo(f"driftcheck: {redacted(result.error, settings)}", err=True)
    if errors:
        raise errors[0]


def _format_failed(name: str, error: Exception, settings: Settings) -> Exception:
    import traceback

    from checker.pipeline.diagnosis import internal

    if settings.debug:
        traceback.print_exc()
    return RunFailed(f"The report's format {name} could not be made: {internal(error)}.")


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


def write_file(path: Path, text: str) -> None:
    """Written beside and moved into place: a reader never sees half a report."""
    try:
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror}).") from None


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


def redacted(text: str, settings: Settings) -> str:
    """The text without any token's value, wherever it came from (a server may echo one)."""
    from html import escape

    from checker.reporting.curl import token_variable

    for target in settings.targets:
        for token in target.tokens.values():
            if len(token.value) < LEAST_SECRET:
                continue
            quoted = json.dumps(token.value)[1:-1]
            plain = json.dumps(token.value, ensure_ascii=False)[1:-1]
            for shape in {token.value, quoted, plain, escape(token.value)}:
                text = text.replace(shape, "$" + token_variable(token.type))
    return text


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
