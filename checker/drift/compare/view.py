"""A schema as a comparison sees it: spellings that mean the same look the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.domain.location import Location
from checker.domain.schema import MISSING, Schema, json_type

LOWER = ("minimum", "minLength", "minItems")
UPPER = ("maximum", "maxLength", "maxItems")
_MAX_UNWRAP = 16


@dataclass(frozen=True, slots=True)
class View:
    """The facts of one schema, normalised.

    `types` is sorted and without null; empty means any. `bounds` holds the JSON Schema keyword
    and its value, for `minimum` and `maximum` (value, exclusive). `enum` is without null.
    """

    schema: Schema
    types: tuple[str, ...]
    nullable: bool
    enum: tuple[Any, ...] | None
    format: str
    pattern: str
    bounds: Mapping[str, Any]
    default: Any
    properties: Mapping[str, Schema]
    required: frozenset[str]
    items: Schema | None
    closed: bool
    additional: Schema | None
    variants: Sequence[Schema] = ()
    discriminator: str = ""
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    location: Location = field(default=Location(""))


def view(schema: Schema) -> View:
    """The normalised facts; touches the schema's own level only (and variants' own level)."""
    nullable = schema.nullable or schema.extensions.get("x-nullable") is True
    default = schema.default
    base = schema
    variants: Sequence[Schema] = ()
    for _ in range(_MAX_UNWRAP):
        branches = [branch for branch in base.variants if branch.types != ("null",)]
        nullable = nullable or len(branches) != len(base.variants) or base.nullable
        if len(branches) != 1 or base.properties or base.items or base.enum is not None:
            variants = branches
            break
        base = branches[0]
        default = default if default is not MISSING else base.default
    enum = _enum(base, variants)
    if enum is not None:
        nullable = nullable or None in enum
        enum = tuple(value for value in enum if value is not None)
        if base.enum is None:
            variants = ()
    types = _types(base, enum, variants)
    declared = base.format or ""
    if types == ("file",):
        types, declared = ("string",), "binary"
    additional = base.additional
    return View(
        schema=schema,
        types=types,
        nullable=nullable or base.nullable,
        enum=enum,
        format=declared,
        pattern=base.pattern or "",
        bounds=_bounds(base, types),
        default=default,
        properties=base.properties,
        required=frozenset(base.required),
        items=base.items,
        closed=additional is False,
        additional=additional if isinstance(additional, Schema) and additional.raw else None,
        variants=variants,
        discriminator=(schema.discriminator or base.discriminator or "") if variants else "",
        read_only=schema.read_only or base.read_only,
        write_only=schema.write_only or base.write_only,
        deprecated=schema.deprecated or base.deprecated,
        location=schema.location,
    )


def _enum(schema: Schema, variants: Sequence[Schema]) -> tuple[Any, ...] | None:
    if schema.enum is not None:
        return schema.enum
    if "const" in schema.raw:
        return (schema.raw["const"],)
    if not variants:
        return None
    values: list[Any] = []
    for branch in variants:
        if branch.properties or branch.items:
            return None
        own = branch.enum
        if own is None and "const" in branch.raw:
            own = (branch.raw["const"],)
        if own is None or len(own) != 1:
            return None
        values.append(own[0])
    return tuple(values)


def _types(
    schema: Schema, enum: tuple[Any, ...] | None, variants: Sequence[Schema]
) -> tuple[str, ...]:
    types = {name for name in schema.types if name != "null"}
    if not types:
        if schema.properties or schema.required or isinstance(schema.additional, Schema):
            types = {"object"}
        elif schema.items is not None:
            types = {"array"}
        elif enum:
            types = {json_type(value) for value in enum}
        elif variants and all(branch.types or branch.properties for branch in variants):
            for branch in variants:
                types |= set(branch.types) or {"object"}
            types.discard("null")
    if "number" in types:
        types.discard("integer")
    return tuple(sorted(types))


def _bounds(schema: Schema, types: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    minimum, maximum = schema.minimum, schema.maximum
    low_open, high_open = schema.exclusive_minimum, schema.exclusive_maximum
    if types == ("integer",):
        if minimum is not None and low_open and float(minimum).is_integer():
            minimum, low_open = minimum + 1, False
        if maximum is not None and high_open and float(maximum).is_integer():
            maximum, high_open = maximum - 1, False
    if minimum is not None:
        found["minimum"] = (minimum, low_open)
    if maximum is not None:
        found["maximum"] = (maximum, high_open)
    for name, value in (
        ("minLength", schema.min_length),
        ("minItems", schema.min_items),
        ("maxLength", schema.max_length),
        ("maxItems", schema.max_items),
    ):
        if value is not None and (value or name.startswith("max")):
            found[name] = value
    if schema.multiple_of is not None:
        found["multipleOf"] = schema.multiple_of
    if schema.unique_items:
        found["uniqueItems"] = True
    return found
