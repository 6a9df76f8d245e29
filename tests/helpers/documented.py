"""Documented operations from plain JSON Schema keywords, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.domain.location import Location
from checker.domain.operation import (
    DocumentInfo,
    Field,
    FieldKey,
    Operation,
    OperationId,
    Place,
)
from checker.domain.schema import MISSING, Schema

FILE = "api.json"
POST = OperationId("POST", "/things")


def schema(raw: Mapping[str, Any], pointer: str = "/schema") -> Schema:
    """A `Schema` from plain JSON Schema keywords."""
    where = Location(FILE, pointer)
    types = raw.get("type", ())
    return Schema(
        location=where,
        raw=raw,
        types=(types,) if isinstance(types, str) else tuple(types),
        enum=tuple(raw["enum"]) if "enum" in raw else None,
        format=raw.get("format"),
        pattern=raw.get("pattern"),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        min_length=raw.get("minLength"),
        max_length=raw.get("maxLength"),
        min_items=raw.get("minItems"),
        max_items=raw.get("maxItems"),
        default=raw.get("default", MISSING),
        examples=tuple(raw.get("examples", ())),
        description=raw.get("description", ""),
        properties={
            name: schema(child, f"{pointer}/properties/{name}")
            for name, child in raw.get("properties", {}).items()
        },
        required=tuple(raw.get("required", ())),
        items=schema(raw["items"], f"{pointer}/items") if "items" in raw else None,
    )


def operation(
    body: Mapping[str, Any] | None = None,
    *,
    query: Mapping[str, Mapping[str, Any]] | None = None,
    description: str = "",
    extensions: Mapping[str, Any] | None = None,
    id: OperationId = POST,
) -> Operation:
    """A documented operation; `body` is an object schema, `query` schemas by name (required
    where the schema says `required: true`)."""
    parameters = tuple(
        Field(
            FieldKey(Place.QUERY, name),
            raw.get("required") is True,
            schema({k: v for k, v in raw.items() if k != "required"}, f"/parameters/{n}/schema"),
            Location(FILE, f"/parameters/{n}"),
            Location(FILE, ""),
            str(raw.get("description", "")),
            style="form",
            explode=True,
        )
        for n, (name, raw) in enumerate((query or {}).items())
    )
    return Operation(
        id=id,
        document=DocumentInfo(FILE, "3.0"),
        location=Location(FILE, "/paths"),
        path_template=id.path,
        description=description,
        parameters=parameters,
        body={"application/json": schema(body)} if body is not None else {},
        extensions=extensions or {},
    )
