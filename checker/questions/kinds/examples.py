"""Is a field's documented example accepted?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.domain.observation import Kind
from checker.domain.operation import Field, Place
from checker.domain.schema import json_type
from checker.experiments.base import Context, about_field
from checker.experiments.examples import otherwise
from checker.inference.facts import is_closed_by
from checker.inference.patterns import ROLE
from checker.planning import edits
from checker.planning.meant import is_handed_out
from checker.planning.values import looks_like_identifier
from checker.probing.asks import replacing
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, sent, taken
from checker.questions.ledger import Reason

MAX_EXAMPLES = 3


class ExampleValues(QuestionKind):
    """Each example in place of a value that is accepted; identifiers belong to somebody else, and
    what answers give is good for one request."""

    name = "example"
    builds_on = ("examples", "enum")
    rules = ("example-rejected",)
    worth = 0.5
    """After the formats, which tell a shape from a closed set."""

    def applies(self, field: Field, context: Context) -> bool:
        key = field.key
        named = looks_like_identifier(key.leaf) or key.place is Place.PATH
        named = named or is_handed_out(key, context.documented)
        return sent(field) and not named and bool(_examples(field)) and not (context.is_bound(key))

    def decided(self, facts: Facts, field: Field) -> bool:
        if facts.present(field.key):
            return True
        seen = [o for o in facts.about(field.key, Kind.REPLACE, Kind.ADD) if taken(o)]
        return all(any(o.accepted and o.value == e for o in seen) for e in _examples(field))

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        context = desk.context
        free = [f for f in fields if not _closed(context, f)]
        asks = [
            replacing(f.key, example, "example", witness=own)
            for f in free
            for own in [edits.get(context.template, f.key)]
            for example in _examples(f)
            if example != own
        ]
        seen = await context.settle(asks, about_field)
        desk.note([*seen, *await otherwise(context, seen)])
        if context.lab.broken:
            return Reason.GROUND_MOVED
        return Reason.CLOSED_SET if len(free) < len(fields) else None


def _closed(context: Context, field: Field) -> bool:
    """Whether only a few values are accepted, of no common shape: then that is what is to be
    told, and a refused example follows from it."""
    key = field.key
    shaped = any(
        o.subject == key and o.accepted and o.detail.get("role") in ("shaped", ROLE)
        for o in context.made
    )
    return not field.schema.enum and not shaped and is_closed_by(context.made, key)


def _examples(field: Field) -> list[Any]:
    schema = field.schema
    fitting = [e for e in schema.examples if e is not None and schema.allows_type(json_type(e))]
    return fitting[:MAX_EXAMPLES]
