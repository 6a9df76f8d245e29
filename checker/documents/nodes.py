"""One walk over a document that finds its schemas and its references.

What only looks like them is left out: examples, defaults, enums, vendor extensions, and
properties that happen to be named like keywords. Iterative: depth costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.pointer import pointer_of, tokens_of

# A place: (parent place, token); None is the root.
Place = tuple[Any, Any] | None

_SKIPPED = frozenset({"example", "examples", "default", "enum", "value", "const", "mapping"})
_MAPS = frozenset(
    {
        "responses", "headers", "content", "callbacks", "links", "encoding", "parameters",
        "requestBodies", "paths", "pathItems", "webhooks", "securitySchemes", "mediaTypes",
        "securityDefinitions", "additionalOperations",
    }
)  # fmt: skip
_SCHEMA_MAPS = frozenset(
    {"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"}
)
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_SCHEMAS = frozenset(
    {
        "items", "additionalProperties", "not", "if", "then", "else", "contains",
        "propertyNames", "unevaluatedProperties", "unevaluatedItems", "additionalItems",
    }
)  # fmt: skip


def pointer(place: Place) -> str:
    """A place as a JSON Pointer."""
    tokens: list[str | int] = []
    while place is not None:
        place, token = place
        tokens.append(token)
    return pointer_of(reversed(tokens))


def place_of(at: str) -> Place:
    """A JSON Pointer as a place."""
    place: Place = None
    for token in tokens_of(at):
        place = (place, token)
    return place


def walk(
    root: Any, start: Place = None, mode: str = "object"
) -> Iterator[tuple[str, Place, Mapping[str, Any]]]:
    """Yields ("schema", place, node) for every schema and ("ref", place, node) for every node
    with a `$ref`, in document order. `mode` says what the root is: "object" or "schema"."""
    stack: list[tuple[Any, Place, str]] = [(root, start, mode)]
    while stack:
        value, place, kind = stack.pop()
        if isinstance(value, list):
            inner = "object" if kind in ("map", "examples") else kind
            stack.extend((value[i], (place, i), inner) for i in range(len(value) - 1, -1, -1))
            continue
        if not isinstance(value, dict):
            continue
        if kind in ("map", "schemas") and isinstance(value.get("$ref"), str):
            yield "ref", place, value
        if kind == "map":
            stack.extend((v, (place, k), "object") for k, v in reversed(value.items()))
            continue
        if kind == "examples":
            for name, example in value.items():
                if isinstance(example, dict) and isinstance(example.get("$ref"), str):
                    yield "ref", (place, name), example
            continue
        if kind == "schemas":
            stack.extend((v, (place, k), "schema") for k, v in reversed(value.items()))
            continue
        if isinstance(value.get("$ref"), str):
            yield "ref", place, value
        if kind == "schema":
            yield "schema", place, value
            for key in reversed(value):
                child = value[key]
                if key in _SCHEMA_MAPS:
                    stack.append((child, (place, key), "schemas"))
                elif key in _SCHEMA_LISTS or key in _SCHEMAS:
                    stack.append((child, (place, key), "schema"))
            continue
        for key in reversed(value):
            child = value[key]
            if not isinstance(child, (dict, list)):
                continue
            if key == "examples" and isinstance(child, dict):
                stack.append((child, (place, key), "examples"))
            elif key in _SKIPPED or (isinstance(key, str) and key[:2] == "x-"):
                continue
            elif key in ("schema", "itemSchema"):
                stack.append((child, (place, key), "schema"))
            elif key == "schemas" or (key == "definitions" and place is None):
                stack.append((child, (place, key), "schemas"))
            elif key in _MAPS:
                stack.append((child, (place, key), "map"))
            else:
                stack.append((child, (place, key), "object"))
