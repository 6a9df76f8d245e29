"""What does a list below a thing of the run's own show, once something is in it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Observation
from checker.domain.operation import FieldKey, Place
from checker.domain.templates import variables_in
from checker.domain.workflow import Step
from checker.experiments.base import Context, Experiment
from checker.planning import edits
from checker.planning.encoding import path_parameters
from checker.planning.producers import shape
from checker.planning.recipe import call_variables, step_of_call
from checker.probing.bench import LabBroken
from checker.probing.supply import Level

TIMES = 2
"""So many answers tell what is always there and what never is."""
MAX_DEPTH = 4


class Filled(Experiment):
    """The list after something was made in it: a thing that was just made has nothing below it,
    and an empty list says nothing of its items. The answers are what the response rules read."""

    id = "filled"
    order = 61
    builds_on = ("required",)

    async def run(self, context: Context) -> Iterable[Observation]:
        if not context.documented.id.safe or not _always_empty(context):
            return []
        found = _filling(context)
        if found is None:
            return []
        steps, values = found
        bare = edits.removing(*context.smallest)  # a filter of its own may leave nothing
        # Where the creation isn't accepted any more, the witness itself still is.
        with context.lab.widened(values, {}, steps), suppress(LabBroken):
            for _ in range(TIMES):
                await context.lab.sent(bare, level=Level.REDO)
        return []


def _always_empty(context: Context) -> bool:
    """Whether every accepted answer has lists, and none of them has anything in it."""
    bodies = [
        e.response.body
        for e, verdict in context.lab.answers
        if verdict is Verdict.ACCEPTED and e.response is not None
    ]
    found = [items for body in bodies for items in _lists(body)]
    return bool(found) and not any(found)


def _lists(node: Any, depth: int = 0) -> Iterator[list[Any]]:
    """The lists in an answer, whatever they are wrapped in."""
    if isinstance(node, list):
        yield node
    elif isinstance(node, dict) and depth < MAX_DEPTH:
        for value in node.values():
            yield from _lists(value, depth + 1)


def _filling(context: Context) -> tuple[tuple[Step, ...], Mapping[FieldKey, Any]] | None:
    """Steps that make something in a list, and the path of that list: by a POST to the very path
    that is known to work."""
    path, call = context.documented.id.path, context.template
    if call_variables(replace(call, path={})):
        return None  # it takes what its own steps give
    for operation in context.search.operations:
        if operation.id.method != "POST" or shape(operation.id.path) != shape(path):
            continue
        recipe = context.search.recipe(operation.id)
        if recipe is None or not variables_in(recipe.call.path):
            continue
        theirs = [recipe.call.path.get(n) for n in path_parameters(operation.id.path)]
        keys = [FieldKey(Place.PATH, n) for n in path_parameters(path)]
        steps = (*recipe.steps, step_of_call("fill", recipe.call))
        return steps, dict(zip(keys, theirs, strict=True))
    return None
