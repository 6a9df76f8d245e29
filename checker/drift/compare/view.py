"""A schema as a comparison sees it: spellings that mean the same look the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.domain.location import Location
from checker.domain.schema import MISSING, Schema, json_type

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_MAX_UNWRAP = 16


@dataclass(frozen=True, slots=True)
class View:
    """The facts of one schema, normalised.

    `types` is sorted and without null; empty means any; `written` are those that the document
    names itself. `bounds` holds the JSON Schema keyword
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
    written: tuple[str, ...] = ()
    known: tuple[Any, ...] = ()
    """Values named beside the permission of any other: an open enum's."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)
    """What further plain keywords say."""

    @property
    def told(self) -> bool:
        """Whether the schema says anything that binds."""
        said = (
            self.types,
            self.enum is not None,
            self.format,
            self.pattern,
            self.bounds,
            self.properties,
            self.required,
            self.closed,
            self.additional,
            self.variants,
            self.rest,
            self.schema.others,
        )
        return any(said)


def view(schema: Schema) -> View:
    """The normalised facts; touches the schema's own level only (and variants' own level)."""
    nullable = schema.nullable or schema.extensions.get("x-nullable") is True
    default = schema.default
    base = schema
    variants: Sequence[Schema] = ()
    for _ in range(_MAX_UNWRAP):
        branches = [branch for branch in base.variants if branch.types != ("null",)]
        nullable = nullable or len(branches) != len(base.variants) or _null(base)
        if len(branches) != 1 or _binds(base):
            variants = branches
            break
        base = branches[0]
        default = default if default is not MISSING else base.default
    known, variants = _open(variants)
    nullable = nullable or _null(base) or any(_null(branch) for branch in variants)
    enum = _enum(base, variants)
    if enum is not None:
        nullable = nullable or None in enum
        enum = tuple(value for value in enum if value is not None)
        if base.enum is None:
            variants = ()
    types = ("string",) if known and not base.types else _types(base, enum, variants)
    rest = dict(base.rest)
    declared = _format(base, types, rest)
    extensible = rest.pop("x-extensible-enum", ())
    bounds = _bounds(base, types) | _counts(rest)
    rest = {word: said for word, said in rest.items() if word != "null" and said is not True}
    additional = base.additional
    return View(
        schema=schema,
        types=types,
        nullable=nullable,
        enum=enum,
        format=declared,
        pattern=base.pattern or "",
        bounds=bounds,
        default=default,
        properties=base.properties,
        required=frozenset(base.required),
        items=base.items,
        closed=additional is False,
        additional=additional if isinstance(additional, Schema) and additional.origin else None,
        variants=variants,
        discriminator=schema.discriminator or base.discriminator or "",
        read_only=schema.read_only or base.read_only,
        write_only=schema.write_only or base.write_only,
        deprecated=schema.deprecated or base.deprecated,
        location=schema.location,
        written=tuple(sorted(set(base.types) - {"null"})),
        known=known or (tuple(extensible) if isinstance(extensible, list) else ()),
        mapping=schema.mapping or base.mapping,
        rest=rest,
    )


def _null(schema: Schema) -> bool:
    return schema.nullable or schema.rest.get("null") is True


def _binds(schema: Schema) -> bool:
    """Whether a schema with one alternative says something of its own."""
    return bool(
        schema.properties
        or schema.required
        or schema.items
        or schema.enum is not None
        or schema.pattern
        or schema.format
        or schema.additional is not None
        or schema.others
        or set(schema.rest) - {"null"}
        or _bounds(schema, schema.types)
    )


def _open(variants: Sequence[Schema]) -> tuple[tuple[Any, ...], Sequence[Schema]]:
    """(known values, other branches) of a choice between some texts and any text."""
    free = [b for b in variants if b.types[:1] == ("string",) and not _binds(b) and not b.variants]
    closed = [b for b in variants if _is_of_texts(b) and b not in free]
    if not free or not closed or len(free) + len(closed) != len(variants):
        return (), variants
    return tuple(v for branch in closed for v in branch.enumerated if v is not None), ()


def _is_of_texts(schema: Schema) -> bool:
    return bool(schema.enum) and set(schema.types) <= {"string", "null"}


def _format(schema: Schema, types: tuple[str, ...], rest: dict[str, Any]) -> str:
    """The format; the later dialects' words for encoded and raw bytes are the earlier one's."""
    if schema.format or types not in ((), ("string",)):
        return schema.format or ""
    if rest.get("contentEncoding") == "base64" and "contentMediaType" not in rest:
        del rest["contentEncoding"]
        return "byte"
    raw = rest.get("contentMediaType") == "application/octet-stream"
    if raw and "contentEncoding" not in rest:
        del rest["contentMediaType"]
        return "binary"
    return ""


def _counts(rest: dict[str, Any]) -> dict[str, Any]:
    """Limits of an object's size, taken out of the further keywords."""
    found: dict[str, Any] = {}
    for word in ("minProperties", "maxProperties"):
        if isinstance(rest.get(word), int) and not isinstance(rest[word], bool):
            limit = rest.pop(word)
            if limit or word == "maxProperties":
                found[word] = limit
    return found


def _own_enum(schema: Schema) -> tuple[Any, ...] | None:
    """The values that a schema itself allows, a constant among them."""
    if schema.enum is None and "const" in schema.raw:
        return (schema.raw["const"],)
    return schema.enum


def _enum(schema: Schema, variants: Sequence[Schema]) -> tuple[Any, ...] | None:
    own = _own_enum(schema)
    if own is not None or not variants:
        return own
    values: list[Any] = []
    for branch in variants:
        own = _own_enum(branch)
        if branch.properties or branch.items or own is None or len(own) != 1:
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
