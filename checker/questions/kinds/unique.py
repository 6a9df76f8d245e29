"""Must what a field that the witness lacks holds be another one in each thing?"""

from __future__ import annotations

from collections.abc import Sequence

from checker.domain.observation import Kind
from checker.domain.operation import Field, FieldKey
from checker.experiments.base import Context
from checker.experiments.uniqueness import Uniqueness
from checker.probing.bench import LabBroken
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, in_body, is_text, sent
from checker.questions.ledger import Reason


class UniqueField(QuestionKind):
    """The creation that has the field is sent again with what it held: of the fields of the witness
    itself the experiments ask that."""

    name = "unique"
    builds_on = ("unique",)
    rules = ("unique-undocumented",)
    worth = 0.3

    def applies(self, field: Field, context: Context) -> bool:
        plain = not (field.schema.enum or "[]" in field.key.name or field.variant)
        creates = context.documented.id.method == "POST"
        return creates and plain and is_text(field) and sent(field) and in_body(field)

    def decided(self, facts: Facts, field: Field) -> bool:
        asked = facts.about(field.key, Kind.RESEND)
        return facts.present(field.key) or any(o.confirmed for o in asked)

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        lab = desk.context.lab
        keys = {f.key for f in fields}
        if not keys & set(lab.varied):
            return None  # the same values were accepted twice
        try:
            seen = await Uniqueness().examined(desk.context)
        except LabBroken as error:
            lab.broken = lab.broken or error.message
            return Reason.GROUND_MOVED
        desk.note(o for o in seen if keys & _of(o.detail.get("keys")))
        return Reason.GROUND_MOVED if lab.broken else None


def _of(keys: Sequence[FieldKey] | None) -> set[FieldKey]:
    return set(keys or ())
