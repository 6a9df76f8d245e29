"""All questions of an operation, before the first one is asked."""

from __future__ import annotations

from collections.abc import Iterator

from checker.domain.operation import Field, Place
from checker.domain.schema import MISSING
from checker.experiments.base import Context
from checker.experiments.writing import Writing
from checker.planning import edits
from checker.questions.catalogue import KINDS
from checker.questions.kinds.known import KnownName
from checker.questions.ledger import Entry, Ledger, Question
from checker.questions.members import levels, made, shown_schemas, unknown_members

_WRITES = ("POST", "PUT", "PATCH")


def filled(context: Context) -> Ledger:
    """The ledger of an operation by its documents, its witness, and what its answers show."""
    ledger = Ledger()
    for field in context.documented.fields.values():
        for kind in KINDS:
            if kind.applies(field, context):
                ledger.add(Entry(Question(kind.name, field.key), field, kind.worth))
    for field in suspected(context):
        ledger.add(Entry(Question(KnownName.name, field.key), field, KnownName.worth))
    return ledger


def suspected(context: Context) -> Iterator[Field]:
    """Fields that no current document has: of legacy documents, of the witness, of answers."""
    operation = context.documented
    if operation.id.method not in _WRITES or not operation.body:
        return
    if any(
        s is not None and s.additional not in (None, False) and not s.properties
        for s in operation.body.values()
    ):
        return
    for key, field in context.known.items():
        legacy = key not in operation.fields and key.place is Place.BODY and "[]" not in key.name
        if legacy and plain_parent(context, field) and not field.schema.read_only:
            yield field
    for key in context.present():
        own = made(edits.get(context.template, key))
        if key not in operation.fields and key.place is Place.BODY and own is not None:
            yield Field(key, False, own, own.location, own.location)
    yield from _answered(context)


def _answered(context: Context) -> Iterator[Field]:
    control = context.lab.last_control
    response = control.exchange.response if control is not None else None
    body = response.body if response is not None else MISSING
    reading = Writing(context).reading
    for level in levels(context.template, context.documented, body):
        names = level.known
        schemas = dict(shown_schemas(context.documented, names))
        if reading is not None:
            schemas = {**shown_schemas(reading, names), **schemas}
        for field in unknown_members(level, schemas):
            if context.documented.field(field.key) is None:
                yield field


def plain_parent(context: Context, field: Field) -> bool:
    """Whether the enclosing object documents its members (an open map documents any)."""
    parent = field.key.parent
    if parent is None:
        return True
    around = context.documented.fields.get(parent)
    return around is not None and bool(around.schema.properties)
