"""JUnit XML: a suite for each operation, a case for each finding.

A finding fails; one that the baseline accepts is skipped, one that is fixed passes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar
from xml.etree import ElementTree as Tree

from checker.domain.finding import Finding
from checker.domain.observation import OperationOutcome
from checker.domain.run import KnownFinding, RunResult, own_name
from checker.reporting.clean import one_line, printable
from checker.reporting.evidence import outcome_line, request_line, shown_evidence
from checker.reporting.summary import field_name, place_text, trouble

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_Told = TypeVar("_Told", Finding, KnownFinding)


def _by_suite(entries: Iterable[_Told]) -> dict[str, list[_Told]]:
    """Findings by the suite that shows them."""
    found: dict[str, list[_Told]] = defaultdict(list)
    for entry in entries:
        found[_suite(entry.operation, entry.target)].append(entry)
    return found


def render(result: RunResult) -> str:
    """The file's text."""
    findings = _by_suite(result.findings)
    fixed = _by_suite(result.baseline.fixed if result.baseline is not None else ())
    root = Tree.Element("testsuites", name="driftcheck", time=f"{result.duration_s:.3f}")
    outcomes = {_suite(str(o.operation), o.target): o for o in result.operations}
    for name in sorted({*findings, *fixed, *outcomes}):
        suite = Tree.SubElement(root, "testsuite", name=_attribute(name or "documents"))
        suite.set("timestamp", result.started_at.strftime("%Y-%m-%dT%H:%M:%S"))
        _found(suite, findings[name], result)
        _passed(suite, fixed[name])
        if not len(suite):
            _clean(suite, outcomes[name])
        _count(suite)
    if trouble(result):
        suite = Tree.SubElement(root, "testsuite", name="run")
        case = _case(suite, "completed")
        Tree.SubElement(case, "error", message=_attribute(trouble(result)), type=result.status)
        _count(suite)
    # `skipped` is no attribute of the whole in the schemas that consumers publish.
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    Tree.indent(root)
    text = Tree.tostring(root, encoding="unicode")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text + "\n"


def _suite(operation: str, target: str) -> str:
    """What the suite of an operation is called; several targets may have one of that name."""
    return f"{own_name(target)} {operation}".strip() if operation else ""


def _found(suite: Tree.Element, findings: list[Finding], result: RunResult) -> None:
    standings = result.standings() if findings else {}
    for finding in findings:
        title = f"{finding.rule} {field_name(finding)} [{finding.fingerprint}]"
        case = _case(suite, title)
        if standings.get(finding.fingerprint) == "known" and result.baseline is not None:
            reason = result.baseline.reasons.get(finding.fingerprint, "")
            said = f"known: {reason or finding.issue}"
            Tree.SubElement(case, "skipped", message=_attribute(said))
            continue
        failure = Tree.SubElement(
            case, "failure", message=_attribute(finding.issue), type=finding.severity.label
        )
        failure.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", printable(_body(finding)))


def _passed(suite: Tree.Element, fixed: list[KnownFinding]) -> None:
    for entry in fixed:
        _case(suite, f"{entry.rule} {entry.field} [{entry.fingerprint}]")


def _clean(suite: Tree.Element, outcome: OperationOutcome) -> None:
    case = _case(suite, "no drift")
    if outcome.status not in ("probed", "static-only"):
        reason = _attribute(f"{outcome.status}: {outcome.reason}".rstrip(": "))
        Tree.SubElement(case, "skipped", message=reason)


def _case(suite: Tree.Element, name: str) -> Tree.Element:
    shown = " ".join(_attribute(name).split())
    return Tree.SubElement(suite, "testcase", classname=suite.get("name", ""), name=shown, time="0")


def _count(suite: Tree.Element) -> None:
    suite.set("tests", str(len(suite)))
    for key, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{element}"))))


def _body(finding: Finding) -> str:
    lines = [finding.issue, f"Fix: {finding.suggested_fix}"]
    if finding.also_operations:
        lines.append("Operations: " + ", ".join(finding.also_operations))
    if place_text(finding):
        lines.append(f"Documented at {place_text(finding)}")
    for evidence in shown_evidence(finding)[0]:
        exchange = evidence.exchange
        sent = request_line(exchange.request)
        lines.append(f"{evidence.role}: {sent} → {outcome_line(exchange)}, {evidence.verdict}")
    return "\n".join(lines)


def _attribute(value: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", one_line(value))
