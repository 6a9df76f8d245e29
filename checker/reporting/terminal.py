"""The summary for a terminal: one table, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.domain.coverage import gaps
from checker.domain.finding import Confidence, Finding, Severity
from checker.domain.run import Plan, RunResult, Standing
from checker.reporting.clean import one_line
from checker.reporting.rows import Row, grouped, sections
from checker.reporting.summary import (
    coverage_line,
    field_name,
    field_place,
    gap_reason,
    headline,
    others,
    place_line,
    tallies,
    why_not,
)

MAX_ROWS = 60
MAX_GAPS = 12
_STYLES = {Severity.CRITICAL: "bold red", Severity.MAJOR: "yellow", Severity.MINOR: "cyan"}


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown: `quiet` leaves all but the last lines out, `verbose` nothing, not even
    what the baseline knows; `report` is the file that other commands take, empty for none."""

    quiet: bool = False
    verbose: bool = False
    report: str = ""


def render(
    result: RunResult, width: int = 80, color: bool = False, detail: Detail | None = None
) -> str:
    """The summary, `width` columns wide at most, with ANSI colours where asked for.

    The worst comes last, so that it stays on the screen.
    """
    detail = detail or Detail()
    console = _console(width, color)
    if why_not(result):
        console.print(Text(f"Incomplete: {one_line(why_not(result))}", style="bold red"))
    if detail.quiet:
        console.print(Text(headline(result), style="bold"))
        return _taken(console)
    _findings(console, result, detail)
    _endings(console, result, detail)
    return _taken(console)


def _findings(console: Console, result: RunResult, detail: Detail) -> None:
    standings = result.standings()
    told = result.findings if detail.verbose else _unknown(result)
    found = grouped(told, standings)
    shown = found if detail.verbose else found[:MAX_ROWS]
    if len(shown) < len(found):
        rest = sum(len(row.findings) for row in found[len(shown) :])
        console.print(f"… and {rest} more in the report.", style="dim")
    longest = max((len(f"{_names(row)} ({row.said.field.place})") for row in shown), default=0)
    field_width = max(12, min(longest, 28, console.width // 4))
    for operation, rows in reversed(sections(shown)):
        console.print(Text(one_line(operation) or "Documents", style="bold", overflow="fold"))
        lines = [(row, standings.get(row.said.fingerprint, "")) for row in reversed(rows)]
        console.print(_table(lines, field_width, detail.verbose))


def _unknown(result: RunResult) -> list[Finding]:
    """The findings that the baseline doesn't know."""
    standings = result.standings()
    return [f for f in result.findings if standings.get(f.fingerprint) != "known"]


def render_plan(plan: Plan, width: int = 80, color: bool = False) -> str:
    """A dry run's plan: operations, experiments, requests at most."""
    console = _console(width, color)
    for entry in plan.operations:
        console.print(Text(one_line(str(entry.operation)), style="bold", overflow="fold"))
        if entry.reason:
            console.print(Text(f"  left out: {one_line(entry.reason)}", style="dim"))
            continue
        if entry.witness:
            console.print(Text(f"  request from: {one_line(entry.witness)}"))
        names = ", ".join(entry.experiments) or "none"
        console.print(Text(f"  experiments: {names}"))
        console.print(Text(f"  at most {entry.max_requests} requests"))
    for note in plan.notes:
        console.print(Text(f"Note: {one_line(note)}", style="dim"))
    planned = sum(1 for entry in plan.operations if not entry.reason)
    console.print(
        Text(
            f"Plan: {planned} of {len(plan.operations)} operations, at most "
            f"{plan.max_requests} requests to {plan.target}.",
            style="bold",
        )
    )
    console.print("Nothing was sent.")
    return _taken(console)


def _console(width: int, color: bool) -> Console:
    return Console(
        file=StringIO(),
        width=max(width, 40),
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _taken(console: Console) -> str:
    file = console.file
    assert isinstance(file, StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _names(row: Row) -> str:
    return one_line(", ".join(field_name(finding) for finding in row.names))


def _table(rows: Sequence[tuple[Row, Standing]], field_width: int, fixes: bool) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(width=11)
    table.add_column(width=field_width, overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for row, standing in rows:
        place = field_place(row.said)
        field = Text(_names(row))
        if place:
            field.append(f" ({place})", "dim")
        table.add_row(_severity(row.said, standing), field, _said(row, fixes))
    return table


def _said(row: Row, fixes: bool) -> Text:
    """The issue, and below it the rule and the line to look at."""
    finding = row.said
    text = Text(one_line(finding.issue))
    also = others(finding)
    if also:
        text.append(f" (and {len(also)} more operation{'s' if len(also) > 1 else ''})", "dim")
    if fixes:
        text.append(f"\nFix: {one_line(finding.suggested_fix)}")
    where = " ".join(part for part in (finding.rule, place_line(finding)) if part)
    more = len(row.findings) - 1
    places = f" and {more} more place{'s' if more > 1 else ''}" if more else ""
    text.append(f"\n{one_line(where)}{places}", "dim")
    return text


def _severity(finding: Finding, standing: Standing) -> Text:
    text = Text("  " + finding.severity.label, style=_STYLES[finding.severity])
    if finding.confidence is Confidence.TENTATIVE:
        text.append("\n  tentative", "dim")
    if standing:
        text.append(f"\n  {standing}", "dim" if standing == "known" else "bold")
    return text


def _endings(console: Console, result: RunResult, detail: Detail) -> None:
    hidden = 0 if detail.verbose else len(result.findings) - len(_unknown(result))
    if len(result.findings) > hidden:
        console.print()
    if hidden:
        words = f"{hidden} known finding{'' if hidden == 1 else 's'} not shown; --verbose shows all"
        console.print(f"{words}.", style="dim")
    found = gaps(result.operations)
    most = len(found) if detail.verbose else MAX_GAPS
    for gap in found[:most]:
        names = ", ".join(one_line(str(o)) for o in gap.operations[:5])
        rest = f" and {len(gap.operations) - 5} more" if len(gap.operations) > 5 else ""
        console.print(Text(f"{gap.status}: {names}{rest}", style="dim"))
        if gap_reason(gap):
            console.print(Text(f"  {one_line(gap_reason(gap))}", style="dim"))
    if len(found) > most:
        left = sum(len(gap.operations) for gap in found[most:])
        console.print(Text(f"… and {left} more operations, see the report.", style="dim"))
    for line in tallies(result):
        console.print(Text(one_line(line)))
    for line in result.cleanup[:3]:
        console.print(Text(f"Left on the server: {one_line(line)}", style="dim"))
    if len(result.cleanup) > 3:
        more = len(result.cleanup) - 3
        console.print(Text(f"Left on the server: {more} more, see the report", style="dim"))
    if result.error and result.error != why_not(result):
        console.print(Text(f"{result.status}: {one_line(result.error)}", style="bold red"))
    if coverage_line(result):
        console.print(Text(coverage_line(result)))
    if fix_hint(result, detail.report):
        console.print(Text(fix_hint(result, detail.report)))
    console.print(Text(headline(result), style="bold"))


def fix_hint(result: RunResult, report: str) -> str:
    """How many findings have a patch and what shows them; empty where there is none, or no file
    to read them from."""
    patched = sum(1 for finding in result.findings if finding.patch)
    if not patched or not report:
        return ""
    return f"{patched} of {len(result.findings)} can be patched: driftcheck fix {one_line(report)}"
