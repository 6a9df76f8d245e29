"""What the words about meta-schema errors know of the dialects: names, hints, fillers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.documents.subjects import SECTIONS

TYPES = ["array", "boolean", "integer", "number", "object", "string"]
TYPE_NAMES = {
    "int": "integer", "int32": "integer", "int64": "integer", "long": "integer",
    "float": "number", "double": "number", "decimal": "number", "numeric": "number",
    "bool": "boolean", "str": "string", "text": "string", "date": "string", "uuid": "string",
    "datetime": "string", "date-time": "string", "timestamp": "string", "email": "string",
    "url": "string", "uri": "string", "dict": "object", "hash": "object", "map": "object",
    "json": "object", "list": "array", "file": "string", "enum": "string",
}  # fmt: skip
FILLERS: Mapping[str, Any] = {
    "responses": {"default": {"description": ""}},
    "description": "",
    "version": "1.0.0",
    "title": "",
    "info": {"title": "", "version": "1.0.0"},
    "paths": {},
    "scopes": {},
}
HINTS = {
    "responses": "Add `responses` with at least one status.",
    "description": "Add a `description`; it may be short.",
    "version": 'Add `version`, such as "1.0.0".',
    "info": "Add `info` with a title and a version.",
    "paths": "Add `paths`; it may be empty.",
    "required": "Add `required: true`; a path parameter is always required.",
    "items": "Add `items` with the schema of the array's items.",
    "schema": "Add a `schema`.",
    "type": "Add a `type`.",
}
TWO_TO_THREE = {
    "components": "Move what is in it to `definitions`, `parameters`, `responses` and "
    "`securityDefinitions`, or delete it.",
    "servers": "Use `host`, `basePath` and `schemes` instead.",
    "requestBody": "Use a parameter with `in: body` instead.",
    "content": "Put the `schema` directly here and the media type into `produces`.",
    "oneOf": "Swagger 2.0 has no oneOf: describe the common part, or move to OpenAPI 3.",
    "anyOf": "Swagger 2.0 has no anyOf: describe the common part, or move to OpenAPI 3.",
    "nullable": "Write `x-nullable` instead.",
    "schema": "Put `type`, `format` and `enum` directly into the parameter.",
    "writeOnly": "Swagger 2.0 has no writeOnly: delete it, or write `x-writeOnly`.",
    "deprecated": "Write `x-deprecated` instead.",
    "example": "Write `x-example` instead, or put the example into the schema.",
    "examples": "Write `x-examples` instead.",
}
THREE_FROM_TWO = {
    "definitions": "Move it to `components.schemas`.",
    "securityDefinitions": "Move it to `components.securitySchemes`.",
    "basePath": "Use `servers` instead.",
    "host": "Use `servers` instead.",
    "schemes": "Use `servers` instead.",
    "consumes": "Name the media types under `requestBody.content` instead.",
    "produces": "Name the media types under each response's `content` instead.",
    "type": "Move it into the parameter's `schema`.",
    "format": "Move it into the `schema`.",
    "enum": "Move it into the `schema`.",
    "default": "Move it into the `schema`.",
    "items": "Move it into the `schema`.",
    "collectionFormat": "Use `style` and `explode` instead.",
    "schema": "Move it into `content`, under its media type.",
}
MOVED = frozenset(
    {
        "type", "format", "enum", "default", "items", "minimum", "maximum", "pattern",
        "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf",
        "exclusiveMinimum", "exclusiveMaximum",
    }
)  # fmt: skip
"""What a Swagger 2.0 parameter has itself and an OpenAPI 3 one in its `schema`."""
NAMED = frozenset({*SECTIONS, "properties", "paths", "allOf", "anyOf", "oneOf"})
PARTS = frozenset({"parameters", "tags", "servers", "allOf", "anyOf", "oneOf", "prefixItems"})
"""Lists whose items are things with a name of their own in sentences."""
