"""The summary for a terminal: one table, readable at 80 columns."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.domain.coverage import gaps
from checker.domain.finding import Confidence, Finding, Severity
from checker.domain.run import Plan, RunResult
from checker.reporting.clean import one_line
from checker.reporting.summary import (
    coverage_line,
    field_name,
    field_place,
    gap_reason,
    headline,
    others,
    sections,
    tallies,
    why_not,
)

MAX_ROWS = 60
MAX_GAPS = 12
_STYLES = {Severity.CRITICAL: "bold red", Severity.MAJOR: "yellow", Severity.MINOR: "cyan"}


def render(result: RunResult, width: int = 80, color: bool = False) -> str:
    """The summary, `width` columns wide at most, with ANSI colours where asked for."""
    console = _console(width, color)
    width = console.width
    if why_not(result):
        console.print(Text(f"Incomplete: {one_line(why_not(result))}", style="bold red"))
    longest = max((len(f"{field_name(f)} ({f.field.place})") for f in result.findings), default=0)
    field_width = max(12, min(longest, 28, width // 4))
    shown = 0
    for operation, findings in sections(result.findings):
        room = MAX_ROWS - shown
        if room <= 0:
            break
        console.print(Text(one_line(operation) or "Documents", style="bold", overflow="fold"))
        console.print(_table(findings[:room], result, field_width))
        shown += len(findings[:room])
    if shown < len(result.findings):
        rest = len(result.findings) - shown
        console.print(f"… and {rest} more in the report.", style="dim")
    _endings(console, result)
    return _taken(console)


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


def _table(findings: tuple[Finding, ...], result: RunResult, field_width: int) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(width=11)
    table.add_column(width=field_width, overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for finding in findings:
        issue = Text(one_line(finding.issue))
        also = others(finding)
        if also:
            issue.append(f" (and {len(also)} more operation{'s' if len(also) > 1 else ''})", "dim")
        place = field_place(finding)
        field = Text(one_line(field_name(finding)))
        if place:
            field.append(f" ({place})", "dim")
        table.add_row(_severity(finding, result), field, issue)
    return table


def _severity(finding: Finding, result: RunResult) -> Text:
    text = Text("  " + finding.severity.label, style=_STYLES[finding.severity])
    if finding.confidence is Confidence.TENTATIVE:
        text.append("\n  tentative", "dim")
    if result.baseline is not None and finding.fingerprint in result.baseline.known:
        text.append("\n  known", "dim")
    return text


def _endings(console: Console, result: RunResult) -> None:
    if result.findings:
        console.print()
    found = gaps(result.operations)
    for gap in found[:MAX_GAPS]:
        names = ", ".join(one_line(str(o)) for o in gap.operations[:5])
        rest = f" and {len(gap.operations) - 5} more" if len(gap.operations) > 5 else ""
        console.print(Text(f"{gap.status}: {names}{rest}", style="dim"))
        if gap_reason(gap):
            console.print(Text(f"  {one_line(gap_reason(gap))}", style="dim"))
    if len(found) > MAX_GAPS:
        left = sum(len(gap.operations) for gap in found[MAX_GAPS:])
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
    console.print(Text(headline(result), style="bold"))
