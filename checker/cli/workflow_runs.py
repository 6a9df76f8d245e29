"""Running workflow records one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.workflow import Record
from checker.errors import DriftcheckError
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.learning import learn_extracts, share
from checker.probing.records import RecordRun, index, run_record
from checker.probing.steps import StepRunner
from checker.probing.webhook import WebhookListener
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
    wire = Wire(
        target,
        max_requests=settings.max_requests,
        rate=settings.rate,
        timeout=settings.timeout,
        concurrency=1,
        read_only=settings.read_only,
    )
    share(wire, settings.secrets)
    runs: list[RecordRun] = []
    async with wire, WebhookListener(public_url=target.webhook_url) as listener:
        bench = Bench(
            wire=wire,
            target=target,
            settings=settings,
            records=index(records),
            setup=_setup(target),
            listener=listener,
        )
        for record in records:
            why = _why_not(record, target, settings)
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


def _why_not(record: Record, target: Target, settings: Settings) -> str:
    """Why a record may not be run; empty where it may."""
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
