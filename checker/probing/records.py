"""Runs a whole workflow record and says what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.exchange import Exchange, Request
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.domain.templates import calls, needed_by
from checker.domain.workflow import Record, Step, UidResolution
from checker.errors import WorkflowError
from checker.planning.step_requests import first_token
from checker.probing.steps import StepResult, StepRunner, StepsResult

SKIPPED = ("skip", "skipped", "deprecated")


@dataclass(frozen=True, slots=True)
class RecordRun:
    """What became of a record: `status` is passed, failed, skipped or error.

    `reason` says why it isn't passed: an error is one of the record itself (an unknown variable,
    no test request), a failure one of an answer. `verified_request` is the accepted test request
    with its values, as records keep it; `uid_resolutions` tell where its identifiers came from.
    """

    record: Record
    status: str
    reason: str = ""
    result: StepsResult = StepsResult(True)
    main: StepResult | None = None
    verified_request: Mapping[str, Any] | None = None
    uid_resolutions: tuple[UidResolution, ...] = ()

    @property
    def ok(self) -> bool:
        return self.status in ("passed", "skipped")

    @property
    def notes(self) -> tuple[str, ...]:
        """What is stale in the record although its steps were accepted."""
        return tuple(f"step {r.step.id}: {r.stale}" for r in self.result.results if r.stale)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return self.result.exchanges


def index(records: Iterable[Record]) -> dict[OperationId, Record]:
    """Records by endpoint; of two, the first one."""
    found: dict[OperationId, Record] = {}
    for record in records:
        if record.endpoint is not None:
            found.setdefault(record.endpoint, record)
    return found


async def run_record(
    record: Record,
    runner: StepRunner,
    *,
    skipped_too: bool = False,
    token_types: Collection[str] | None = None,
) -> RecordRun:
    """Run a record's prerequisites and test steps in the runner's scope. Never raises for them.

    Its test steps use the record's base URL and token. A record of status skip, skipped or
    deprecated is left out unless `skipped_too`. `token_types` are the ones that there are.
    Budget and target errors go through.
    """
    if record.status.lower() in SKIPPED and not skipped_too:
        reason = str(record.front_matter.get("skipReason") or f"its status is {record.status}")
        return RecordRun(record, "skipped", reason)
    if not record.test_steps:
        return RecordRun(record, "error", "it has no test request")
    steps = prepared(record, token_types)
    try:
        result = await runner.run_steps(steps)
    except WorkflowError as error:
        return RecordRun(record, "error", str(error))
    tests = result.results[len(record.prerequisites) :]
    main = _main_result(record, tests)
    if not result.ok:
        return RecordRun(record, "failed", result.reason, result, main)
    if main is None or main.skipped:
        reason = (main.reason if main else "") or "its test request was skipped"
        return RecordRun(record, "skipped", reason, result, main)
    if not main.ok:
        return RecordRun(record, "failed", f"step {main.step.id}: {main.reason}", result, main)
    request = main.exchanges[-1].request if main.exchanges else None
    return RecordRun(
        record,
        "passed",
        "",
        result,
        main,
        verified(main.step, request) if request is not None else None,
        resolutions(record, main.step, result),
    )


def prepared(record: Record, token_types: Collection[str] | None = None) -> tuple[Step, ...]:
    """Prerequisites and test steps; what says no token uses the record's first that there is."""
    token = first_token(record, token_types)

    def own(step: Step, test: bool) -> Step:
        fallback = step.use_fallback or (test and record.use_fallback)
        named = step.token or (None if step.anonymous else token)
        return replace(step, token=named, use_fallback=fallback)

    return (
        *(own(s, False) for s in record.prerequisites),
        *(own(s, True) for s in record.test_steps),
    )


def _main_result(record: Record, tests: tuple[StepResult, ...]) -> StepResult | None:
    for result in tests:
        if result.step.operation is not None and result.step.operation == record.endpoint:
            return result
    return tests[-1] if tests else None


def verified(step: Step, request: Request) -> dict[str, Any]:
    """A sent request as `## Verified Successful Request` keeps it, without credentials."""
    found: dict[str, Any] = {"method": request.method, "path": request.url_path}
    if request.query:
        found["params"] = _joined(request.query)
    if request.content is not None:
        try:
            found["body"] = json.loads(request.content)
        except ValueError:
            if step.form_fields:
                found["form_fields"] = dict(step.form_fields)
            elif step.body is not MISSING:
                found["body"] = step.body
            if request.media_type:
                found["content_type"] = request.media_type.split(";")[0]
    return found


def _joined(pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            before = found[name]
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found


def resolutions(record: Record, main: Step, result: StepsResult) -> tuple[UidResolution, ...]:
    """Where the variables of the test request came from: the steps that extracted them.

    A creating step is the fallback where a listing step gives the same variable.
    """
    found: list[UidResolution] = []
    for name in sorted(needed_by(main)):
        givers = [r for r in result.results if name in r.step.extract and r.step is not main]
        if not givers:
            continue
        used = next((r for r in reversed(givers) if name in r.extracted), None)
        if used is None:
            continue
        first = givers[0]
        other = next((r for r in givers if r is not first), None)
        found.append(
            UidResolution(
                field=name,
                source_endpoint=_endpoint(record, first.step),
                resolved_value=str(used.extracted[name]),
                used_fallback=used is not first,
                fallback_endpoint=_endpoint(record, other.step) if other else "",
            )
        )
    return tuple(found)


def _endpoint(record: Record, step: Step) -> str:
    if step.operation is not None:
        return str(step.operation)
    endpoint = record.endpoint
    same_method = endpoint is not None and endpoint.method == step.method
    if endpoint is not None and same_method and calls(endpoint.path, step.path):
        return str(endpoint)
    path = step.path.partition("?")[0].replace("{{", "{").replace("}}", "}")
    return f"{step.method} {path}"
