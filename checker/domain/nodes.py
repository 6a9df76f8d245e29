"""Parsed data whose form nobody has checked: what is wanted of it, or an empty one.

A document, a body or a report may have anything anywhere; whoever reads one asks through these
instead of asking for the type at each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, (dict, Mapping)) else {}


def list_of(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def each_of(value: Any) -> list[Any]:
    """The items of a list, or what is no list as the only one."""
    return value if isinstance(value, list) else [value]


def member_of(value: Any, *names: str) -> Any:
    """What stands under these names, one inside the other; None where something isn't there."""
    for name in names:
        value = mapping_of(value).get(name)
    return value


def text_of(value: Any) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def strings_of(value: Any) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(v for v in list_of(value) if isinstance(v, str))
