"""The first line of a run, and the question before the first one against somebody's server."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from checker.cli.exits import tell
from checker.errors import DriftcheckError, UsageError
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.domain.run import RunResult
    from checker.pipeline import Intent

SANDBOX = "the embedded sandbox"


def announce(settings: Settings, intent: Intent, sandbox: bool) -> None:
    """Says on stderr what is checked, and asks where that is due.

    Raises UsageError where nobody can be asked, or says no.
    """
    from checker.reporting.clean import without_user

    of = f"{_number(intent.operations, 'operation')} of {_number(intent.documents, 'document')}"
    addresses = [without_user(t.base_url) for t in settings.targets if t.base_url]
    where = SANDBOX if sandbox else ", ".join(addresses)
    if settings.static:
        where = "documents only, no API"
    tell(f"Checking {where} ({of})")
    if not (settings.static or sandbox):
        ask_first(settings, intent.addresses, described(intent, settings))


def described(intent: Intent, settings: Settings) -> str:
    """What a run is about to do, in one sentence."""
    counts = [
        (intent.reads, "only read"),
        (intent.creates, "create something"),
        (intent.changes, "change or delete what the run has made"),
        (intent.skipped, "are skipped"),
    ]
    from checker.pipeline.choosing.shares import budget_of

    budget = budget_of(settings, intent.operations)
    said = ", ".join(f"{number} {what}" for number, what in counts if number)
    return f"Of its operations {said}; at most {_number(budget, 'request')} are sent"


def ask_first(settings: Settings, addresses: Iterable[str], doing: str) -> None:
    """Before the first run that may change something at a host that isn't this machine.

    `doing` is the sentence that is shown. A host is known by the report in the output folder.
    """
    from checker.reporting.clean import without_user

    strangers = [without_user(a) for a in addresses if not is_this_machine(a)]
    if not strangers or _known(settings, strangers):
        return
    names = ", ".join(strangers)
    tell(f"This is the first run against {names}. {doing}.")
    if settings.yes or settings.read_only:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"The first run against {names} has to be confirmed, and nobody can be asked here.",
            "Give --yes ([run] yes = true, DRIFTCHECK_YES=1), or --read-only; --dry-run shows all.",
        )
    if not click.confirm("Go on?", err=True):
        raise UsageError("Not confirmed: nothing was sent.")


def is_this_machine(url: str) -> bool:
    """Whether a URL's host is this machine by its name or its address."""
    from checker.probing.proxies import this_machine

    return this_machine(urlsplit(url).hostname or "")


def _known(settings: Settings, addresses: Iterable[str]) -> bool:
    """Whether the output folder has the report of a run that was about to change things there:
    a run that only read was never asked about."""
    from checker.cli.running import read_report

    path = Path(settings.out) / "report.json"
    if settings.out == "-" or not path.is_file():
        return False
    try:
        report = read_report(path)
    except DriftcheckError:
        return False
    known = {u for target in report.targets for u in (target.base_url, target.fallback_url)}
    return set(addresses) <= known and _has_written(report)


def _has_written(report: RunResult) -> bool:
    writing = [o for o in report.operations if not o.operation.safe]
    return not writing or any(o.requests for o in writing)


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
