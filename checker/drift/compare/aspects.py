"""What a page and the spec may say of one field: its type, whether it is required, its default."""

from __future__ import annotations

import json
from typing import Any

from checker.domain.nodes import each_of
from checker.domain.schema import MISSING
from checker.drift.compare.pages import Found
from checker.drift.compare.view import view

ASPECTS = ("type", "required", "default")


def about_of(aspect: str) -> str:
    """What of a field a sentence is about."""
    words = {"type": "the type of ", "enum": "the values of ", "default": "the default of "}
    return words.get(aspect, "")


def _spelt(value: Any) -> str:
    """A default as a page writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def said_of(one: Found, aspect: str) -> Any:
    """What the spec says; None where it says nothing."""
    if aspect == "required":
        return None if one.place == "path" else one.required
    if aspect == "default":
        default = view(one.schema).default
        return None if default is MISSING or default is None else _spelt(default)
    types = view(one.schema).types
    return types[0] if len(types) == 1 else None


def agree(aspect: str, told: Any, said: Any) -> bool:
    """Whether both say the same: a page that calls whole numbers numbers isn't wrong."""
    return told == said or (aspect == "type" and {told, said} == {"integer", "number"})


def in_words(value: Any) -> str:
    """A value as a sentence has it."""
    if isinstance(value, bool):
        return "required" if value else "optional"
    values = each_of(value)
    return ", ".join(f"`{one}`" for one in values)
