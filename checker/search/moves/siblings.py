"""Makes what belongs to the same things as the request first: a report before a repair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.domain.operation import Operation, OperationId
from checker.domain.workflow import Step
from checker.planning.producers import noun_of, shape
from checker.planning.routes import CREATE, act_of, resource_of
from checker.search.steps import merge_steps

Steps = tuple[Step, ...]


def related(
    operation: Operation, steps: Steps, operations: Iterable[Operation]
) -> Iterator[Operation]:
    """The creations that refer to what the steps make: below its path first, then by a field's
    name."""
    made = [s.operation for s in steps if s.operation is not None and act_of(s.operation) == CREATE]
    nouns = {resource_of(m.path) for m in made}
    others = [
        o
        for o in operations
        if act_of(o.id) == CREATE and o.id != operation.id and o.id not in made
    ]
    below = [o for o in others if any(_is_below(o.id, m) for m in made)]
    yield from below
    for other in others:
        if other not in below and nouns & {noun_of(k.leaf) for k in other.fields}:
            yield other


def _is_below(one: OperationId, other: OperationId) -> bool:
    return shape(one.path).startswith(shape(other.path) + "/{}/")


def after_sibling(steps: Steps, needed: Steps, made: Step) -> Steps | None:
    """The steps with another creation after them that is about the same things; None where it
    shares nothing with them. `needed` are the creation's own steps."""
    grown = merge_steps(steps, needed)
    if len(grown) == len(steps) + len(needed):
        return None
    return merge_steps(grown, [made])
