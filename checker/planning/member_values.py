"""Objects that differ from a documented one in one member: another value or another type. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.numbers import is_number
from checker.domain.schema import Schema
from checker.planning.wrong_values import wrong_types

MAX_MEMBERS = 8
MAX_VALUES = 4
MAX_DEPTH = 3
_NUMBERS = (1, 10, 100)
Path = tuple[str | int, ...]


def otherwise(schema: Schema, value: Any) -> Iterator[Any]:
    """The value with one of its members changed: another documented value, then other types."""
    for path, inner, node in list(_scalars(schema, value, ()))[:MAX_MEMBERS]:
        others = [v for v in inner.enumerated if v not in (None, node)]
        types = [v for v in wrong_types(inner, node) if not isinstance(v, dict)]
        if is_number(node):
            others += [n for n in _NUMBERS if n != node]
        others += [*_NUMBERS, *types] if isinstance(node, str) and not others else types
        for other in others[:MAX_VALUES]:
            yield _put(value, path, other)


def _scalars(schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, Schema, Any]]:
    if len(path) > MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in schema.properties:
                yield from _scalars(schema.properties[name], inner, (*path, name))
    elif isinstance(value, list):
        if value and schema.items is not None:
            yield from _scalars(schema.items, value[0], (*path, 0))
    else:
        yield path, schema, value


def _put(value: Any, path: Path, other: Any) -> Any:
    made = copy.deepcopy(value)
    node = made
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = other
    return made
