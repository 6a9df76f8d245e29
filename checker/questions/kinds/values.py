"""Is the set of a field's values closed, and which are in it? Of paths, too."""

from __future__ import annotations

from collections.abc import Sequence

from checker.domain.operation import Field, FieldKey, Place
from checker.experiments.base import Context
from checker.experiments.enumeration import Enumeration
from checker.planning import edits
from checker.planning.routes import CREATE, LIST, act_of
from checker.planning.values import looks_like_identifier
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, is_text, sent
from checker.questions.ledger import Reason


class ValuesOfField(QuestionKind):
    """Nonsense, then every documented value, then every candidate."""

    name = "values"
    builds_on = ("enum",)
    rules = (
        "enum-undocumented",
        "enum-value-undocumented",
        "enum-value-rejected",
        "enum-not-enforced",
    )
    worth = 0.9
    roles = frozenset({"documented"})

    def applies(self, field: Field, context: Context) -> bool:
        if not sent(field) or context.is_bound(field.key):
            return False
        if field.key.place is Place.PATH:
            return bool(field.schema.enum) or is_choice(field, context)
        return bool(field.schema.enum) or (is_text(field) and not field.schema.format)

    def decided(self, facts: Facts, field: Field) -> bool:
        # Those of a path are only asked about here.
        return field.key.place is not Place.PATH and facts.present(field.key)

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        await desk.run(Enumeration(), [f.key for f in fields])
        return Reason.GROUND_MOVED if desk.context.lab.broken else None


def is_choice(field: Field, context: Context) -> bool:
    """Whether a text in a path chooses among a few words and names no thing: nothing is made or
    listed at the address above it."""
    key = field.key
    if not is_text(field) or looks_like_identifier(key.leaf) or field.schema.format:
        return False
    if not isinstance(edits.get(context.template, key), str):
        return False
    above = _above(context.documented.id.path, key)
    if not above or "{" not in context.documented.id.path.removeprefix(above):
        return False
    return not any(
        o.id.path.rstrip("/") == above and act_of(o.id) in (CREATE, LIST)
        for o in context.search.operations
    )


def _above(path: str, key: FieldKey) -> str:
    """The path up to a parameter that is its last segment; empty where it isn't."""
    head, _, last = path.rstrip("/").rpartition("/")
    return head if last == "{" + key.name + "}" else ""
