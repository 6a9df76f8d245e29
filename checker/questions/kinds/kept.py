"""Has a field that the witness lacks an effect: is what is written into it kept?"""

from __future__ import annotations

from collections.abc import Sequence

from checker.domain.operation import Field
from checker.experiments.base import Context
from checker.experiments.ignored import ignored_fields
from checker.experiments.writing import Writing
from checker.probing.bench import LabBroken
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, in_body, sent
from checker.questions.ledger import Reason


class KeptField(QuestionKind):
    """Two values written and read back, and a wrong one that is accepted, too: of the fields of
    the witness itself the experiments ask that."""

    name = "kept"
    builds_on = ("effects",)
    rules = ("field-ignored",)
    worth = 0.35

    def applies(self, field: Field, context: Context) -> bool:
        writes = context.documented.id.method in ("POST", "PUT", "PATCH")
        items = field.schema.items
        nested = field.schema.properties or (items and (items.properties or items.items))
        plain = not nested and "[]" not in field.key.name
        return writes and plain and sent(field) and in_body(field) and not field.variant

    def decided(self, facts: Facts, field: Field) -> bool:
        return facts.present(field.key)

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        context = desk.context
        try:
            desk.note(await ignored_fields(context, Writing(context), [f.key for f in fields]))
        except LabBroken as error:
            context.lab.broken = context.lab.broken or error.message
        return Reason.GROUND_MOVED if context.lab.broken else None
