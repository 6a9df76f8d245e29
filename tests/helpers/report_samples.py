"""Findings and run results for the tests of ranking, reports and the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import (
    Confidence,
    Evidence,
    Finding,
    FindingField,
    Severity,
    Verdict,
)
from checker.domain.location import Location
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import RunResult, TargetInfo, TokenShape
from checker.ranking import group, rank

NASTY = (
    "a|b `c` <script>alert(1)</script>\n| x | [l](javascript:1) \x1b[31mred ::error::& \"q\" 's'"
)


def make_finding(**changes: Any) -> Finding:
    """A confirmed finding with one probe as evidence."""
    values: dict[str, Any] = {
        "rule": "required-undocumented",
        "severity": Severity.MAJOR,
        "operation": "POST /things",
        "field": FindingField("body", "kind"),
        "issue": "`kind` is documented as optional; the server rejects the request without it.",
        "suggested_fix": "Add `kind` to `required`.",
        "documented": False,
        "observed": True,
        "source": Location("things.json", "/paths/~1things/post", 12, 7),
        "patch": ({"op": "add", "path": "/paths/~1things/post/x", "value": 1},),
        "evidence": (make_evidence(),),
    }
    return Finding(**{**values, **changes})


def make_evidence(**changes: Any) -> Evidence:
    """A rejected probe."""
    values: dict[str, Any] = {
        "role": "probe",
        "exchange": Exchange(
            Request(
                "POST",
                "/things",
                query=(("page", "1 2"),),
                headers=(("X-Trace", "it's"),),
                content=b'{"name": "n", "password": "hunter2"}',
                media_type="application/json",
                token="staff",
                operation=OperationId("POST", "/things"),
            ),
            Response(
                422,
                {"Content-Type": "application/json", "Date": "today", "Set-Cookie": "s=1"},
                {"errors": [NASTY], "access_token": "abc123"},
                "",
                0.01,
            ),
            7,
        ),
        "verdict": Verdict.REJECTED,
        "note": "without `kind`",
    }
    return Evidence(**{**values, **changes})


def make_result(**changes: Any) -> RunResult:
    """A run with findings of every severity, hostile texts and operations of every status."""
    findings = (
        make_finding(),
        make_finding(
            rule="prerequisite-undocumented",
            severity=Severity.CRITICAL,
            operation="POST /messages",
            field=FindingField("workflow", "create session"),
            issue=NASTY,
            suggested_fix=NASTY,
            source=Location("nasty dir/a,b:c.json", "/paths/~1messages/post", 3, 1),
            evidence=(
                make_evidence(
                    role="control",
                    verdict=Verdict.INCONCLUSIVE,
                    note=NASTY,
                    exchange=Exchange(
                        Request("GET", "/x", content=b"\xff\x00", base="fallback"),
                        Failure("timeout", NASTY),
                    ),
                ),
            ),
            patch=(),
        ),
        make_finding(
            rule="response-type-mismatch",
            severity=Severity.MINOR,
            operation="GET /things",
            field=FindingField("response", "items[].size", 200),
            confidence=Confidence.TENTATIVE,
            also_operations=(),
            source=Location("things.json", "/definitions/Thing/properties/size"),
        ),
        make_finding(
            rule="response-type-mismatch",
            severity=Severity.MINOR,
            operation="GET /things/{id}",
            field=FindingField("response", "size", 200),
            confidence=Confidence.TENTATIVE,
            source=Location("things.json", "/definitions/Thing/properties/size"),
        ),
        make_finding(
            rule="spec-invalid",
            operation="",
            field=FindingField("document", ""),
            source=Location("things.json", "/info"),
            evidence=(),
        ),
    )
    values: dict[str, Any] = {
        "started_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "finished_at": datetime(2026, 1, 2, 3, 4, 9, tzinfo=UTC),
        "version": "0.1.0",
        "seed": 3,
        "target": "https://api.example.com/v1",
        "requests_sent": 41,
        "duration_s": 4.0,
        "operations": (
            OperationOutcome(OperationId("POST", "/things"), "probed", "", 30),
            OperationOutcome(OperationId("POST", "/messages"), "probed", "", 10),
            OperationOutcome(OperationId("GET", "/things"), "partial", NASTY, 1),
            OperationOutcome(OperationId("GET", "/things/{id}"), "no-witness", "tried 3", 0),
            OperationOutcome(OperationId("DELETE", "/things/{id}"), "skipped", "destructive", 0),
            OperationOutcome(OperationId("GET", "/ok"), "probed", "", 0),
        ),
        "findings": rank(group(findings)),
        "ignored": 2,
        "notes": (f"skipped {NASTY}",),
        "cleanup": ("POST /things 17",),
        "targets": (
            TargetInfo(
                "default",
                "https://user:pass@api.example.com/v1",
                "https://api.example.com/v2",
                {"staff": TokenShape(), "key": TokenShape(header="x-api-key")},
            ),
        ),
        "paths": ("swagger",),
    }
    return RunResult(**{**values, **changes})
