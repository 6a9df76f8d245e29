"""Dependencies between fields: sets worth removing, and what was proved. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, Place

Item = TypeVar("Item")

ROLE = "dependency"
CONFLICT = "value-conflict"
"""Role of a proof that fields and a value exclude each other: it explains, nothing more."""
RELAXED = "relaxed"
"""Role of a proof that a value does without a field that others need."""


def key_of(text: str) -> FieldKey:
    """The key that `str(key)` was made from; raises ValueError for anything else."""
    place, _, name = text.partition(" ")
    return FieldKey(Place(place), name)


def dependencies(observed: ObservedContract) -> Iterator[Observation]:
    """The proved dependencies, in the order in which they were found."""
    for seen in observed.of(Kind.COMBINE):
        if seen.detail.get("role") == ROLE and seen.confirmed:
            yield seen


def dependent_fields(observed: ObservedContract) -> set[FieldKey]:
    """Fields whose presence or absence a proved dependency explains (not those that only
    switch it on by their value)."""
    return {
        key_of(f)
        for seen in dependencies(observed)
        for f in seen.detail["fields"]
        if f not in (seen.detail.get("when") or {})
    }


def dependent_values(observed: ObservedContract) -> set[tuple[FieldKey, str]]:
    """(field, `repr` of the value) where a value switches a dependency on."""
    found: set[tuple[FieldKey, str]] = set()
    for seen in observed.of(Kind.COMBINE):
        if seen.detail.get("role") in (ROLE, CONFLICT) and seen.confirmed:
            when = seen.detail.get("when") or {}
            found |= {(key_of(name), repr(value)) for name, value in when.items()}
    return found


def bit_sets(items: Sequence[Item]) -> list[list[Item]]:
    """Subsets such that for every ordered pair (x, y) one holds y and not x.

    Those of the bits of each index and their complements: 2·⌈log2 n⌉ of them.
    """
    out: list[list[Item]] = []
    for bit in range(max(0, len(items) - 1).bit_length()):
        ones = [item for n, item in enumerate(items) if n >> bit & 1]
        zeros = [item for n, item in enumerate(items) if not n >> bit & 1]
        out += [ones, zeros]
    return out


async def minimal(
    items: Sequence[Item], holds: Callable[[Sequence[Item]], Awaitable[bool]]
) -> list[Item]:
    """A smallest part of `items` (none of it can be spared) for which `holds` is true.

    `holds(items)` must be true and `holds` monotone; about log2 n questions for each item of
    the answer.
    """
    kept: list[Item] = []
    pool = list(items)
    while pool:
        low, high = 0, len(pool)
        while high - low > 1:
            middle = (low + high) // 2
            if await holds([*pool[:middle], *kept]):
                high = middle
            else:
                low = middle
        kept.insert(0, pool[high - 1])
        pool = pool[: high - 1]
        if not pool or await holds(kept):
            break
    return kept
