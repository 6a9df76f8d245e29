"""Adaptive group testing: which items of a set are defective, with few tests.

One test of all items first, so that a set without defectives costs one. Then halving with
inference after Hwang, "A method for detecting all defective members in a population by group
testing", J. Amer. Statist. Assoc. 67 (1972): when a group is defective and its first part is
clean, the rest of it is defective without a test. What a search leaves open goes back into the
pool. How many defectives there are isn't known; the share met so far says how large the next
group is to be: large enough that its test is about as likely to fail as to pass.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Test = Callable[[Sequence[Item]], Awaitable[bool]]

_PRIOR_FOUND = 0.3
_PRIOR_SETTLED = 2.0
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
    total, tests, clean = len(rest), 1, 0
    group = rest
    while rest:
        if found:
            group = rest[: _size(total, len(rest), len(found), tests, clean)]
            tests += 1
            if not await defective(group):
                rest, clean = rest[len(group) :], clean + 1
                continue
        while len(group) > 1:
            left = group[: _part(len(group), whole=len(group) == total)]
            tests += 1
            if await defective(left):
                group = left
            else:
                rest, group = rest[len(left) :], group[len(left) :]
        found += group
        rest, clean = rest[1:], 0
    return found


def _part(size: int, *, whole: bool) -> int:
    """How many of a defective group to try first; of all items, of which many may be, a quarter."""
    return max(1, size // 4 if whole and size > 8 else size // 2)


def _size(total: int, left: int, found: int, tests: int, clean: int) -> int:
    """How many of the `left` items to try next; `clean` groups passed since the last find."""
    settled = total - left
    share = min(1.0, (found + _PRIOR_FOUND) / (settled + _PRIOR_SETTLED))
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
    return size
