"""Running workflow records one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from checker.domain.workflow import Record
from checker.errors import DriftcheckError
from checker.pipeline.gating import gate_for, operation_of
from checker.pipeline.shares import budget_of
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.learning import learn_extracts, share
from checker.probing.records import RecordRun, index, run_record
from checker.probing.steps import StepRunner
from checker.probing.webhook import WebhookListener
from checker.safety.gate import Gate
from checker.settings import Settings, Target


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
    setup = _setup(target)
    wire = Wire(
        target,
        gate_for(settings, target, (), [*records, *([setup] if setup is not None else [])]),
        max_requests=budget_of(settings, len(records)),
        rate=settings.rate,
        timeout=settings.timeout,
        max_retry_wait=settings.max_retry_wait,
        concurrency=1,
    )
    share(wire, settings.secrets)
    runs: list[RecordRun] = []
    async with wire, WebhookListener(public_url=target.webhook_url) as listener:
        wire.gate.own_addresses = lambda: (listener.url,)
        bench = Bench(
            wire=wire,
            target=target,
            settings=settings,
            records=index(records),
            setup=setup,
            listener=listener,
        )
        judge = bench.judge
        wire.observers.append(lambda e: wire.gate.note(e, judge.accepted(e)))
        for record in records:
            why = _why_not(record, wire.gate)
            if why:
                runs.append(RecordRun(record, "skipped", why))
                continue
            runs.append(await _run_one(record, bench, skipped_too))
    return runs


async def _run_one(record: Record, bench: Bench, skipped_too: bool) -> RecordRun:
    try:
        account = (
            bench.first_account() if _same_file(bench.setup, record) else await bench.open_account()
        )
        runner = StepRunner(
            account.transport,
            account.scope.child(),
            accepted=bench.judge.accepted,
            listener=bench.listener,
            records=bench.records,
            strict=True,
            default_token=bench.default_token(account),
            token_types=account.tokens,
        )
        done = await run_record(record, runner, skipped_too=skipped_too, token_types=account.tokens)
        learn_extracts(bench.wire.secrets, done.result.extracted)
        return done
    except DriftcheckError as error:
        if error.exit_status == 3 and not bench.wire.sent:
            raise
        return RecordRun(record, "failed", str(error))


def _why_not(record: Record, gate: Gate) -> str:
    """Why a record may not be run, as far as that is certain beforehand; empty where it may."""
    for step in (*record.prerequisites, *record.test_steps):
        operation = operation_of(step)
        held = gate.expected(operation) if operation is not None else None
        if held is not None:
            return f"{step.method} {step.path} is not sent: {held}"
    return ""


def _same_file(setup: Record | None, record: Record) -> bool:
    """The set-up record itself runs without a set-up before it."""
    return setup is not None and Path(setup.file).resolve() == Path(record.file).resolve()


def _setup(target: Target) -> Record | None:
    if target.setup is None:
        return None
    from checker.documents.workflow import load_record

    return load_record(target.setup, str(target.setup))[0]
