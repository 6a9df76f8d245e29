"""report.md: a summary, all findings as one table, then a section for each operation.

What was sent and came back, and the patch, are on pages of their own (`evidence_pages.py`), so
that a hosting site still shows this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checker.domain.asked import Asked, together
from checker.domain.coverage import gaps
from checker.domain.finding import Confidence, Finding
from checker.domain.run import KnownFinding, RunResult, Standing
from checker.reporting.evidence_pages import page_name
from checker.reporting.markdown_text import code, text
from checker.reporting.rows import Row, grouped, sections
from checker.reporting.summary import (
    SEVERITIES,
    coverage_line,
    field_name,
    field_place,
    gap_reason,
    headline,
    others,
    place_line,
    questions_line,
    tallies,
    why_not,
)

TABLE_HEAD = (
    "| Field | Issue | Suggested Fix | Severity |\n|-------|-------|---------------|----------|"
)
MAX_PAGE = 900_000
"""Bytes: what shows a page takes 1 MiB at most."""
MAX_TABLE = 400_000
"""Bytes of the table of all findings."""


def render(result: RunResult, *, alone: bool = False) -> str:
    """The whole page; `alone` leaves out the links to the evidence, for a page without its folder.

    Where there is more than a page may hold, the worst is told and the rest counted.
    """
    parts = ["# API drift report", _summary(result), _all(result)]
    endings, _ = fitting(_endings(result), MAX_PAGE // 3)
    room = MAX_PAGE - size([*parts, *endings])
    shown, left = fitting(_sections(result, alone), room)
    if left:
        parts += [*shown, f"{left} more operations with findings are in the JSON report."]
    else:
        parts += shown
    return "\n\n".join(part for part in [*parts, *endings] if part) + "\n"


def rows_of(
    findings: Iterable[Finding], standings: Mapping[str, Standing], *, where: bool = False
) -> Iterator[str]:
    """The rows of TABLE_HEAD's table; `where` names the operation before the field."""
    for row in grouped(findings, standings):
        yield _line(row, standings, where)


def _line(row: Row, standings: Mapping[str, Standing], where: bool) -> str:
    finding, place = row.said, field_place(row.said)
    names = ", ".join(code(field_name(one)) for one in row.names)
    field = names + (f" ({place})" if place else "")
    if where and finding.operation:
        field = f"{code(finding.operation)} {field}"
    issue = text(finding.issue)
    also = others(finding)
    if also:
        issue += " Also: " + ", ".join(code(o) for o in also) + "."
    marks: list[str] = [standings.get(finding.fingerprint, "")]
    if finding.confidence is Confidence.TENTATIVE:
        marks.insert(0, "tentative")
    severity = finding.severity.label + "".join(f" ({mark})" for mark in marks if mark)
    return f"| {field} | {issue} | {text(finding.suggested_fix)} | {severity} |"


def table(rows: Iterable[str], room: int, rest: str) -> str:
    """The table of as many rows as `room` bytes hold; `rest` says where the others are."""
    shown, left = fitting(rows, room)
    lines = "\n".join([TABLE_HEAD, *shown])
    return f"{lines}\n\n{left} more findings are in {rest}." if left else lines


def fitting(parts: Iterable[str], room: int) -> tuple[list[str], int]:
    """The parts up to the first that `room` bytes have no place for, and how many are left."""
    shown: list[str] = []
    left = 0
    for part in parts:
        room -= size([part])
        if left or room < 0:
            left += 1
        else:
            shown.append(part)
    return shown, left


def size(parts: Iterable[str]) -> int:
    """The bytes of parts with a blank line between them."""
    return sum(len(part.encode("utf-8", "replace")) + 2 for part in parts)


def fixed_lines(entries: Iterable[KnownFinding]) -> list[str]:
    """A line for each finding of the baseline that has gone."""
    return [
        f"- {code(k.operation or 'document')} {text(k.field)} ({k.rule}): {text(k.issue)}"
        for k in entries
    ]


def counts_table(result: RunResult) -> str:
    """How many findings there are of each severity."""
    cells = " | ".join(s.label.capitalize() for s in SEVERITIES)
    numbers = " | ".join(str(result.count(s)) for s in SEVERITIES)
    return f"| {cells} |\n|---:|---:|---:|\n| {numbers} |"


def _summary(result: RunResult) -> str:
    lines = [headline(result), ""]
    if why_not(result):
        lines = [f"**The run is {result.status}.** {text(why_not(result))}", "", *lines]
    if result.findings:
        lines += [counts_table(result), ""]
    lines += [f"- {text(line)}" for line in tallies(result)]
    started = result.started_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    lines += [
        f"- Target: {code(result.target)}, seed {result.seed}, started {started}, "
        f"{result.duration_s:.1f} s, driftcheck {text(result.version)}.",
    ]
    if result.status != "complete" and not why_not(result):
        lines.append(f"- **The run is {result.status}.** {text(result.error)}".rstrip())
    elif result.error and result.error != why_not(result):
        lines.append(f"- {text(result.error)}")
    if coverage_line(result):
        lines.append(f"- {text(coverage_line(result))}")
    return "\n".join(lines)


def _all(result: RunResult) -> str:
    if not result.findings:
        return ""
    standings = result.standings()
    rows = rows_of(result.findings, standings, where=True)
    return "## All findings\n\n" + table(rows, MAX_TABLE, "the JSON report")


def _sections(result: RunResult, alone: bool) -> Iterator[str]:
    standings = result.standings()
    asked: dict[str, Asked] = {}
    for o in result.operations:
        before = asked.get(str(o.operation), Asked())
        asked[str(o.operation)] = together([before, *o.questions.values()])
    for operation, rows in sections(grouped(result.findings, standings)):
        said = questions_line(asked.get(operation, Asked()))
        yield _section(operation, rows, standings, said, alone)


def _section(
    operation: str,
    rows: tuple[Row, ...],
    standings: Mapping[str, Standing],
    asked: str,
    alone: bool,
) -> str:
    parts = [f"## {text(operation) or 'Documents'}", text(asked)]
    parts.append("\n".join([TABLE_HEAD, *(_line(row, standings, where=False) for row in rows)]))
    parts.append("\n".join(_pointer(f, alone) for row in rows for f in row.findings))
    return "\n\n".join(part for part in parts if part)


def _pointer(finding: Finding, alone: bool) -> str:
    """The line that leads from a row to its proof and its place."""
    line = f"- {code(field_name(finding))}: {finding.rule} {code(finding.fingerprint)}"
    if not alone:
        what = "evidence and patch" if finding.patch else "evidence"
        line += f", [{what}]({page_name(finding)})"
    place = place_line(finding)
    return f"{line}, documented at {code(place)}" if place else line


def _endings(result: RunResult) -> list[str]:
    parts = []
    left = gaps(result.operations)
    if left:
        rows = ["## Operations not probed", ""]
        rows += ["| Operations | Status | Reason, and what would help |", "|---|---|---|"]
        for gap in left:
            names = ", ".join(code(str(o)) for o in gap.operations)
            rows.append(f"| {names} | {gap.status} | {text(gap_reason(gap))} |")
        parts.append("\n".join(rows))
    if result.baseline is not None and result.baseline.fixed:
        rows = ["## Fixed since the baseline", "", *fixed_lines(result.baseline.fixed)]
        parts.append("\n".join(rows))
    if result.cleanup:
        rows = ["## Left on the server", ""]
        rows += [f"- {text(line)}" for line in result.cleanup]
        parts.append("\n".join(rows))
    if result.notes:
        parts.append("\n".join(["## Notes", "", *(f"- {text(note)}" for note in result.notes)]))
    return parts
