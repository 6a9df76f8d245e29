"""What a field's value must be like: its type, its format, its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from checker.domain.observation import Kind
from checker.domain.operation import Field, Place
from checker.experiments.base import Context, Experiment
from checker.experiments.bounds import Bounds
from checker.experiments.formats import Formats
from checker.experiments.types import Types
from checker.experiments.wrong_types import WrongTypes
from checker.inference.facts import FRACTION
from checker.planning import edits
from checker.probing.asks import replacing
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, in_body, is_text, sent
from checker.questions.ledger import Reason


class _Shape(QuestionKind):
    """A question that one of the experiments asks of every field that the witness has."""

    experiment: ClassVar[type[Experiment]]

    def decided(self, facts: Facts, field: Field) -> bool:
        return facts.present(field.key)

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        await desk.run(self.experiment(), [f.key for f in fields])
        return Reason.GROUND_MOVED if desk.context.lab.broken else None


class TypeOfField(_Shape):
    """Values of the documented type where another one is accepted."""

    name = "type"
    builds_on = ("types",)
    rules = ("type-mismatch",)
    worth = 1.0
    experiment = Types

    def applies(self, field: Field, context: Context) -> bool:
        return sent(field) and in_body(field) and bool(field.schema.types)

    def decided(self, facts: Facts, field: Field) -> bool:
        known = any(True for _ in facts.about(field.key, Kind.REPLACE, roles=[FRACTION]))
        return facts.present(field.key) and (known or not _whole(facts.context, field))

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        context = desk.context
        await desk.run(Types(), [f.key for f in fields if f.key in desk.held])
        whole = [f.key for f in fields if _whole(context, f)]
        asks = [replacing(k, edits.get(context.template, k) + 0.5, FRACTION) for k in whole]
        desk.note(await context.settle(asks, lambda seen: seen.accepted))
        return Reason.GROUND_MOVED if context.lab.broken else None


def _whole(context: Context, field: Field) -> bool:
    """Whether a whole number is accepted where none is documented: any number may be."""
    value = edits.get(context.template, field.key)
    return type(value) is int and not field.schema.allows_type("integer")


class FormatOfField(_Shape):
    """Texts of many shapes, where nonsense is refused and values alike are accepted."""

    name = "format"
    builds_on = ("formats",)
    rules = ("format-mismatch",)
    worth = 0.6
    experiment = Formats

    def applies(self, field: Field, context: Context) -> bool:
        fits = is_text(field) and not field.schema.enum and not context.is_bound(field.key)
        return sent(field) and fits and field.key.place in (Place.BODY, Place.QUERY)


class BoundsOfField(_Shape):
    """Sizes far out, then the edge."""

    name = "bound"
    builds_on = ("bounds",)
    rules = ("bound-mismatch",)
    worth = 0.4
    experiment = Bounds

    def applies(self, field: Field, context: Context) -> bool:
        kinds = {"string", "integer", "number", "array"} & set(field.schema.types)
        fits = bool(kinds) and not field.schema.enum and not context.is_bound(field.key)
        return sent(field) and fits and field.key.place is not Place.PATH


class TypeBorne(_Shape):
    """A value of another JSON type: whether it is taken or not, the server mustn't break on it."""

    name = "wrong-type"
    builds_on = ("wrong-types",)
    rules = ("server-error",)
    worth = 0.5
    experiment = WrongTypes

    def applies(self, field: Field, context: Context) -> bool:
        place, bound = field.key.place, context.is_bound(field.key)
        return sent(field) and place in (Place.BODY, Place.QUERY) and not bound
