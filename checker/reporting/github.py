"""GitHub workflow commands: one annotation line a finding."""

from __future__ import annotations

from dataclasses import replace

from checker.domain.finding import Finding, Severity
from checker.domain.location import Location
from checker.domain.run import RunResult, Standing
from checker.reporting.clean import one_line
from checker.reporting.places import shown_path
from checker.reporting.summary import headline, sentence, trouble

_LEVELS = {Severity.CRITICAL: "error", Severity.MAJOR: "warning", Severity.MINOR: "notice"}


def render(result: RunResult) -> str:
    """The lines to print in a workflow step; what the baseline accepts comes last, as notices.

    A host shows only the first few of each level.
    """
    standings = result.standings()
    lines = [(_line(f, result, standings.get(f.fingerprint, "")), f) for f in result.findings]
    known = [line for line, f in lines if standings.get(f.fingerprint) == "known"]
    told = [line for line, f in lines if standings.get(f.fingerprint) != "known"]
    if trouble(result):
        told.append(f"::error title=driftcheck::{_data(trouble(result))}")
    told.append(f"::notice title=driftcheck::{_data(headline(result))}")
    return "\n".join([*told, *known]) + "\n"


def _line(finding: Finding, result: RunResult, standing: Standing) -> str:
    marks = ", ".join(word for word in (finding.severity.label, standing) if word)
    level = "notice" if standing == "known" else _LEVELS[finding.severity]
    place = finding.source
    if place is not None:
        place = replace(place, file=shown_path(place, result))
    return annotation(level, place, f"{finding.rule} ({marks})", sentence(finding))


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
