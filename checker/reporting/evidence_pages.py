"""The pages beside report.md: for each finding what was sent, what came back, and the patch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from checker.domain.finding import Evidence, Finding
from checker.domain.run import RunResult, TargetInfo
from checker.drift.registry import FixSafety, fix_safety, why_unpatched
from checker.reporting.evidence import (
    body_text,
    content_text,
    curl_of,
    outcome_line,
    request_line,
    shown_evidence,
)
from checker.reporting.markdown_text import code, fenced, text
from checker.reporting.summary import field_name, others, place_text

_SAFETY = {
    FixSafety.SAFE: "safe: it writes down what was proved",
    FixSafety.REVIEW: "to be reviewed: somebody has to decide",
}
FOLDER = "evidence"
PAGE = re.compile(r"[0-9a-f]{16}\.md")
"""The names of pages: what else is in the folder isn't ours."""
_NAME = re.compile(r"[0-9a-f]{16}")


def pages(result: RunResult) -> Iterator[tuple[str, str]]:
    """Each page's name, relative to report.md, and its text."""
    for finding in result.findings:
        yield page_name(finding), page(finding, result)


def page_name(finding: Finding) -> str:
    """Where a finding's page is: a report that was read may say anything for a fingerprint."""
    name = finding.fingerprint
    if not _NAME.fullmatch(name):
        name = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{FOLDER}/{name}.md"


def page(finding: Finding, result: RunResult) -> str:
    """One finding's page."""
    title = f"{finding.operation} {field_name(finding)}".strip()
    parts = [
        f"# {text(title)}",
        f"{text(finding.issue)}",
        f"**Suggested fix:** {text(finding.suggested_fix)}",
        f"{finding.severity.label}, {finding.confidence.value}, {text(finding.rule)}, "
        f"fingerprint {code(finding.fingerprint)}. [Report](../report.md)",
    ]
    if others(finding):
        parts.append("Also: " + ", ".join(code(o) for o in others(finding)) + ".")
    if place_text(finding):
        parts.append(f"Documented at {code(place_text(finding))}.")
    shown, more = shown_evidence(finding)
    target = result.target_of(finding)
    if shown:
        parts.append("## Evidence")
    parts += [_exchange(number, e, target) for number, e in enumerate(shown, 1)]
    if more:
        parts.append(f"{more} more exchanges are in the JSON report.")
    return "\n\n".join([*parts, *_patch(finding)]) + "\n"


def _patch(finding: Finding) -> Iterator[str]:
    """The patch and how far it can be trusted, or why there is none."""
    if not finding.patch:
        why = why_unpatched(finding)
        yield from [f"No patch: {why}."] if why else []
        return
    patch = json.dumps([dict(s) for s in finding.patch], indent=2, ensure_ascii=False)
    yield "## Patch"
    yield f"JSON Patch (RFC 6902), {_SAFETY[fix_safety(finding)]}:"
    yield fenced(patch, "json")
    if finding.elsewhere:
        files = " and ".join(code(other.file) for other in finding.elsewhere)
        yield f"`driftcheck fix` changes {files} alike."


def _exchange(number: int, evidence: Evidence, target: TargetInfo) -> str:
    exchange = evidence.exchange
    note = f" {text(evidence.note)}" if evidence.note else ""
    lines = [f"{number}. {evidence.role}, **{evidence.verdict.value}**.{note}"]
    sent = request_line(exchange.request)
    content = content_text(exchange.request)
    back = "\n".join(p for p in (outcome_line(exchange), body_text(exchange)) if p)
    lines.append(fenced(f"> {sent}\n{content}".rstrip() + f"\n< {back}"))
    lines.append(fenced(curl_of(evidence.exchange.request, target), "sh"))
    return "\n\n".join(lines)
