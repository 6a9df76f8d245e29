"""A whole check: documents, live observations, rules, ranking; and the plan of one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from checker import __version__
from checker.documents.source import locate_all
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
from checker.errors import UsageError
from checker.experiments.registry import all_experiments
from checker.pipeline.diagnosis import internal
from checker.pipeline.examination import FuzzSource
from checker.pipeline.gating import gate_for
from checker.pipeline.journal import LiveResult
from checker.pipeline.live import Live
from checker.pipeline.preparation import Part, load, prepare
from checker.pipeline.redaction import Redaction
from checker.pipeline.selection import Selection, concerns
from checker.pipeline.shares import budget_of
from checker.pipeline.sufficiency import Demand, judged
from checker.pipeline.workflow_files import workflow_file
from checker.planning.known_secrets import learn_target
from checker.ranking.rank import select as select_findings
from checker.redaction import print_traceback
from checker.safety.gate import Gate
from checker.settings import Settings, Target


def run(
    settings: Settings,
    progress: Progress = silent,
    *,
    strict: bool = True,
    portal: Portal | None = None,
) -> RunResult:
    """A whole check. Raises DriftcheckError only where nothing was sent and nothing is known.

    `strict`: a selecting option that names nothing is an error. `portal`: the documents, where
    they are loaded already.
    """
    return asyncio.run(_run(settings, progress, strict, portal))


async def _run(
    settings: Settings, progress: Progress, strict: bool, portal: Portal | None
) -> RunResult:
    started = datetime.now(UTC)
    last = ProgressEvent("documents")

    def told(event: ProgressEvent) -> None:
        nonlocal last
        last = event
        progress(event)

    told(last)
    portal = portal or load(settings)
    results: list[tuple[Target, Portal, Selection, LiveResult]] = []
    for part in prepare(settings, portal, strict=strict):
        learn_target(settings.secrets, part.target)
        if settings.static or part.target.base_url is None:
            result = _static(part.selection)
        else:
            result = await _live(settings, part, told)
        results.append((part.target, part.portal, part.selection, result))
        if result.exit_status == 130:
            break
    total = last.operations_total
    progress(replace(last, phase="rules", operation="", operations_done=total))
    return _result(settings, portal, results, started)


def _static(selection: Selection) -> LiveResult:
    outcomes = {
        o.id: OperationOutcome(o.id, "static-only", "documents only") for o in selection.current
    }
    return LiveResult(outcomes=outcomes)


async def _live(settings: Settings, part: Part, progress: Progress) -> LiveResult:
    live = Live(
        settings,
        part.target,
        part.portal,
        part.selection,
        _setup(part.target),
        part.recordings,
        progress,
        _fuzzer(settings, part.portal),
    )
    task = asyncio.ensure_future(live.run())
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, task.cancel)
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
        handled = True
    except (NotImplementedError, RuntimeError, ValueError):
        handled = False
    try:
        return await task
    finally:
        if handled:
            loop.remove_signal_handler(signal.SIGINT)
            loop.remove_signal_handler(signal.SIGTERM)


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


def _fuzzer(settings: Settings, portal: Portal) -> FuzzSource | None:
    if not settings.fuzz:
        return None
    from checker.pipeline.fuzzing import PortalFuzzer

    return PortalFuzzer(portal, settings)


def _result(
    settings: Settings,
    portal: Portal,
    results: list[tuple[Target, Portal, Selection, LiveResult]],
    started: datetime,
) -> RunResult:
    findings: list[Finding] = []
    observed: dict[OperationId, ObservedContract] = {}
    failed: list[str] = []

    def checked(rule: Rule, where: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
        """A rule's findings; its own failure costs no other rule's."""
        try:
            return list(check())
        except Exception as error:
            if settings.debug:
                print_traceback(settings.secrets)
            failed.append(internal(error, f"{rule.id} {where}".strip()))
            return []

    for target, part, selection, live in results:
        observed.update(live.observed)
        for case in _cases(part, selection, live, target):
            for rule in all_rules():
                made = checked(rule, str(case.operation), partial(rule.check, case))
                findings += [f.with_(target=target.name) for f in made]
    for rule in all_rules():
        findings += checked(rule, "", partial(rule.check_documents, portal, observed))
    redaction = Redaction(settings.secrets, portal)
    findings = [redaction.finding(f) for f in findings if concerns(f, portal, settings)]
    chosen = select_findings(findings, settings)
    located = _located(chosen.shown)
    finished = datetime.now(UTC)
    lives = [live for *_, live in results]
    worst = max(lives, key=lambda live: live.exit_status)
    urls = [t.base_url for t, *_ in results if t.base_url and not settings.static]
    errors = [live.error for live in lives if live.error] + failed[:1]
    status = "partial" if failed and worst.status == "complete" else worst.status
    result = RunResult(
        started_at=started,
        finished_at=finished,
        status=status,  # type: ignore[arg-type]
        version=__version__,
        seed=settings.seed,
        target=", ".join(urls) or "none",
        requests_sent=sum(live.requests for live in lives),
        duration_s=(finished - started).total_seconds(),
        operations=tuple(o for live in lives for o in _ordered(live)),
        findings=located,
        ignored=len(chosen.ignored),
        notes=(*portal.notes, *(note for live in lives for note in live.notes)),
        cleanup=tuple(line for live in lives for line in live.cleanup),
        error=errors[0] if errors else "",
        exit_status=worst.exit_status or (3 if failed else 0),
        targets=tuple(_info(t) for t, *_ in results),
        workflows=_workflows(settings, results, located, finished),
    )
    # The rest of a resumed run is no run of its own: it is judged with the part done before.
    shard = settings.shard != (1, 1)
    result = redaction.result(result)
    return result if settings.done else judged(result, Demand(shard=shard))


def _workflows(
    settings: Settings,
    results: list[tuple[Target, Portal, Selection, LiveResult]],
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


def _located(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with lines and columns, looked up in one pass over each file."""
    every = list(findings)
    places = locate_all(p for f in every for p in (f.source, *f.related) if p is not None)
    return tuple(
        f.with_(
            source=places[f.source] if f.source else None,
            related=tuple(places[p] for p in f.related),
        )
        for f in every
    )


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


def plan(settings: Settings, *, strict: bool = True) -> Plan:
    """What `run` would do; nothing is sent. `strict` as there."""
    portal = load(settings)
    operations = [
        planned
        for part in prepare(settings, portal, strict=strict)
        for planned in _planned_part(part, settings)
    ]
    budget = budget_of(settings, len(operations))
    total = min(budget, sum(o.max_requests for o in operations))
    urls = ", ".join(t.base_url for t in settings.targets if t.base_url)
    return Plan(tuple(operations), total, urls or "none", portal.notes)


def _planned_part(part: Part, settings: Settings) -> Iterator[PlannedOperation]:
    gate = gate_for(settings, part.target, part.portal.operations(), part.portal.records)
    for operation in part.selection.current:
        yield _planned(operation, part.selection, gate, part.target)


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
