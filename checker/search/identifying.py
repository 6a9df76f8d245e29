"""Whether a value may be the identifier that a field takes. Pure."""

from __future__ import annotations

from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.values import looks_like_identifier
from checker.planning.variation import fits

MAX_DEPTH = 3


def can_be(key: FieldKey, field: Field | None, value: Any, *, strictly: bool = False) -> bool:
    """Whether what is documented of a field without an identifier's name allows the value, or a
    list of it; `strictly`: of any field. Identifiers are often documented as another type."""
    if field is None or (
        not strictly and (key.place is Place.PATH or looks_like_identifier(key.leaf))
    ):
        return True
    schema = field.schema
    if schema.items is not None and "array" in schema.types:
        schema = schema.items
    types = schema.types
    if types and isinstance(value, str) and not value.isdigit() and "string" not in types:
        return False  # a number of things is no number of one
    return fits(schema, value)


def may_hold_one(schema: Schema, depth: int = 0) -> bool:
    """Whether the documents leave room for an identifier, or a list of them, in a field: an
    object with members of its own is none, whatever it is called (`id: {any_: [..]}` filters)."""
    if schema.variants and depth < MAX_DEPTH:
        return any(may_hold_one(v, depth + 1) for v in schema.variants if set(v.types) != {"null"})
    if schema.items is not None and depth < MAX_DEPTH and schema.types == ("array",):
        return may_hold_one(schema.items, depth + 1)
    return not (schema.properties and set(schema.types) <= {"object", "null"})


def sent_as(call: Call, leaf: str) -> list[Any]:
    """The literal values that a call sends in fields of a name."""
    return [edits.get(call, key) for key in edits.present_fields(call) if key.leaf == leaf]
