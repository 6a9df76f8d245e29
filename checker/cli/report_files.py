"""The reports of a run, written into a folder or printed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from checker.cli.exits import show, tell, write_file
from checker.domain.run import RunResult
from checker.errors import RunFailed, UsageError
from checker.redaction import print_traceback
from checker.settings import Settings

DEFAULT_FORMATS = ("md", "json")


def _write_formats(result: RunResult, settings: Settings) -> tuple[list[str], list[Exception]]:
    """(the files that were written, what kept others from it)."""
    from checker.reporting.formats import file_name, render

    folder, written = Path(settings.out), []
    errors: list[Exception] = []
    for name in settings.formats:
        try:
            write_file(folder / file_name(name), render(name, result))
            if name == "md":
                _write_evidence(folder, result)
            written.append(str(folder / file_name(name)))
        except UsageError as error:
            errors.append(error)
        except Exception as error:
            errors.append(_format_failed(name, error, settings))
    return written, errors


def write_reports(result: RunResult, settings: Settings) -> None:
    """All asked-for formats to the output folder and the summary to stdout; or one to stdout.

    A format that can't be made or written keeps no other from it: the first one's error is raised
    at the end.
    """
    from checker.reporting.formats import render, render_alone
    from checker.reporting.summary import trouble
    from checker.reporting.terminal import Detail
    from checker.reporting.terminal import render as render_summary

    errors: list[Exception] = []
    if settings.out == "-":
        show(render_alone(only_format(settings), result), nl=False)
    else:
        written, errors = _write_formats(result, settings)
        width, color = terminal_shape()
        detail = Detail(settings.quiet, settings.verbose, _report_file(settings))
        show(render_summary(result, width, color, detail), nl=False)
        if "github" in settings.formats:
            show(render("github", result), nl=False)
        if written and not settings.quiet:
            show(f"Written: {', '.join(written)}")
    if trouble(result):
        tell(f"driftcheck: {trouble(result)}")
    if errors:
        raise errors[0]


def _report_file(settings: Settings) -> str:
    """Where the report for other commands is; empty where none was asked for."""
    from checker.reporting.formats import file_name

    return str(Path(settings.out) / file_name("json")) if "json" in settings.formats else ""


def _format_failed(name: str, error: Exception, settings: Settings) -> Exception:
    from checker.pipeline.doubts.diagnosis import internal

    if settings.debug:
        print_traceback(settings.secrets)
    return RunFailed(f"The report's format {name} could not be made: {internal(error)}.")


def _write_evidence(folder: Path, result: RunResult) -> None:
    """The pages that report.md leads to; those of an earlier run's findings go."""
    from checker.reporting.evidence_pages import FOLDER, PAGE, pages

    made = set()
    for name, text in pages(result):
        write_file(folder / name, text, lasting=False)
        made.add(folder / name)
    if (folder / FOLDER).is_dir() and not (folder / FOLDER).is_symlink():
        for path in (folder / FOLDER).iterdir():
            if PAGE.fullmatch(path.name) and path not in made:
                path.unlink(missing_ok=True)


def only_format(settings: Settings) -> str:
    """The one format to print; raises UsageError where several were asked for."""
    if settings.formats == DEFAULT_FORMATS:
        return "json"
    if len(settings.formats) != 1:
        raise UsageError("--out -: prints one format.", "Name one with --format.")
    return settings.formats[0]


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
