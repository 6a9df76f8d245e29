"""Walks two schemas side by side; what was compared once isn't compared again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from checker.domain.schema import Schema
from checker.drift.compare.change import Direction
from checker.drift.compare.facts import Fact, Pair
from checker.drift.compare.sameness import Sameness, lookup
from checker.drift.compare.schemas import level

_MAX_DEPTH = 40
_Key = tuple[Any, ...]
_MERGING = ("$ref", "allOf", "oneOf", "anyOf")


class SchemaWalk:
    """Compares schemas of one pair of documents.

    A schema is *sole* where the one node at its location says everything about it: not where
    several nodes (branches of an `allOf`) were merged into it. Only sole schemas are compared by
    their nodes' text, and found again by their location alone.
    """

    def __init__(
        self,
        files: tuple[str, str],
        raws: tuple[Mapping[str, Any], Mapping[str, Any]],
        sameness: Sameness | None,
    ) -> None:
        self._files = files
        self._raws = raws
        self._sameness = sameness
        self._levels: dict[_Key, tuple[list[Fact], list[tuple[Pair, _Key | None]]]] = {}

    def changes(self, one: Schema, two: Schema, direction: Direction) -> Iterator[tuple[str, Fact]]:
        """(dotted path, fact) for every difference, in document order."""
        sole = all(self._sole_root(side, schema) for side, schema in enumerate((one, two)))
        root = self._enter(one, two, direction, sole)
        stack: list[tuple[str, _Key, int]] = [("", root, 0)] if root else []
        seen = {root}
        while stack:
            prefix, key, depth = stack.pop()
            facts, children = self._levels[key]
            for fact in facts:
                yield join(prefix, f".{fact.segment}" if fact.segment else ""), fact
            below: list[tuple[str, _Key, int]] = []
            for number, (pair, known) in enumerate(children):
                child = known
                if child is None:
                    child = self._enter(pair.old, pair.new, direction, pair.sole) or ()
                    children[number] = (pair, child)
                if child and child not in seen and depth < _MAX_DEPTH:
                    seen.add(child)
                    below.append((join(prefix, pair.segment), child, depth + 1))
            stack.extend(reversed(below))

    def _enter(self, one: Schema, two: Schema, direction: Direction, sole: bool) -> _Key | None:
        """The key of a compared pair of schemas; None where they are certainly the same."""
        key: _Key = (_place(one), _place(two), direction)
        if not sole:
            key = (*key, _outline(one), _outline(two))
        if key in self._levels:
            return key
        inside = (one.location.file, two.location.file) == self._files
        if (
            sole
            and inside
            and self._sameness is not None
            and self._sameness.at(one.location.pointer, two.location.pointer)
        ):
            return None
        facts, pairs = level(one, two, direction)
        parents = (one, two)
        plain = [sole and self._plain(side, schema) for side, schema in enumerate(parents)]
        judged = [
            pair.with_sole(
                all(
                    _sole(child, parents[side], pair.segment, sole, plain[side])
                    for side, child in enumerate((pair.old, pair.new))
                )
            )
            for pair in pairs
        ]
        self._levels[key] = facts, [(pair, None) for pair in judged]
        return key

    def _node(self, side: int, schema: Schema) -> Any:
        if schema.location.file != self._files[side]:
            return None
        return lookup(self._raws[side], schema.location.pointer)

    def _plain(self, side: int, schema: Schema) -> bool:
        """Whether each child of the schema comes from one node."""
        node = self._node(side, schema)
        return isinstance(node, Mapping) and not any(word in node for word in _MERGING)

    def _sole_root(self, side: int, schema: Schema) -> bool:
        """A body or parameter schema stands at its node; one made of form fields doesn't."""
        node = self._node(side, schema)
        return isinstance(node, Mapping) and node.get("in") != "formData"


def join(prefix: str, segment: str) -> str:
    """`a` and `.b` → `a.b`; `[]` follows directly."""
    return prefix + segment if prefix else segment.removeprefix(".")


def _sole(child: Schema, parent: Schema, segment: str, sole: bool, plain: bool) -> bool:
    if child is parent:
        return sole
    if segment == "" or plain:
        return True
    fragment = (child.reference or "-").partition("#")[2]
    # A bare reference is never merged with anything: the schema stands at its target.
    return child.reference is not None and unquote(fragment) == child.location.pointer


def _place(schema: Schema) -> _Key:
    return schema.location.file, schema.location.pointer, schema.reference


def _outline(schema: Schema) -> _Key:
    """What tells merged schemas apart that begin at the same node."""
    return (
        schema.types,
        repr(schema.enum),
        schema.format,
        schema.pattern,
        schema.minimum,
        schema.maximum,
        schema.min_length,
        schema.max_length,
        repr(schema.default),
        schema.required,
        tuple(schema.properties),
        schema.items is None,
        len(schema.variants),
        schema.read_only,
        schema.write_only,
    )
