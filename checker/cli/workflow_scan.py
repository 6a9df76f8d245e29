"""`workflows scan`: which records still need the fallback base URL, and which don't any more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from checker.cli.workflow_runs import opened_bench, run_one
from checker.domain.operation import Operation
from checker.domain.workflow import Record
from checker.errors import UsageError
from checker.pipeline.choosing.shares import budget_of
from checker.probing.bench import Bench
from checker.probing.records import SKIPPED, RecordRun, index
from checker.settings import Settings, Target

PRIMARY_WORKS = "primary works"
NOW_WORKS = "primary now works"
STILL_NEEDED = "fallback still needed"
NEEDED = "fallback needed"
BROKEN = "fallback broken"
BOTH_FAIL = "both failing"
NOT_RUN = "not run"
NO_RECORD = "no record"
IN_ORDER = (PRIMARY_WORKS, STILL_NEEDED, NOT_RUN, NO_RECORD)
"""What leaves nothing to do."""
_FLAG = re.compile(r"^[ \t]*useFallback(Api)?[ \t]*:.*(\r?\n|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A record on both base URLs; `fallback` is None where that wasn't asked: a record without the
    flag that the primary one accepts needs no other."""

    record: Record
    primary: RecordRun
    fallback: RecordRun | None = None

    @property
    def finding(self) -> str:
        """What the two runs come to."""
        if self.primary.status not in ("passed", "failed"):
            return NOT_RUN
        flagged, works = needs_fallback(self.record), self.primary.status == "passed"
        if self.fallback is None:
            return PRIMARY_WORKS
        if self.fallback.status == "passed":
            return NOW_WORKS if works else STILL_NEEDED if flagged else NEEDED
        return BROKEN if works else BOTH_FAIL

    @property
    def reason(self) -> str:
        """Why the one that doesn't work doesn't."""
        runs = (("primary", self.primary), ("fallback", self.fallback))
        parts = [f"{name}: {run.reason}" for name, run in runs if run is not None and run.reason]
        return "; ".join(parts)


def scan_records(
    records: Sequence[Record],
    target: Target,
    settings: Settings,
    operations: Sequence[Operation],
    *,
    skipped_too: bool,
) -> list[Scanned]:
    """Each record on the primary base URL, and on the fallback one where that says something.

    Raises UsageError for a target without a fallback URL, TargetError where it can't be reached.
    """
    if not target.fallback_url:
        raise UsageError(
            f"Target {target.name} has no fallback URL to compare with.", "Give --fallback-url."
        )
    return asyncio.run(_scan(records, target, settings, operations, skipped_too))


async def _scan(
    records: Sequence[Record],
    target: Target,
    settings: Settings,
    operations: Sequence[Operation],
    skipped_too: bool,
) -> list[Scanned]:
    most = budget_of(settings, 2 * len(records))
    async with opened_bench(records, target, settings, operations, most) as bench:
        return [await _scan_one(record, records, bench, skipped_too) for record in records]


async def _scan_one(
    record: Record, records: Sequence[Record], bench: Bench, skipped_too: bool
) -> Scanned:
    if record.status.lower() in SKIPPED and not skipped_too:
        return Scanned(record, RecordRun(record, "skipped", f"its status is {record.status}"))

    async def run(fallback: bool) -> RecordRun:
        variant = on_base(record, fallback)
        # Prerequisites go where their own records say.
        bench.records = index([variant, *records])
        return await run_one(variant, bench, skipped_too)

    primary = await run(False)
    asked = needs_fallback(record) or primary.status == "failed"
    return Scanned(record, primary, await run(True) if asked else None)


def needs_fallback(record: Record) -> bool:
    """Whether a record says that its test request goes to the fallback base URL."""
    return record.use_fallback or any(step.use_fallback for step in record.test_steps)


def on_base(record: Record, fallback: bool) -> Record:
    """The record with its test request at one of the two base URLs."""
    return replace(
        record,
        front_matter={**record.front_matter, "useFallbackApi": fallback},
        test_steps=tuple(replace(step, use_fallback=fallback) for step in record.test_steps),
    )


def without_record(records: Sequence[Record], operations: Sequence[Operation]) -> Iterator[str]:
    """The documented operations that no record calls."""
    known = {str(record.endpoint) for record in records}
    for operation in operations:
        if not operation.document.legacy and str(operation.id) not in known:
            yield str(operation.id)


def without_flag(record: Record) -> str:
    """The record's text without its flag, everything else as it was.

    Raises UsageError where that can't be done line by line: then nothing is written.
    """
    from checker.documents.workflow import parse_record

    parts = []
    for heading, text in record.sections:
        whose = heading.strip("# \r\n").lower()
        parts.append(heading + (text if whose == "prerequisites" else _FLAG.sub("", text)))
    changed = "".join(parts)
    again, _ = parse_record(changed, record.file)
    told = UsageError(
        f"{record.file}: its useFallbackApi isn't on a line of its own.", "Take it out by hand."
    )
    if Path(record.file).read_bytes().decode("utf-8") != "".join(h + t for h, t in record.sections):
        raise told
    if needs_fallback(again) or on_base(again, False).test_steps != _placed(record, again):
        raise told
    return changed


def _placed(record: Record, again: Record) -> tuple[object, ...]:
    """The test steps as they should be afterwards: the same, at their new lines."""
    if len(record.test_steps) != len(again.test_steps):
        return ()
    return tuple(
        replace(step, use_fallback=False, location=moved.location)
        for step, moved in zip(record.test_steps, again.test_steps, strict=True)
    )
