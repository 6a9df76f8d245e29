"""Other kinds of the items that a request refers to: made with other documented choices. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.workflow import Step
from checker.planning import edits, hints
from checker.planning.producers import status_field
from checker.planning.routes import CREATE, act_of, name_given

MAX_VALUES = 4
"""Of a set with no more than these each is worth a try."""


def made_otherwise(
    steps: Sequence[Step],
    used: Collection[str],
    operations: Sequence[Operation],
    *,
    flags: bool = False,
) -> Iterator[tuple[Step, Step]]:
    """(a step that makes an item of which `used` holds a variable, the step with one choice of
    its body made otherwise); with `flags` and the choices of inner members, small sets only, the
    smallest first."""
    by_id = {o.id: o for o in operations}
    for origin in steps:
        operation = by_id.get(origin.operation) if origin.operation else None
        if operation is None or not set(used) & set(origin.extract):
            continue
        if act_of(operation.id) != CREATE and name_given(operation) is None:
            continue
        call = Call(operation.id, body=origin.body)
        for key, values in _choices(operation, flags):
            if key.parent is not None and not edits.has(call, key.parent):
                continue
            for value in (v for v in values if v != edits.get(call, key)):
                yield origin, replace(origin, body=edits.put(call, key, value).body)


def _choices(operation: Operation, flags: bool) -> list[tuple[FieldKey, tuple[Any, ...]]]:
    """Body fields that decide what is made, and their values: its status, then what else the
    documents give a choice of."""
    status = status_field(operation)
    first = [status] if status is not None and status[0].place is Place.BODY else []
    found = []
    for key, field in operation.fields.items():
        inner = "[]" in key.name or ("." in key.name and not flags)
        if key.place is Place.BODY and not inner and (status is None or key != status[0]):
            found.append((key, tuple(_values(field, flags))))
    return [*first, *(sorted(found, key=lambda c: len(c[1])) if flags else found)]


def _values(field: Field, flags: bool) -> Iterator[Any]:
    schema = field.schema
    if not flags:
        values = schema.enum or hints.choices_in(schema.description or field.description)
        yield from (v for v in values if v is not None)
    elif schema.read_only or field.variant:
        return
    elif set(schema.types) - {"null"} == {"boolean"}:
        yield from (True, False) if schema.default is False else (False, True)
    elif len(values := [v for v in schema.enum or () if v is not None]) <= MAX_VALUES:
        yield from values
