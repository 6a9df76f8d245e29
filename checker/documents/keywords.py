"""What the keywords of several schema nodes that hold at once amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from checker.domain.nodes import list_of, member_of
from checker.domain.numbers import is_number
from checker.domain.schema import JSON_TYPES

OLD = ("2.0", "3.0")
"""Dialects in which what stands beside a `$ref` doesn't count."""


def not_null(group: Sequence[Any]) -> int | None:
    """The index of the other branch, where one of two branches is just `null`."""
    if len(group) != 2:
        return None
    for index, branch in enumerate(group):
        if isinstance(branch, Mapping) and branch.get("type") == "null" and len(branch) == 1:
            return 1 - index
    return None


def is_finite(value: Any) -> bool:
    if not is_number(value):
        return False
    return isfinite(value) if isinstance(value, float) else abs(value) < 10**300


def is_file(values: Sequence[Mapping[str, Any]]) -> bool:
    return any(v.get("type") == "file" for v in values)


def types(values: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The intersection of the types that the parts name; the first part's where it is empty."""
    found: tuple[str, ...] = ()
    for value in values:
        named = value.get("type")
        listed = [named] if isinstance(named, str) else list_of(named)
        names = tuple(
            dict.fromkeys(
                "string" if n == "file" else n
                for n in listed
                if isinstance(n, str) and (n in JSON_TYPES or n == "file")
            )
        )
        if not names and "const" in value:
            continue
        if found and names:
            both = tuple(
                "integer"
                if {n, "integer"} == {n} or (n == "number" and "number" not in names)
                else n
                for n in found
                if n in names
                or (n == "number" and "integer" in names)
                or (n == "integer" and "number" in names)
            )
            found = both or found
        else:
            found = found or names
    return found


def enum(values: Sequence[Mapping[str, Any]]) -> tuple[Any, ...] | None:
    """Values that every part allows; `const` is an enum of one."""
    found: list[Any] | None = None
    for value in values:
        allowed = value.get("enum")
        options = [value["const"]] if "const" in value else allowed
        if not isinstance(options, list):
            continue
        found = options if found is None else [x for x in found if among(x, options)]
    return tuple(found) if found is not None else None


def among(value: Any, options: Sequence[Any]) -> bool:
    return any(type(value) is type(o) and value == o for o in options)


def bound(
    values: Sequence[Mapping[str, Any]], word: str, exclusive: str, tighter: Any
) -> tuple[float | None, bool]:
    """The tightest bound in both spellings: `exclusiveMinimum` as a flag or as a number."""
    best: float | None = None
    open_end = False
    for value in values:
        found: list[tuple[float, bool]] = []
        if is_finite(value.get(word)):
            found.append((value[word], value.get(exclusive) is True))
        if is_finite(value.get(exclusive)):
            found.append((value[exclusive], True))
        for bound, excluded in found:
            if best is None or (tighter(best, bound) == bound and bound != best):
                best, open_end = bound, excluded
            elif bound == best:
                open_end = open_end or excluded
    return best, open_end


def examples(values: Sequence[Mapping[str, Any]], dialect: str) -> tuple[Any, ...]:
    found: list[Any] = []
    for value in values:
        for word in ("example", "x-example"):
            if word in value:
                found.append(value[word])
        if dialect not in OLD and isinstance(value.get("examples"), list):
            found += value["examples"]
    return tuple(found)


def discriminator(values: Sequence[Mapping[str, Any]]) -> str | None:
    for value in values:
        named = value.get("discriminator")
        if isinstance(named, Mapping):
            named = named.get("propertyName")
        if isinstance(named, str):
            return named
    return None


def mapping(values: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """A discriminator's values and the schemas that they stand for."""
    for value in values:
        named = value.get("discriminator")
        mapped = member_of(named, "mapping")
        if isinstance(mapped, Mapping):
            return {str(k): str(v) for k, v in mapped.items()}
    return {}


def closed_to(values: Sequence[Mapping[str, Any]]) -> tuple[str, ...] | None:
    """The names that every part with `additionalProperties: false` allows, if others have more."""
    if len(values) < 2:
        return None
    names = [_names(value) for value in values]
    closed = [
        own
        for own, value in zip(names, values, strict=True)
        if value.get("additionalProperties") is False and "patternProperties" not in value
    ]
    if not closed:
        return None
    allowed = set.intersection(*closed)
    return None if allowed == set.union(*names) else tuple(sorted(allowed))


def _names(value: Mapping[str, Any]) -> set[str]:
    properties = value.get("properties")
    return {str(name) for name in properties} if isinstance(properties, Mapping) else set()
