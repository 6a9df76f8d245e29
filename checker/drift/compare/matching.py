"""Which parameter and which body of one document is which of the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.drift.compare.paths import parameter_names
from checker.drift.compare.view import view


def media(content: Mapping[str, Schema | None]) -> dict[str, Schema | None]:
    found: dict[str, Schema | None] = {}
    for name, schema in content.items():
        bare = ";".join(
            part.strip().lower()
            for part in name.split(";")
            if not part.strip().lower().startswith("charset")
        )
        found.setdefault(bare, schema)
    return found


def paired(
    one: Mapping[str, Schema | None], two: Mapping[str, Schema | None]
) -> Iterator[tuple[str, Schema | None, Schema | None]]:
    """Bodies by media type; the only leftover of each side is compared all the same."""
    for name in one:
        if name in two:
            yield name, one[name], two[name]
    left = [name for name in one if name not in two]
    right = [name for name in two if name not in one]
    if len(left) == 1 == len(right):
        yield right[0], one[left[0]], two[right[0]]


def _positions(operation: Operation) -> dict[str, str]:
    """Path parameters by name, with their number in the path."""
    order = {name: str(n) for n, name in enumerate(parameter_names(operation.id.path))}
    declared = [f.key.name for f in operation.parameters if f.key.place is Place.PATH]
    stray = [name for name in declared if name not in order]
    free = [name for name in order if name not in declared]
    if len(stray) == 1 == len(free):
        # a slip in the name: it can mean the other one alone
        order[stray[0]] = order[free[0]]
    return order


def by_key(operation: Operation) -> dict[tuple[str, str], Field]:
    """Parameters by place and name; path parameters by their position, headers in lower case.

    Members that are flattened beside the object they belong to are left out: the object's own
    schema has them.
    """
    order = _positions(operation)
    objects = {f.key for f in operation.parameters if f.schema.properties}
    found: dict[tuple[str, str], Field] = {}
    for field in operation.parameters:
        if _enclosed(field.key, objects):
            continue
        place, name = field.key.place, field.key.name
        if place is Place.PATH:
            name = order.get(name, name)
        elif place is Place.HEADER:
            name = name.lower()
        found.setdefault((place.value, name), field)
    return found


def _enclosed(key: FieldKey, objects: Iterable[FieldKey]) -> bool:
    return any(
        key.place is other.place
        and key.name != other.name
        and key.name.startswith((other.name + ".", other.name + "["))
        for other in objects
    )


def moved_parameters(
    before: Mapping[tuple[str, str], Field],
    after: Mapping[tuple[str, str], Field],
    old: Operation,
    new: Operation,
) -> dict[tuple[str, str], tuple[str, str]]:
    """Parameters that are sent in another place now: old key → new key."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for key in before:
        if key in after or key[0] == "path":
            continue
        targets = [
            other
            for other in after
            if other not in before and other[0] != "path" and other[1].lower() == key[1].lower()
        ]
        if len(targets) == 1:
            found[key] = targets[0]
    return found


def described(field: Field) -> dict[str, Any]:
    types = view(field.schema).types
    shown = types[0] if len(types) == 1 else list(types) or None
    return {"type": shown, "required": field.required}
