"""A schema as one text: equal where two schemas say the same of a value."""

from __future__ import annotations

import json
from typing import Any

from checker.domain.schema import MISSING, Schema
from checker.drift.compare.view import view

_MAX_DEPTH = 12


def _digest_of(schema: Schema | None, depth: int) -> str | None:
    return None if schema is None else digest(schema, depth)


def digest(schema: Schema, depth: int = 0) -> str:
    """What the schema demands, references followed, in an order of its own; cut at a depth."""
    if depth > _MAX_DEPTH:
        return schema.reference or schema.location.pointer
    seen = view(schema)
    below = depth + 1
    told: dict[str, Any] = {
        "types": seen.types,
        "null": seen.nullable,
        "enum": sorted(map(canonical, seen.enum)) if seen.enum is not None else None,
        "format": seen.format,
        "pattern": seen.pattern,
        "bounds": dict(seen.bounds),
        "default": None if seen.default is MISSING else [seen.default],
        "required": sorted(seen.required),
        "closed": seen.closed,
        "properties": {name: digest(child, below) for name, child in seen.properties.items()},
        "items": _digest_of(seen.items, below),
        "additional": _digest_of(seen.additional, below),
        "variants": sorted(digest(branch, below) for branch in seen.variants),
        "discriminator": [seen.discriminator, dict(seen.mapping)],
        "rest": dict(seen.rest),
        "others": {name: digest(child, below) for name, child in schema.others.items()},
    }
    return canonical({word: said for word, said in told.items() if said not in (None, "", {}, [])})


def canonical(value: Any) -> str:
    """A JSON value as text, independent of the order of names."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
