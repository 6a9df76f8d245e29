"""Does the server bear a value of a wrong JSON type? It should answer 4xx, not 5xx."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.observation import Observation
from checker.domain.operation import FieldKey, Operation, Place
from checker.experiments.base import Context, Experiment
from checker.planning import edits
from checker.planning.encoding import is_json
from checker.probing.asks import replacing

MAX_FIELDS = 24


class WrongTypes(Experiment):
    """One value of another JSON type in each field's place (text for a number in a URL).

    Whether it is accepted is no finding; an answer 5xx is confirmed at the operation's end.
    """

    id = "wrong-types"
    order = 57
    builds_on = ("absent",)

    async def run(self, context: Context) -> Iterable[Observation]:
        asks = []
        for key in context.present():
            if key.place not in (Place.BODY, Place.QUERY) or context.is_bound(key):
                continue
            wrong = _wrong(context, key)
            if wrong is not None:
                asks.append(replacing(key, wrong, "wrong-type"))
        return await context.lab.ask_many(asks[:MAX_FIELDS])

    def cost(self, operation: Operation) -> int:
        return 2 * min(MAX_FIELDS, len(operation.fields))


def _wrong(context: Context, key: FieldKey) -> Any:
    """A value of another type than the present one; None where the wire has no other type."""
    value = edits.get(context.template, key)
    typed = key.place is Place.BODY and is_json(context.template.media_type)
    match value:
        case bool() | int() | float():
            return "zq text"
        case str() if typed:
            return {"zq": 1}
        case list() if typed:
            return "zq text"
        case dict() if typed:
            return "zq text"
        case _:
            return None
