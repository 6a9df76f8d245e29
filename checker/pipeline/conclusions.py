"""What a run's observations come to: rules, ranking, the result that reports show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from checker import __version__
from checker.domain.finding import Finding
from checker.domain.observation import ObservedContract, OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.domain.run import RunResult, TargetInfo, TokenShape, WorkflowFile, own_name
from checker.drift.notes import document_notes
from checker.drift.registry import all_rules
from checker.drift.rule import Case, Rule
from checker.fixing import by_file
from checker.fixing.sealed import sealed
from checker.pipeline.cases import cases, only
from checker.pipeline.choosing.selection import Selection, concerns
from checker.pipeline.doubts.diagnosis import internal
from checker.pipeline.doubts.sufficiency import Demand, judged
from checker.pipeline.journal import LiveResult
from checker.pipeline.live import Live
from checker.pipeline.patching.agreement import everywhere
from checker.pipeline.patching.as_found import quietly, told_whole
from checker.pipeline.question_counts import with_questions
from checker.pipeline.redaction import Redaction
from checker.pipeline.workflow_files import workflow_file
from checker.pipeline.written.journals import Journals
from checker.pipeline.written.recovery import located
from checker.ranking.locality import localised
from checker.ranking.rank import select as select_findings
from checker.ranking.wording import untold, worded
from checker.redaction import print_traceback
from checker.settings import Settings, Target

Observed = tuple[Target, Portal, Selection, LiveResult]
"""A target, its documents, its operations and what was observed of them."""


def result_of(
    settings: Settings,
    portal: Portal,
    results: list[Observed],
    started: datetime,
    journals: Journals | None = None,
) -> RunResult:
    """What the reports say; without the findings where they can't be put together."""
    redaction = Redaction(settings.secrets, portal)
    try:
        result = _with_findings(settings, portal, results, _summary(settings, results, started))
    except Exception as error:
        if settings.debug:
            print_traceback(settings.secrets)
        result = with_error(_summary(settings, results, started), internal(error))
    kept = journals.notes if journals is not None else ()
    result = redaction.result(result.with_(notes=(*result.notes, *kept), shard=settings.shard))
    # The rest of a resumed run is no run of its own: it is judged with the part done before.
    shard = settings.shard != (1, 1)
    return result if settings.done else judged(result, Demand(shard=shard))


def found(settings: Settings, live: Live, outcome: OperationOutcome) -> tuple[Finding, ...]:
    """What would be found of an operation if the run ended now, as it may be kept."""
    contract = live.book.so_far(outcome.operation)
    if contract is None:
        return ()
    observed = {outcome.operation: contract}
    seen = replace(live.book.result, observed=observed, requests=1)
    redaction = live.redaction
    findings: list[Finding] = []
    for case in cases(live.portal, only(live.selection, outcome.operation), seen, live.target):
        made = [f for rule in all_rules() for f in quietly(rule, case)]
        made = told_whole(case, made, live.book.journal.further.get(case.operation, ()))
        findings += [f.with_(target=live.target.name) for f in made]
    findings = [redaction.finding(f) for f in findings if concerns(f, live.portal, settings)]
    shown = worded(select_findings(untold(findings, live.portal), settings).shown, live.portal)
    local = localised(shown, live.portal, observed)
    return tuple(redaction.patched(f) for f in sealed(local, live.portal))


def info_of(target: Target) -> TargetInfo:
    """A target as reports show it."""
    shapes = {
        name: TokenShape(
            t.scheme, t.header, t.query, dict(t.headers), t.cookie, tuple(p.type for p in t.also)
        )
        for name, t in target.tokens.items()
    }
    return TargetInfo(
        target.name, target.base_url or "", target.fallback_url or "", shapes, dict(target.headers)
    )


def _with_findings(
    settings: Settings, portal: Portal, results: list[Observed], summary: RunResult
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

    def of_case(rule: Rule, case: Case) -> list[Finding]:
        return checked(rule, str(case.operation), partial(rule.check, case))

    for target, part, selection, live in results:
        observed.update(live.observed)
        for case in cases(part, selection, live, target):
            made = [f for rule in all_rules() for f in of_case(rule, case)]
            made = told_whole(case, made, live.further.get(case.operation, ()), of_case)
            findings += [f.with_(target=target.name) for f in made]
    for rule in all_rules():
        findings += checked(rule, "", partial(rule.check_documents, portal, observed))
    redaction = Redaction(settings.secrets, portal)
    findings = [redaction.finding(f) for f in findings if concerns(f, portal, settings)]
    findings = untold(findings, portal)
    chosen = select_findings(findings, settings)
    local = sealed(localised(worded(chosen.shown, portal), portal, observed), portal)
    shown = located(redaction.patched(f) for f in everywhere(local, portal, observed))
    lives = [live for *_, live in results]
    return (with_error(summary, failed[0]) if failed else summary).with_(
        operations=with_questions(summary.operations, lives, findings),
        findings=shown,
        files={name: portal.files[name].digest for name in by_file(shown) if name in portal.files},
        ignored=len(chosen.ignored),
        notes=(*portal.notes, *document_notes(portal), *summary.notes),
        workflows=_workflows(settings, results, shown, summary.finished_at),
    )


def with_error(result: RunResult, error: str) -> RunResult:
    """The result where a part of the checker failed; what ended the run before counts more."""
    return result.with_(
        status="partial" if result.status == "complete" else result.status,
        error=result.error or error,
        exit_status=result.exit_status or 3,
    )


def _summary(settings: Settings, results: list[Observed], started: datetime) -> RunResult:
    """A run's result without its findings."""
    finished = datetime.now(UTC)
    lives = [live for *_, live in results]
    worst = max(lives, key=lambda live: live.exit_status)
    urls = [t.base_url for t, *_ in results if t.base_url and not settings.static]
    errors = [live.error for live in lives if live.error]
    return RunResult(
        started_at=started,
        finished_at=finished,
        status=worst.status,  # type: ignore[arg-type]
        version=__version__,
        seed=settings.seed,
        target=", ".join(urls) or "none",
        requests_sent=sum(live.requests for live in lives),
        duration_s=(finished - started).total_seconds(),
        operations=tuple(
            replace(o, target=own_name(target.name))
            for target, _, _, live in results
            for o in _ordered(live)
        ),
        notes=tuple(note for live in lives for note in live.notes),
        cleanup=tuple(line for live in lives for line in live.cleanup),
        error=errors[0] if errors else "",
        exit_status=worst.exit_status,
        targets=tuple(info_of(t) for t, *_ in results),
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
