"""A request field that no document lists may be described where answers show it. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from checker.domain.operation import Field, FieldKey, Operation
from checker.domain.schema import Schema
from checker.planning.producers import kin

DEEPEST = 4


def field_shown(
    key: FieldKey, operation: Operation, operations: Iterable[Operation]
) -> Field | None:
    """The field as the documented answers of the operation itself, or of those about the same
    resource, describe a member of its name; the shallowest one."""
    for other in (operation, *kin(operation.id, operations)):
        for schema in _answers(other):
            found = _member(schema, key.leaf)
            if found is not None:
                plain = replace(found, read_only=False)
                return Field(key, True, plain, found.location, other.location)
    return None


def _answers(operation: Operation) -> Iterator[Schema]:
    for response in operation.responses:
        if response.status[:1] == "2":
            yield from (s for s in response.content.values() if s is not None)


def _member(schema: Schema, leaf: str) -> Schema | None:
    waiting = deque([(schema, 0)])
    while waiting:
        node, depth = waiting.popleft()
        if leaf in node.properties:
            return node.properties[leaf]
        if depth < DEEPEST:
            below = [*node.properties.values(), *([node.items] if node.items else [])]
            waiting.extend((child, depth + 1) for child in below)
    return None
