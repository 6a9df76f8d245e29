"""Lists of steps put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checker.domain.workflow import Step
from checker.planning.recipe import step_variables


def merge_steps(first: Iterable[Step], second: Iterable[Step]) -> tuple[Step, ...]:
    """Both lists of steps without repeats, ids made distinct."""
    merged = list(first)
    for step in second:
        if any(same_step(step, s) for s in merged):
            merged = [
                replace(s, extract={**s.extract, **step.extract}) if same_step(s, step) else s
                for s in merged
            ]
            continue
        taken = {s.id for s in merged}
        name, number = step.id, 2
        while name in taken:
            name, number = f"{step.id}_{number}", number + 1
        merged.append(replace(step, id=name))
    return tuple(merged)


def same_step(one: Step, other: Step) -> bool:
    """Whether two steps make or read the same thing."""
    return (
        one.method == other.method
        and one.path == other.path
        and one.operation == other.operation
        and step_variables(one) - {"random_string"} == step_variables(other) - {"random_string"}
    )
