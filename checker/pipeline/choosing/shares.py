"""How the run's requests are divided among the operations: breadth first."""

from __future__ import annotations

from dataclasses import dataclass

from checker.probing.pacing import Allowance, Budget
from checker.settings import Settings

EACH = 150
LEAST = 5_000
AT_ONCE = 5
"""An operation may take this many times its even share of what is left."""
SEARCH_PARTS = 0.6
"""Of its share, what the search for a working request and for what it needs may take."""
SEARCHES = 0.4
"""Of the budget, what the searches before all experiments may take."""
SECONDS = 60.0
"""An operation may wait so long for its answers; then it is postponed."""
POSTPONED_SECONDS = 120.0


def budget_of(settings: Settings, operations: int) -> int:
    """Requests of a run at most: what the user says, else 150 for each operation and at least
    5,000."""
    if settings.max_requests is not None:
        return settings.max_requests
    return max(LEAST, EACH * operations)


@dataclass(slots=True)
class Shares:
    """Gives each operation its share, so that the last ones get theirs, too.

    `operations` counts those that still wait.
    """

    budget: Budget
    operations: int

    @property
    def searched(self) -> bool:
        """Whether the searches before all experiments have had their part of the budget."""
        left = self.budget.most - self.budget.reserve
        return self.budget.sent > SEARCHES * left

    def next(self, *, postponed: bool = False) -> Allowance:
        """The allowance of the operation that begins now."""
        share = self.peek(postponed=postponed)
        self.operations -= 1
        return share

    def peek(self, *, postponed: bool = False) -> Allowance:
        """The allowance that the next one would have."""
        waiting = max(1, self.operations)
        left = max(0, self.budget.most - self.budget.reserve - self.budget.sent)
        even = left / waiting
        # Half an even share is kept for each of the others, however much this one could use.
        most = min(AT_ONCE * even, left - (waiting - 1) * even / 2)
        return Allowance(max(1, int(most)), POSTPONED_SECONDS if postponed else SECONDS)


def for_search(share: Allowance) -> Allowance:
    """What the search of an operation with this share may take."""
    return Allowance(max(1, int(share.requests * SEARCH_PARTS)), share.seconds)
