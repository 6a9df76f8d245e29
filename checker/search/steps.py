"""Lists of steps put together. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.templates import needed_by
from checker.domain.workflow import Step
from checker.planning.routes import resource_of


def merge_steps(first: Iterable[Step], second: Iterable[Step]) -> tuple[Step, ...]:
    """Both lists of steps, those of the second that the first has already once only, ids made
    distinct. What one list has several times is meant so: some things get into their next state
    by being read often enough."""
    merged = list(first)
    free = list(range(len(merged)))
    for step in second:
        place = next((n for n in free if same_step(step, merged[n])), None)
        if place is not None:
            free.remove(place)
            same = merged[place]
            merged[place] = replace(same, extract={**same.extract, **step.extract})
            continue
        merged.append(replace(step, id=free_id(step.id, merged)))
    return tuple(merged)


def free_id(wanted: str, steps: Iterable[Step]) -> str:
    """An id as it is wanted, or with the first number that none of the steps has it with."""
    taken, name, number = {s.id for s in steps}, wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def id_of(operation: OperationId, *, creates: bool) -> str:
    """What a step is called by what it does."""
    verb = "create" if creates else operation.method.lower()
    return f"{verb}_{resource_of(operation.path)}"


def without_idle(steps: Iterable[Step], wanted: Collection[str]) -> tuple[Step, ...]:
    """The steps without those that only read what is neither among the `wanted` variables nor
    taken by another step."""
    kept: list[Step] = []
    wanted = set(wanted)
    for step in reversed(tuple(steps)):
        if step.method in SAFE_METHODS and step.extract and wanted.isdisjoint(step.extract):
            continue
        kept.insert(0, step)
        wanted |= needed_by(step)
    return tuple(kept)


def same_step(one: Step, other: Step) -> bool:
    """Whether two steps make or read the same thing."""
    return (
        one.method == other.method
        and one.path == other.path
        and one.operation == other.operation
        and needed_by(one) - {"random_string"} == needed_by(other) - {"random_string"}
    )
