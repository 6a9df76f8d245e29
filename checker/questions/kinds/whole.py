"""Does a number have to be a whole one?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Place
from checker.experiments.base import Context, about_field
from checker.inference.facts import BETWEEN, NEIGHBOUR
from checker.planning import edits
from checker.probing.asks import replacing
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, sent
from checker.questions.ledger import Reason


class WholeNumber(QuestionKind):
    """Where any number is documented and a whole one is accepted: half a step further, and where
    that is refused, the whole step. What lies between two accepted ones breaks no range."""

    name = "whole"
    builds_on = ("types",)
    rules = ("type-mismatch",)
    worth = 0.4

    def applies(self, field: Field, context: Context) -> bool:
        schema, place = field.schema, field.key.place
        any_number = set(schema.types) - {"null"} == {"number"} and not schema.enum
        free = schema.multiple_of is None and not context.is_bound(field.key)
        return sent(field) and place in (Place.BODY, Place.QUERY) and any_number and free

    def decided(self, facts: Facts, field: Field) -> bool:
        own = edits.get(facts.context.template, field.key)
        if isinstance(own, float) and not own.is_integer():
            return True
        between = list(facts.about(field.key, Kind.REPLACE, roles=[BETWEEN]))
        steps = list(facts.about(field.key, Kind.REPLACE, roles=[NEIGHBOUR]))
        return any(o.accepted for o in (*between, *steps))

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        context = desk.context
        whole = {f.key: v for f in fields if (v := _whole(context, f.key)) is not None}
        for step in (1, -1):
            refused = await _halfway(desk, whole, step)
            if context.lab.broken:
                return Reason.GROUND_MOVED
            whole = {key: whole[key] for key in refused}
        return Reason.UNSETTLED if whole else None


async def _halfway(desk: Desk, whole: Mapping[FieldKey, int], step: int) -> list[FieldKey]:
    """Asks for what lies half a step further, then for the step itself; the fields for which
    both are refused, so that nothing is known yet."""
    context = desk.context
    asks = [replacing(key, own + step / 2, BETWEEN) for key, own in whole.items()]
    between = await context.settle(asks, about_field)
    refused = [o.subject for o in between if o.subject is not None and o.refused]
    asks = [replacing(key, whole[key] + step, NEIGHBOUR) for key in refused]
    steps = await context.settle(asks, _accepted) if not context.lab.broken else []
    desk.note([*between, *steps])
    return [o.subject for o in steps if o.subject is not None and not o.accepted]


def _accepted(seen: Observation) -> bool:
    return seen.accepted


def _whole(context: Context, key: FieldKey) -> int | None:
    own = edits.get(context.template, key)
    return own if type(own) is int else None
