"""What does an operation answer where an item that its path names doesn't exist?"""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Place
from checker.experiments.base import Context, Experiment
from checker.experiments.references import unknown_like
from checker.inference.responses import response_facts
from checker.planning import edits
from checker.planning.encoding import path_parameters
from checker.planning.routes import name_given
from checker.probing.asks import Ask
from checker.probing.bench import LabBroken
from checker.probing.supply import Level


class UnknownItems(Experiment):
    """An unknown identifier of the same shape for each item that earlier steps made.

    The answer's status and body are compared with the documented ones as all are: where they
    differ it is asked for once more, since one answer proves nothing. A server error is
    established. A number may be somebody's, so it is only read.
    """

    id = "unknown-items"
    order = 60

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        naming, method = name_given(context.documented), context.documented.id.method
        for name in path_parameters(context.documented.id.path):
            key = FieldKey(Place.PATH, name)
            if not context.is_bound(key) or (key == naming and method == "PUT"):
                continue
            try:
                out += await self._asked(context, key)
            except LabBroken:
                break
        return out

    @staticmethod
    async def _asked(context: Context, key: FieldKey) -> list[Observation]:
        lab = context.lab
        call = await lab.fresh(Level.SAME)
        own = edits.get(call, key)
        unknown = unknown_like(own)
        made_up = isinstance(own, str) and not own.isdigit()
        if unknown == own or not (made_up or context.documented.id.safe):
            return []
        edit = edits.putting(key, unknown)
        _, _, rejection = await lab.send(edit(call))
        if rejection is not Rejection.SERVER_ERROR:
            if _would_tell(context):
                await lab.send(edit(call))
            return []
        detail = {"role": "unknown-item"}
        return [await lab.establish(Ask(Kind.COMBINE, edit, key, unknown, detail))]


def _would_tell(context: Context) -> bool:
    """Whether another answer like the last one would tell more than all do by now."""
    answers = list(context.lab.answers)
    known = response_facts(context.documented, answers)
    return len(response_facts(context.documented, [*answers, answers[-1]])) > len(known)
