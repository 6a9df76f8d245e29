"""Shards: each operation once, families together, about the same work for each."""

from __future__ import annotations

import random

import pytest
from documented import operation

from checker.domain.operation import Operation, OperationId
from checker.pipeline.choosing.sharding import share

PATHS = {
    "/channels": ("GET", "POST"),
    "/channels/{uid}": ("GET", "PUT", "DELETE"),
    "/channels/{uid}/messages": ("GET", "POST"),
    "/channels/export": ("POST",),
    "/channelsets": ("GET",),
    "/clients": ("GET", "POST"),
    "/clients/{id}": ("GET",),
    "/{tenant}/users": ("GET", "POST"),
    "/status": ("GET",),
}
COUNTS = {"GET /status": 500, "GET /channelsets": 10}


def every() -> list[Operation]:
    return [operation(id=OperationId(m, p)) for p, methods in PATHS.items() for m in methods]


def shards(parts: int, counts: dict[str, int], seed: int = 0) -> list[list[str]]:
    operations = every()
    random.Random(seed).shuffle(operations)
    return [
        sorted(str(o.id) for o in share(operations, n + 1, parts, counts)) for n in range(parts)
    ]


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 20])
def test_each_operation_is_in_one_shard(parts: int) -> None:
    names = [name for shard in shards(parts, {}) for name in shard]
    assert sorted(names) == sorted(str(o.id) for o in every())


def test_families_stay_together_and_others_apart() -> None:
    where = {name: n for n, shard in enumerate(shards(4, {})) for name in shard}
    family = [n for name, n in where.items() if name.partition(" ")[2].startswith("/channels")]
    family.remove(where["GET /channelsets"])
    assert len(set(family)) == 1
    assert where["GET /clients"] == where["GET /clients/{id}"] == where["POST /clients"]
    assert len(set(where.values())) == 4


def test_it_is_the_same_in_each_process_whatever_the_order() -> None:
    assert shards(3, COUNTS) == shards(3, COUNTS, seed=7)


def test_counts_divide_the_work() -> None:
    """One operation that took more than all others together has a shard of its own."""
    counts = {str(o.id): 1 for o in every()} | COUNTS
    assert ["GET /status"] in shards(3, counts)
    assert ["GET /status"] not in shards(3, {str(o.id): 1 for o in every()})


def test_the_operations_keep_their_order() -> None:
    operations = every()
    mine = share(operations, 1, 2, {})
    assert list(mine) == [o for o in operations if o in mine]
