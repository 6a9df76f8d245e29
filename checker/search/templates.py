"""Values of steps that differ at each use. Pure."""

from __future__ import annotations

from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.nobodys_hosts import split_at_host
from checker.planning.variation import telling


def with_varying_texts(call: Call, operation: Operation, but: FieldKey) -> Call:
    """The call with the texts of its body as templates, all `but` one: what one thing holds may
    be taken for the next."""
    for key in telling(call, operation):
        if key.place is Place.BODY and key != but:
            field = operation.fields.get(key)
            schema = field.schema if field is not None else None
            call = edits.put(call, key, varying(edits.get(call, key), schema))
    return call


def varying(literal: Any, schema: Schema | None) -> Any:
    """A literal, or each of a list of them, as a template that differs at each use, its format
    kept; the literal where its shape is a narrow one."""
    if isinstance(literal, list):
        items = schema.items if schema is not None else None
        return [varying(value, items) for value in literal]
    value = str(literal)
    fmt = schema.format if schema is not None else None
    if fmt == "uuid":
        return "{{uuid}}"
    parts = split_at_host(value)
    if parts is not None and "://" not in parts[0]:
        return parts[0].removesuffix("@") + "{{random_string}}@" + parts[1]
    if schema is not None and (schema.pattern or (schema.max_length or 99) < 20):
        return value
    if value.lstrip("+").isdigit() or "://" in value:
        return value
    if value.endswith("."):
        return "x{{random_string}}." + value
    return value + "{{random_string}}"
