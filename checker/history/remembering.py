"""A run's result as it is remembered: short, masked, and with what it looked for in vain. Pure."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping

from checker.domain.finding import Finding
from checker.domain.history import PastOperation, PastRun, Seen
from checker.domain.run import KnownFinding, RunResult
from checker.history.changes import present_after
from checker.ranking import compare
from checker.reporting.clean import without_user
from checker.settings import Settings

LONGEST_NAME, LONGEST_TEXT = 600, 4_000

Mask = Callable[[str], str]


def series_of(result: RunResult) -> str:
    """What a run's series is called: its target and its documents."""
    paths = " ".join(os.path.normpath(path) for path in result.paths)
    return f"{without_user(result.target)}: {paths}"


def past_run(
    result: RunResult,
    before: Iterable[PastRun],
    settings: Settings,
    domains: Mapping[str, str],
    mask: Mask,
    exit_status: int = 0,
) -> PastRun:
    """The run as it is remembered after those `before` it in its series.

    `domains` gives the domain of an operation or of a document's file. `mask` takes secrets out
    of a text.
    """
    name = _Names(domains, mask)
    there = present_after(before)
    remembered = (KnownFinding(s.fingerprint, s.rule, s.operation) for s in there.values())
    compared = compare(result, remembered, "", settings).baseline
    gone = [there[k.fingerprint] for k in compared.fixed] if compared is not None else []
    known = set(result.baseline.known) if result.baseline is not None else set()
    return PastRun(
        _identity(result),
        name.of(series_of(result)),
        result.started_at,
        result.finished_at,
        result.status,
        name.text(without_user(result.target)),
        result.requests_sent,
        exit_status,
        name.text(result.error or result.shortfall),
        tuple(
            PastOperation(
                name.of(str(o.operation)), name.domain(str(o.operation)), o.status, o.requests
            )
            for o in result.operations
        ),
        (
            *(name.seen(finding, finding.fingerprint in known) for finding in result.findings),
            *(_gone(seen) for seen in gone),
        ),
    )


def _gone(seen: Seen) -> Seen:
    return Seen(
        seen.fingerprint,
        "gone",
        seen.rule,
        seen.severity,
        seen.operation,
        seen.domain,
        seen.field,
        seen.issue,
        seen.known,
    )


class _Names:
    """Texts as they go into a database: masked, and no longer than a column."""

    def __init__(self, domains: Mapping[str, str], mask: Mask) -> None:
        self._domains = domains
        self._mask = mask

    def of(self, text: str) -> str:
        return self._mask(text)[:LONGEST_NAME]

    def text(self, text: str) -> str:
        return self._mask(text)[:LONGEST_TEXT]

    def domain(self, *of: str) -> str:
        return self.of(next((self._domains[one] for one in of if one in self._domains), ""))

    def seen(self, finding: Finding, known: bool) -> Seen:
        file = finding.source.file if finding.source is not None else ""
        return Seen(
            finding.fingerprint,
            "present",
            finding.rule,
            finding.severity.label,
            self.of(finding.operation),
            self.domain(finding.operation, file),
            self.of(finding.field.name),
            self.text(finding.issue),
            known,
        )


def _identity(result: RunResult) -> str:
    """The same for the same run, however often its report is read."""
    parts = (
        result.started_at.isoformat(),
        result.finished_at.isoformat(),
        series_of(result),
        str(result.requests_sent),
        " ".join(str(o.operation) for o in result.operations),
    )
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
