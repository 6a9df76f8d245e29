"""A comment for a pull request: what is new and what is fixed, short enough for every host."""

from __future__ import annotations

from checker.domain.run import RunResult
from checker.reporting.markdown import fitting, fixed_lines, rows_of, size, table
from checker.reporting.markdown_text import text
from checker.reporting.summary import coverage_line, headline, tallies, trouble

MARK = "<!-- driftcheck -->"
"""By which a job finds its earlier comment, to change it instead of writing another."""
MAX_COMMENT = 60_000
"""Bytes; the smallest limit of a host is 65,536 characters."""
MAX_FIXED = 10_000


def render(result: RunResult) -> str:
    """The comment; known findings are only counted."""
    standings = result.standings()
    told = [f for f in result.findings if standings.get(f.fingerprint) != "known"]
    parts = [MARK, f"### API drift: {_verdict(result, len(told))}", headline(result)]
    if trouble(result):
        parts.append(f"**The run is {result.status}.** {text(trouble(result))[:4_000]}")
    ending = "\n".join(f"- {text(line)}" for line in [*tallies(result), coverage_line(result)])
    ending = ending.removesuffix("- ").rstrip()
    fixed = _fixed(result)
    room = MAX_COMMENT - size([*parts, ending, fixed]) - 200
    if told:
        rows = rows_of(told, standings, where=True)
        parts.append(table(rows, room, "the report"))
    return "\n\n".join(part for part in [*parts, fixed, ending] if part) + "\n"


def _verdict(result: RunResult, told: int) -> str:
    what = "new finding" if result.baseline is not None else "finding"
    if not told and trouble(result):
        return "no answer"
    return f"{told or 'no'} {what}{'' if told == 1 else 's'}"


def _fixed(result: RunResult) -> str:
    if result.baseline is None or not result.baseline.fixed:
        return ""
    lines, left = fitting(fixed_lines(result.baseline.fixed), MAX_FIXED)
    if left:
        lines.append(f"- and {left} more")
    return "\n".join(["**Fixed since the baseline**", "", *lines])
