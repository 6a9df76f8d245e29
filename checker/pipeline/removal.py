"""What an earlier run has made is removed: through the same gate, by the same clean-up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.pipeline.base_path import without_base_path
from checker.pipeline.cleanup import CleanUp
from checker.pipeline.gating import gate_for
from checker.pipeline.interruption import Ending, Interruption
from checker.pipeline.recorder import Recorder
from checker.pipeline.redaction import Masking
from checker.pipeline.selection import for_target, select
from checker.planning.credentials import documented_shapes, with_invalid
from checker.probing import base_paths
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.safety.gate import Gate
from checker.safety.ownership import Thing
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
    gate: Gate
    operations: tuple[Operation, ...]


def prepare(settings: Settings, target: Target, portal: Portal) -> Removing:
    """The gate that the deletions pass, from the documents as they are now."""
    part = for_target(portal, target, settings.paths)
    selection = select(part, settings)
    known = (*selection.known, *selection.current)
    target = replace(target, tokens=with_invalid(documented_shapes(target.tokens, known)))
    target = without_base_path(target, known)
    operations = [*part.operations(legacy=False), *part.operations(legacy=True)]
    gate = gate_for(settings, target, operations, part.records)
    return Removing(settings, target, gate, selection.current)


def planned(ready: Removing, thing: Thing) -> str:
    """The request that would delete a thing, or why there is none; nothing is sent."""
    if thing.unsure or not thing.names:
        return f"{thing.collection}: left, it can't be told from what was there"
    wire = Wire(ready.target, ready.gate)
    ready.gate.ledger.adopt(thing)
    tidier = CleanUp(Bench(wire=wire, target=ready.target, settings=ready.settings), ready.gate)
    for request in tidier.requests(thing):
        held = ready.gate.held(request)
        line = f"{request.method} {request.url_path}"
        return f"{line}: left, {held.reason}" if held is not None else line
    return f"{thing.collection}/{next(iter(thing.names))}: left, no documented way to delete it"


def remove(
    ready: Removing, things: Mapping[int, Thing], recorder: Recorder, stop: Interruption
) -> Removal:
    """Delete what is there still and is still what the run had made, the newest first.

    `things` by their numbers in the journal that `recorder` writes on.
    """
    for _, thing in sorted(things.items()):
        ready.gate.ledger.adopt(thing)
    recorder.take_over(dict(things))
    ready.gate.ledger.changed = recorder.thing
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
        max_requests=settings.max_requests,
        rate=settings.rate,
        timeout=settings.timeout,
        max_retry_wait=settings.max_retry_wait,
        concurrency=1,
    )
    recorder.mask = Masking(lambda: wire.secrets)
    ending = Ending()
    ready.gate.sending = ending.sending
    wire.observers += [recorder.exchange, ending.answered]
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
