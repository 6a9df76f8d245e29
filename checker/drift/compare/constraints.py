"""Keywords without an attribute of their own: what binds, and what is only told as changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.domain.schema import MISSING, Schema
from checker.drift.compare.change import Direction
from checker.drift.compare.digest import canonical, digest
from checker.drift.compare.facts import Fact, Pair, narrowing_breaks, widening_breaks
from checker.drift.compare.view import View

UNCLASSIFIED = "unclassified"
_BRANCHES = ("if", "then", "else")
_BINDING = frozenset(
    {
        "dependentRequired", "dependencies", "minContains", "maxContains", "items", "schema",
        "unevaluatedProperties", "unevaluatedItems", "additionalItems",
    }
)  # fmt: skip
_CONTENT = frozenset({"contentEncoding", "contentMediaType"})
_INSIDE = {
    "patternProperties": ".<{}>",
    "prefixItems": "[{}]",
    "contains": "[]",
    "additionalItems": "[]",
    "unevaluatedItems": "[]",
    "unevaluatedProperties": ".*",
    "propertyNames": ".<name>",
    "dependentSchemas": "",
    "then": "",
    "else": "",
    "contentSchema": "",
}
"""Keywords whose schema binds a part of the value, and how a field's name goes on there. The
others (`not`, `if`, a second choice) turn what they say around, or choose: any change counts."""


def plain_words(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    """Differences of plain keywords."""
    for word in dict.fromkeys((*one.rest, *two.rest)):
        old, new = one.rest.get(word, MISSING), two.rest.get(word, MISSING)
        if canonical(_sorted(old)) == canonical(_sorted(new)):
            continue
        name = word.partition(" (")[0]
        if name in _BINDING:
            yield _constraint(word, old, new, one, two, direction)
        elif name in _CONTENT:
            yield Fact("content-changed", True, *_named(word, old, new), one.location, two.location)
        else:
            yield Fact(UNCLASSIFIED, False, *_named(word, old, new), one.location, two.location)


def _shown_or_missing(schema: Schema | None) -> Any:
    return MISSING if schema is None else _shown(schema)


def schemas_below(one: View, two: View, direction: Direction) -> tuple[list[Fact], list[Pair]]:
    """Differences of the schemas under further keywords, and the pairs to go on with."""
    facts: list[Fact] = []
    pairs: list[Pair] = []
    before, after = one.schema.others, two.schema.others
    if ("if" in before) != ("if" in after):
        facts.append(_condition(one, two, direction))
        before, after = (
            {n: s for n, s in o.items() if n not in _BRANCHES} for o in (before, after)
        )
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            sides = [_shown_or_missing(side) for side in (old, new)]
            facts.append(_constraint(name, sides[0], sides[1], one, two, direction))
            continue
        segment = _INSIDE.get(name.partition("/")[0].partition(" (")[0])
        if segment is not None:
            pairs.append(Pair(segment.format(name.partition("/")[2]), old, new))
        elif digest(old) != digest(new):
            said = _shown(old), _shown(new)
            kind, places = "constraint-changed", (old.location, new.location)
            facts.append(Fact(kind, True, {name: said[0]}, {name: said[1]}, *places))
    return facts, pairs


def _condition(one: View, two: View, direction: Direction) -> Fact:
    """A condition with what follows from it, as one."""
    sides = [
        {name: _shown(side.schema.others[name]) for name in _BRANCHES if name in side.schema.others}
        for side in (one, two)
    ]
    added = "if" in sides[1]
    breaking = narrowing_breaks(direction) if added else widening_breaks(direction)
    kind = "constraint-added" if added else "constraint-removed"
    return Fact(kind, breaking, sides[0] or None, sides[1] or None, one.location, two.location)


def _constraint(word: str, old: Any, new: Any, one: View, two: View, direction: Direction) -> Fact:
    places = one.location, two.location
    if old is MISSING:
        breaking = narrowing_breaks(direction)
        return Fact("constraint-added", breaking, None, {word: new}, *places)
    if new is MISSING:
        breaking = widening_breaks(direction)
        return Fact("constraint-removed", breaking, {word: old}, None, *places)
    return Fact("constraint-changed", True, {word: old}, {word: new}, *places)


def _named(word: str, old: Any, new: Any) -> tuple[Any, Any]:
    return tuple(None if said is MISSING else {word: said} for said in (old, new))  # type: ignore[return-value]


def _shown(schema: Schema) -> Any:
    return dict(schema.raw) if schema.raw else schema.reference or {}


def _sorted(said: Any) -> Any:
    """Lists of names without their order."""
    if isinstance(said, dict):
        return {word: _sorted(value) for word, value in said.items()}
    if isinstance(said, list) and all(isinstance(item, str) for item in said):
        return sorted(said)
    return said
