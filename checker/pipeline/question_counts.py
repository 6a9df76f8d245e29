"""What became of the questions of a run, told by its ledgers and its findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from checker.domain.finding import Finding
from checker.domain.observation import OperationOutcome
from checker.pipeline.journal import LiveResult
from checker.questions.catalogue import kinds_of
from checker.questions.ledger import Question


def with_questions(
    outcomes: Sequence[OperationOutcome], lives: Iterable[LiveResult], findings: Iterable[Finding]
) -> tuple[OperationOutcome, ...]:
    """The outcomes with the counts of their questions: those of which a finding tells differ
    from the documents, the other decided ones are as documented."""
    told = {
        (operation, finding.field.place, finding.field.name, kind)
        for finding in findings
        for operation in (finding.operation, *finding.also_operations)
        for kind in kinds_of(finding.rule)
    }
    ledgers = {key: ledger for live in lives for key, ledger in live.ledgers.items()}
    out = []
    for outcome in outcomes:
        ledger = ledgers.get(outcome.operation)
        name = str(outcome.operation)

        def differs(asked: Question, name: str = name) -> bool:
            subject = asked.subject
            return (name, subject.place.value, subject.name, asked.kind) in told

        out.append(
            outcome if ledger is None else replace(outcome, questions=ledger.counts(differs))
        )
    return tuple(out)
