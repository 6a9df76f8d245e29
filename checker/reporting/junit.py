"""JUnit XML: a suite for each operation, a failing case for each finding."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.etree import ElementTree as Tree

from checker.domain.finding import Finding
from checker.domain.run import RunResult
from checker.reporting.clean import one_line, printable
from checker.reporting.evidence import outcome_line, request_line, shown_evidence
from checker.reporting.summary import field_name, place_text, trouble

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: RunResult) -> str:
    """The file's text."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        findings[finding.operation].append(finding)
    root = Tree.Element("testsuites", name="driftcheck", time=f"{result.duration_s:.3f}")
    outcomes = {str(outcome.operation): outcome for outcome in result.operations}
    for name in sorted({*findings, *outcomes}):
        _suite(root, name, findings.get(name, []), outcomes.get(name))
    if trouble(result):
        suite = Tree.SubElement(root, "testsuite", name="run")
        case = Tree.SubElement(suite, "testcase", classname="run", name="completed")
        Tree.SubElement(case, "error", message=_attribute(trouble(result)), type=result.status)
        suite.attrib.update(tests="1", failures="0", errors="1", skipped="0")
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    Tree.indent(root)
    text = Tree.tostring(root, encoding="unicode")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text + "\n"


def _suite(root: Tree.Element, name: str, findings: list[Finding], outcome: object) -> None:
    from checker.domain.observation import OperationOutcome

    shown = _attribute(name or "documents")
    suite = Tree.SubElement(root, "testsuite", name=shown)
    skipped = 0
    for finding in findings:
        title = f"{finding.rule} {field_name(finding)} [{finding.fingerprint}]"
        case = Tree.SubElement(suite, "testcase", classname=shown, name=_attribute(title))
        failure = Tree.SubElement(
            case, "failure", message=_attribute(finding.issue), type=finding.severity.label
        )
        failure.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", printable(_body(finding)))
    if not findings and isinstance(outcome, OperationOutcome):
        case = Tree.SubElement(suite, "testcase", classname=shown, name="no drift")
        if outcome.status not in ("probed", "static-only"):
            skipped = 1
            reason = _attribute(f"{outcome.status}: {outcome.reason}".rstrip(": "))
            Tree.SubElement(case, "skipped", message=reason)
    suite.attrib.update(
        tests=str(max(len(findings), 1)),
        failures=str(len(findings)),
        errors="0",
        skipped=str(skipped),
    )


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
