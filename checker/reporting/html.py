"""report.html: one page that needs nothing else, everything from outside escaped."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from checker.domain.coverage import gaps
from checker.domain.finding import Finding
from checker.domain.run import RunResult
from checker.reporting.clean import one_line, printable
from checker.reporting.evidence import (
    body_text,
    content_text,
    evidence_json,
    outcome_line,
    request_line,
    shown_evidence,
)
from checker.reporting.summary import (
    SEVERITIES,
    coverage_line,
    field_name,
    field_place,
    gap_reason,
    headline,
    others,
    place_text,
    sections,
    tallies,
    trouble,
)
from checker.reporting.trend import trend_svg


def render(result: RunResult) -> str:
    """The page."""
    return _template().render(
        headline=headline(result),
        tallies=tallies(result),
        result=result,
        target=one_line(result.target),
        started=result.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        counts=[(s.label, result.count(s)) for s in SEVERITIES],
        sections=[
            (one_line(operation) or "Documents", [_finding(f, result) for f in findings])
            for operation, findings in sections(result.findings)
        ],
        gaps=[(gap, gap_reason(gap)) for gap in gaps(result.operations)],
        coverage=coverage_line(result),
        trouble=trouble(result),
        trend=None if result.trend is None else trend_svg(result.trend),
    )


@cache
def _template() -> Template:
    loader = PackageLoader("checker.reporting", "templates")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["words"] = words
    return environment.get_template("report.html.j2")


def words(value: str) -> Markup:
    """A sentence, escaped, with what stands in backticks as code."""
    pieces = re.split(r"(?<!`)`([^`]+)`(?!`)", printable(value))
    parts = (
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
    return Markup("").join(parts)


def _finding(finding: Finding, result: RunResult) -> dict[str, Any]:
    shown, more = shown_evidence(finding)
    target = result.target_of(finding)
    return {
        "name": field_name(finding),
        "place": field_place(finding),
        "rule": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": finding.severity.label,
        "confidence": finding.confidence.value,
        "known": result.baseline is not None and finding.fingerprint in result.baseline.known,
        "issue": finding.issue,
        "fix": finding.suggested_fix,
        "others": others(finding),
        "source": place_text(finding),
        "patch": json.dumps([dict(s) for s in finding.patch], indent=2, ensure_ascii=False)
        if finding.patch
        else "",
        "more": more,
        "evidence": [
            {
                "role": e.role,
                "verdict": e.verdict.value,
                "note": e.note,
                "sent": request_line(e.exchange.request),
                "content": content_text(e.exchange.request),
                "status": outcome_line(e.exchange),
                "body": body_text(e.exchange),
                "curl": evidence_json(e, target)["curl"],
            }
            for e in shown
        ],
    }
