"""Which members of an operation's answers could be sent, too? By the object that they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.exchange import Call
from checker.domain.location import Location
from checker.domain.names import member_name
from checker.domain.nodes import mapping_of
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema, json_type
from checker.experiments.writing import SERVERS_OWN

MAX_DEPTH = 3
MAX_OBJECTS = 2
_UNKNOWN = Location("")


@dataclass(frozen=True, slots=True)
class ObjectMembers:
    """An object of the request (`name`: its dotted name, empty for the body itself) with the
    names that it may have, and the members of the answer's object that is about the same."""

    name: str
    known: frozenset[str]
    shown: Mapping[str, Any]


def levels(call: Call, operation: Operation, answer: Any) -> Iterator[ObjectMembers]:
    """The objects of a request that an answer shows, too, the outermost first.

    An object that only wraps others is none: its members are of the envelope.
    """
    for name, sent in _objects(call.body, ""):
        direct = _documented(operation, name)
        wraps = len(sent) == 1 and all(isinstance(v, Mapping) for v in sent.values())
        if not direct or wraps or _is_map(operation, FieldKey(Place.BODY, name)):
            continue
        shown = _alike(answer, direct | set(sent))
        if shown:
            yield ObjectMembers(name, direct, shown)


def _documented(operation: Operation, name: str) -> frozenset[str]:
    """The names that an object of the request is documented to have."""
    start = f"{name}." if name else ""
    inner = (k.name for k in operation.fields if k.place is Place.BODY)
    below = (n.removeprefix(start) for n in inner if n.startswith(start))
    return frozenset(n for n in below if "." not in n and "[]" not in n)


def unknown_members(level: ObjectMembers, schemas: Mapping[str, Schema]) -> Iterator[Field]:
    """Fields that the level isn't documented to have, of which answers show the names or are
    documented (`schemas`) to show them; servers' own names left out. Of objects only a few, and
    those that an answer shows whole: nobody knows what else their members may be."""
    objects = 0
    for name in dict.fromkeys([*level.shown, *schemas]):
        if name in level.known or name.lower() in SERVERS_OWN:
            continue
        shown = level.shown.get(name)
        schema = schemas.get(name) or made(shown)
        if schema is None or schema.read_only:
            continue
        if schema.properties:
            if objects >= MAX_OBJECTS or not _of_scalars(shown):
                continue
            objects += 1
        dotted = member_name(level.name, name)
        yield Field(FieldKey(Place.BODY, dotted), False, schema, _UNKNOWN, _UNKNOWN)


def shown_schemas(operation: Operation, known: frozenset[str]) -> Mapping[str, Schema]:
    """The members of the object in the documented answer that has most of the names."""
    best: tuple[int, Mapping[str, Schema]] = (0, {})
    for response in operation.responses:
        for schema in response.content.values() if response.status[:1] == "2" else ():
            for members in _schema_objects(schema, 0):
                score = len(known & set(members))
                best = max(best, (score, members), key=lambda one: one[0])
    return best[1]


def _schema_objects(schema: Schema | None, depth: int) -> Iterator[Mapping[str, Schema]]:
    if schema is None or depth > MAX_DEPTH:
        return
    if schema.properties:
        yield schema.properties
    for child in schema.properties.values():
        yield from _schema_objects(child, depth + 1)


def _objects(node: Any, name: str, depth: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(node, Mapping) or depth > MAX_DEPTH:
        return
    yield name, node
    for member, inner in node.items():
        yield from _objects(inner, member_name(name, member), depth + 1)


def _alike(answer: Any, names: frozenset[str] | set[str]) -> Mapping[str, Any]:
    """The object of an answer that has most of some names; empty where none has any."""
    best: Mapping[str, Any] = {}
    most, queue, looked = 0, [answer], 0
    while queue and looked < 200:
        node, looked = queue.pop(0), looked + 1
        if isinstance(node, Mapping):
            shared = len(names & set(node))
            if shared > most:
                most, best = shared, node
            queue += [v for v in node.values() if isinstance(v, Mapping)]
    return best


def _is_map(operation: Operation, key: FieldKey) -> bool:
    """Whether any name may stand in the object by its documents."""
    if key.name:
        field = operation.fields.get(key)
        found = [field.schema] if field is not None else []
    else:
        found = [s for s in operation.body.values() if s is not None]
    return any(s.additional not in (None, False) and not s.properties for s in found)


def _of_scalars(value: Any) -> bool:
    inner = mapping_of(value).values()
    return bool(inner) and all(isinstance(v, (str, int, float, bool)) for v in inner)


def made(value: Any) -> Schema | None:
    """What a value says of its own schema; None where it shows nothing to send."""
    if value is None or isinstance(value, (Mapping, list)):
        return None
    return Schema(_UNKNOWN, types=(json_type(value),))
