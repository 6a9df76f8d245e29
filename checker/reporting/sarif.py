"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from checker.domain.finding import Finding, Severity
from checker.domain.location import Location
from checker.domain.run import RunResult, Standing
from checker.drift.registry import all_rules
from checker.drift.rule import Rule
from checker.reporting.clean import one_line
from checker.reporting.places import in_repository
from checker.reporting.rule_pages import words_of
from checker.reporting.summary import sentence

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
_LEVELS = {Severity.CRITICAL: "error", Severity.MAJOR: "warning", Severity.MINOR: "note"}


def render(result: RunResult) -> str:
    """The log's text: one run, one result a finding.

    What the baseline accepts is there, suppressed; what is fixed isn't: code hosts would show it
    as found.
    """
    ids = sorted({finding.rule for finding in result.findings})
    rules = {rule.id: rule for rule in all_rules()}
    standings = result.standings()
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "driftcheck",
                "version": result.version or "0",
                "rules": [_rule(name, rules.get(name)) for name in ids],
            }
        },
        "automationDetails": {"id": "driftcheck/"},
        "invocations": [_invocation(result)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The repository's root."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, ids, result, standings.get(finding.fingerprint, ""))
            for finding in result.findings
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, indent=2, ensure_ascii=False, default=str) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    """A rule with its page; a report may name one that this version hasn't any more."""
    if rule is None:
        return {"id": name, "shortDescription": {"text": name}}
    page = words_of(rule)
    return {
        "id": name,
        "name": type(rule).__name__,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": one_line(page.partition("\n\n")[0])},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["api", "documentation"], "precision": "very-high"},
    }


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


def _result(
    finding: Finding, ids: list[str], result: RunResult, standing: Standing
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": ids.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": one_line(sentence(finding))},
        "partialFingerprints": {"driftcheck/v1": finding.fingerprint},
        "locations": [_location(finding.source, finding.operation, result)],
        "properties": {
            "severity": finding.severity.label,
            "confidence": finding.confidence.value,
            "operation": finding.operation,
            "alsoOperations": list(finding.also_operations),
        },
    }
    if finding.related:
        entry["relatedLocations"] = [
            {"id": number, **_location(place, "", result)}
            for number, place in enumerate(finding.related)
        ]
    if standing:
        entry["baselineState"] = "new" if standing == "new" else "unchanged"
    if standing == "known" and result.baseline is not None:
        reason = result.baseline.reasons.get(finding.fingerprint)
        said = {"justification": one_line(reason)} if reason else {}
        entry["suppressions"] = [{"kind": "external", "status": "accepted", **said}]
    return entry


def _location(place: Location | None, operation: str, result: RunResult) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if place is not None:
        physical: dict[str, Any] = {"artifactLocation": _artifact(place, result)}
        region = {"startLine": place.line or 1}
        if place.line and place.column:
            region["startColumn"] = place.column
        physical["region"] = region
        entry["physicalLocation"] = physical
    if operation:
        entry["logicalLocations"] = [{"fullyQualifiedName": operation, "kind": "function"}]
    return entry


def _artifact(place: Location, result: RunResult) -> dict[str, str]:
    path = in_repository(place.file, result)
    if path is not None:
        return {"uri": quote(path), "uriBaseId": ROOT}
    given = place.file.replace("\\", "/")
    return {"uri": f"file://{quote(given)}" if given.startswith("/") else quote(given, ":/")}
