"""A checkup as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.domain.checkup import CheckState, Checkup
from checker.domain.run import PlannedOperation

MARKS = {CheckState.FINE: "ok   ", CheckState.UNKNOWN: "?    ", CheckState.WRONG: "WRONG"}
MAX_NAMED = 5


def render_checkup(found: Checkup) -> Iterator[str]:
    """The lines of one target."""
    yield f"Target {found.target}: {found.address or 'no base URL'}"
    for check in found.checks:
        yield f"  {MARKS[check.state]}  {check.what}: {check.said}"
        if check.mend:
            yield f"         {check.mend}"
    yield from _planned(found)


def _planned(found: Checkup) -> Iterator[str]:
    left = [o for o in found.planned if o.reason]
    yield (
        f"  {len(found.planned) - len(left)} of {len(found.planned)} operations would be examined, "
        f"with at most {found.most} requests."
    )
    for reason, operations in _by_reason(left).items():
        names = ", ".join(str(o.operation) for o in operations[:MAX_NAMED])
        rest = f" and {len(operations) - MAX_NAMED} more" if len(operations) > MAX_NAMED else ""
        yield f"  skipped: {names}{rest}: {reason}"


def _by_reason(operations: Iterable[PlannedOperation]) -> dict[str, list[PlannedOperation]]:
    found: dict[str, list[PlannedOperation]] = {}
    for operation in operations:
        found.setdefault(operation.reason, []).append(operation)
    return found
