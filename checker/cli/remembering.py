"""A run is kept in the history, and its reports get what that says of the runs before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli.exits import known, tell
from checker.errors import DriftcheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checker.domain.portal import Portal
    from checker.domain.run import RunResult
    from checker.settings import Settings

OFF = "off"
FILE = "history.sqlite"


def history_place(settings: Settings) -> str:
    """The path or URL of the history; empty where none is kept."""
    if settings.history:
        return "" if settings.history == OFF else settings.history
    if settings.static or settings.out == "-":
        return ""
    from checker.pipeline.written.journals import FOLDER

    return str(Path(settings.out) / FOLDER / FILE)


def check_history(given: str) -> None:
    """A `--history` that can't ever be one ends a command before it does anything; one that can't
    be reached today doesn't."""
    if given and given != OFF:
        from checker.history.database import check_place

        check_place(given)


def domains_of(portal: Portal) -> dict[str, str]:
    """The domain of each operation and each document's file."""
    found: dict[str, str] = {}
    for document in portal.documents:
        found.setdefault(document.info.file, document.info.domain)
        for operation in document.operations:
            found.setdefault(str(operation.id), document.info.domain)
    return found


def domains_told(result: RunResult) -> dict[str, str]:
    """The domains of a report's operations, as far as its findings' files tell them."""
    from checker.documents.portal import domain_of

    found: dict[str, str] = {}
    for finding in result.findings:
        if finding.source is None:
            continue
        file = Path(finding.source.file)
        root = next((r for r in map(Path, result.paths) if file.is_relative_to(r)), None)
        if root is not None:
            domain = domain_of(file, root)
            found.setdefault(str(file), domain)
            found.setdefault(finding.operation, domain)
    return found


def remembered(
    result: RunResult, settings: Settings, domains: Mapping[str, str], exit_status: int = 0
) -> RunResult:
    """The result with its trend, after it is kept. That it can't be kept is a note, no failure:
    the run is worth its report."""
    place = history_place(settings)
    if not place:
        return result
    from checker.history.changes import trend
    from checker.history.remembering import past_run, series_of
    from checker.history.store import Store

    try:
        store = Store(place)
        before = store.runs(known().text(series_of(result)))
        run = past_run(result, before, settings, domains, known().text, exit_status)
        store.add(run)
    except DriftcheckError as error:
        if settings.history:
            tell(f"driftcheck: {error}")
        return result.with_(notes=(*result.notes, f"{error.message} The run is not in it."))
    others = [one for one in before if one.id != run.id]
    return result.with_(trend=trend([*others, run], last=30))
