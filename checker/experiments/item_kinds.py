"""What does reading an item answer where the item is of another kind?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from checker.domain.observation import Kind, Observation
from checker.experiments.base import Context, Experiment
from checker.planning import edits
from checker.planning.item_kinds import made_otherwise
from checker.planning.recipe import call_variables
from checker.probing.asks import Ask

MAX_KINDS = 4


class Kinds(Experiment):
    """Reads items that were made with other documented choices, each twice and with no more in
    the request than is needed.

    There is no verdict in it: the answers are compared with the documented response as all are.
    """

    id = "kinds"
    order = 62
    builds_on = ("required",)

    async def run(self, context: Context) -> Iterable[Observation]:
        if not context.documented.id.safe or not _has_schema(context):
            return []
        steps, used = context.lab.recipe.steps, call_variables(context.template)
        others = made_otherwise(steps, used, context.search.operations)
        least = edits.removing(*context.smallest)
        for _, step in itertools.islice(others, MAX_KINDS):
            ask = Ask(Kind.STATE, least, instead=step, detail={"role": "other-kind"})
            if (await context.lab.ask(ask)).accepted:
                await context.lab.ask(ask)
        return []


def _has_schema(context: Context) -> bool:
    responses = context.documented.responses
    return any(r.status[:1] == "2" and any(r.content.values()) for r in responses)
