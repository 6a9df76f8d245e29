"""Fields whose accepted value has another JSON type than documented: both directions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Place
from checker.domain.schema import Schema, json_type
from checker.experiments.absent import unrelated
from checker.experiments.base import Context, Experiment
from checker.experiments.company import documented_values
from checker.planning import edits
from checker.probing.asks import Ask


class Types(Experiment):
    """The documented type's values in place of the accepted one of another type."""

    id = "types"
    order = 16
    builds_on = ("absent",)

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        for key in context.present():
            field = context.documented.fields.get(key)
            value = edits.get(context.template, key)
            if field is None or key.place is not Place.BODY or not _differs(field.schema, value):
                continue
            values = documented_values(context, field)
            if context.is_bound(key):
                # A list of identifiers where one is documented: the bare one is the question.
                value = edits.get(await context.lab.fresh(), key)
                values = value if isinstance(value, list) and len(value) == 1 else []
            detail = {"role": "documented-type", "accepted": value}
            asks = [
                Ask(Kind.REPLACE, edits.putting(key, v), subject=key, value=v, detail=detail)
                for v in values
                if field.schema.allows_type(json_type(v))
            ]
            seen = await context.settle(asks, lambda seen: True)
            if seen and all(o.refused for o in seen):
                seen += await unrelated(context, key, field.schema, value, Kind.REPLACE)
            out += seen
        return out


def _differs(schema: Schema, value: Any) -> bool:
    """Whether an accepted value has another type than the documented ones. None leaves the field
    out: what stands beside may not go with a value."""
    if value is None or not schema.types:
        return False
    return not schema.allows_type(json_type(value))
