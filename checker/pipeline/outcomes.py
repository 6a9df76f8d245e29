"""What becomes of the operations of a run that ended before its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checker.domain.coverage import EXAMINED, HELD_BACK, PARTLY
from checker.domain.observation import OperationOutcome
from checker.domain.operation import Operation
from checker.pipeline.advice import LATER
from checker.pipeline.doubts.outage import Outage
from checker.pipeline.journal import Journal, LiveResult


def take_back(result: LiveResult, journal: Journal, outage: Outage, why: str) -> None:
    """Forget what was seen since an outage began: it says nothing about the operations. `why`
    they may not be wholly examined."""
    for operation in journal.forget(outage.spoils):
        outcome = result.outcomes.get(operation)
        if outcome is None or outcome.status == HELD_BACK:
            continue
        kept = outcome.status in (EXAMINED, PARTLY) and journal.made.get(operation)
        result.outcomes[operation] = replace(
            outcome,
            status=PARTLY if kept else "inconclusive",
            reason=why,
            help=LATER,
            passing=True,
        )


def left_over(
    result: LiveResult, operations: Iterable[Operation], journal: Journal | None = None
) -> None:
    """An outcome for the operations that were never examined: partly, where the `journal` has an
    accepted request of one, so that there is an answer to compare. Nothing is known against the
    others: another run may look at them."""
    for operation in operations:
        if operation.id not in result.outcomes:
            why = result.error or "not reached"
            known = journal if operation.id in result.observed else None
            accepted = known is not None and known.has_accepted(operation.id)
            result.outcomes[operation.id] = OperationOutcome(
                operation.id,
                PARTLY if accepted else "inconclusive",
                f"only its answers were compared: {why}" if accepted else why,
                journal.tally(operation.id).requests if journal is not None else 0,
                LATER,
                passing=True,
                unasked=accepted,
            )
