"""GitLab code quality: one issue a finding that the baseline doesn't accept."""

from __future__ import annotations

import json
from typing import Any

from checker.domain.finding import Finding, Severity
from checker.domain.run import RunResult, Standing
from checker.reporting.clean import one_line
from checker.reporting.places import shown_path
from checker.reporting.summary import sentence

_SEVERITIES = {Severity.CRITICAL: "critical", Severity.MAJOR: "major", Severity.MINOR: "minor"}
_NOWHERE = "."
"""The format wants a path of every issue; some findings have no place in a file."""


def render(result: RunResult) -> str:
    """The artifact's text: a list of issues; what the baseline accepts is told as `info`."""
    standings = result.standings()
    issues = [_issue(f, result, standings.get(f.fingerprint, "")) for f in result.findings]
    text = json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _issue(finding: Finding, result: RunResult, standing: Standing) -> dict[str, Any]:
    place = finding.source
    return {
        "type": "issue",
        "description": one_line(sentence(finding)),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": "info" if standing == "known" else _SEVERITIES[finding.severity],
        "categories": ["Compatibility"],
        "location": {
            "path": _NOWHERE if place is None else shown_path(place, result),
            "lines": {"begin": (place.line if place else None) or 1},
        },
    }
