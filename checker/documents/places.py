"""Where the specification lists a reference."""

from __future__ import annotations

from checker.documents.nodes import Place

_ENTRIES = frozenset(
    {
        "parameters", "responses", "headers", "examples", "links", "callbacks", "requestBodies",
        "securitySchemes", "pathItems", "paths", "webhooks", "schemas", "definitions",
        "properties", "patternProperties", "$defs", "dependentSchemas", "allOf", "anyOf", "oneOf",
        "prefixItems", "items", "mediaTypes",
    }
)  # fmt: skip
_SINGLE = frozenset(
    {
        "requestBody", "schema", "itemSchema", "items", "additionalProperties", "not", "if",
        "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems",
        "additionalItems", "contentSchema",
    }
)  # fmt: skip


def listed(place: Place, dialect: str) -> bool:
    """Whether a reference may stand at a place of a document."""
    if place is None:
        return True  # a document that is a reference itself is told as what it lacks
    around, token = place
    if around is None:
        return False
    above, name = around
    if name in _ENTRIES or (name == "content" and dialect == "3.2"):
        # what has a name among path items is an operation
        return not (above is not None and above[1] in ("paths", "webhooks", "pathItems"))
    if token in _SINGLE:
        return True
    return above is not None and above[1] == "callbacks"
