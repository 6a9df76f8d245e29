"""What does a list below a thing of the run's own show, once something is in it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.experiments.base import Context, Experiment
from checker.experiments.moved import Move, brought_by
from checker.planning.edits import unchanged
from checker.planning.encoding import path_parameters
from checker.planning.producers import shape
from checker.planning.recipe import variables_of
from checker.probing.asks import Ask
from checker.probing.bench import LabBroken

TIMES = 2
"""So many answers tell what is always there and what never is."""
MAX_DEPTH = 4


class Filled(Experiment):
    """The list after something was made in it: a thing that was just made has nothing below it,
    and an empty list says nothing of its items. The answers are what the response rules read."""

    id = "filled"
    order = 61

    async def run(self, context: Context) -> Iterable[Observation]:
        if not context.documented.id.safe or not _always_empty(context):
            return []
        move = _filling(context)
        if move is None:
            return []
        ask = Ask(
            Kind.COMBINE, unchanged, instead=move.origin, then=move.steps, detail={"role": "filled"}
        )
        try:
            for _ in range(TIMES):
                await context.lab.ask(ask)
        except LabBroken as error:
            context.lab.broken = context.lab.broken or error.message
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


def _filling(context: Context) -> Move | None:
    """How something is made in the list: by a POST to its very path that is known to work."""
    path, steps = context.documented.id.path, context.lab.recipe.steps
    names = path_parameters(path)
    if not names:
        return None
    item = path[: path.index("{" + names[-1] + "}")] + "{" + names[-1] + "}"
    named = variables_of(context.template.path.get(names[-1], ""))
    origin = next((s for s in steps if named & set(s.extract)), None)
    for operation in context.search.operations if origin is not None else ():
        if operation.id.method != "POST" or shape(operation.id.path) != shape(path):
            continue
        recipe = context.search.recipe(operation.id)
        if recipe is not None and origin is not None:
            return next(reversed([*brought_by(operation, recipe, item, origin, steps)]), None)
    return None
