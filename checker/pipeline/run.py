"""A whole check: documents, live observations, rules, ranking; and the plan of one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from checker.domain.observation import OperationOutcome
from checker.domain.operation import Operation
from checker.domain.portal import Portal
from checker.domain.progress import Progress, ProgressEvent, silent
from checker.domain.run import Plan, PlannedOperation, RunResult
from checker.domain.workflow import Record
from checker.errors import DriftcheckError, UsageError
from checker.experiments.registry import all_experiments
from checker.interruption import Interruption
from checker.pipeline.choosing.choice import chosen_by
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.choosing.sharding import most_of
from checker.pipeline.choosing.shares import budget_of
from checker.pipeline.conclusions import Observed, found, info_of, result_of
from checker.pipeline.doubts.diagnosis import internal
from checker.pipeline.examination import FuzzSource
from checker.pipeline.gating import gate_for
from checker.pipeline.journal import LiveResult
from checker.pipeline.live import Live
from checker.pipeline.outcomes import left_over
from checker.pipeline.preparation import Part, load, prepare
from checker.pipeline.redaction import Redaction
from checker.pipeline.telling import Telling
from checker.pipeline.written.journals import Journals
from checker.pipeline.written.recorder import Recorder
from checker.pipeline.written.run_head import documents_hash, head_of
from checker.planning.known_secrets import learn_target
from checker.safety.gate import Gate
from checker.settings import Settings, Target


def run(
    settings: Settings,
    progress: Progress = silent,
    *,
    strict: bool = True,
    portal: Portal | None = None,
    journals: Journals | None = None,
    stop: Interruption | None = None,
) -> RunResult:
    """A whole check. Raises DriftcheckError only where nothing was sent and nothing is known.

    `strict`: a selecting option that names nothing is an error. `portal`: the documents, where
    they are loaded already. `journals`: where what is done is kept on disk. `stop`: what signals
    tell.
    """
    stop = stop or Interruption()
    started = datetime.now(UTC)
    with stop.listening():
        portal, results = asyncio.run(_run(settings, progress, strict, portal, journals, stop))
        # Not in the loop: a signal that comes now may not take the results with it.
        return result_of(settings, portal, results, started, journals)


async def _run(
    settings: Settings,
    progress: Progress,
    strict: bool,
    portal: Portal | None,
    journals: Journals | None,
    stop: Interruption,
) -> tuple[Portal, list[Observed]]:
    last = ProgressEvent("documents")

    def told(event: ProgressEvent) -> None:
        nonlocal last
        last = event
        progress(event)

    def say(message: str) -> None:
        progress(replace(last, message=message))

    told(last)
    portal = portal or load(settings)
    parts = prepare(settings, portal, strict=strict)
    if len(parts) == 1 and not settings.static:
        _setup(parts[0].target)  # told before anything is sent; of several, it costs the one
    live = not settings.static and any(part.target.base_url is not None for part in parts)
    documents = documents_hash(portal, settings) if live and journals is not None else ""
    results: list[Observed] = []
    for part in parts:
        learn_target(settings.secrets, part.target)
        if settings.static or part.target.base_url is None:
            result = _static(part.selection)
        else:
            try:
                recorder = _recorder(journals, settings, part, documents)
                result = await _live(settings, part, told, recorder, stop, say)
            except Exception as error:
                if not any(live.requests for *_, live in results):
                    raise
                # What the targets before it brought is worth a report.
                result = _unexamined(part.selection, error)
        results.append((part.target, part.portal, part.selection, result))
        if stop.asked:
            break
    stop.keep()
    total = last.operations_total
    progress(replace(last, phase="rules", operation="", operations_done=total))
    return portal, results


def _unexamined(selection: Selection, error: Exception) -> LiveResult:
    why = str(error) if isinstance(error, DriftcheckError) else internal(error)
    result = LiveResult(error=why, exit_status=3, status="partial")
    left_over(result, selection.current)
    return result


def _static(selection: Selection) -> LiveResult:
    outcomes = {
        o.id: OperationOutcome(o.id, "static-only", "documents only") for o in selection.current
    }
    return LiveResult(outcomes=outcomes)


async def _live(
    settings: Settings,
    part: Part,
    progress: Progress,
    recorder: Recorder | None,
    stop: Interruption,
    say: Callable[[str], None],
) -> LiveResult:
    """A target's run, which signals end."""
    live = Live(
        settings,
        part.target,
        part.portal,
        part.selection,
        _setup(part.target),
        part.recordings,
        progress,
        _fuzzer(settings, part.portal),
        recorder,
    )
    if recorder is not None:
        recorder.findings = Telling(partial(found, settings, live), say, settings.accepted)
    task = asyncio.ensure_future(live.run())
    live.ending.begin(task)
    with stop.telling(live.ending.ask):
        if stop.asked:
            live.ending.ask()
        result = await task
    stop.keep()
    return result


def _recorder(
    journals: Journals | None, settings: Settings, part: Part, documents: str
) -> Recorder | None:
    if journals is None:
        return None
    head = head_of(settings, part.configured, documents, journals.place)
    info = info_of(part.target)
    if journals.place:
        info = replace(info, base_url=journals.place, fallback_url="")
    selection = part.selection
    operations = (*selection.current, *selection.recorded, *selection.dropped)
    redaction = Redaction(settings.secrets, part.portal)
    return journals.begin(head, info, frozenset(str(o.id) for o in operations), redaction)


def _setup(target: Target) -> Record | None:
    if target.setup is None:
        return None
    from checker.documents.workflow import load_record

    if not target.setup.is_file():
        raise UsageError(f"The set-up record {target.setup} doesn't exist.", "Mend --setup.")
    record, problems = load_record(target.setup, str(target.setup))
    steps = (*record.prerequisites, *record.test_steps)
    if not steps or not all(step.method and step.path for step in steps):
        why = problems[0].message if problems else "it has no steps"
        raise UsageError(f"The set-up record {target.setup} can't be run: {why.rstrip('.')}.")
    return record


def _fuzzer(settings: Settings, portal: Portal) -> FuzzSource | None:
    if not settings.fuzz:
        return None
    from checker.pipeline.fuzzing import PortalFuzzer

    return PortalFuzzer(portal, settings)


def plan(settings: Settings, *, strict: bool = True) -> Plan:
    """What `run` would do; nothing is sent. `strict` as there."""
    portal = load(settings)
    operations = [
        planned
        for part in prepare(settings, portal, strict=strict)
        for planned in planned_part(part, settings)
    ]
    budget = budget_of(settings, len(operations))
    total = min(budget, sum(o.max_requests for o in operations))
    urls = ", ".join(t.base_url for t in settings.targets if t.base_url)
    return Plan(tuple(operations), total, urls or "none", portal.notes)


def planned_part(part: Part, settings: Settings) -> Iterator[PlannedOperation]:
    """What `run` would do with each operation of a target."""
    gate = gate_for(settings, part.target, part.portal.operations(), part.portal.records)
    chosen = chosen_by(settings).every
    for operation in part.selection.current:
        yield _planned(operation, part.selection, gate, part.target, chosen)


def _planned(
    operation: Operation,
    selection: Selection,
    gate: Gate,
    target: Target,
    chosen: Collection[str],
) -> PlannedOperation:
    held = gate.expected(operation)
    if held is not None:
        return PlannedOperation(operation.id, reason=str(held), target=target.name)
    known = [e for e in all_experiments() if e.id in chosen]
    experiments = [e for e in known if not (e.writes_only and operation.id.safe)]
    witness = "workflow record" if operation.id in selection.records else "search"
    return PlannedOperation(
        operation.id,
        tuple(e.id for e in experiments),
        most_of(operation),
        witness,
        target=target.name,
    )
