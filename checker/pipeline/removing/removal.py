"""What an earlier run has made is removed: through the same gate, by the same clean-up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.interruption import Interruption
from checker.pipeline.choosing.shares import budget_of
from checker.pipeline.ending import Ending
from checker.pipeline.gating import gate_for
from checker.pipeline.preparation import prepare
from checker.pipeline.removing.cleanup import CleanUp
from checker.pipeline.removing.deletion_calls import deletions_of
from checker.pipeline.written.keeping import keep
from checker.pipeline.written.recorder import Recorder
from checker.planning.credentials import with_invalid
from checker.probing import base_paths
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.learning import share
from checker.safety.gate import Gate
from checker.safety.things import Thing
from checker.settings import Settings, Target


@dataclass(frozen=True, slots=True)
class Removal:
    """How many things of each operation are gone, a line for each whose things are left."""

    removed: Mapping[OperationId, int]
    left: tuple[str, ...] = ()
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Removing:
    """One target made ready: nothing is sent yet."""

    settings: Settings
    target: Target
    portal: Portal
    gate: Gate
    operations: tuple[Operation, ...]


def make_ready(settings: Settings, target: Target, portal: Portal) -> Removing:
    """The gate that the deletions pass, from the documents as they are now."""
    (part,) = prepare(replace(settings, targets=(target,), har=()), portal, strict=False)
    ready = replace(part.target, tokens=with_invalid(part.target.tokens))
    operations = [*part.portal.operations(legacy=False), *part.portal.operations(legacy=True)]
    gate = gate_for(settings, ready, operations, part.portal.records)
    return Removing(settings, ready, part.portal, gate, part.selection.current)


def planned(ready: Removing, thing: Thing) -> str:
    """The request that would delete a thing, or why there is none; nothing is sent."""
    if thing.unsure and thing.unlisted is not None:
        return f"{thing.collection}: left, unless its list shows that it wasn't there before"
    if thing.unsure or not thing.names:
        return f"{thing.collection}: left, it can't be told from what was there"
    ready.gate.ledger.take_over(thing)
    # Asked as if it was meant: the gate of a dry run lets nothing out.
    gate = replace(ready.gate, policy=replace(ready.gate.policy, dry_run=False))
    for request in deletions_of(ready.gate, thing):
        held = gate.held(request)
        line = f"{request.method} {request.url_path}"
        settled = held is None or held.reading is not None  # then reading it first decides
        return line if settled else f"{line}: left, {held.reason if held else ''}"
    return f"{thing.collection}/{next(iter(thing.names))}: left, no documented way to delete it"


def remove(
    ready: Removing, things: Mapping[int, Thing], recorder: Recorder, stop: Interruption
) -> Removal:
    """Delete what is there still and is still what the run had made, the newest first.

    `things` by their numbers in the journal that `recorder` writes on.
    """
    recorder.take_over(dict(sorted(things.items())))
    with stop.listening():
        left, interrupted = asyncio.run(_removed(ready, recorder, stop))
    removed = Counter(t.operation for t in things.values() if t.gone)
    return Removal(removed, left, interrupted)


async def _removed(
    ready: Removing, recorder: Recorder, stop: Interruption
) -> tuple[tuple[str, ...], bool]:
    settings, target = ready.settings, ready.target
    wire = Wire(
        target,
        ready.gate,
        max_requests=budget_of(settings, len(ready.operations)),
        rate=settings.rate,
        timeout=settings.timeout,
        max_retry_wait=settings.max_retry_wait,
        concurrency=1,
    )
    share(wire, settings.secrets)
    ending = Ending()
    keep(wire, ready.gate, recorder, ending)
    wire.observers.append(ready.gate.note_reading)
    bench = Bench(wire=wire, target=target, settings=settings)
    tidier = CleanUp(bench, ready.gate)

    async def finish() -> tuple[str, ...]:
        async with wire:
            wire.left_out = tuple(await base_paths.unserved(wire.look, ready.operations))
            return await tidier.finish()

    task = asyncio.ensure_future(finish())
    ending.begin(task)
    with stop.telling(ending.ask):
        try:
            return await task, False
        except asyncio.CancelledError:
            return tidier.left("interrupted"), True
