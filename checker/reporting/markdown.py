"""report.md: a summary, then a section for each operation, the worst first."""

from __future__ import annotations

import json
import re

from checker.domain.coverage import gaps
from checker.domain.finding import Confidence, Evidence, Finding
from checker.domain.run import RunResult, TargetInfo
from checker.drift.registry import FixSafety, fix_safety, why_unpatched
from checker.reporting.clean import one_line, printable
from checker.reporting.evidence import (
    body_text,
    content_text,
    evidence_json,
    outcome_line,
    request_line,
    shown_evidence,
)
from checker.reporting.summary import (
    SEVERITIES,
    coverage_line,
    field_name,
    field_place,
    gap_reason,
    headline,
    others,
    place_text,
    sections,
    tallies,
    why_not,
)

_SAFETY = {
    FixSafety.SAFE: "safe: it writes down what was proved",
    FixSafety.REVIEW: "to be reviewed: somebody has to decide",
}
TABLE_HEAD = (
    "| Field | Issue | Suggested Fix | Severity |\n|-------|-------|---------------|----------|"
)


def render(result: RunResult) -> str:
    """The whole page."""
    parts = ["# API drift report", _summary(result)]
    for operation, findings in sections(result.findings):
        parts.append(_section(operation, findings, result))
    parts += _endings(result)
    return "\n\n".join(part for part in parts if part) + "\n"


def text(value: str) -> str:
    """Words for a paragraph or a table cell: one line; code in backticks stays code.

    Everything else that Markdown or HTML would act on is escaped.
    """
    flat = one_line(value)
    # A span of nothing but blanks is no code: it would be lost.
    pieces = re.split(r"(?<!`)`([^`]*[^`\s][^`]*)`(?!`)", flat)
    return "".join(code(p) if i % 2 else _escape(p) for i, p in enumerate(pieces))


def code(value: str) -> str:
    """A code span that also holds in a table cell, whatever backticks the value has."""
    flat = one_line(value).replace("|", "\\|")
    if not flat:
        return ""
    run = max((len(ticks) for ticks in re.findall("`+", flat)), default=0)
    fence = "`" * (run + 1)
    space = " " if run else ""
    return f"{fence}{space}{flat}{space}{fence}"


def fenced(value: str, language: str = "") -> str:
    """A code block that nothing in the value can close."""
    body = printable(value)
    run = max((len(ticks) for ticks in re.findall("`{3,}", body)), default=2)
    fence = "`" * (run + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _escape(value: str) -> str:
    value = value.replace("\\", "\\\\")
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    value = re.sub(r"([`*\[\]|~])", r"\\\1", value)
    # An underscore within a word is harmless, and names are full of them.
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", value)


def _summary(result: RunResult) -> str:
    lines = [headline(result), ""]
    if why_not(result):
        lines = [f"**The run is {result.status}.** {text(why_not(result))}", "", *lines]
    if result.findings:
        cells = " | ".join(s.label.capitalize() for s in SEVERITIES)
        lines += [f"| {cells} |", "|---:|---:|---:|"]
        lines += ["| " + " | ".join(str(result.count(s)) for s in SEVERITIES) + " |", ""]
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


def _section(operation: str, findings: tuple[Finding, ...], result: RunResult) -> str:
    rows = [_row(finding, result) for finding in findings]
    parts = [f"## {text(operation) or 'Documents'}", "\n".join([TABLE_HEAD, *rows])]
    parts += [_details(finding, result) for finding in findings]
    return "\n\n".join(parts)


def _row(finding: Finding, result: RunResult) -> str:
    place = field_place(finding)
    field = code(field_name(finding)) + (f" ({place})" if place else "")
    issue = text(finding.issue)
    also = others(finding)
    if also:
        issue += " Also: " + ", ".join(code(o) for o in also) + "."
    severity = finding.severity.label
    if finding.confidence is Confidence.TENTATIVE:
        severity += " (tentative)"
    if result.baseline is not None and finding.fingerprint in result.baseline.known:
        severity += " (known)"
    return f"| {field} | {issue} | {text(finding.suggested_fix)} | {severity} |"


def _details(finding: Finding, result: RunResult) -> str:
    title = f"{_html(field_name(finding))}: {_html(finding.rule)}, {_html(finding.fingerprint)}"
    parts = [f"<details><summary>Evidence for {title}</summary>"]
    place = place_text(finding)
    if place:
        parts.append(f"Documented at {code(place)}.")
    shown, more = shown_evidence(finding)
    target = result.target_of(finding)
    parts += [_exchange(number, e, target) for number, e in enumerate(shown, 1)]
    if more:
        parts.append(f"{more} more exchanges are in the JSON report.")
    if finding.patch:
        patch = json.dumps([dict(s) for s in finding.patch], indent=2, ensure_ascii=False)
        parts += [f"Patch (JSON Patch, {_SAFETY[fix_safety(finding)]}):", fenced(patch, "json")]
        files = [code(other.file) for other in finding.elsewhere]
        if files:
            parts.append(f"`driftcheck fix` changes {' and '.join(files)} alike.")
    elif why := why_unpatched(finding):
        parts.append(f"No patch: {why}.")
    parts.append("</details>")
    return "\n\n".join(parts)


def _exchange(number: int, evidence: Evidence, target: TargetInfo) -> str:
    exchange = evidence.exchange
    note = f" {text(evidence.note)}" if evidence.note else ""
    lines = [f"{number}. {evidence.role}, **{evidence.verdict.value}**.{note}"]
    sent = request_line(exchange.request)
    content = content_text(exchange.request)
    back = "\n".join(p for p in (outcome_line(exchange), body_text(exchange)) if p)
    lines.append(fenced(f"> {sent}\n{content}".rstrip() + f"\n< {back}"))
    lines.append(fenced(str(evidence_json(evidence, target)["curl"]), "sh"))
    return "\n\n".join(lines)


def _html(value: str) -> str:
    flat = one_line(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return flat.replace("`", "&#96;").replace("*", "&#42;").replace("_", "&#95;")


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
        rows = ["## Fixed since the baseline", ""]
        rows += [
            f"- {code(k.operation or 'document')} {text(k.field)} ({k.rule}): {text(k.issue)}"
            for k in result.baseline.fixed
        ]
        parts.append("\n".join(rows))
    if result.cleanup:
        rows = ["## Left on the server", ""]
        rows += [f"- {text(line)}" for line in result.cleanup]
        parts.append("\n".join(rows))
    if result.notes:
        parts.append("\n".join(["## Notes", "", *(f"- {text(note)}" for note in result.notes)]))
    return parts
