"""Which operations a process takes where several share a run. Pure.

Each process works it out for itself, so that it must come out the same in all of them: it depends
on the documents, the selecting options and the counts that were given, and on nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from checker.domain.operation import Operation, OperationId
from checker.experiments.registry import all_experiments
from checker.questions.running import most_requests

SEARCH = 80
"""Requests that the search for a working one takes at most."""


def share(
    operations: Sequence[Operation], number: int, parts: int, counts: Mapping[str, int]
) -> tuple[Operation, ...]:
    """The operations of one of so many processes (from 1), in their order.

    Operations on one resource stay together: they need the same things. `counts` are the requests
    that an earlier run needed, by operation; for others the documents tell what may be asked.
    """
    if parts == 1:
        return tuple(operations)
    mine = _families_of(operations, parts, counts)[number - 1]
    return tuple(o for o in operations if o.id in mine)


def _families_of(
    operations: Sequence[Operation], parts: int, counts: Mapping[str, int]
) -> list[set[OperationId]]:
    """The operations of each process: the largest family goes to whoever has least."""
    grouped: dict[str, list[Operation]] = defaultdict(list)
    roots = _roots(o.id for o in operations)
    for operation in operations:
        grouped[_root(operation.id.path, roots)].append(operation)
    weighed = [(sum(_weight(o, counts) for o in found), root) for root, found in grouped.items()]
    loads, shares = [0] * parts, [set[OperationId]() for _ in range(parts)]
    for weight, root in sorted(weighed, key=lambda one: (-one[0], one[1])):
        least = loads.index(min(loads))
        loads[least] += weight
        shares[least] |= {o.id for o in grouped[root]}
    return shares


def _weight(operation: Operation, counts: Mapping[str, int]) -> int:
    known = counts.get(str(operation.id))
    return most_of(operation) if known is None else known + 1


def most_of(operation: Operation) -> int:
    """The requests that an operation may need, by its documents."""
    asked = (e for e in all_experiments() if not (e.writes_only and operation.id.safe))
    return SEARCH + sum(e.cost(operation) for e in asked) + most_requests(operation)


def _roots(operations: Iterable[OperationId]) -> frozenset[str]:
    """The collections whose items are called: `/channels` for `/channels/{id}`."""
    found = (o.path.partition("/{") for o in operations)
    return frozenset(before for before, braces, _ in found if braces and before)


def _root(path: str, roots: frozenset[str]) -> str:
    """The outermost collection that a path belongs to, or else the path."""
    before, start = path.partition("/{")[0], 0
    while (start := before.find("/", start + 1)) != -1:
        if before[:start] in roots:
            return before[:start]
    return before
