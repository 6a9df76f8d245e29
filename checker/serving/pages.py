"""The pages as HTML and CSV: everything from outside escaped, and masked like a report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from checker.domain.finding import Evidence, Finding
from checker.domain.history import PastRun
from checker.domain.run import TargetInfo
from checker.history.changes import by_domain, by_rule, trend
from checker.reporting.clean import one_line, plain_json, printable
from checker.reporting.evidence import (
    body_text,
    content_text,
    evidence_json,
    outcome_line,
    request_line,
    shown_evidence,
)
from checker.reporting.html import words
from checker.reporting.summary import field_name, field_place, place_text
from checker.reporting.trend import trend_svg
from checker.serving.desk import STATES, Desk, Entry, latest_series
from checker.serving.live import LiveState

LAST = 14
DOCUMENTS = "documents"
"""What findings that are about no operation are called by."""
_FORMULA = ("=", "+", "-", "@", "\t")


class Pages:
    """Renders pages. `root` is the part of the path before them, `mask` takes secrets out."""

    def __init__(self, root: str, mask: Callable[[str], str]) -> None:
        self._root = root
        self._mask = mask

    def overview(self, desk: Desk, live: LiveState | None) -> str:
        """Runs, trend, and the run that goes on."""
        runs = latest_series(desk.runs)
        told = trend(runs, LAST)
        return self._page(
            "overview.html.j2",
            live=live,
            desk=desk,
            runs=[*reversed(told.points)],
            picture=trend_svg(told) if told.points else Markup(""),
            domains=by_domain(runs),
            rules=by_rule(runs),
            states={s: sum(e.state == s for e in desk.queue) for s in STATES},
        )

    def findings(self, desk: Desk, chosen: dict[str, str]) -> str:
        """The fix queue, narrowed."""
        return self._page(
            "findings.html.j2",
            entries=[self._row(e) for e in narrowed(desk.queue, chosen)],
            chosen=chosen,
            choices={
                "state": list(STATES),
                "severity": ["critical", "major", "minor"],
                "rule": sorted({e.finding.rule for e in desk.queue}),
                "operation": sorted({e.finding.operation or DOCUMENTS for e in desk.queue}),
            },
        )

    def finding(self, entry: Entry, busy: bool) -> str:
        """One finding with its evidence."""
        shown, more = shown_evidence(entry.finding)
        target = entry.result.target_of(entry.finding)
        return self._page(
            "finding.html.j2",
            f=self._row(entry),
            busy=busy,
            documented=_json(entry.finding.documented),
            observed=_json(entry.finding.observed),
            patch=_json([dict(step) for step in entry.finding.patch]),
            more=more,
            evidence=[_exchange(e, target) for e in shown],
        )

    def run(self, runs: list[PastRun]) -> str:
        """The last of these runs, which are of one series: what it found and changed."""
        told = trend(runs)
        names = {s.fingerprint: s for run in runs for s in run.findings}
        return self._page(
            "run.html.j2",
            run=runs[-1],
            point=told.points[-1],
            appeared=[names[name] for name in told.appeared],
            vanished=told.vanished,
            flapping=[names[name] for name in told.flapping],
            present=[s for s in runs[-1].findings if s.state == "present"],
        )

    def message(self, title: str, text: str) -> str:
        """A page that says one thing."""
        return self._page("message.html.j2", title=title, text=text)

    def csv(self, entries: Iterable[Entry]) -> str:
        """The queue as a table for other programs."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        rows = [self._row(entry) for entry in entries]
        names = ("fingerprint", "severity", "rule", "operation", "field", "issue", "fix", "source")
        writer.writerow([*names, "state", "reason"])
        for row in rows:
            writer.writerow([_cell(str(row[name])) for name in (*names, "state", "reason")])
        return self._mask(out.getvalue())

    def _row(self, entry: Entry) -> dict[str, Any]:
        finding: Finding = entry.finding
        return {
            "fingerprint": finding.fingerprint,
            "severity": finding.severity.label,
            "confidence": finding.confidence.value,
            "rule": finding.rule,
            "operation": finding.operation or DOCUMENTS,
            "field": field_name(finding),
            "place": field_place(finding),
            "issue": finding.issue,
            "fix": finding.suggested_fix,
            "source": place_text(finding),
            "state": entry.state,
            "reason": entry.reason,
            "again": entry.again,
        }

    def _page(self, name: str, **values: Any) -> str:
        return self._mask(_environment().get_template(name).render(root=self._root, **values))


def narrowed(entries: Iterable[Entry], chosen: dict[str, str]) -> list[Entry]:
    """Those that have what was chosen; what is empty chooses nothing."""

    def fits(entry: Entry) -> bool:
        has = {
            "state": entry.state,
            "severity": entry.finding.severity.label,
            "rule": entry.finding.rule,
            "operation": entry.finding.operation or DOCUMENTS,
        }
        return all(has[name] == value for name, value in chosen.items() if value)

    return [entry for entry in entries if fits(entry)]


def _exchange(evidence: Evidence, target: TargetInfo) -> dict[str, Any]:
    request = evidence.exchange.request
    sent = (request_line(request), content_text(request))
    got = (outcome_line(evidence.exchange), body_text(evidence.exchange))
    return {
        "role": evidence.role,
        "verdict": evidence.verdict.value,
        "note": evidence.note,
        "sent": "\n\n".join(part for part in sent if part),
        "got": "\n\n".join(part for part in got if part),
        "curl": evidence_json(evidence, target)["curl"],
    }


def _json(value: Any) -> str:
    if value in (None, [], {}):
        return ""
    return json.dumps(plain_json(value, own=True), indent=2, ensure_ascii=False)


def _cell(text: str) -> str:
    """A table program must not take a server's words for a formula."""
    flat = one_line(text)
    return f"'{flat}" if flat.startswith(_FORMULA) else flat


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("checker.serving", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["words"] = words
    environment.filters["moment"] = lambda at: at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return environment
