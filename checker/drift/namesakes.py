"""What a document says elsewhere of a property of the same name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from checker.documents.loader import schema_at
from checker.domain.location import Location
from checker.domain.nodes import mapping_of
from checker.domain.portal import Document, Portal
from checker.drift.build import capital
from checker.drift.compare.sameness import lookup
from checker.drift.identity import Same
from checker.drift.json_schema import violations
from checker.planning.routes import words

Node = Mapping[str, Any]
LEAST_ALIKE = 2
"""Namesakes in objects that have nothing else in common with the one at hand."""
LEAST_BESIDE = 3
"""Properties that are all described before a new one has to be."""
_OF_VALUES = ("type", "format", "nullable", "x-nullable")


def like_its_namesake(
    made: Node, name: str, values: Sequence[Any], place: Location, portal: Portal
) -> dict[str, Any]:
    """A property as it was made from what was seen, with the description that its namesakes have
    where they all have one, and with their type and format where the values follow these; with its
    name in words where it has none and all beside it are described. `place` is where it will stand;
    those of objects that resemble it there are asked first."""
    document = next((d for d in portal.documents if d.info.file == place.file), None)
    if document is None or not isinstance(made.get("type"), str):
        return dict(made)
    alike = [n for n in _nearest(name, place, document) if n.get("type") == made["type"]]
    result = dict(made)
    shapes = [{k: n[k] for k in _OF_VALUES if k in n} for n in alike]
    if shapes and all(s == shapes[0] for s in shapes) and _follow(values, shapes[0], document):
        result |= shapes[0]
    said = {n.get("description") for n in alike}
    if not said - {None}:
        said = {_by_name(name, place, document)}
    if len(said) == 1 and isinstance(text := said.pop(), str) and text.strip():
        result.setdefault("description", text)
    return result


def _by_name(name: str, place: Location, document: Document) -> str:
    """A property's name in words, where all that stands beside it is described; else empty."""
    beside = [n for n in _at(document.raw, place).values() if isinstance(n, Mapping)]
    described = [n for n in beside if "$ref" in n or n.get("description")]
    is_habit = len(beside) >= LEAST_BESIDE and len(described) == len(beside)
    return f"{capital(' '.join(words(name)))}." if is_habit and words(name) else ""


def _follow(values: Sequence[Any], node: Node, document: Document) -> bool:
    schema = schema_at(node, Location(document.info.file), document.raw, document.info.dialect)
    return bool(values) and not any(violations(schema, value) for value in values)


def _nearest(name: str, place: Location, document: Document) -> list[Node]:
    """Of the properties of a name those beside which most stands that stands at the place; where
    nothing does, all of them. One alone may be about another thing ("When this token was made"):
    it counts where half of what the smaller object has stands in both."""
    beside = _at(document.raw, place)
    known = _index(Same(document.raw)).get(name, [])
    shared = [len(beside.keys() & group.keys()) for group in known]
    most = max(shared, default=0)
    best = [g for g, n in zip(known, shared, strict=True) if n == most]
    if len(best) < LEAST_ALIKE and 2 * most < min([len(beside), *map(len, best)]):
        return []
    found = (g[name] for g in best)
    return [n for n in found if isinstance(n, Mapping) and "$ref" not in n]


def _at(raw: Any, place: Location) -> Mapping[str, Any]:
    """The properties at a place of one of them."""
    node = lookup(raw, place.pointer.rpartition("/")[0])
    return mapping_of(node)


MOST_KEPT = 4


@lru_cache(maxsize=MOST_KEPT)
def _index(raw: Same[Any]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for group in _groups(raw.value):
        for name in group:
            found.setdefault(str(name), []).append(group)
    return found


def _groups(node: Any) -> Iterator[Node]:
    """All `properties` of schemas."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            group = node.get("properties")
            if isinstance(group, Mapping):
                yield group
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def seen_values(bodies: Iterable[Any], name: str) -> list[Any]:
    """What bodies have under a name such as `data.items[].id`."""
    values = list(bodies)
    for part in name.split("."):
        leaf, _, rest = part.partition("[")
        if leaf:
            values = [v[leaf] for v in values if isinstance(v, Mapping) and leaf in v]
        for _ in range(rest.count("]")):
            values = [item for v in values if isinstance(v, list) for item in v]
    return values
