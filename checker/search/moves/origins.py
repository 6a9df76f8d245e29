"""Prerequisites made as the documented kind that words name. What has no words is made otherwise in
turn (`planning/item_kinds.py`)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.lexicon.texts import as_word
from checker.planning import edits
from checker.planning.recipe import call_variables
from checker.planning.routes import CREATE, act_of
from checker.planning.values import Generator

Steps = tuple[Step, ...]


def of_named_kinds(
    call: Call,
    steps: Steps,
    operations: Iterable[Operation],
    words: str,
    lean: Mapping[OperationId, Call],
    rng: random.Random,
) -> Iterator[Steps]:
    """The steps with a resource that the call uses created with a documented value that `words`
    name: as it was, then with what goes with that value instead of all that was added.

    `lean` are the smallest accepted calls that are known, by operation.
    """
    for number, origin, operation in _creations(call, steps, operations):
        made = Call(operation.id, body=origin.body)
        for key, field in operation.fields.items():
            if key.place is not Place.BODY or "[]" in key.name or not field.schema.enum:
                continue
            if key.parent is not None and not edits.has(made, key.parent):
                continue
            for value in field.schema.enum:
                if value == edits.get(made, key) or not _named(value, words):
                    continue
                for body in _bodies(made, operation, key, value, lean.get(operation.id), rng):
                    yield _with(steps, number, body)


def _bodies(
    made: Call,
    operation: Operation,
    key: FieldKey,
    value: Any,
    lean: Call | None,
    rng: random.Random,
) -> Iterator[Any]:
    """Bodies with the value: the whole one; small ones (the `lean` call's fields, the required
    fields) with the fields that are described as the value's own, and without them."""
    whole = edits.put(made, key, value)
    yield whole.body
    present = [k for k in edits.present_fields(made) if k.place is Place.BODY]
    required = {k for k, f in operation.fields.items() if f.required}
    extra = [k for k in present if lean is not None and not edits.has(lean, k)]
    spare = [k for k in present if k in operation.fields and k not in required]
    own = _described(made, operation, key, value, Generator(rng))
    seen = [whole.body]
    for dropped in (extra, spare):
        small = edits.put(edits.remove(made, *dropped), key, value)
        full = edits.chain(*(edits.putting(k, v) for k, v in own.items()))(small)
        for body in (full.body, small.body):
            if body not in seen:
                seen.append(body)
                yield body


def _described(
    made: Call, operation: Operation, key: FieldKey, value: Any, generator: Generator
) -> dict[FieldKey, Any]:
    """Values of the other fields whose words name the value: as they were, or made."""
    found: dict[FieldKey, Any] = {}
    for other, field in operation.fields.items():
        top = other.place is Place.BODY and other.parent is None and "[]" not in other.name
        if (
            top
            and other != key
            and _named(value, f"{field.description} {field.schema.description}")
        ):
            kept = edits.get(made, other)
            new = generator.value(field.schema, other.leaf) if kept is MISSING else kept
            found[other] = new
    return found


def _creations(
    call: Call, steps: Steps, operations: Iterable[Operation]
) -> Iterator[tuple[int, Step, Operation]]:
    """The steps that create what the call uses."""
    used = call_variables(call)
    by_id = {o.id: o for o in operations}
    for number, origin in enumerate(steps):
        operation = by_id.get(origin.operation) if origin.operation else None
        if operation is None or act_of(operation.id) != CREATE:
            continue
        if used & set(origin.extract) and isinstance(origin.body, dict):
            yield number, origin, operation


def _with(steps: Steps, number: int, body: Any) -> Steps:
    return (*steps[:number], replace(steps[number], body=body), *steps[number + 1 :])


def _named(value: Any, words: str) -> bool:
    if not isinstance(value, str) or len(value) < 3:
        return False
    return as_word(value, any_case=True).search(words) is not None
