"""What the values of a JSON value would be the identifiers of. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.planning.producers import noun_of

MAX_DEPTH = 7
Role = tuple[str, str]
"""A noun and the identifier of such a thing, as text."""
PLACE = "\0"


def roles(node: Any, parent: str = "", name: str = "", depth: int = 0) -> Iterator[Role]:
    """The role of each scalar in a JSON value: told by its own name or, where that is a plain
    `id`, by that of what it stands in."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from roles(value, name, str(key), depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from roles(value, parent, name, depth + 1)
    elif _noun(name, parent) and _is_scalar(node):
        yield _noun(name, parent), str(node)


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
    return PLACE if _is_scalar(node) and (_noun(name, parent), str(node)) in left_out else node


def _noun(name: str, parent: str) -> str:
    return noun_of(name) or noun_of(parent)


def _is_scalar(node: Any) -> bool:
    return isinstance(node, (str, int)) and not isinstance(node, bool)
