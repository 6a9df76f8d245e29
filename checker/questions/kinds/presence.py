"""Is a field needed, and is it accepted at all?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.domain.observation import Kind
from checker.domain.operation import Field, FieldKey, Place
from checker.experiments.base import Context
from checker.experiments.required import Required
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, sent
from checker.questions.ledger import Reason
from checker.questions.seeking import sought


class RequiredField(QuestionKind):
    """Decided by taking fields out; what the witness lacks isn't needed, but for members of what it
    lacks: these may be needed there."""

    name = "required"
    builds_on = ("required",)
    rules = ("required-undocumented", "required-not-enforced", "dependency-undocumented")
    worth = 1.0

    def applies(self, field: Field, context: Context) -> bool:
        return sent(field) and field.key.place is not Place.PATH and not field.variant

    def decided(self, facts: Facts, field: Field) -> bool:
        if any(True for _ in facts.about(field.key, Kind.REMOVE)):
            return True
        if _within_absent(facts, field.key):
            return False
        return not facts.present(field.key) or not facts.context.is_bound(field.key)

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        await desk.run(Required(), [f.key for f in fields if f.key in desk.held])
        return Reason.GROUND_MOVED if desk.context.lab.broken else Reason.UNSETTLED


def _within_absent(facts: Facts, key: FieldKey) -> bool:
    """Whether a field is a member of an object, or of the objects of a list, that the witness
    itself lacks."""
    around = key.parent
    return (
        key.place is Place.BODY
        and around is not None
        and bool(around.name)
        and not facts.present(around)
    )


def _brings(around: FieldKey, value: Any, key: FieldKey) -> bool:
    """Whether an accepted value of a field has another one in it, or is that one's own."""
    inside = isinstance(value, Mapping) and key.parent == around and key.leaf in value
    return key == around or inside


class AcceptedField(QuestionKind):
    """A value for what the witness lacks, where every documented one is refused."""

    name = "accepted"
    builds_on = ("absent",)
    rules = ("field-rejected",)
    worth = 0.7
    held = False

    def applies(self, field: Field, context: Context) -> bool:
        key = field.key
        inside = "[]" in key.name or key.place is Place.PATH or bool(field.variant)
        return sent(field) and not inside

    def decided(self, facts: Facts, field: Field) -> bool:
        context, key = facts.context, field.key
        if facts.present(key) or key in context.lab.extra:
            return True
        if any(_brings(around, one.value, key) for around, one in context.instead.items()):
            return True
        return any(o.accepted for o in facts.about(key, Kind.ADD))

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        for field in fields:
            desk.note(await sought(desk.context, field))
        return Reason.NO_VALUE
