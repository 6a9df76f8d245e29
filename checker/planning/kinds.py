"""Other kinds of the items that a request refers to: made with other documented choices. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.workflow import Step
from checker.planning import edits, hints
from checker.planning.producers import status_field
from checker.planning.routes import CREATE, act_of, name_given


def made_otherwise(
    steps: Sequence[Step], used: Collection[str], operations: Sequence[Operation]
) -> Iterator[tuple[Step, Step]]:
    """(a step that makes an item of which `used` holds a variable, the step with one choice of
    its body made otherwise)."""
    by_id = {o.id: o for o in operations}
    for origin in steps:
        operation = by_id.get(origin.operation) if origin.operation else None
        if operation is None or not set(used) & set(origin.extract):
            continue
        if act_of(operation.id) != CREATE and name_given(operation) is None:
            continue
        call = Call(operation.id, body=origin.body)
        for key, values in _choices(operation):
            for value in values:
                if value != edits.get(call, key) and (
                    key.parent is None or edits.has(call, key.parent)
                ):
                    yield origin, replace(origin, body=edits.put(call, key, value).body)


def _choices(operation: Operation) -> Iterator[tuple[FieldKey, tuple[Any, ...]]]:
    """Body fields that decide what is made, and their values: its status, then what else the
    documents give a choice of at the top."""
    status = status_field(operation)
    if status is not None and status[0].place is Place.BODY:
        yield status
    for key, field in operation.fields.items():
        if key.place is not Place.BODY or "." in key.name or "[]" in key.name:
            continue
        if status is None or key != status[0]:
            schema = field.schema
            values = schema.enum or hints.choices_in(schema.description or field.description)
            yield key, tuple(v for v in values if v is not None)
