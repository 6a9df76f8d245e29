"""A whole check: documents, live observations, rules, ranking; and the plan of one."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from checker import __version__
from checker.documents.portal import load_portal
from checker.domain.finding import Finding
from checker.domain.observation import ObservedContract, OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.progress import Progress, ProgressEvent, silent
from checker.domain.run import (
    Plan,
    PlannedOperation,
    RunResult,
    TargetInfo,
    TokenShape,
    WorkflowFile,
)
from checker.domain.workflow import Record
from checker.drift.registry import all_rules
from checker.drift.rule import Case, Rule
from checker.errors import DriftcheckError, UsageError
from checker.experiments.registry import all_experiments
from checker.pipeline.base_path import without_base_path
from checker.pipeline.diagnosis import internal
from checker.pipeline.examination import FuzzSource
from checker.pipeline.gating import gate_for
from checker.pipeline.interruption import Interruption
from checker.pipeline.journal import LiveResult
from checker.pipeline.journals import Journals
from checker.pipeline.live import Live
from checker.pipeline.recorder import Recorder
from checker.pipeline.recordings import Recordings, with_recordings
from checker.pipeline.recovery import located
from checker.pipeline.redaction import redact
from checker.pipeline.run_head import documents_hash, head_of
from checker.pipeline.selection import Selection, check_selected, concerns, for_target, select
from checker.pipeline.workflow_files import workflow_file
from checker.planning.credentials import documented_shapes
from checker.ranking.rank import select as select_findings
from checker.safety.gate import Gate
from checker.settings import Settings, Target

Observed = tuple[Target, Portal, Selection, LiveResult]
"""A target, its documents, its operations and what was observed of them."""


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
        return _result(settings, portal, results, started, journals)


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

    told(last)
    portal = portal or load(settings)
    if strict:
        check_selected(portal, settings)
    documents = documents_hash(portal, settings) if journals is not None else ""
    results: list[Observed] = []
    for asked in settings.targets or (Target(),):
        target = asked
        part = for_target(portal, target, settings.paths)
        selection = select(part, settings, target.name)
        recordings: Recordings = {}
        if settings.har:
            selection, recordings = with_recordings(selection, part, settings, target)
        known = (*selection.known, *selection.current)
        target = replace(target, tokens=documented_shapes(target.tokens, known))
        target = without_base_path(target, known)
        if settings.static or target.base_url is None:
            results.append((target, part, selection, _static(selection)))
            continue
        try:
            recorder = _recorder(journals, settings, asked, selection, documents)
            result = await _live(
                settings, target, part, selection, recordings, told, recorder, stop
            )
        except Exception as error:
            if not any(live.requests for *_, live in results):
                raise
            # What the targets before it brought is worth a report.
            result = _unexamined(selection, error)
        results.append((target, part, selection, result))
        if stop.asked:
            break
    stop.keep()
    total = last.operations_total
    progress(replace(last, phase="rules", operation="", operations_done=total))
    return portal, results


def load(settings: Settings) -> Portal:
    """All documents of a run. Raises UsageError where there are none."""
    portal = _with_records(load_portal(settings.paths, settings), settings)
    if not portal.documents and not portal.pages:
        names = ", ".join(str(p) for p in settings.paths)
        raise UsageError(f"No API document was found in {names}.", "Give the folder that has them.")
    return portal


def _unexamined(selection: Selection, error: Exception) -> LiveResult:
    why = str(error) if isinstance(error, DriftcheckError) else internal(error)
    outcomes = {
        o.id: OperationOutcome(o.id, "skipped", why, passing=True) for o in selection.current
    }
    return LiveResult(outcomes=outcomes, error=why, exit_status=3, status="partial")


def _static(selection: Selection) -> LiveResult:
    outcomes = {
        o.id: OperationOutcome(o.id, "static-only", "documents only") for o in selection.current
    }
    return LiveResult(outcomes=outcomes)


async def _live(
    settings: Settings,
    target: Target,
    portal: Portal,
    selection: Selection,
    recordings: Recordings,
    progress: Progress,
    recorder: Recorder | None,
    stop: Interruption,
) -> LiveResult:
    """A target's run, which signals end."""
    live = Live(
        settings,
        target,
        portal,
        selection,
        _setup(target),
        recordings,
        progress,
        _fuzzer(settings, portal),
        recorder,
    )
    if recorder is not None:
        recorder.findings = partial(_found, settings, live)
    task = asyncio.ensure_future(live.run())
    live.ending.begin(task)
    with stop.telling(live.ending.ask):
        result = await task
    stop.keep()
    return result


def _recorder(
    journals: Journals | None,
    settings: Settings,
    target: Target,
    selection: Selection,
    documents: str,
) -> Recorder | None:
    if journals is None:
        return None
    head = head_of(settings, target, documents, journals.place)
    info = _info(target)
    if journals.place:
        info = replace(info, base_url=journals.place, fallback_url="")
    operations = (*selection.current, *selection.recorded, *selection.dropped)
    return journals.open(head, info, frozenset(str(o.id) for o in operations))


def _found(settings: Settings, live: Live, outcome: OperationOutcome) -> tuple[Finding, ...]:
    """What would be found of an operation if the run ended now, as it may be kept."""
    contract = live.so_far(outcome.operation)
    mask = live.recorder.mask if live.recorder is not None else None
    if contract is None or mask is None:
        return ()
    seen = replace(live.result, observed={outcome.operation: contract}, requests=1)
    cases = _cases(live.portal, live.selection, seen, live.target)
    findings: list[Finding] = []
    for case in (c for c in cases if c.operation == outcome.operation):
        for rule in all_rules():
            with suppress(Exception):  # the end of the run tells of it
                findings += [f.with_(target=live.target.name) for f in rule.check(case)]
    findings = [mask.finding(f) for f in findings if concerns(f, live.portal, settings)]
    return select_findings(findings, settings).shown


def _setup(target: Target) -> Record | None:
    if target.setup is None:
        return None
    from checker.documents.workflow import load_record

    if not target.setup.is_file():
        raise UsageError(f"The set-up record {target.setup} doesn't exist.", "Mend --setup.")
    record, problems = load_record(target.setup, str(target.setup))
    if not (record.prerequisites or record.test_steps):
        why = problems[0].message if problems else "it has no steps"
        raise UsageError(f"The set-up record {target.setup} can't be run: {why}.")
    return record


def _with_records(portal: Portal, settings: Settings) -> Portal:
    """Workflow records outside the paths (`--workflows`) come first."""
    if not settings.workflows:
        return portal
    extra = load_portal(settings.workflows, settings)
    return replace(portal, records=(*extra.records, *portal.records))


def _fuzzer(settings: Settings, portal: Portal) -> FuzzSource | None:
    if not settings.fuzz:
        return None
    from checker.pipeline.fuzzing import PortalFuzzer

    return PortalFuzzer(portal, settings)


def _result(
    settings: Settings,
    portal: Portal,
    results: list[Observed],
    started: datetime,
    journals: Journals | None = None,
) -> RunResult:
    """What the reports say; without the findings where they can't be put together."""
    try:
        return _judged(settings, portal, results, started, journals)
    except Exception as error:
        if settings.debug:
            traceback.print_exc()
        return _summary(settings, results, started, journals).with_(
            status="partial", error=internal(error), exit_status=3
        )


def _judged(
    settings: Settings,
    portal: Portal,
    results: list[Observed],
    started: datetime,
    journals: Journals | None,
) -> RunResult:
    findings: list[Finding] = []
    observed: dict[OperationId, ObservedContract] = {}
    secrets: set[str] = set()
    failed: list[str] = []

    def judged(rule: Rule, where: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
        """A rule's findings; its own failure costs no other rule's."""
        try:
            return list(check())
        except Exception as error:
            if settings.debug:
                traceback.print_exc()
            failed.append(internal(error, f"{rule.id} {where}".strip()))
            return []

    for target, part, selection, live in results:
        observed.update(live.observed)
        secrets |= live.secrets
        for case in _cases(part, selection, live, target):
            for rule in all_rules():
                made = judged(rule, str(case.operation), partial(rule.check, case))
                findings += [f.with_(target=target.name) for f in made]
    for rule in all_rules():
        findings += judged(rule, "", partial(rule.check_documents, portal, observed))
    findings = [redact(f, secrets) for f in findings if concerns(f, portal, settings)]
    chosen = select_findings(findings, settings)
    located_ones = located(chosen.shown)
    result = _summary(settings, results, started, journals)
    if failed:
        complete = result.status == "complete"
        result = result.with_(
            status="partial" if complete else result.status,
            error=result.error or failed[0],
            exit_status=result.exit_status or 3,
        )
    return result.with_(
        findings=located_ones,
        ignored=len(chosen.ignored),
        notes=(*portal.notes, *result.notes),
        workflows=_workflows(settings, results, located_ones, result.finished_at),
    )


def _summary(
    settings: Settings, results: list[Observed], started: datetime, journals: Journals | None
) -> RunResult:
    """A run's result without its findings."""
    finished = datetime.now(UTC)
    lives = [live for *_, live in results]
    worst = max(lives, key=lambda live: live.exit_status)
    urls = [t.base_url for t, *_ in results if t.base_url and not settings.static]
    errors = [live.error for live in lives if live.error]
    kept = journals.notes if journals is not None else ()
    return RunResult(
        started_at=started,
        finished_at=finished,
        status=worst.status,  # type: ignore[arg-type]
        version=__version__,
        seed=settings.seed,
        target=", ".join(urls) or "none",
        requests_sent=sum(live.requests for live in lives),
        duration_s=(finished - started).total_seconds(),
        operations=tuple(o for live in lives for o in _ordered(live)),
        notes=(*(note for live in lives for note in live.notes), *kept),
        cleanup=tuple(line for live in lives for line in live.cleanup),
        error=errors[0] if errors else "",
        exit_status=worst.exit_status,
        targets=tuple(_info(t) for t, *_ in results),
    )


def _workflows(
    settings: Settings,
    results: list[Observed],
    findings: tuple[Finding, ...],
    at: datetime,
) -> tuple[WorkflowFile, ...]:
    files: dict[str, WorkflowFile] = {}
    if not settings.write_workflows:
        return ()
    for _, _, selection, live in results:
        for key in sorted(live.witnesses):
            made = workflow_file(live.witnesses[key], selection.records.get(key), findings, at)
            files.setdefault(made.path, made)
    return tuple(files.values())


def _ordered(live: LiveResult) -> list[OperationOutcome]:
    return [live.outcomes[key] for key in sorted(live.outcomes)]


def _info(target: Target) -> TargetInfo:
    shapes = {
        name: TokenShape(t.scheme, t.header, t.query, dict(t.headers), t.cookie)
        for name, t in target.tokens.items()
    }
    return TargetInfo(
        target.name, target.base_url or "", target.fallback_url or "", shapes, dict(target.headers)
    )


def _cases(portal: Portal, selection: Selection, live: LiveResult, target: Target) -> list[Case]:
    cases: list[Case] = []

    def case(operation: Operation, documented: Operation | None) -> Case:
        record = selection.records.get(operation.id)
        return Case(
            operation=operation.id,
            observed=live.observed.get(operation.id, ObservedContract(operation.id)),
            documented=documented,
            legacy=tuple(selection.legacy.get(operation.id, ())),
            records=(record,) if record else (),
            words=_words(portal, operation),
            portal=portal,
            token_types=live.token_types,
            target=target.name,
            source="" if documented else operation.document.file,
        )

    if live.requests:
        cases += [case(o, o) for o in selection.current]
        cases += [case(o, None) for o in selection.recorded]
    return cases


def _words(portal: Portal, operation: Operation) -> str:
    """Prose pages that name the operation's path."""
    return "\n".join(
        page.text
        for page in portal.pages
        if operation.id.path in page.text or operation.path_template in page.text
    )


def plan(settings: Settings) -> Plan:
    """What `run` would do; nothing is sent."""
    portal = load(settings)
    check_selected(portal, settings)
    operations: list[PlannedOperation] = []
    for target in settings.targets or (Target(),):
        part = for_target(portal, target, settings.paths)
        selection = select(part, settings, target.name)
        gate = gate_for(settings, target, part.operations(), part.records)
        for operation in selection.current:
            operations.append(_planned(operation, selection, gate, target))
    total = min(settings.max_requests, sum(o.max_requests for o in operations))
    urls = ", ".join(t.base_url for t in settings.targets if t.base_url)
    return Plan(tuple(operations), total, urls or "none", portal.notes)


def _planned(
    operation: Operation, selection: Selection, gate: Gate, target: Target
) -> PlannedOperation:
    held = gate.expected(operation)
    if held is not None:
        return PlannedOperation(operation.id, reason=str(held), target=target.name)
    experiments = [e for e in all_experiments() if not (e.writes_only and operation.id.safe)]
    bound = 80 + sum(e.cost(operation) for e in experiments)
    witness = "workflow record" if operation.id in selection.records else "search"
    return PlannedOperation(
        operation.id, tuple(e.id for e in experiments), bound, witness, target=target.name
    )
