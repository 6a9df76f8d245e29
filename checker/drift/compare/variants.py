"""What `oneOf` and `anyOf` say differently: branches matched by name, then by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.domain.schema import Schema
from checker.drift.compare.change import Direction
from checker.drift.compare.facts import (
    Fact,
    Pair,
    narrowing_breaks,
    overlap,
    type_names,
    widening_breaks,
)
from checker.drift.compare.view import View, view


def variants(one: View, two: View, direction: Direction) -> tuple[list[Fact], list[Pair]]:
    """Branches matched by name, then by what they are."""
    old: Sequence[Schema] = one.variants
    new: Sequence[Schema] = two.variants
    if not old and not new:
        return [], []
    facts: list[Fact] = []
    pairs: list[Pair] = []
    rest = list(new)
    unmatched = []
    for branch in old:
        label = _label(branch)
        match = next((c for c in rest if label and _label(c) == label), None)
        if match is None:
            unmatched.append(branch)
        else:
            rest.remove(match)
            pairs.append(Pair("", branch, match, branch=True))
    for branch in list(unmatched):
        match = next((c for c in rest if _outline(c) == _outline(branch)), None)
        if match is None and len(unmatched) == len(rest) == 1:
            match = rest[0] if overlap(view(branch).types, view(rest[0]).types) else None
        if match is not None:
            rest.remove(match)
            unmatched.remove(branch)
            pairs.append(Pair("", branch, match, branch=True))
    for branch in unmatched:
        named = _label(branch) or type_names(view(branch).types)
        breaking = narrowing_breaks(direction)
        facts.append(Fact("variant-removed", breaking, named, None, branch.location, two.location))
    for branch in rest:
        named = _label(branch) or type_names(view(branch).types)
        breaking = widening_breaks(direction)
        facts.append(Fact("variant-added", breaking, None, named, one.location, branch.location))
    return facts, pairs


def _label(schema: Schema) -> str:
    return (schema.reference or "").rpartition("/")[2] or schema.title


def _outline(schema: Schema) -> tuple[Any, ...]:
    seen = view(schema)
    return seen.types, seen.format, tuple(sorted(seen.properties)), str(seen.enum)


def plain_against_variants(
    one: View, two: View, direction: Direction
) -> tuple[list[Fact], list[Pair]]:
    """A plain schema counts as one branch where the other side has a branch like it."""
    grown = bool(two.variants)
    plain, several = (one, two) if grown else (two, one)
    like = next(
        (b for b in several.variants if _label(b) and _label(b) == _label(plain.schema)), None
    ) or next((b for b in several.variants if _outline(b) == _outline(plain.schema)), None)
    breaking = widening_breaks(direction) if grown else narrowing_breaks(direction)
    others = [b for b in several.variants if b is not like]
    names = [_label(b) or type_names(view(b).types) for b in others]
    kind = "variant-added" if grown else "variant-removed"
    if like is None:
        kind, breaking = ("variants-added" if grown else "variants-removed"), True
    facts = [
        Fact(
            kind,
            breaking,
            None if grown else names,
            names if grown else None,
            one.location,
            two.location,
        )
    ]
    if like is None:
        return facts, []
    old, new = (plain.schema, like) if grown else (like, plain.schema)
    return facts, [Pair("", old, new, branch=True)]
