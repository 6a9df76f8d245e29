"""Running workflow records one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from checker.domain.operation import Operation
from checker.domain.workflow import Record
from checker.errors import DriftcheckError
from checker.pipeline.choosing.shares import budget_of
from checker.pipeline.gating import gate_for, operation_of
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.learning import learn_extracts, share
from checker.probing.records import SKIPPED, RecordRun, index, run_record
from checker.probing.steps import StepRunner
from checker.probing.webhook import WebhookListener
from checker.reporting.clean import without_user
from checker.safety.gate import Gate
from checker.settings import Settings, Target


def run_records(
    records: Sequence[Record],
    target: Target,
    settings: Settings,
    operations: Sequence[Operation],
    *,
    skipped_too: bool,
) -> Iterator[RecordRun]:
    """Runs the records in order, each with an account of its own where there is a set-up.

    `operations` are those of the documents beside the records: they tell what a step does.
    Raises TargetError where the target can't be reached.
    """
    runs = asyncio.run(_run_all(records, target, settings, operations, skipped_too))
    yield from runs


def planned(
    records: Sequence[Record],
    settings: Settings,
    operations: Sequence[Operation],
    *,
    skipped_too: bool,
) -> Iterator[str]:
    """What `run_records` would do at each target, a line a record; nothing is sent."""
    for target in settings.targets:
        setup = _setup(target)
        every = [*records, *([setup] if setup is not None else [])]
        gate = gate_for(settings, target, operations, every)
        for record in records:
            left = record.status.lower() in SKIPPED and not skipped_too
            why = f"its status is {record.status}" if left else _why_not(record, gate)
            said = f"{'skipped' if why else 'planned'} {record.endpoint or '-'} ({record.file})"
            yield f"{said}: {why}" if why else said
        most = budget_of(settings, len(records))
        where = without_user(target.base_url) if target.base_url else "no base URL yet"
        yield f"At most {most} requests would be sent to {where}; nothing was sent."


async def _run_all(
    records: Sequence[Record],
    target: Target,
    settings: Settings,
    operations: Sequence[Operation],
    skipped_too: bool,
) -> list[RecordRun]:
    most = budget_of(settings, len(records))
    async with opened_bench(records, target, settings, operations, most) as bench:
        return [await run_one(record, bench, skipped_too) for record in records]


@asynccontextmanager
async def opened_bench(
    records: Sequence[Record],
    target: Target,
    settings: Settings,
    operations: Sequence[Operation],
    most: int,
) -> AsyncIterator[Bench]:
    """What records are run on: the target, and at most so many requests to it."""
    setup = _setup(target)
    every = [*records, *([setup] if setup is not None else [])]
    wire = Wire(
        target,
        gate_for(settings, target, operations, every),
        max_requests=most,
        rate=settings.rate,
        timeout=settings.timeout,
        max_retry_wait=settings.max_retry_wait,
        concurrency=1,
    )
    share(wire, settings.secrets)
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
        yield bench


async def run_one(record: Record, bench: Bench, skipped_too: bool) -> RecordRun:
    """A record in an account of its own; skipped where the gate would hold one of its steps."""
    why = _why_not(record, bench.wire.gate)
    if why:
        return RecordRun(record, "skipped", why)
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
