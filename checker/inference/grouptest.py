"""Adaptive group testing: which items of a set are defective, with few tests.

One test of all items first, so that a set without defectives costs one. Then halving with
inference after Hwang, "A method for detecting all defective members in a population by group
testing", J. Amer. Statist. Assoc. 67 (1972): when a group is defective and its first part is
clean, the rest of it is defective without a test. What a search leaves open goes back into the
pool. How many defectives there are isn't known; the share met so far says how large the next
group is to be: large enough that its test is about as likely to fail as to pass. Small sets are
planned to the end (`_Plan`), so that many defectives cost little more than one test an item.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")
Test = Callable[[Sequence[Item]], Awaitable[bool]]

PLANNED = 16
"""Up to this many items the whole search is planned."""
_PRIOR_FOUND = 0.3
_DENSE = 0.38
"""Past this share of defectives one at a time is the cheapest."""


async def find_defectives(items: Sequence[Item], defective: Test[Item]) -> list[Item]:
    """The items that make a group defective, in the order given.

    `defective(group)` tells whether a group holds at least one; it should be monotone (a larger
    group of a defective one is defective). Where it isn't, an item can be returned that is not
    defective alone. A test is never repeated.
    """
    rest = list(items)
    found: list[Item] = []
    if not rest or not await defective(rest):
        return found
    plan = _plan(len(rest)) if len(rest) <= PLANNED else None
    total, tests, suspect, clean = len(rest), 1, len(rest), 0
    while rest:
        # The first `suspect` items of the rest hold a defective one; 0: nothing is known.
        if suspect == 1:
            found.append(rest.pop(0))
            suspect, clean = 0, 0
            continue
        if suspect:
            size = _part(suspect, whole=suspect == total)
        else:
            size = _size(total, len(rest), len(found), tests, clean)
        if plan is not None:
            size = plan.size(len(rest), len(found), tests, suspect, size)
        tests += 1
        if await defective(rest[:size]):
            suspect = size
        else:
            rest = rest[size:]
            suspect = max(0, suspect - size)
            clean += 1
    return found


def goal(items: int, defectives: int) -> float:
    """The tests that a search may take: 1.5 times the information in the answer, at most one
    an item, and 4 more."""
    return min(items, 1.5 * math.log2(math.comb(items, defectives))) + 4


class _Plan:
    """Group sizes that keep a search of `items` within the goal for every number of defectives.

    Where no plan does, the goal is raised for all numbers alike until one does. Nearly all
    defective: each has to be tested alone, so one an item and 4 more is what can be kept.
    """

    def __init__(self, items: int, slack: int) -> None:
        most = items + 4 + slack
        self._limits = [
            most if 4 * found > 3 * items else math.floor(goal(items, found) + slack + 1e-9)
            for found in range(items + 1)
        ]
        self._within = cache(self._keeps)

    def _keeps(self, left: int, found: int, tests: int, suspect: int) -> bool:
        """Whether the goal can be kept from here on, however the tests turn out."""
        if suspect == 1:
            return self._within(left - 1, found + 1, tests, 0)
        if left == 0:
            return tests <= self._limits[found]
        if tests >= (max(self._limits) if suspect else self._limits[found]):
            return False
        most = suspect - 1 if suspect else left
        return any(self._good(left, found, tests, suspect, n) for n in range(1, most + 1))

    def _good(self, left: int, found: int, tests: int, suspect: int, size: int) -> bool:
        return self._within(left, found, tests + 1, size) and self._within(
            left - size, found, tests + 1, max(0, suspect - size)
        )

    def kept(self, items: int) -> bool:
        """Whether the goal can be kept after a first test of all items that failed."""
        return self._within(items, 0, 1, items)

    def size(self, left: int, found: int, tests: int, suspect: int, wish: int) -> int:
        """The good size nearest to the one wished for; that one where none is good."""
        most = suspect - 1 if suspect else left
        sizes = sorted(range(1, most + 1), key=lambda n: (abs(math.log(n / wish)), n))
        good = (n for n in sizes if self._good(left, found, tests, suspect, n))
        return next(good, min(wish, most))


@cache
def _plan(items: int) -> _Plan:
    slack = 0
    while not (plan := _Plan(items, slack)).kept(items):
        slack += 1
    return plan


def _part(size: int, *, whole: bool) -> int:
    """How many of a defective group to try first; of all items, of which many may be, a quarter."""
    return max(1, size // 4 if whole and size > 8 else size // 2)


def _size(total: int, left: int, found: int, tests: int, clean: int) -> int:
    """How many of the `left` items to try next; `clean` groups passed since the last find."""
    settled = total - left
    share = min(1.0, (found + _PRIOR_FOUND) / (settled + max(2.0, math.log2(total) / 2)))
    if share >= _DENSE:
        return 1
    size = max(1, round(math.log(0.5) / math.log(1 - share)))
    if size >= 0.67 * left:
        size = left
    elif size > 1:
        size = 1 << round(math.log2(size))
    # Tests beyond one per settled item: when they mount up, groups no longer pay.
    wasted = tests - settled + math.log2(size)
    if size > 1 and clean < 2 and share * left >= 1 and wasted > max(5.0, math.log2(total)):
        return 1
    return min(size, left)
