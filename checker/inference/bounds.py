"""Limits of lengths, numbers and numbers of items, from accepted and refused probes. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass

from checker.domain.finding import Evidence
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey
from checker.domain.schema import Schema

ROLE = "bound"
COMMON = tuple(
    sorted(
        {
            *range(11),
            *(2**n for n in range(31)),
            *(2**n - 1 for n in range(2, 31)),
            *(m * 10**e for e in range(1, 9) for m in (1, 2, 3, 4, 5, 6, 8)),
            *(10**e - 1 for e in range(1, 10)),
            *(12, 15, 23, 24, 25, 31, 35, 36, 45, 59, 75, 90, 120, 140, 150, 160, 180, 191),
            *(250, 254, 365, 366, 1440, 2500, 3600, 86400),
            10**9,
        }
    )
)
"""Limits that people set; tried first."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A proved limit: `limit` is accepted, one past it refused, each twice.

    `dimension`: "length" (characters), "value" (a number), "items"; `side`: "min" or "max".
    """

    key: FieldKey
    dimension: str
    side: str
    limit: int
    evidence: tuple[Evidence, ...]

    @property
    def keyword(self) -> str:
        """The JSON Schema keyword that would say it."""
        return keyword(self.dimension, self.side)


def keyword(dimension: str, side: str) -> str:
    """`maxLength`, `minimum`, `minItems`, …"""
    if dimension == "value":
        return f"{side}imum"
    return side + ("Length" if dimension == "length" else "Items")


def documented_bound(schema: Schema | None, dimension: str, side: str) -> float | None:
    """The documented limit (an exclusive one as the next whole number), None where none is."""
    if schema is None:
        return None
    match dimension, side:
        case "length", "max":
            return schema.max_length
        case "length", _:
            return schema.min_length
        case "items", "max":
            return schema.max_items
        case "items", _:
            return schema.min_items
        case _, "max":
            return _included(schema.maximum, -1 if schema.exclusive_maximum else 0)
        case _:
            return _included(schema.minimum, 1 if schema.exclusive_minimum else 0)


def _included(limit: float | None, by: int) -> float | None:
    """An exclusive limit as the next whole number."""
    return limit + by if limit is not None and by else limit


def bounds(observed: ObservedContract) -> Iterator[Bound]:
    """The proved limits, in the order in which they were found."""
    pairs: dict[tuple[FieldKey, str, str, int], list[Observation]] = {}
    for seen in observed.of(Kind.REPLACE):
        if seen.detail.get("role") == ROLE and seen.subject is not None and seen.confirmed:
            detail = seen.detail
            mark = (seen.subject, detail["dimension"], detail["side"], detail["limit"])
            pairs.setdefault(mark, []).append(seen)
    for (key, dimension, side, limit), probes in pairs.items():
        past = limit + (1 if side == "max" else -1)
        at = next((o for o in probes if o.accepted and o.detail["size"] == limit), None)
        over = next((o for o in probes if _is_past(o, past)), None)
        if at is not None and over is not None:
            yield Bound(key, dimension, side, limit, (*over.evidence, *at.evidence))


def _is_past(seen: Observation, size: int) -> bool:
    """Whether a size was refused. A conflict is about what there is (too few are left), and no
    limit of the field."""
    conflict = seen.rejection is Rejection.CONFLICT
    return seen.refused and not conflict and seen.detail["size"] == size


async def edge(
    good: int,
    bad: int,
    accepts: Callable[[int], Awaitable[bool]],
    common: Iterable[int] = COMMON,
) -> int:
    """The last accepted size on the way from `good` (accepted) to `bad` (refused).

    Common limits are bisected first, then what is left between two of them.
    """
    step = 1 if bad > good else -1
    marks = [m for m in sorted(common) if min(good, bad) < m < max(good, bad)][::step]
    low, high = -1, len(marks)
    while high - low > 1:
        middle = (low + high) // 2
        if await accepts(marks[middle]):
            low = middle
        else:
            high = middle
    good = marks[low] if low >= 0 else good
    bad = marks[high] if high < len(marks) else bad
    if low >= 0 and abs(bad - good) > 1:
        if not await accepts(good + step):
            return good
        good += step
    return await _bisected(good, bad, accepts)


async def _bisected(good: int, bad: int, accepts: Callable[[int], Awaitable[bool]]) -> int:
    """The last accepted size before a refused one, halving what lies between."""
    while abs(bad - good) > 1:
        half = (good + bad) // 2
        if await accepts(half):
            good = half
        else:
            bad = half
    return good
