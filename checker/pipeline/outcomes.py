"""What becomes of the operations of a run that ended before its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checker.domain.coverage import EXAMINED, HELD_BACK, PARTLY
from checker.domain.observation import OperationOutcome
from checker.domain.operation import Operation
from checker.pipeline.advice import LATER
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.outage import Outage


def take_back(result: LiveResult, journal: Journal, outage: Outage) -> None:
    """Forget what was seen since an outage began: it says nothing about the operations."""
    for operation in journal.forget(outage.spoils):
        outcome = result.outcomes.get(operation)
        if outcome is None or outcome.status == HELD_BACK:
            continue
        kept = outcome.status in (EXAMINED, PARTLY) and journal.made.get(operation)
        result.outcomes[operation] = replace(
            outcome,
            status=PARTLY if kept else "inconclusive",
            reason=result.error,
            help=LATER,
            passing=True,
        )


def left_over(result: LiveResult, operations: Iterable[Operation]) -> None:
    """An outcome for the operations that were never looked at. Nothing is known against them:
    another run may look at them."""
    for operation in operations:
        if operation.id not in result.outcomes:
            why = result.error or "not reached"
            result.outcomes[operation.id] = OperationOutcome(
                operation.id, "inconclusive", why, 0, LATER, True
            )
