"""What one schema says differently from another, level by level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from checker.domain.schema import MISSING, Schema
from checker.drift.compare.change import REQUEST, Direction
from checker.drift.compare.constraints import plain_words, schemas_below
from checker.drift.compare.discriminators import discriminator
from checker.drift.compare.facts import (
    Fact,
    Pair,
    expanded,
    narrowing_breaks,
    overlap,
    type_names,
    widening_breaks,
)
from checker.drift.compare.variants import plain_against_variants, variants
from checker.drift.compare.view import LOWER, UPPER, View, view

_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}


def level(
    old: Schema, new: Schema, direction: Direction, branch: bool = False
) -> tuple[list[Fact], list[Pair]]:
    """The differences of the two schemas' own level and the pairs of children to go on with.

    Of a branch of a choice `null` isn't told: the choice has it."""
    one, two = view(old), view(new)
    if bool(one.variants) != bool(two.variants):
        return plain_against_variants(one, two, direction)
    facts = list(_type(one, two, direction))
    if branch:
        facts = [fact for fact in facts if not fact.kind.startswith("nullable-")]
    if facts and facts[0].kind == "type-changed" and not overlap(_kinds(one), _kinds(two)):
        return facts, []
    facts += _values(one, two, direction)
    facts += _bounds(one, two, direction)
    facts += _flags(one, two, direction)
    facts += discriminator(one, two, direction)
    facts += plain_words(one, two, direction)
    more, pairs = _children(one, two, direction)
    further, below = schemas_below(one, two, direction)
    return facts + more + further, pairs + below


def _fact(kind: str, breaking: bool, one: View, two: View, old: Any, new: Any) -> Fact:
    return Fact(kind, breaking, old, new, one.location, two.location)


def _kinds(side: View) -> tuple[str, ...]:
    """The types; a file isn't the text that a form has otherwise."""
    return ("file",) if side.types == ("string",) and side.format == "binary" else side.types


def _type(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    before, after = _kinds(one), _kinds(two)
    if before != after:
        old, new = expanded(before), expanded(after)
        if not new or (old and old <= new):
            breaking = widening_breaks(direction)
        elif not old or new <= old:
            breaking = narrowing_breaks(direction)
        else:
            breaking = True
        yield _fact("type-changed", breaking, one, two, type_names(before), type_names(after))
    elif one.written != two.written and not (one.variants or two.variants):
        # what the other keywords imply is the same, so nothing changes for a client
        sides = type_names(one.written), type_names(two.written)
        yield _fact("type-spelled-out", False, one, two, *sides)
    if one.nullable != two.nullable and any(
        side.types or side.enum or side.variants for side in (one, two)
    ):
        kind = "nullable-added" if two.nullable else "nullable-removed"
        breaks = widening_breaks if two.nullable else narrowing_breaks
        yield _fact(kind, breaks(direction), one, two, one.nullable, two.nullable)


def _key(value: Any) -> tuple[str, str]:
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return kind or type(value).__name__, repr(float(value)) if kind else repr(value)


def _same(old: Any, new: Any) -> bool:
    return _key(old) == _key(new) if not isinstance(old, dict | list) else bool(old == new)


def _values(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    if one.enum is None and two.enum is not None:
        breaking = narrowing_breaks(direction)
        yield _fact("enum-added", breaking, one, two, None, list(two.enum))
    elif one.enum is not None and two.enum is None:
        yield _fact("enum-removed", widening_breaks(direction), one, two, list(one.enum), None)
    elif one.enum is not None and two.enum is not None:
        old = {_key(v): v for v in one.enum}
        new = {_key(v): v for v in two.enum}
        added = [v for k, v in new.items() if k not in old]
        removed = [v for k, v in old.items() if k not in new]
        if added:
            breaking = widening_breaks(direction)
            fact = _fact("enum-value-added", breaking, one, two, None, added)
            yield replace(fact, whole=(list(one.enum), list(two.enum)))
        if removed:
            breaking = narrowing_breaks(direction)
            fact = _fact("enum-value-removed", breaking, one, two, removed, None)
            yield replace(fact, whole=(list(one.enum), list(two.enum)))
    if one.known != two.known:
        yield from _known(one, two)
    if one.format != two.format and _kinds(one) == _kinds(two):
        yield _fact(
            "format-changed",
            _breaks_text(one.format, two.format, direction),
            one,
            two,
            one.format or None,
            two.format or None,
        )
    if one.pattern != two.pattern:
        breaking = _breaks_text(one.pattern, two.pattern, direction)
        yield _fact("pattern-changed", breaking, one, two, one.pattern or None, two.pattern or None)
    if not _same(one.default, two.default):
        breaking = direction == REQUEST and one.default is not MISSING
        yield _fact("default-changed", breaking, one, two, _json(one.default), _json(two.default))


def _known(one: View, two: View) -> Iterator[Fact]:
    """Values of open enums: others were allowed before and are after."""
    old, new = {_key(v): v for v in one.known}, {_key(v): v for v in two.known}
    added = [v for k, v in new.items() if k not in old]
    removed = [v for k, v in old.items() if k not in new]
    if added:
        yield _fact("known-value-added", False, one, two, None, added)
    if removed:
        yield _fact("known-value-removed", False, one, two, removed, None)


def _breaks_text(old: str, new: str, direction: Direction) -> bool:
    """For formats and patterns: none is wider than some, two different ones break either way."""
    if not new or (old, new) in _WIDER_FORMATS:
        return widening_breaks(direction)
    if not old or (new, old) in _WIDER_FORMATS:
        return narrowing_breaks(direction)
    return True


def _json(value: Any) -> Any:
    return None if value is MISSING else value


def _bounds(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    for name in (*LOWER, *UPPER, "multipleOf", "uniqueItems"):
        old, new = one.bounds.get(name), two.bounds.get(name)
        if old == new:
            continue
        tighter, looser = _tightness(name, old, new)
        breaking = (tighter and narrowing_breaks(direction)) or (
            looser and widening_breaks(direction)
        )
        yield _fact("bound-changed", breaking, one, two, _bound(name, old), _bound(name, new))


def _tightness(name: str, old: Any, new: Any) -> tuple[bool, bool]:
    """(something allowed before is no longer, something new is allowed)."""
    if old is None:
        return True, False
    if new is None:
        return False, True
    if name == "multipleOf":
        tighter, looser = not _multiple(old, new), not _multiple(new, old)
        return tighter, looser
    old, new = _ordered(name, old), _ordered(name, new)
    greater = new > old
    tighter = greater if name in LOWER else not greater
    return tighter, not tighter


def _multiple(value: float, of: float) -> bool:
    return bool(of) and abs(value / of - round(value / of)) < 1e-9


def _ordered(name: str, value: Any) -> Any:
    if name == "minimum":
        return value[0], int(value[1])
    if name == "maximum":
        return value[0], -int(value[1])
    return value


def _bound(name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        limit, exclusive = value
        limit = int(limit) if float(limit).is_integer() else limit
        return {f"exclusive{name.capitalize()}" if exclusive else name: limit}
    return {name: value}


def _flags(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    if one.closed != two.closed:
        kind = "additional-properties-closed" if two.closed else "additional-properties-opened"
        breaking = two.closed and narrowing_breaks(direction)
        yield _fact(kind, breaking, one, two, not one.closed, not two.closed)
    if one.deprecated != two.deprecated:
        kind = "deprecated" if two.deprecated else "undeprecated"
        yield _fact(kind, False, one, two, one.deprecated, two.deprecated)


def _hidden(side: View, direction: Direction) -> bool:
    return side.read_only if direction == REQUEST else side.write_only


def _children(one: View, two: View, direction: Direction) -> tuple[list[Fact], list[Pair]]:
    facts: list[Fact] = []
    pairs: list[Pair] = []
    for name in one.properties:
        if name in two.properties:
            more, pair = _property(name, one, two, direction)
            facts += more
            pairs += pair
        else:
            facts.append(_gone(name, one, two, direction))
    facts += [_come(n, one, two, direction) for n in two.properties if n not in one.properties]
    facts += _required_alone(one, two, direction)
    for word, segment in (("items", "[]"), ("additional", ".*")):
        old, new = getattr(one, word), getattr(two, word)
        if old is not None and new is not None:
            pairs.append(Pair(segment, old, new))
            facts += [replace(fact, segment=segment) for fact in marks(old, new)]
        elif old is not None or new is not None:
            facts += _one_sided(word, old, new, one, two, direction)
    more, branches = variants(one, two, direction)
    return facts + more, pairs + branches


def _property(
    name: str, one: View, two: View, direction: Direction
) -> tuple[list[Fact], list[Pair]]:
    """A property that both sides have."""
    child, other = one.properties[name], two.properties[name]
    old, new = view(child), view(other)
    before, after = _hidden(old, direction), _hidden(new, direction)
    pair = Pair("." + name, child, other)
    if before and after:
        return [], [pair.with_hidden()]
    if before != after:
        return [_visibility(name, old, new, direction, after)], []
    facts: list[Fact] = []
    for word in ("read_only", "write_only"):
        if getattr(old, word) != getattr(new, word):
            # of no effect in this direction
            facts.append(_marked(name, word, old, new))
    was, now = name in one.required, name in two.required
    if was != now:
        kind = "required-added" if now else "required-removed"
        breaking = narrowing_breaks(direction) if now else widening_breaks(direction)
        facts.append(Fact(kind, breaking, was, now, old.location, new.location, name))
    return facts, [pair]


def _required_alone(one: View, two: View, direction: Direction) -> Iterator[Fact]:
    """Names that are required and described on one side at most, or not at all."""
    for name in sorted(one.required ^ two.required):
        was, now = name in one.required, name in two.required
        described = name in one.properties, name in two.properties
        if all(described) or (described[0] and not now) or (described[1] and not was):
            continue
        kind = "required-added" if now else "required-removed"
        breaking = narrowing_breaks(direction) if now else widening_breaks(direction)
        yield Fact(kind, breaking, was, now, one.location, two.location, name)


def _one_sided(
    word: str, old: Schema | None, new: Schema | None, one: View, two: View, direction: Direction
) -> Iterator[Fact]:
    """Items, or members without a name, that one side alone describes."""
    given = new if new is not None else old
    closed = word == "additional" and (one.closed or two.closed)
    if given is None or closed or not view(given).told:
        return
    name = "items" if word == "items" else "additionalProperties"
    said = {name: _describe(given, False)["type"]}
    if new is None:
        yield _fact("constraint-removed", widening_breaks(direction), one, two, said, None)
    else:
        yield _fact("constraint-added", narrowing_breaks(direction), one, two, None, said)


def marks(old: Schema, new: Schema) -> Iterator[Fact]:
    """What is said of a whole body or parameter that has a meaning for members only."""
    one, two = view(old), view(new)
    for word in ("read_only", "write_only"):
        if getattr(one, word) != getattr(two, word):
            yield _marked("", word, one, two)


def _marked(name: str, word: str, old: View, new: View) -> Fact:
    was, now = getattr(old, word), getattr(new, word)
    kind = f"{word.replace('_', '-')}-{'added' if now else 'removed'}"
    return Fact(kind, False, was, now, old.location, new.location, name, hidden=True)


def _gone(name: str, one: View, two: View, direction: Direction) -> Fact:
    child = one.properties[name]
    described = _describe(child, name in one.required)
    at = two.location.child("properties")
    hidden = _hidden(view(child), direction)
    return Fact(
        "field-removed", not hidden, described, None, child.location, at, name, hidden=hidden
    )


def _come(name: str, one: View, two: View, direction: Direction) -> Fact:
    child, required = two.properties[name], name in two.required
    hidden = _hidden(view(child), direction)
    breaking = required and direction == REQUEST and not hidden
    described = _describe(child, required)
    at = one.location.child("properties")
    return Fact("field-added", breaking, None, described, at, child.location, name, hidden=hidden)


def _visibility(name: str, old: View, new: View, direction: Direction, hidden: bool) -> Fact:
    word = "read-only" if direction == REQUEST else "write-only"
    kind = f"{word}-added" if hidden else f"{word}-removed"
    return Fact(kind, hidden, not hidden, hidden, old.location, new.location, name)


def _describe(schema: Schema, required: bool) -> dict[str, Any]:
    return {"type": type_names(view(schema).types), "required": required}
