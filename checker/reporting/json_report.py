"""report.json (report.schema.json, version 1), both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from checker.domain.asked import Asked, together
from checker.domain.characters import whole_texts
from checker.domain.coverage import coverage
from checker.domain.finding import Confidence, Finding, FindingField, OtherPatch, Severity
from checker.domain.location import Location
from checker.domain.nodes import member_of
from checker.domain.numbers import integer, real
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.run import RunResult, Standing, TargetInfo, TokenShape
from checker.drift.registry import fix_safety, why_unpatched
from checker.errors import UsageError
from checker.reporting.clean import plain_json, without_user
from checker.reporting.evidence import evidence_from, evidence_json
from checker.reporting.json_baseline import baseline_from, baseline_json
from checker.reporting.report_shape import misshapen
from checker.reporting.trend import trend_from, trend_json

SCHEMA_VERSION = 1


def render(result: RunResult) -> str:
    """The report's text, in UTF-8 when encoded, with a newline at its end."""
    text = json.dumps(report_json(result), indent=2, ensure_ascii=False, default=str) + "\n"
    # A lone surrogate that a server sent becomes its JSON escape.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def report_json(result: RunResult) -> dict[str, Any]:
    """The report as JSON values."""
    standings = result.standings()
    report = {
        "schema_version": SCHEMA_VERSION,
        "run": _run(result),
        "operations": [_operation(outcome) for outcome in result.operations],
        "findings": [
            _finding(finding, result, standings.get(finding.fingerprint, ""))
            for finding in result.findings
        ],
    }
    if result.baseline is not None:
        report["baseline"] = baseline_json(result.baseline)
    if result.trend is not None:
        report["history"] = trend_json(result.trend)
    return report


def load(text: str, path: str) -> RunResult:
    """A report read back; `path` names it in errors. Evidence is as short as it was written."""
    mend = "Give a report.json that driftcheck wrote."
    try:
        report = whole_texts(json.loads(text, parse_int=integer, parse_float=real))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}: not JSON ({error.msg}).", mend) from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply.", mend) from None
    version = member_of(report, "schema_version")
    if version != SCHEMA_VERSION:
        raise UsageError(f"{path}: not a driftcheck report of version {SCHEMA_VERSION}.", mend)
    try:
        return from_json(report)
    except ValueError as error:
        raise UsageError(f"{path}: a damaged report ({error}).", mend) from None


def _run(result: RunResult) -> dict[str, Any]:
    run: dict[str, Any] = {
        "started_at": _time(result.started_at),
        "finished_at": _time(result.finished_at),
        "status": result.status,
        "driftcheck_version": result.version,
        "seed": result.seed,
        "target": without_user(result.target),
        "requests_sent": result.requests_sent,
        "duration_s": round(result.duration_s, 3),
        "ignored": result.ignored,
        "notes": list(result.notes),
        "cleanup": list(result.cleanup),
        "targets": [_target(target) for target in result.targets],
        "paths": list(result.paths),
        "files": {name: {"sha256": digest} for name, digest in sorted(result.files.items())},
        **({"folder": result.folder} if result.folder else {}),
        "coverage": {"operations": _coverage(result), "questions": _questions(result)},
    }
    if result.shard != (1, 1):
        run["shard"] = "{}/{}".format(*result.shard)
    if result.error:
        run["error"] = result.error
    if result.exit_status:
        run["exit_status"] = result.exit_status
    if result.shortfall:
        run["shortfall"] = result.shortfall
    return run


def _coverage(result: RunResult) -> dict[str, Any]:
    seen = coverage(result.operations)
    return {
        "selected": seen.selected,
        "examined": seen.examined,
        "partly": seen.partly,
        "not": seen.left,
        "skipped": seen.held_back,
    }


def _questions(result: RunResult) -> dict[str, Any]:
    every = together(q for o in result.operations for q in o.questions.values())
    return {
        "asked": every.asked,
        "agree": every.agrees,
        "drift": every.drifts,
        "undecided": dict(every.undecided),
        **({"unasked": every.unasked} if every.unasked else {}),
    }


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "asked": one.asked,
        "agrees": one.agrees,
        "drifts": one.drifts,
        "undecided": dict(one.undecided),
        **({"left": list(one.left)} if one.left else {}),
        **({"unasked": one.unasked} if one.unasked else {}),
    }


def _asked_from(entry: Mapping[str, Any]) -> Asked:
    return Asked(
        int(entry["agrees"]),
        int(entry["drifts"]),
        {k: int(v) for k, v in entry["undecided"].items()},
        tuple(entry.get("left", ())),
        int(entry.get("unasked", 0)),
    )


def _time(moment: datetime) -> str:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    """A time that can be told in UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _target(target: TargetInfo) -> dict[str, Any]:
    return {
        "name": target.name,
        "base_url": without_user(target.base_url),
        "fallback_url": without_user(target.fallback_url),
        "tokens": {
            name: {
                "scheme": shape.scheme,
                "header": shape.header,
                "query": shape.query,
                "headers": dict(shape.headers),
                **({"cookie": shape.cookie} if shape.cookie else {}),
                **({"also": list(shape.also)} if shape.also else {}),
            }
            for name, shape in sorted(target.tokens.items())
        },
    }


def _operation(outcome: OperationOutcome) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "method": outcome.operation.method,
        "path": outcome.operation.path,
        "status": outcome.status,
        "requests": outcome.requests,
    }
    if outcome.reason:
        entry["reason"] = outcome.reason
    if outcome.help:
        entry["help"] = outcome.help
    if outcome.passing:
        entry["passing"] = True
    if outcome.unasked:
        entry["unasked"] = True
    if outcome.waits_for is not None:
        maker = outcome.waits_for
        entry["waits_for"] = {"method": maker.method, "path": maker.path}
    if outcome.target:
        entry["target"] = outcome.target
    if outcome.questions:
        entry["coverage"] = {kind: _asked(one) for kind, one in outcome.questions.items()}
    return entry


def _operation_from(entry: Mapping[str, str] | None) -> OperationId | None:
    return None if entry is None else OperationId(entry["method"], entry["path"])


def _steps(patch: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(step) for step in patch]


def _finding(finding: Finding, result: RunResult, standing: Standing) -> dict[str, Any]:
    field: dict[str, Any] = {"in": finding.field.place, "name": finding.field.name}
    if finding.field.status is not None:
        field["status"] = finding.field.status
    entry: dict[str, Any] = {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "severity": finding.severity.label,
        "confidence": finding.confidence.value,
        "operation": finding.operation,
        "also_operations": list(finding.also_operations),
        "field": field,
        "documented": plain_json(finding.documented, own=True),
        "observed": plain_json(finding.observed, own=True),
        "issue": finding.issue,
        "suggested_fix": finding.suggested_fix,
        "source": _place(finding.source),
        "related": [_place(place) for place in finding.related],
        "patch": _steps(finding.patch),
        "also_patches": [
            {"file": other.file, "patch": _steps(other.patch)} for other in finding.elsewhere
        ],
        "fix_safety": fix_safety(finding).value,
        "evidence": [evidence_json(e, result.target_of(finding)) for e in finding.evidence],
        "identity": finding.identity,
        "target": finding.target,
    }
    if not finding.patch:
        entry["unpatched"] = why_unpatched(finding)
    if standing:
        entry["baseline"] = standing
    if result.baseline is not None and finding.fingerprint in result.baseline.reasons:
        entry["accepted_because"] = result.baseline.reasons[finding.fingerprint]
    return entry


def _place(place: Location | None) -> dict[str, Any] | None:
    if place is None:
        return None
    entry: dict[str, Any] = {"file": place.file, "pointer": place.pointer}
    if place.line is not None:
        entry["line"] = place.line
    if place.column is not None:
        entry["column"] = place.column
    return entry


def from_json(report: Mapping[str, Any]) -> RunResult:
    """What `report_json` gave; raises ValueError, whose text names the place, for all else."""
    what = misshapen(report)
    if what:
        raise ValueError(what)
    try:
        return _load(report)
    except OverflowError as error:
        raise ValueError(str(error)) from None


def _load(report: Mapping[str, Any]) -> RunResult:
    run = report["run"]
    baseline = report.get("baseline")
    return RunResult(
        started_at=_moment(run["started_at"]),
        finished_at=_moment(run["finished_at"]),
        status=run["status"],
        version=str(run["driftcheck_version"]),
        seed=int(run["seed"]),
        target=str(run["target"]),
        requests_sent=int(run["requests_sent"]),
        duration_s=float(run["duration_s"]),
        operations=tuple(
            OperationOutcome(
                OperationId(entry["method"], entry["path"]),
                str(entry["status"]),
                str(entry.get("reason", "")),
                int(entry["requests"]),
                str(entry.get("help", "")),
                entry.get("passing") is True,
                {k: _asked_from(v) for k, v in entry.get("coverage", {}).items()},
                entry.get("unasked") is True,
                _operation_from(entry.get("waits_for")),
                str(entry.get("target", "")),
            )
            for entry in report["operations"]
        ),
        findings=tuple(_finding_from(entry) for entry in report["findings"]),
        ignored=int(run.get("ignored", 0)),
        notes=tuple(map(str, run.get("notes", ()))),
        cleanup=tuple(map(str, run.get("cleanup", ()))),
        baseline=None if baseline is None else baseline_from(baseline),
        error=str(run.get("error", "")),
        exit_status=int(run.get("exit_status", 0)),
        shortfall=str(run.get("shortfall", "")),
        targets=tuple(
            TargetInfo(
                name=str(entry["name"]),
                base_url=str(entry.get("base_url", "")),
                fallback_url=str(entry.get("fallback_url", "")),
                tokens={k: TokenShape(**v) for k, v in (entry.get("tokens") or {}).items()},
            )
            for entry in run.get("targets", ())
        ),
        paths=tuple(map(str, run.get("paths", ()))),
        files={name: str(one.get("sha256", "")) for name, one in run.get("files", {}).items()},
        folder=str(run.get("folder", "")),
        shard=_shard_from(str(run.get("shard", "1/1"))),
        trend=None if not report.get("history") else trend_from(report["history"]),
    )


def _shard_from(text: str) -> tuple[int, int]:
    number, _, parts = text.partition("/")
    return int(number), int(parts)


def _finding_from(entry: Mapping[str, Any]) -> Finding:
    field = entry["field"]
    return Finding(
        rule=str(entry["rule"]),
        severity=Severity.parse(entry["severity"]),
        operation=str(entry["operation"]),
        field=FindingField(field["in"], field["name"], field.get("status")),
        issue=str(entry["issue"]),
        suggested_fix=str(entry["suggested_fix"]),
        documented=entry.get("documented"),
        observed=entry.get("observed"),
        confidence=Confidence(entry["confidence"]),
        also_operations=tuple(entry.get("also_operations", ())),
        source=_place_from(entry.get("source")),
        related=tuple(p for p in map(_place_from, entry.get("related", ())) if p is not None),
        patch=tuple(entry.get("patch", ())),
        elsewhere=tuple(
            OtherPatch(str(other["file"]), tuple(other["patch"]))
            for other in entry.get("also_patches", ())
        ),
        evidence=tuple(evidence_from(e) for e in entry.get("evidence", ())),
        identity=str(entry.get("identity", "")),
        fingerprint=str(entry["fingerprint"]),
        target=str(entry.get("target", "")),
    )


def _place_from(entry: Mapping[str, Any] | None) -> Location | None:
    if not entry or not entry.get("file"):
        return None
    return Location(
        str(entry["file"]), str(entry.get("pointer", "")), entry.get("line"), entry.get("column")
    )
