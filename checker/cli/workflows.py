"""`workflows`: check, run, scan, list and export workflow records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checker.cli.exits import known, show, write_file
from checker.cli.options import run_options

if TYPE_CHECKING:
    from checker.cli.workflow_scan import Scanned
    from checker.domain.operation import Operation
    from checker.domain.portal import Problem
    from checker.domain.workflow import Record
    from checker.settings import Settings, Target

PATHS = click.Path(exists=True)
_OUTCOMES = {"passed": "ok", "failed": "failed", "error": "failed", "skipped": "skipped"}


@click.group(no_args_is_help=False)
def workflows() -> None:
    """Workflow records: how to call an operation successfully."""


@workflows.command("list")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def list_records(paths: tuple[str, ...], debug: bool) -> int:
    """One line a record: status, endpoint, token types, file."""
    rows = [
        (
            record.status or "-",
            str(record.endpoint or "-"),
            ",".join(record.tokens) or "-",
            record.file,
        )
        for record, _ in _records(paths)
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
        show("  ".join([*cells, row[3]]))
    return 0


@workflows.command("lint")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option("--swagger", multiple=True, type=PATHS, help="Documents that have the operations.")
@click.option("--var", multiple=True, metavar="NAME", help="A variable that a run will have.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def lint(
    paths: tuple[str, ...], swagger: tuple[str, ...], var: tuple[str, ...], debug: bool
) -> int:
    """What is wrong in records, with file and line; exit status 1 where something is."""
    from checker.cli.check import loaded_settings
    from checker.documents.workflow_lint import lint as lint_record

    given = loaded_settings(paths, {"var": tuple(v if "=" in v else f"{v}=" for v in var)})
    variables = {name for target in given.settings.targets for name in _variables(target)}
    found = _records(paths)
    known = _operations((*paths, *swagger)) if swagger or any(map(_is_folder, paths)) else ()
    records = [record for record, _ in found]
    problems = [
        problem
        for record, flaws in found
        for problem in lint_record(record, flaws, [o.id for o in known], records, variables)
    ]
    for problem in problems:
        show(_line(problem))
    wrong = len({problem.location.file for problem in problems})
    number = len(found)
    said = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
    records_said = f"{number} record{'' if number == 1 else 's'}"
    show(f"{records_said}, {said} in {wrong} of them.", err=True)
    return 1 if problems else 0


@workflows.command("run")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option("--skipped-too", is_flag=True, help="Also records whose status is skip.")
@run_options
def run(paths: tuple[str, ...], skipped_too: bool, **options: Any) -> int:
    """Run records against the API; exit status 1 where one fails."""
    from checker.cli.announcing import ask_first
    from checker.cli.check import loaded_settings
    from checker.cli.embedded import embedded
    from checker.cli.running import warn
    from checker.cli.workflow_runs import run_records
    from checker.reporting.clean import one_line

    loaded = loaded_settings(paths, options)
    records, documented = _given(paths)
    if loaded.settings.dry_run:
        return _planned(records, loaded.settings, documented, skipped_too)
    failed = 0
    warn(loaded)
    with embedded(loaded) as ready:
        urls = [u for t in ready.targets for u in (t.base_url, t.fallback_url) if u]
        ask_first(ready, urls, f"{len(records)} workflow records are run")
        for target in ready.targets:
            for done in run_records(records, target, ready, documented, skipped_too=skipped_too):
                failed += not done.ok
                reason = f": {one_line(known().text(done.reason))}" if done.reason else ""
                place = f"{done.record.endpoint or '-'} ({done.record.file})"
                show(f"{_OUTCOMES[done.status]:<8} {place}{reason}")
    return 1 if failed else 0


def _said_of(done: Scanned, mended: bool) -> str:
    place = f"{done.record.endpoint or '-'} ({done.record.file})"
    more = "useFallbackApi is taken out" if mended else known().text(done.reason)
    return f"{place}: {more}" if more else place


@workflows.command("scan")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option("--skipped-too", is_flag=True, help="Also records whose status is skip.")
@click.option("--write", is_flag=True, help="Take useFallbackApi out where it isn't needed.")
@run_options
def scan(paths: tuple[str, ...], skipped_too: bool, write: bool, **options: Any) -> int:
    """Which records still need the fallback base URL.

    Each is run on the primary one, and on the fallback one where it says that it needs it or the
    primary one fails. Exit status 1 where something is to be done: a flag that isn't needed any
    more (--write takes it out), one that is missing, a base URL that is broken.
    """
    from checker.cli.announcing import ask_first
    from checker.cli.check import loaded_settings
    from checker.cli.embedded import embedded
    from checker.cli.running import warn
    from checker.cli.workflow_scan import IN_ORDER, NO_RECORD, scan_records, without_record
    from checker.reporting.clean import one_line

    loaded = loaded_settings(paths, options)
    records, documented = _given(paths)
    if loaded.settings.dry_run:
        return _planned(records, loaded.settings, documented, skipped_too)
    to_do = 0
    warn(loaded)
    with embedded(loaded) as ready:
        urls = [u for t in ready.targets for u in (t.base_url, t.fallback_url) if u]
        ask_first(ready, urls, f"{len(records)} workflow records are run, on two base URLs each")
        for target in ready.targets:
            for done in scan_records(records, target, ready, documented, skipped_too=skipped_too):
                mended = write and _without_flag(done)
                to_do += done.finding not in IN_ORDER and not mended
                show(f"{done.finding:<22} {one_line(_said_of(done, mended))}")
    for operation in without_record(records, documented):
        show(f"{NO_RECORD:<22} {operation}")
    return 1 if to_do else 0


def _given(paths: tuple[str, ...]) -> tuple[list[Record], tuple[Operation, ...]]:
    """The records at the paths, and what the documents in the folders among them describe."""
    folders = tuple(path for path in paths if _is_folder(path))
    return [record for record, _ in _records(paths)], tuple(_operations(folders)) if folders else ()


def _planned(
    records: list[Record], settings: Settings, documented: tuple[Operation, ...], skipped_too: bool
) -> int:
    from checker.cli.workflow_runs import planned
    from checker.reporting.clean import one_line

    for line in planned(records, settings, documented, skipped_too=skipped_too):
        show(one_line(known().text(line)))
    return 0


def _without_flag(done: Scanned) -> bool:
    """Whether the record had a flag that it doesn't need, and has it no more."""
    from checker.cli.exits import rewrite_document
    from checker.cli.workflow_scan import BROKEN, NOW_WORKS, without_flag

    if done.finding not in (NOW_WORKS, BROKEN):
        return False
    rewrite_document(Path(done.record.file), without_flag(done.record))
    return True


@workflows.command("arazzo")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@click.option("--swagger", multiple=True, type=PATHS, help="Documents that have the operations.")
@click.option("--out", metavar="FILE", default="-", help="JSON or YAML by its name; - prints YAML.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def export(paths: tuple[str, ...], swagger: tuple[str, ...], out: str, debug: bool) -> int:
    """Export records as an Arazzo description."""
    from checker.errors import UsageError
    from checker.fixing.overlay import render
    from checker.reporting.arazzo import arazzo

    records = [record for record, _ in _records(paths)]
    known = _operations((*paths, *swagger)) if swagger or any(map(_is_folder, paths)) else ()
    folder = Path.cwd() if out == "-" else Path(out).absolute().parent
    made = arazzo(records, {o.id: o for o in known}, partial(_address, folder))
    if not made["workflows"]:
        raise UsageError(
            "No document has an operation that the records call.",
            "Name the documents with --swagger, or mend `swagger` in the records.",
        )
    text = render(made, not out.endswith(".json"))
    if out == "-":
        show(text, nl=False)
    else:
        write_file(Path(out), text)
    return 0


def _address(folder: Path, file: str, record: Record) -> str | None:
    """A document as a description in `folder` refers to it; None where it isn't there."""
    from checker.documents.workflow_lint import document_of

    found = document_of(file, record)
    return None if found is None else Path(os.path.relpath(found, folder)).as_posix()


def _records(paths: tuple[str, ...]) -> list[tuple[Record, tuple[Problem, ...]]]:
    """The records in files (each must be one) and below folders, in order, with their flaws."""
    from checker.documents.workflow import load_record, looks_like_record
    from checker.errors import UsageError

    found = []
    for given in paths:
        path = Path(given)
        if path.is_file():
            found.append(load_record(path, given))
            continue
        for file in sorted(path.rglob("*.md")):
            text = file.read_text(encoding="utf-8", errors="replace")
            if file.is_file() and looks_like_record(text):
                found.append(load_record(file, str(file)))
    if not found:
        raise UsageError(f"No workflow record was found in {', '.join(paths)}.")
    return found


def _variables(target: Target) -> Iterator[str]:
    """Those that a run on this target has: given ones, and what its set-up extracts."""
    yield from target.variables
    if target.setup is not None:
        from checker.documents.workflow import load_record

        record, _ = load_record(target.setup, str(target.setup))
        for step in (*record.prerequisites, *record.test_steps):
            yield from step.extract


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()


def _operations(paths: tuple[str, ...]) -> tuple[Operation, ...]:
    """What the documents below the paths have."""
    from checker.documents.portal import load_portal
    from checker.settings import Settings

    portal = load_portal(tuple(Path(path) for path in paths), Settings())
    return tuple(portal.operations())


def _line(problem: Problem) -> str:
    from checker.reporting.clean import one_line

    place = f"{problem.location.file}:{problem.location.line or 1}"
    return one_line(f"{place}: {problem.message} {problem.mend}")
