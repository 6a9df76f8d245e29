"""Maps whose keys are the identifiers of the things in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_RANDOM = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=.*\d)[0-9A-Za-z_-]{20,}"
)
"""Values that name one thing wherever they stand: UUIDs and long mixed texts."""
_MIXED = re.compile(r"(?=.*[A-Za-z])(?=(?:.*\d){4})[0-9A-Za-z_-]{10,}")
"""Identifiers that no two kinds of things have: long, of letters and of several digits."""

NAMES = ("id", "uid", "uuid", "guid", "_id", "key", "slug", "name", "code", "identifier")
"""What things call their own identifiers."""


def names_one(value: str) -> bool:
    """Whether a value names one thing wherever it stands."""
    return _RANDOM.fullmatch(value) is not None


def names_one_kind(value: str) -> bool:
    """Whether a value that names a thing of one kind names none of another."""
    return _MIXED.fullmatch(value) is not None


def is_keyed(node: Any) -> bool:
    """Whether a node is a map of things by their identifiers: each is an object, under a key that
    names one, is a number, or is what the object calls itself."""
    return (
        isinstance(node, Mapping)
        and bool(node)
        and all(_is_entry(str(key), value) for key, value in node.items())
    )


def _is_entry(key: str, value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return names_one(key) or key.isdecimal() or any(value.get(n) == key for n in NAMES)
