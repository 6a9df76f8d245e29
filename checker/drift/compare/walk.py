"""Walks two schemas side by side; what was compared once isn't compared again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from checker.domain.location import Location
from checker.domain.schema import Schema
from checker.drift.compare.change import Direction
from checker.drift.compare.facts import Fact, Pair
from checker.drift.compare.sameness import Sameness, lookup
from checker.drift.compare.schemas import level, marks

_MAX_DEPTH = 1_000
_MAX_LEVELS = 50_000
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
        """(dotted path, fact) for every difference, in document order.

        What isn't seen in this direction is compared after all else, and marked."""
        sole = all(self._sole_root(side, schema) for side, schema in enumerate((one, two)))
        root = self._enter(Pair("", one, two, sole), direction)
        yield from (("", fact) for fact in marks(one, two))
        stack: list[tuple[str, _Key, int, bool]] = [("", root, 0, False)] if root else []
        seen = {root}
        later: list[tuple[str, _Key, int, bool]] = []
        while stack or later:
            if not stack:
                stack.append(later.pop())
                if stack[0][1] in seen:
                    stack.pop()
                    continue
                seen.add(stack[0][1])
            prefix, key, depth, hidden = stack.pop()
            facts, children = self._levels[key]
            for fact in facts:
                told = replace(fact, breaking=False, hidden=True) if hidden else fact
                named = fact.segment if fact.segment[:1] in ("[", ".", "") else f".{fact.segment}"
                yield join(prefix, named), told
            below: list[tuple[str, _Key, int, bool]] = []
            for number, (pair, known) in enumerate(children):
                child = known
                if child is None:
                    child = self._enter(pair, direction) or ()
                    children[number] = (pair, child)
                if child and child not in seen and depth < _MAX_DEPTH and len(seen) < _MAX_LEVELS:
                    step = (join(prefix, pair.segment), child, depth + 1, hidden or pair.hidden)
                    if pair.hidden and not hidden:
                        later.append(step)
                        continue
                    seen.add(child)
                    below.append(step)
            stack.extend(reversed(below))

    def _same_text(self, one: Location, two: Location) -> bool:
        """Whether the documents are the same below these places."""
        if self._sameness is None or (one.file, two.file) != self._files:
            return False
        return self._sameness.at(one.pointer, two.pointer)

    def _enter(self, pair: Pair, direction: Direction) -> _Key | None:
        """The key of a compared pair of schemas; None where they are certainly the same."""
        one, two, sole = pair.old, pair.new, pair.sole
        key: _Key = (_place(one), _place(two), direction, pair.branch)
        if not sole:
            key = (*key, one.origin, two.origin)
        if key in self._levels:
            return key
        if sole and self._same_text(one.location, two.location):
            return None
        facts, pairs = level(one, two, direction, pair.branch)
        parents = (one, two)
        plain = [sole and self._plain(side, schema) for side, schema in enumerate(parents)]
        judged = [
            child.with_sole(
                all(
                    _sole(schema, parents[side], child.segment, sole, plain[side])
                    for side, schema in enumerate((child.old, child.new))
                )
            )
            for child in pairs
        ]
        self._levels[key] = facts, [(child, None) for child in judged]
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
