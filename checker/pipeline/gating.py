"""The gate of a run: what the user allows, the operations that are known, the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from checker.domain.location import Location
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Record, Step
from checker.safety.gate import Gate
from checker.safety.known import LEAST_FRESH
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Settings, Target

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


def gate_for(
    settings: Settings,
    target: Target,
    operations: Iterable[Operation],
    records: Iterable[Record],
) -> Gate:
    """The gate for one run against one target.

    `operations` are all that the documents have; the steps of `records` are known beside them.
    """
    known = {o.id: o for o in operations}
    steps = [s for r in records for s in (*r.prerequisites, *r.test_steps)]
    makers: set[OperationId] = set()
    for step in steps:
        operation = operation_of(step)
        if operation is None:
            continue
        known.setdefault(operation.id, operation)
        if step.extract:
            makers.add(operation.id)
    texts = {t for o in known.values() if not o.id.safe for t in _texts_of(o)}
    texts |= {t for s in steps for v in (s.body, s.form_fields, s.params) for t in _texts(v)}
    texts |= {str(v) for v in target.variables.values()}
    prose = "\n".join(t for o in known.values() if not o.id.safe for t in _prose_of(o)).lower()
    ledger = Ledger(frozenset(texts), prose)
    return Gate(_policy(settings, target), known, ledger, makers=frozenset(makers))


def _policy(settings: Settings, target: Target) -> Policy:
    return Policy(
        read_only=settings.read_only,
        dry_run=settings.dry_run,
        allow_destructive=settings.allow_destructive,
        allow=(*settings.allow, *target.allow),
        deny=(*settings.deny, *target.deny),
        destructive=target.destructive,
        test_system=settings.test_system or target.test_system,
        unknown="unknown" in settings.effects,
        borrow=settings.borrow,
        max_created=settings.max_created,
    )


def operation_of(step: Step) -> Operation | None:
    """A step of a record as an operation: its own words are all that is known of it."""
    if step.operation is not None:
        key = step.operation
    elif step.path.startswith("/"):
        key = OperationId(step.method.upper(), _VARIABLE.sub(r"{\1}", step.path.partition("?")[0]))
    else:
        return None
    file = step.location.file or "record"
    info = DocumentInfo(file, "record")
    return Operation(key, info, Location(file), key.path, description=step.description)


def _texts_of(operation: Operation) -> Iterator[str]:
    """The texts that the documents name for an operation's fields."""
    for field in operation.fields.values():
        schema = field.schema
        for value in (*schema.examples, schema.default, *schema.enumerated):
            yield from _texts(value)
    for example in operation.body_examples:
        yield from _texts(example)


def _prose_of(operation: Operation) -> Iterator[str]:
    """The words of an operation and its fields."""
    yield operation.text
    for field in operation.fields.values():
        yield field.description
        yield field.schema.description


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= LEAST_FRESH:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is MISSING:
        return
