"""Which operations may be examined side by side: those whose things don't touch.

Each examination makes things of its own, so that two of them disturb each other only where one
changes what the other one reads a list of, takes from a list, or is itself about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any

from checker.domain.operation import Operation, OperationId
from checker.planning.producers import noun_of
from checker.planning.recipe import Recipe
from checker.planning.routes import CREATE, LIST, act_of, resource_of, singular
from checker.safety.effects import Effect

_ON_OWN_THINGS = frozenset({Effect.READS, Effect.CREATES, Effect.CHANGES, Effect.DELETES})


@dataclass(frozen=True, slots=True)
class Touched:
    """What the examination of an operation touches, by the nouns of resources: those that it is
    `about`, those that its prerequisites `make` or change, those that they take from what is
    `listed`. `alone`: it may touch anything."""

    about: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    alone: bool = False


def touched(
    operation: Operation, effect: Effect, recipe: Recipe | None, resources: Collection[str] = ()
) -> Touched:
    """What the examination of an operation touches. What isn't sure to stay with own things, and
    what no request is known of, is `alone`. `resources` are the nouns of the API: one that a field
    refers to may be made for it, though the known request goes without."""
    if recipe is None or effect not in _ON_OWN_THINGS:
        return Touched(alone=True)
    steps = [s.operation for s in recipe.steps]
    if any(s is None for s in steps):
        return Touched(alone=True)
    known = [s for s in steps if s is not None]
    made = _nouns(s for s in known if not s.safe)
    listed = _nouns(s for s in known if s.safe)
    if operation.id.safe:
        # A list shows what others make; one thing is the run's own.
        shown = {resource_of(operation.id.path)} if act_of(operation.id) == LIST else set()
        return Touched(frozenset(), made, listed | shown)
    named = {noun_of(key.leaf) for key in operation.fields}.intersection(resources)
    return Touched(nouns_about(operation.id), made | named, listed)


def nouns_about(operation: OperationId) -> frozenset[str]:
    """The resources that an operation is about: that of its path and, unless it makes something
    below it, that of the last item in its path."""
    static = [s for s in operation.path.split("/") if s]
    items = [a for a, b in pairwise(static) if "{" in b and "{" not in a]
    last = [singular(items[-1].lower())] if items and act_of(operation) != CREATE else []
    return frozenset({resource_of(operation.path), *last} - {""})


def _nouns(operations: Iterable[OperationId]) -> frozenset[str]:
    return frozenset(noun for each in operations for noun in nouns_about(each))


async def together(
    plan: Sequence[tuple[Operation, Touched]],
    examine: Callable[[Operation], Coroutine[Any, Any, None]],
    at_once: int,
) -> None:
    """Examine operations, at most so many `at_once`: each begins once all before it in the plan
    that disturb it are over. So those that touch the same things are examined in the plan's order,
    whatever runs beside them. The first failure ends the others and is raised.
    """
    order = TopologicalSorter(dict(enumerate(before([t for _, t in plan]))))
    order.prepare()
    ready: list[int] = []
    running: dict[asyncio.Task[None], int] = {}
    try:
        while order.is_active():
            for number in order.get_ready():
                heappush(ready, number)
            while ready and len(running) < max(1, at_once):
                number = heappop(ready)
                running[asyncio.create_task(examine(plan[number][0]))] = number
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
                order.done(running.pop(task))
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def before(plan: Sequence[Touched]) -> list[set[int]]:
    """Of each place in a plan, those before it that have to be over first: where one is about what
    the other is about, makes or takes from a list, or makes what the other takes from a list."""
    by_noun: dict[str, tuple[set[int], set[int], set[int]]] = {}
    out: list[set[int]] = []
    since: set[int] = set()
    """What has come since the last one that was alone, that one included."""
    for number, each in enumerate(plan):
        if each.alone:
            out.append(since)
            by_noun, since = {}, {number}
            continue
        first = min(since, default=number)
        found = {first} if since and plan[first].alone else set()
        for noun in each.about | each.made | each.listed:
            about, made, listed = by_noun.setdefault(noun, (set(), set(), set()))
            found |= about
            found |= made if noun in each.about | each.listed else set()
            found |= listed if noun in each.about | each.made else set()
        out.append(found)
        since.add(number)
        _enter(by_noun, number, each)
    return out


def _enter(
    by_noun: dict[str, tuple[set[int], set[int], set[int]]], number: int, each: Touched
) -> None:
    """Note which places of a plan touch a noun, and how."""
    for kind, nouns in enumerate((each.about, each.made, each.listed)):
        for noun in nouns:
            by_noun[noun][kind].add(number)
