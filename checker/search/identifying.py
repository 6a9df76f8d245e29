"""Whether a value may be the identifier that a field takes. Pure."""

from __future__ import annotations

from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Place
from checker.planning import edits
from checker.planning.values import looks_like_identifier
from checker.planning.variation import fits


def can_be(key: FieldKey, field: Field | None, value: Any) -> bool:
    """Whether what is documented of a field without an identifier's name allows the value."""
    if field is None or key.place is Place.PATH or looks_like_identifier(key.leaf):
        return True
    types = field.schema.types
    if types and isinstance(value, str) and not value.isdigit() and "string" not in types:
        return False  # a number of things is no number of one
    return fits(field.schema, value)


def sent_as(call: Call, leaf: str) -> list[Any]:
    """The literal values that a call sends in fields of a name."""
    return [edits.get(call, key) for key in edits.present_fields(call) if key.leaf == leaf]
