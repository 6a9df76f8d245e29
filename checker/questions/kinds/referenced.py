"""Must what a field holds be the identifier of an existing thing, where the witness lacks it or has
a literal value of it?"""

from __future__ import annotations

from collections.abc import Sequence

from checker.domain.observation import Kind
from checker.domain.operation import Field, Place
from checker.experiments.base import Context
from checker.experiments.references import References
from checker.planning import edits
from checker.planning.producers import names_resource, noun_of
from checker.planning.routes import LIST, act_of, resource_of
from checker.planning.values import looks_like_identifier
from checker.probing.bench import LabBroken
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, sent, taken
from checker.questions.ledger import Reason

MAX_FIELDS = 4
DEPTH = 1
"""What gives identifiers is another operation's affair."""


class ReferencedThing(QuestionKind):
    """The witness is held with the identifier of a thing that there is; then an unknown one of its
    shape takes its place."""

    name = "reference"
    builds_on = ("references",)
    rules = ("reference-undocumented",)
    worth = 0.3
    held = False

    def applies(self, field: Field, context: Context) -> bool:
        key, schema = field.key, field.schema
        places = key.place in (Place.QUERY, Place.BODY)
        plain = not (schema.properties or schema.enum or "[]" in key.name or field.variant)
        operations, own = context.search.operations, context.documented.id
        refers = looks_like_identifier(key.leaf) or names_resource(key, schema, operations, own)
        refers = refers or _is_called_as_a_list(field, context)
        return places and plain and sent(field) and refers

    def decided(self, facts: Facts, field: Field) -> bool:
        key, context = field.key, facts.context
        asked = facts.about(key, Kind.REPLACE, roles=("unknown-identifier",))
        # What stands in the request itself may be an example's.
        literal = edits.has(context.template, key) and not context.is_bound(key)
        open_ = not facts.present(key) or (literal and key not in context.lab.varied)
        return not open_ or any(taken(o) for o in asked)

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        for field in fields[:MAX_FIELDS]:
            if not desk.context.lab.broken and not await self._asked(desk, field):
                return Reason.GROUND_MOVED
        return Reason.UNSETTLED

    async def _asked(self, desk: Desk, field: Field) -> bool:
        """Ask about a field; whether the witness still is what it was."""
        context, key = desk.context, field.key
        if key.parent is not None and not edits.has(context.template, key.parent):
            return True
        steps = context.lab.recipe.steps
        try:
            offered = await context.search.binding.offers(key, context.documented, steps, {}, DEPTH)
        except LabBroken:
            return True
        for offer in offered[:1]:
            value = [offer.value] if field.schema.items is not None else offer.value
            with desk.holding({key: value}, {}, offer.steps):
                if await _is_accepted(desk):
                    desk.note(await References().run(desk.narrow([key])))
        return not context.lab.broken or await desk.mended()


def _is_called_as_a_list(field: Field, context: Context) -> bool:
    """Whether a list of plain values is called as what an operation lists, of another kind."""
    items = field.schema.items
    if items is None or not set(items.types) <= {"string", "integer", "null"} or items.enum:
        return False
    listed = {resource_of(o.id.path) for o in context.search.operations if act_of(o.id) == LIST}
    return noun_of(field.key.leaf) in listed - {resource_of(context.documented.id.path), ""}


async def _is_accepted(desk: Desk) -> bool:
    """Twice: once may be chance."""
    try:
        return await desk.accepts() and await desk.accepts()
    except LabBroken as error:
        desk.context.lab.broken = desk.context.lab.broken or error.message
        return False
