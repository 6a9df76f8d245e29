"""What report.html holds of each finding: a light part for its row, a heavy one for its proof."""

from __future__ import annotations

import json
import shlex
from pathlib import PurePosixPath
from typing import Any

from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Finding
from checker.domain.run import RunResult, TargetInfo, own_name
from checker.domain.schema import MISSING
from checker.reporting.clean import capped, one_line, plain_json, printable
from checker.reporting.evidence import (
    body_text,
    content_json,
    content_text,
    curl_of,
    outcome_line,
    request_line,
    shown_evidence,
)
from checker.reporting.rows import grouped
from checker.reporting.summary import field_name, field_place, others, place_text


def light(result: RunResult) -> list[dict[str, Any]]:
    """The rows, in the report's order; `same` are the further findings of a row."""
    standings = result.standings()
    reasons = result.baseline.reasons if result.baseline is not None else {}
    numbers = {id(finding): number for number, finding in enumerate(result.findings)}

    def entry(finding: Finding) -> dict[str, Any]:
        return {
            "id": one_line(finding.fingerprint),
            "index": numbers[id(finding)],
            "reason": one_line(reasons.get(finding.fingerprint, "")),
            "operation": one_line(finding.operation),
            "name": one_line(field_name(finding)),
            "source": one_line(place_text(finding)),
        }

    return [
        {
            **entry(row.findings[0]),
            "rule": one_line(row.said.rule),
            "severity": row.said.severity.label,
            "confidence": row.said.confidence.value,
            "standing": standings.get(row.said.fingerprint, ""),
            "also": [one_line(o) for o in others(row.said)],
            "domain": domain(row.said, result),
            "name": one_line(", ".join(field_name(f) for f in row.names)),
            "place": one_line(field_place(row.said)),
            "issue": one_line(row.said.issue),
            "fix": one_line(row.said.suggested_fix),
            "target": one_line(own_name(row.said.target)) if len(result.targets) > 1 else "",
            "same": [entry(finding) for finding in row.findings[1:]],
        }
        for row in grouped(result.findings, standings)
    ]


def heavy(finding: Finding, result: RunResult) -> dict[str, Any]:
    """What is shown when a row is opened."""
    shown, more = shown_evidence(finding)
    target = result.target_of(finding)
    return {
        "documented": _told(finding.documented),
        "observed": _told(finding.observed),
        "patch": _pretty([dict(step) for step in finding.patch]) if finding.patch else "",
        "accept": "driftcheck baseline report.json --accept "
        f"{shlex.quote(one_line(finding.fingerprint))} --reason 'why'",
        "evidence": [_exchange(evidence, target) for evidence in shown],
        "more": more,
    }


def domain(finding: Finding, result: RunResult) -> str:
    """The folder below a checked path in which the finding's document is; empty for none."""
    if finding.source is None:
        return ""
    file = PurePosixPath(finding.source.file.replace("\\", "/"))
    for path in result.paths:
        root = PurePosixPath(path.replace("\\", "/"))
        if file.is_relative_to(root) and len(file.relative_to(root).parts) > 1:
            return one_line(file.relative_to(root).parts[0])
    return ""


def _exchange(evidence: Evidence, target: TargetInfo) -> dict[str, str]:
    request = evidence.exchange.request
    sent = content_json(request)
    return {
        "role": evidence.role,
        "verdict": evidence.verdict.value,
        "note": printable(evidence.note),
        "sent": printable(request_line(request)),
        "content": printable(content_text(request) if sent is MISSING else _pretty(sent)),
        "status": printable(outcome_line(evidence.exchange)),
        "body": printable(_body(evidence.exchange)),
        "curl": printable(curl_of(evidence.exchange.request, target)),
    }


def _body(exchange: Exchange) -> str:
    response = exchange.response
    if response is None or response.body is MISSING:
        return body_text(exchange)
    return _pretty(response.body, own=False)


def _told(value: Any) -> str:
    return "nothing" if value is None else _pretty(value)


def _pretty(value: Any, *, own: bool = True) -> str:
    text = json.dumps(plain_json(value, own=own), indent=2, ensure_ascii=False, default=str)
    return printable(capped(text))
