"""How much of what was selected a run has examined, and what it left and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId

EXAMINED, PARTLY, HELD_BACK, UNASKED = "probed", "partial", "skipped", "static-only"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Operations of a live run by what became of them.

    `left` may be sent and were not examined; `held_back` may not be sent.
    """

    examined: int = 0
    partly: int = 0
    left: int = 0
    held_back: int = 0

    @property
    def selected(self) -> int:
        return self.callable + self.held_back

    @property
    def callable(self) -> int:
        """Those that may be sent."""
        return self.reached + self.left

    @property
    def reached(self) -> int:
        """Those that were examined at least partly."""
        return self.examined + self.partly


@dataclass(frozen=True, slots=True)
class Gap:
    """Operations that weren't fully examined for one and the same reason; or since they wait for
    the things of one creation."""

    status: str
    reason: str
    help: str
    operations: tuple[OperationId, ...]
    waits_for: OperationId | None = None


def coverage(outcomes: Iterable[OperationOutcome]) -> Coverage:
    """The counts; operations that were compared by their documents only count for nothing."""
    statuses = [o.status for o in outcomes if o.status != UNASKED]
    examined, partly, held_back = (statuses.count(s) for s in (EXAMINED, PARTLY, HELD_BACK))
    return Coverage(examined, partly, len(statuses) - examined - partly - held_back, held_back)


def gaps(outcomes: Iterable[OperationOutcome]) -> tuple[Gap, ...]:
    """What wasn't fully examined, grouped where status, reason and help are equal; what waits for
    a creation is one group beside it, whatever each has met.

    In order of status; the largest group of a status first, operations by path and method.
    """
    grouped: dict[tuple[str, str, str, OperationId | None], list[OperationId]] = {}
    for outcome in outcomes:
        if outcome.status not in (EXAMINED, UNASKED):
            # What safety holds back needs its own line of configuration.
            maker = outcome.waits_for if outcome.status != HELD_BACK else None
            met = ("", "") if maker else (outcome.reason, outcome.help)
            key = (outcome.status, *met, maker)
            grouped.setdefault(key, []).append(outcome.operation)
    found = [
        Gap(*key[:3], tuple(sorted(operations, key=lambda o: (o.path, o.method))), key[3])
        for key, operations in grouped.items()
    ]
    found.sort(key=lambda gap: (gap.status, -len(gap.operations), gap.operations[0].path))
    return tuple(found)
