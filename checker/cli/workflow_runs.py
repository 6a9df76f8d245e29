"""Running workflow records one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.workflow import Record
from checker.errors import DriftcheckError
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.steps import StepRunner
from checker.probing.webhook import WebhookListener
from checker.settings import Settings, Target

NOT_RUN = frozenset({"skip", "skipped", "deprecated"})


@dataclass(frozen=True, slots=True)
class RecordRun:
    """What became of a record: "ok", "failed" or "skipped", and why."""

    record: Record
    outcome: str
    reason: str = ""
    requests: int = 0


def run_records(
    records: Sequence[Record], target: Target, settings: Settings, *, skipped_too: bool
) -> Iterator[RecordRun]:
    """Runs the records in order, each with an account of its own where there is a set-up.

    Raises TargetError where the target can't be reached.
    """
    runs = asyncio.run(_run_all(records, target, settings, skipped_too))
    yield from runs


async def _run_all(
    records: Sequence[Record], target: Target, settings: Settings, skipped_too: bool
) -> list[RecordRun]:
    wire = Wire(
        target,
        max_requests=settings.max_requests,
        rate=settings.rate,
        timeout=settings.timeout,
        concurrency=1,
        read_only=settings.read_only,
    )
    by_operation = {r.endpoint: r for r in records if r.endpoint is not None}
    runs: list[RecordRun] = []
    async with wire, WebhookListener(public_url=target.webhook_url) as listener:
        bench = Bench(
            wire=wire,
            target=target,
            settings=settings,
            records=by_operation,
            setup=_setup(target),
            listener=listener,
        )
        for record in records:
            why = _why_not(record, target, settings, skipped_too)
            if why:
                runs.append(RecordRun(record, "skipped", why))
                continue
            before = wire.sent
            outcome, reason = await _run_one(record, bench)
            runs.append(RecordRun(record, outcome, reason, wire.sent - before))
    return runs


async def _run_one(record: Record, bench: Bench) -> tuple[str, str]:
    try:
        account = (
            bench.first_account() if _same_file(bench.setup, record) else await bench.open_account()
        )
        runner = StepRunner(
            account.transport,
            account.scope.child(),
            listener=bench.listener,
            records=bench.records,
            strict=True,
            default_token=next(
                (name for name in record.tokens if name in account.tokens),
                bench.default_token(account),
            ),
        )
        result = await runner.run_steps((*record.prerequisites, *record.test_steps))
    except DriftcheckError as error:
        if error.exit_status == 3 and not bench.wire.sent:
            raise
        return "failed", str(error)
    return ("ok", "") if result.ok else ("failed", result.reason)


def _why_not(record: Record, target: Target, settings: Settings, skipped_too: bool) -> str:
    """Why a record isn't run; empty where it is."""
    if not record.test_steps and not record.prerequisites:
        return "it has no steps"
    if record.status in NOT_RUN and not skipped_too:
        return str(record.front_matter.get("skipReason") or f"its status is {record.status}")
    for step in (*record.prerequisites, *record.test_steps):
        name = f"{step.method} {step.path}"
        if settings.read_only and step.method not in SAFE_METHODS:
            return f"{name} isn't sent with --read-only"
        if settings.allow_destructive:
            continue
        documented = str(step.operation) if isinstance(step.operation, OperationId) else name
        marked = any(fnmatchcase(n, g) for n in (name, documented) for g in target.destructive)
        if step.method == "DELETE" or marked:
            return f"{name} needs --allow-destructive"
    return ""


def _same_file(setup: Record | None, record: Record) -> bool:
    """The set-up record itself runs without a set-up before it."""
    return setup is not None and Path(setup.file).resolve() == Path(record.file).resolve()


def _setup(target: Target) -> Record | None:
    if target.setup is None:
        return None
    from checker.documents.workflow import load_record

    return load_record(target.setup, str(target.setup))[0]
