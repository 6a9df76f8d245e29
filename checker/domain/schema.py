"""One schema model for Swagger 2.0 and OpenAPI 3.x: what a document says about a value."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from checker.domain.location import Location


class Missing(Enum):
    """The type of `MISSING`: no value at all, which is not `null`."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"

    def __str__(self) -> str:
        return "no value"


MISSING: Final = Missing.MISSING

JSON_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")


def json_type(value: Any) -> str:
    """The JSON type's name of a parsed JSON value (`integer` for whole numbers)."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str() | bytes():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def shown_type(value: Any) -> str:
    """The JSON type that a value as it came shows: a number that is written with a point isn't
    said to be a whole one, though it may stand where one is documented."""
    return "number" if isinstance(value, float) else json_type(value)


def readable(value: Any) -> Any:
    """A JSON value in which the content of files stands as text (base64 where it is none)."""
    match value:
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return "base64:" + base64.b64encode(value).decode()
        case Mapping():
            return {readable(k): readable(v) for k, v in value.items()}
        case list() | tuple():
            return [readable(v) for v in value]
        case _:
            return value


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A documented value. `allOf` is merged in; children may be lazy, so recursion is finite.

    `types` is empty where the document names none; `nullable` adds `"null"` to it.
    `properties`, `items`, `additional` and `variants` may be lazy containers: touching a child
    resolves it. `raw` is the document's own node (after following `$ref`).
    """

    location: Location
    raw: Mapping[str, Any] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    enum: tuple[Any, ...] | None = None
    format: str | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    default: Any = MISSING
    examples: tuple[Any, ...] = ()
    title: str = ""
    description: str = ""
    properties: Mapping[str, Schema] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    items: Schema | None = None
    additional: Schema | bool | None = None
    """`additionalProperties`: False closes the object, None where the document is silent."""
    variants: Sequence[Schema] = ()
    variant_kind: str = ""
    """`oneOf` or `anyOf` where `variants` is not empty."""
    discriminator: str | None = None
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    reference: str | None = None
    """The last `$ref` that was followed to get here (its text), for names in sentences."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    """A discriminator's values and the schemas that they stand for."""
    rest: Mapping[str, Any] = field(default_factory=dict)
    """Plain keywords that have no attribute here, and what the documents say there."""
    others: Mapping[str, Schema] = field(default_factory=dict)
    """Schemas under further keywords: `not`, `if`, `patternProperties/^x-`, `prefixItems/0`."""
    parts: Sequence[Schema] = ()
    """The nodes that were merged, each alone; empty where there is one."""
    closed_to: tuple[str, ...] | None = None
    """The only names that a closed part allows, where other parts define more."""
    origin: tuple[tuple[str, str], ...] = ()
    """File and pointer of every node that was merged in."""

    def allows_type(self, name: str) -> bool:
        """Whether a value of JSON type `name` can be documented here."""
        if not self.types or name in self.types:
            return True
        return name == "integer" and "number" in self.types

    @property
    def is_file(self) -> bool:
        """Whether the value is a file's content, a part of its own in a multipart body."""
        return self.format == "binary" and self.allows_type("string")

    @property
    def enumerated(self) -> tuple[Any, ...]:
        """The only documented values; none where any may be."""
        return self.enum or ()

    @property
    def nullable(self) -> bool:
        return "null" in self.types or bool(self.enum and None in self.enum)


_OF_TEXTS = ("format", "pattern", "min_length", "max_length")
_OF_NUMBERS = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of")


def told_by_branches(schema: Schema) -> Schema:
    """The schema with what its only branch for texts, and its only one for numbers, says about
    them: `anyOf` of an e-mail address and an object documents the address's format."""
    if not schema.variants:
        return schema
    texts = [b for b in schema.variants if not b.types or "string" in b.types]
    numbers = [b for b in schema.variants if not b.types or {"integer", "number"} & set(b.types)]
    told: dict[str, Any] = {}
    for branches, names in ((texts, _OF_TEXTS), (numbers, _OF_NUMBERS)):
        if len(branches) == 1:
            told |= {
                n: v for n in names if not getattr(schema, n) and (v := getattr(branches[0], n))
            }
    if len(texts) == 1 and len(texts + numbers) == 1 and not schema.enum and texts[0].enum:
        told["enum"] = texts[0].enum
    return replace(schema, **told) if told else schema
