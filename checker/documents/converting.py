"""A value that stands in a document in another type than the document gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_DIGITS = 15


def converted(value: Any, types: Sequence[Any]) -> Any:
    """The same value in one of the types, None where that isn't plain."""
    if isinstance(value, str):
        return _read(value.strip().lower(), types)
    if "string" in types and isinstance(value, bool):
        return "true" if value else "false"
    if "string" in types and isinstance(value, (int, float)):
        return str(value)
    return None


def _read(text: str, types: Sequence[Any]) -> Any:
    """What a text spells: a truth or a whole number."""
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    numeric = "integer" in types or "number" in types
    if numeric and text.lstrip("-").isdecimal() and len(text) <= MOST_DIGITS:
        return int(text)
    return None
