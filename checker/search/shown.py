"""A request field that no document lists may be described where answers show it. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.planning.producers import kin, shape

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


def fields_shown(
    operation: Operation, known: Iterable[FieldKey], operations: Iterable[Operation]
) -> tuple[FieldKey, ...]:
    """The fields that only documents of the resource's other sides give it: what stands beside
    members of the request's body in answers about it and in the requests of its changes.

    `known` are the fields that the operation is documented to take.
    """
    beside: dict[str, set[str]] = {}
    for key in known:
        if key.place is Place.BODY:
            beside.setdefault(key.name.rpartition(".")[0], set()).add(key.leaf)
    objects = list(_objects(operation, list(operations))) if beside else []
    found: dict[FieldKey, None] = {}
    for above, names in beside.items():
        nearest = max(objects, key=lambda o: len(names & o.keys()), default={})
        if names & nearest.keys():
            prefix = f"{above}." if above else ""
            rest = [n for n in nearest if n not in names and not nearest[n].read_only]
            found |= dict.fromkeys(FieldKey(Place.BODY, f"{prefix}{n}") for n in rest)
    return tuple(found)


def _objects(
    operation: Operation, operations: Sequence[Operation]
) -> Iterator[Mapping[str, Schema]]:
    """The members of each object that the resource's documents describe."""
    own = shape(operation.id.path)
    item = own if own.endswith("/{}") else f"{own}/{{}}"
    changes = [o for o in operations if o.id != operation.id and shape(o.id.path) == item]
    bodies = [s for o in changes for s in o.body.values() if s is not None]
    answers = [s for o in (operation, *kin(operation.id, operations)) for s in _answers(o)]
    for schema in (*answers, *bodies):
        yield from (node.properties for node in _below(schema) if node.properties)


def _answers(operation: Operation) -> Iterator[Schema]:
    for response in operation.responses:
        if response.status[:1] == "2":
            yield from (s for s in response.content.values() if s is not None)


def _member(schema: Schema, leaf: str) -> Schema | None:
    nodes = (n for n in _below(schema) if leaf in n.properties)
    return next((n.properties[leaf] for n in nodes), None)


def _below(schema: Schema) -> Iterator[Schema]:
    """A schema and those in it, the shallowest first."""
    waiting = deque([(schema, 0)])
    while waiting:
        node, depth = waiting.popleft()
        yield node
        if depth < DEEPEST:
            below = [*node.properties.values(), *([node.items] if node.items else [])]
            waiting.extend((child, depth + 1) for child in below)
