"""Has a run examined enough for its exit status to mean something? Pure.

A run that saw next to nothing finds no drift, and must not look like an API without any.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from checker.domain.coverage import EXAMINED, HELD_BACK, PARTLY, Coverage, coverage, gaps
from checker.domain.observation import OperationOutcome
from checker.domain.run import RunResult, RunStatus

FLOOR = 0.5
"""Below this share of the operations that may be sent, and of those that delete, a run has not
said that all is well."""
LEAST = 0.25
"""Below this share of all operations, whatever was held back for safety, neither, unless another
bound was asked for."""
KEPT = 0.75
"""The share of what the baseline's run examined that has to be examined again."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a run has to examine: `percent` of the operations that may be sent, or three quarters
    of `known`, those that the baseline's run examined. `whole`: the run was about everything, so
    that known operations which it didn't even select count as not examined. `shard`: others
    examine what this process has no share of."""

    percent: float | None = None
    known: Collection[str] = ()
    whole: bool = True
    shard: bool = False


def judged(result: RunResult, demand: Demand | None = None) -> RunResult:
    """The result with its status, `shortfall` and exit status as its coverage has them.

    May be called again when more is known: on merged runs, with a demand.
    """
    seen, demand = coverage(result.operations), demand or Demand()
    if result.status in ("failed", "interrupted") or not seen.selected:
        return result
    if demand.shard and not seen.callable:
        return result
    if not seen.reached:
        # Nothing is known: neither that there is drift nor that there is none.
        error = result.error or _nothing(result.operations, seen)
        return result.with_(status="failed", error=error, exit_status=3, shortfall="")
    said = _shortfall(result.operations, seen, demand, result.error)
    return result.with_(status=_status(result, said), shortfall=said)


def _status(result: RunResult, shortfall: str) -> RunStatus:
    if result.error or result.exit_status:
        return result.status
    passing = any(outcome.passing for outcome in result.operations)
    return "partial" if shortfall or passing else "complete"


def _shortfall(
    outcomes: Sequence[OperationOutcome], seen: Coverage, demand: Demand, ended: str
) -> str:
    """`ended` says why, where the whole budget is used up, so that what only lacked requests was
    cut off too."""
    cut = ("inconclusive", "no-witness") if ended else ("inconclusive",)
    unseen = [o for o in outcomes if o.unasked or (o.status in cut and o.passing)]
    if unseen:
        unseen.sort(key=lambda o: (o.unasked, o.status not in cut[:1]))
        told = [o.reason for o in unseen if o.reason] or ["the run ended early"]
        why = ended if ended and any(ended in reason for reason in told) else told[0]
        are = "operation was" if len(unseen) == 1 else "operations were"
        return f"{len(unseen)} {are} not looked at: {why.rstrip('.')}."
    # A run that deletes nothing hasn't seen what deletes: that is no answer about it either.
    deleting = sum(o.status == HELD_BACK and o.operation.method == "DELETE" for o in outcomes)
    if seen.reached < FLOOR * (seen.callable + deleting):
        if not deleting:
            return (
                f"Only {seen.reached} of the {seen.callable} operations that may be sent were "
                f"examined, less than half."
            )
        return (
            f"Only {seen.reached} of the {seen.callable + deleting} operations were examined, less "
            f"than half; {deleting} of them {'deletes' if deleting == 1 else 'delete'}."
        )
    if demand.percent is None and seen.reached < LEAST * seen.selected:
        return (
            f"Only {seen.reached} of all {seen.selected} operations were examined, less than a "
            f"quarter: {seen.held_back} were held back (--min-coverage sets another bound)."
        )
    if demand.percent is not None:
        if 100 * seen.reached < demand.percent * seen.callable:
            return (
                f"{seen.reached} of the {seen.callable} operations that may be sent were examined, "
                f"less than {demand.percent:g} % (--min-coverage)."
            )
        return ""
    return _less_than_before(outcomes, demand)


def _less_than_before(outcomes: Sequence[OperationOutcome], demand: Demand) -> str:
    known = set(demand.known)
    now = {str(o.operation) for o in outcomes if o.status in (EXAMINED, PARTLY)}
    if not demand.whole:
        # A run that was about a part is measured by that part.
        known &= {str(o.operation) for o in outcomes}
        now &= known
    if len(now) >= KEPT * len(known):
        return ""
    return (
        f"{len(now)} operation{'' if len(now) == 1 else 's'} examined where the baseline's run "
        f"examined {len(known)}: less than three quarters (--min-coverage sets another bound)."
    )


def _nothing(outcomes: Sequence[OperationOutcome], seen: Coverage) -> str:
    gap = max(gaps(outcomes), key=lambda gap: len(gap.operations))
    number = f"none of {seen.selected} operations" if seen.selected > 1 else "not the one operation"
    why = f"{gap.status}{f' ({gap.reason})' if gap.reason else ''}"
    most = "" if len(gap.operations) == seen.selected else f"{len(gap.operations)} of them "
    return f"Nothing was examined, {number}: {most}{why}. {gap.help}".strip()
