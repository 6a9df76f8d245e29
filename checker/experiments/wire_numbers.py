"""Is a text of a URL, a header or a form read as a number? There all values travel as text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Operation, Place
from checker.experiments.base import Context, Experiment
from checker.inference.facts import NUMBER_TEXT, is_closed_by
from checker.planning import edits
from checker.planning.encoding import is_json, scalar_text
from checker.probing.asks import Ask

PADDING = "0" * 24
"""A parser of numbers passes over it; a pattern or a length of digits hardly does."""


class WireNumbers(Experiment):
    """Where text is documented, other text is refused and the witness has digits: the same
    number with many zeros before it, and then with a fraction."""

    id = "wire-numbers"
    order = 34
    builds_on = ("enum",)

    def cost(self, operation: Operation) -> int:
        return 3 * len(operation.parameters)

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        for key in context.present():
            if not _of_text(context, key) or not is_closed_by(context.made, key):
                continue
            own = scalar_text(edits.get(context.template, key))
            if not re.fullmatch(r"\d+(\.\d+)?", own):
                continue
            padded = await context.lab.establish(_replacing(key, PADDING + own))
            out.append(padded)
            if padded.surely_accepted and own.isdigit():
                out.append(await context.lab.establish(_replacing(key, own + ".5")))
        return out


def _replacing(key: FieldKey, text: str) -> Ask:
    return Ask(Kind.REPLACE, edits.putting(key, text), key, text, {"role": NUMBER_TEXT})


def _of_text(context: Context, key: FieldKey) -> bool:
    """Whether a field of plain text that always travels as text."""
    if key.place is Place.BODY and is_json(context.template.media_type):
        return False
    field = context.documented.fields.get(key)
    if field is None or context.is_bound(key):
        return False
    schema = field.schema
    plain = not (schema.enum or schema.format or schema.pattern)
    return plain and set(schema.types) - {"null"} == {"string"}
