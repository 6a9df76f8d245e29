"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from checker.domain.finding import Finding, Severity
from checker.domain.location import Location
from checker.domain.run import RunResult
from checker.reporting.clean import one_line
from checker.reporting.rule_pages import summaries
from checker.reporting.summary import field_name

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.CRITICAL: "error", Severity.MAJOR: "warning", Severity.MINOR: "note"}


def render(result: RunResult) -> str:
    """The log's text: one run, one result a finding."""
    ids = sorted({finding.rule for finding in result.findings})
    known = summaries()
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "driftcheck",
                "version": result.version or "0",
                "rules": [
                    {"id": rule, "shortDescription": {"text": known.get(rule, rule)}}
                    for rule in ids
                ],
            }
        },
        "invocations": [_invocation(result)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, ids, result) for finding in result.findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, indent=2, ensure_ascii=False, default=str) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _invocation(result: RunResult) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "executionSuccessful": result.status in ("complete", "partial") and not result.exit_status,
        "startTimeUtc": result.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endTimeUtc": result.finished_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    notices = [*([result.error] if result.error else []), *result.notes]
    if notices:
        entry["toolExecutionNotifications"] = [
            {"level": "note", "message": {"text": one_line(notice)}} for notice in notices
        ]
    return entry


def _result(finding: Finding, ids: list[str], result: RunResult) -> dict[str, Any]:
    what = f"{finding.operation} {field_name(finding)}".strip()
    text = f"{what}: {finding.issue} Fix: {finding.suggested_fix}"
    entry: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": one_line(text)},
        "partialFingerprints": {"driftcheck/v1": finding.fingerprint},
        "locations": [_location(finding.source, finding.operation)],
        "properties": {
            "severity": finding.severity.label,
            "confidence": finding.confidence.value,
            "operation": finding.operation,
            "alsoOperations": list(finding.also_operations),
        },
    }
    if finding.related:
        entry["relatedLocations"] = [
            {"id": number, **_location(place, "")} for number, place in enumerate(finding.related)
        ]
    if result.baseline is not None:
        new = finding.fingerprint in result.baseline.new
        entry["baselineState"] = "new" if new else "unchanged"
    return entry


def _location(place: Location | None, operation: str) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if place is not None:
        physical: dict[str, Any] = {
            "artifactLocation": {"uri": quote(place.file.replace("\\", "/"))}
        }
        region = {"startLine": place.line or 1}
        if place.line and place.column:
            region["startColumn"] = place.column
        physical["region"] = region
        entry["physicalLocation"] = physical
    if operation:
        entry["logicalLocations"] = [{"fullyQualifiedName": operation, "kind": "function"}]
    return entry
