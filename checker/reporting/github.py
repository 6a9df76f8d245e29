"""GitHub workflow commands: one annotation line a finding."""

from __future__ import annotations

from checker.domain.finding import Finding, Severity
from checker.domain.location import Location
from checker.domain.run import RunResult
from checker.reporting.clean import one_line
from checker.reporting.summary import field_name, headline, trouble

_LEVELS = {Severity.CRITICAL: "error", Severity.MAJOR: "warning", Severity.MINOR: "notice"}


def render(result: RunResult) -> str:
    """The lines to print in a workflow step."""
    lines = [_line(finding) for finding in result.findings]
    if trouble(result):
        lines.append(f"::error title=driftcheck::{_data(trouble(result))}")
    lines.append(f"::notice title=driftcheck::{_data(headline(result))}")
    return "\n".join(lines) + "\n"


def _line(finding: Finding) -> str:
    what = f"{finding.operation} {field_name(finding)}".strip()
    message = f"{what}: {finding.issue} Fix: {finding.suggested_fix}"
    title = f"{finding.rule} ({finding.severity.label})"
    return annotation(_LEVELS[finding.severity], finding.source, title, message)


def annotation(level: str, place: Location | None, title: str, message: str) -> str:
    """One workflow command: `level` is error, warning or notice."""
    properties = []
    if place is not None:
        properties.append(f"file={_property(place.file)}")
        if place.line:
            properties.append(f"line={place.line}")
        if place.line and place.column:
            properties.append(f"col={place.column}")
    properties.append(f"title={_property(title)}")
    return f"::{level} {','.join(properties)}::{_data(message)}"


def _data(value: str) -> str:
    flat = one_line(value)
    return flat.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
