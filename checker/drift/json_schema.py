"""A documented schema as JSON Schema 2020-12, whatever dialect it was written in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from checker.domain.schema import JSON_TYPES, Schema
from checker.drift.identity import Same

FORMATS = frozenset({"date", "date-time", "email", "ipv4", "ipv6", "uri", "uuid"})
"""Formats whose meaning is not in dispute; others are taken for annotations."""

KEPT = 64
"""Schemas that stay ready: one is asked of several values, and of each mend of them."""
_VALUE = "\x00"
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema; `path` leads from the value's root.

    `lacks` is the required property that isn't there, `format` the format that the string isn't
    of, where it is that.
    """

    message: str
    path: tuple[str | int, ...]
    lacks: str = ""
    format: str = ""


def to_json_schema(schema: Schema, *, patterns: bool = True) -> dict[str, Any]:
    """The schema with everything it refers to under `$defs`; recursion stays a reference.

    Lenient where documents are loose: a `oneOf` is satisfied by any branch, a required
    read-only or write-only property may be missing, `nullable` counts in every version.
    """
    definitions: dict[str, Any] = {}
    names: dict[tuple[str, str, int], str] = {}
    body = _node(schema, definitions, names, patterns)
    return {**body, "$defs": definitions} if definitions else body


def violations(schema: Schema, value: Any) -> tuple[Violation, ...]:
    """What is wrong with a value; nothing where the schema itself can't be used."""
    for patterns in (True, False):
        try:
            return tuple(_violations(_validator(Same(schema), patterns), value))
        except (ValueError, RecursionError, jsonschema_rs.ValidationError):
            continue
    return ()


@lru_cache(maxsize=KEPT)
def _validator(key: Same[Schema], patterns: bool) -> Any:
    return jsonschema_rs.Draft202012Validator(
        to_json_schema(key.value, patterns=patterns), validate_formats=True, mask=_VALUE
    )


def _violations(validator: Any, value: Any) -> Iterator[Violation]:
    for error in validator.iter_errors(value):
        kind, path = error.kind, tuple(error.instance_path)
        lacks = str(kind.property) if type(kind).__name__ == "Required" else ""
        misread = str(kind.format) if type(kind).__name__ == "Format" else ""
        said = str(error.message).replace(_VALUE, _shown(error.instance), 1)
        yield Violation(said, path, lacks, misread)


def _shown(value: Any) -> str:
    """The value that a message begins with, cut so that the reason behind it stays."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _node(
    schema: Schema,
    definitions: dict[str, Any],
    names: dict[tuple[str, str, int], str],
    patterns: bool,
) -> dict[str, Any]:
    key = (schema.location.file, schema.location.pointer, id(schema.raw))
    if schema.reference is None and key not in names:
        return _body(schema, definitions, names, patterns)
    if key not in names:
        names[key] = f"d{len(names)}"
        definitions[names[key]] = True
        definitions[names[key]] = _body(schema, definitions, names, patterns)
    return {"$ref": f"#/$defs/{names[key]}"}


def _body(
    schema: Schema,
    definitions: dict[str, Any],
    names: dict[tuple[str, str, int], str],
    patterns: bool,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    types = list(schema.types)
    if types and all(name in JSON_TYPES for name in types):
        found["type"] = types
    nullable = schema.nullable or schema.extensions.get("x-nullable") is True
    nullable = nullable or schema.rest.get("nullable") is True  # told as a word of OpenAPI 3.0
    if nullable and types and "null" not in types and "type" in found:
        found["type"] = [*types, "null"]
    if schema.enum is not None:
        extra = [None] if nullable and None not in schema.enum else []
        found["enum"] = [*schema.enum, *extra]
    if "const" in schema.raw:
        found["const"] = schema.raw["const"]
    if schema.format in FORMATS and (not types or "string" in types):
        found["format"] = schema.format
    if patterns and schema.pattern:
        found["pattern"] = schema.pattern
    for name, value, exclusive in (
        ("minimum", schema.minimum, schema.exclusive_minimum),
        ("maximum", schema.maximum, schema.exclusive_maximum),
    ):
        if value is not None:
            found[f"exclusive{name.capitalize()}" if exclusive else name] = value
    for name, limit in (
        ("multipleOf", schema.multiple_of),
        ("minLength", schema.min_length),
        ("maxLength", schema.max_length),
        ("minItems", schema.min_items),
        ("maxItems", schema.max_items),
    ):
        if limit is not None and limit >= 0 and (name != "multipleOf" or limit > 0):
            found[name] = limit
    if schema.unique_items:
        found["uniqueItems"] = True
    if schema.items is not None:
        found["items"] = _node(schema.items, definitions, names, patterns)
    _properties(schema, found, definitions, names, patterns)
    if schema.closed_to is not None and not schema.variants:
        # a closed part of an `allOf` doesn't know what the other parts define
        named = dict.fromkeys(schema.closed_to, True)
        found["allOf"] = [{"properties": named, "additionalProperties": False}]
    if schema.variants:
        found["anyOf"] = [_node(v, definitions, names, patterns) for v in schema.variants]
        if nullable:
            found["anyOf"].append({"type": "null"})
    return found


def _properties(
    schema: Schema,
    found: dict[str, Any],
    definitions: dict[str, Any],
    names: dict[tuple[str, str, int], str],
    patterns: bool,
) -> None:
    children = dict(schema.properties.items())
    if children:
        found["properties"] = {
            name: _node(child, definitions, names, patterns) for name, child in children.items()
        }
    required = [
        name
        for name in schema.required
        if name not in children or not (children[name].read_only or children[name].write_only)
    ]
    if required:
        found["required"] = required
    if isinstance(schema.additional, Schema):
        found["additionalProperties"] = _node(schema.additional, definitions, names, patterns)
    elif schema.additional is False and not schema.variants:
        found["additionalProperties"] = False
