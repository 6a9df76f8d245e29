"""What the values of a JSON value would be the identifiers of. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from checker.domain.nodes import list_of, mapping_of, member_of
from checker.planning.producers import IDENTIFIERS, noun_of
from checker.planning.routes import singular, words
from checker.safety.brought import scalar

MAX_DEPTH = 7
Role = tuple[str, str]
"""A noun and the identifier of such a thing, as text."""
PLACE = "\0"
LEAST_ALIKE = 2
"""Of members that come back: one may be another thing's by chance."""


def roles(node: Any, parent: str = "", name: str = "", depth: int = 0) -> Iterator[Role]:
    """The role of each scalar in a JSON value: told by its own name or, where that is a plain
    `id`, by that of what it stands in."""
    if depth > MAX_DEPTH:
        return
    if scalar(node):
        noun = _noun(name, parent)
        if noun:
            yield noun, str(node)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from roles(value, name, str(key), depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from roles(value, parent, name, depth + 1)


def referred(node: Any, listed: bool = False, name: str = "", depth: int = 0) -> Iterator[Role]:
    """The roles of the scalars that are named as identifiers of other things; `listed`: of those in
    lists, be it of identifiers (`document_ids`) or of objects that have them."""
    if depth > MAX_DEPTH:
        return
    if scalar(node):
        if _refers(name):
            yield noun_of(name), str(node)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if not (listed and scalar(value)):
                yield from referred(value, listed, str(key), depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from referred(value, False, name, depth + 1)


def bounding(node: Any, members: Collection[str], name: str = "", depth: int = 0) -> Iterator[Role]:
    """The roles of all texts and numbers that the members of some names hold."""
    if depth > MAX_DEPTH:
        return
    for member, child in mapping_of(node).items():
        inside = str(member) if str(member) in members else name
        yield from bounding(child, members, inside, depth + 1)
    for item in list_of(node):
        yield from bounding(item, members, name, depth + 1)
    if name and node and scalar(node):
        yield noun_of(name) or singular(name), str(node)


def within_lists(node: Any, name: str = "", depth: int = 0) -> Iterator[Role]:
    """The roles of the plain `id`s of the objects that stand in lists: told by the list's name."""
    if depth > MAX_DEPTH:
        return
    for member, child in mapping_of(node).items():
        yield from within_lists(child, str(member), depth + 1)
    for item in list_of(node):
        own = member_of(item, "id")
        if name and scalar(own):
            yield noun_of(name), str(own)
        yield from within_lists(item, name, depth + 1)


def within_objects(node: Any, name: str = "", depth: int = 0) -> Iterator[Role]:
    """The roles of the plain `id`s of objects, told by the member that holds each, or its list."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        if name and scalar(own := node.get("id")):
            yield noun_of(name), str(own)
        for member, child in node.items():
            yield from within_objects(child, str(member), depth + 1)
    for item in list_of(node):
        yield from within_objects(item, name, depth + 1)


@lru_cache(maxsize=20_000)
def _refers(name: str) -> bool:
    """Whether a member is named as identifiers of another kind of thing."""
    parts = words(name)
    return len(parts) > 1 and singular(parts[-1]) in IDENTIFIERS | {"id"} and bool(noun_of(name))


def without(
    node: Any, left_out: set[Role], parent: str = "", name: str = "", depth: int = 0
) -> Any:
    """A JSON value with a mark in the place of the scalars in some roles."""
    if depth > MAX_DEPTH:
        return node
    if isinstance(node, Mapping):
        return {k: without(v, left_out, name, str(k), depth + 1) for k, v in node.items()}
    if isinstance(node, list):
        return [without(v, left_out, parent, name, depth + 1) for v in node]
    return PLACE if scalar(node) and (_noun(name, parent), str(node)) in left_out else node


def comes_back(body: Any, shown: Mapping[Any, Any]) -> bool:
    """Whether an object has two or more of a body's members, and at least half, as they were
    sent: then it is what was sent, whatever it stands in."""
    if isinstance(body, Mapping) and len(body) == 1:
        (inner,) = body.values()
        body = inner if isinstance(inner, Mapping) else body
    if not isinstance(body, Mapping):
        return False
    same = sum(name in shown and _alike(value, shown[name]) for name, value in body.items())
    return same >= LEAST_ALIKE and 2 * same >= len(body)


def _alike(sent: Any, shown: Any) -> bool:
    return bool(sent == shown) or (scalar(shown) and str(sent) == str(shown))


@lru_cache(maxsize=20_000)
def _noun(name: str, parent: str) -> str:
    return noun_of(name) or noun_of(parent)
