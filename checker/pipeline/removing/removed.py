"""What the clean-up shows of an operation that isn't sent otherwise. Pure.

The run's own things are deleted whether deletions are examined or not. Their answers are the
operation's, so an operation of which some were accepted isn't unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checker.domain.coverage import HELD_BACK, PARTLY
from checker.domain.judged import Judged
from checker.domain.observation import Kind, Observation, OperationOutcome
from checker.domain.operation import SAFE_METHODS

ONLY_REMOVED = "only what the clean-up did to this run's own things was looked at"


def removals(seen: Sequence[Judged]) -> list[Judged]:
    """The clean-up's deletions among an operation's exchanges."""
    return [
        j
        for j in seen
        if j.exchange.request.purpose == "clean-up"
        and j.exchange.request.method not in SAFE_METHODS
        and not j.exchange.held
    ]


def with_removals(
    outcome: OperationOutcome, seen: Sequence[Judged], made: Sequence[Observation] = ()
) -> OperationOutcome:
    """The outcome of an operation whose exchanges are `seen`, and of which observations were
    `made`: partly examined where it was held back and the clean-up has removed something by it,
    or has shown that there is no such operation; else as it is."""
    sent = removals(seen)
    missing = any(o.kind is Kind.EXIST and o.confirmed for o in made)
    if outcome.status != HELD_BACK or (not missing and not any(j.accepted for j in sent)):
        return outcome
    return replace(
        outcome,
        status=PARTLY,
        reason=f"{outcome.reason}: {ONLY_REMOVED}".removeprefix(": "),
        requests=outcome.requests + len(sent),
    )


def is_only_removed(outcome: OperationOutcome) -> bool:
    """Whether `with_removals` has made the outcome: nothing but the clean-up has sent it."""
    return outcome.status == PARTLY and outcome.reason.endswith(ONLY_REMOVED)
