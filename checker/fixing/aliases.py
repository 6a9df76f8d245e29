"""Where one node of a YAML file stands in several places, by its aliases. Pure.

A patch names the places of an API. An anchor often stands in an extension (`x-common: &error`),
which is no part of it: what changes at all places that use it changes there as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from checker.domain.pointer import pointer_of
from checker.fixing.json_patch import parse_pointer
from checker.fixing.yaml_text import member, merged_into

Tokens = tuple[str, ...]
MOST_PLACES = 50_000


class Anchors:
    """The places of a file's nodes, each part of it walked once."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._places = _places(root)

    def followed(self, patch: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The patch, with its changes of nodes that stand in extensions too made there as well."""
        steps = list(patch)
        known = {parse_pointer(str(s.get("path", ""))) for s in steps if s.get("op") != "test"}
        more: list[Mapping[str, Any]] = []
        for step in steps:
            tokens = parse_pointer(str(step.get("path", "")))
            if step.get("op") == "test" or not tokens:
                continue
            for above in self._places.get(_owner(self._root, tokens), ()):
                place = (*above, tokens[-1])
                if place not in known and any(t.startswith("x-") for t in above):
                    known.add(place)
                    more.append({**step, "path": pointer_of(place)})
        return [*steps, *more]


def _owner(root: Any, tokens: Tokens) -> int:
    """The mapping or list that has the last member of a path; 0 where there is none."""
    node = root
    for number, token in enumerate(tokens):
        if isinstance(node, yaml.MappingNode):
            owner, at = member(node, token)
            if number == len(tokens) - 1:
                return id(owner)
            if at is None:
                return 0
            node = owner.value[at][1]
        elif isinstance(node, yaml.SequenceNode) and number < len(tokens) - 1:
            if not token.isdigit() or int(token) >= len(node.value):
                return 0
            node = node.value[int(token)]
        else:
            return id(node)
    return 0


def _places(root: Any) -> dict[int, list[Tokens]]:
    """Each mapping and list, with the places where it stands or is merged into."""
    found: dict[int, list[Tokens]] = {}
    stack: list[tuple[Any, Tokens]] = [(root, ())]
    for _ in range(MOST_PLACES):
        if not stack:
            return found
        node, place = stack.pop()
        found.setdefault(id(node), []).append(place)
        if isinstance(node, yaml.MappingNode):
            for merged in merged_into(node):
                found.setdefault(id(merged), []).append(place)
            for mapping in (node, *merged_into(node)):
                stack += [(v, (*place, str(k.value))) for k, v in mapping.value if _holds(v)]
        elif isinstance(node, yaml.SequenceNode):
            stack += [(v, (*place, str(n))) for n, v in enumerate(node.value) if _holds(v)]
    return {}


def _holds(node: Any) -> bool:
    return isinstance(node, (yaml.MappingNode, yaml.SequenceNode))
