"""Adaptive group testing: which items of a set are defective, with few tests.

Halving with inference after Hwang, "A method for detecting all defective members in a
population by group testing", J. Amer. Statist. Assoc. 67 (1972): when a group is defective and
its first half is clean, the second half is known to be defective without a test. Where
defectives turn out to be dense (a quarter or more), the rest is tested one at a time, which is
cheaper then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Test = Callable[[Sequence[Item]], Awaitable[bool]]
SMALL = 3


async def find_defectives(items: Sequence[Item], defective: Test[Item]) -> list[Item]:
    """The items that make a group defective, in the order given.

    `defective(group)` tells whether a group holds at least one; it must be monotone. A test is
    never repeated.
    """
    pool = list(items)
    if not pool:
        return []
    if len(pool) <= SMALL:
        return await _singly(pool, defective, known=False)
    if not await defective(pool):
        return []
    found: list[Item] = []
    tested = 1
    groups: list[tuple[list[Item], bool]] = [(pool, True)]
    cleared = 0
    while groups:
        group, known = groups.pop(0)
        if len(group) == 1 and known:
            found += group
            continue
        if not known:
            tested += 1
            if not await defective(group):
                cleared += len(group)
                continue
            if len(group) == 1:
                found += group
                continue
        settled = len(found) + cleared
        if settled >= 4 and len(found) * 4 > settled:
            found += await _singly(group, defective, known=True)
            continue
        middle = len(group) // 2
        left, right = group[:middle], group[middle:]
        tested += 1
        if await defective(left):
            groups[:0] = [(left, True), (right, False)]
        else:
            cleared += len(left)
            groups[:0] = [(right, True)]
    order = {id(item): n for n, item in enumerate(pool)}
    return sorted(found, key=lambda item: order[id(item)])


async def _singly(group: list[Item], defective: Test[Item], *, known: bool) -> list[Item]:
    """One at a time; the last of a defective group without others needs no test."""
    found: list[Item] = []
    for number, item in enumerate(group):
        if (known and not found and number == len(group) - 1) or await defective([item]):
            found.append(item)
    return found
