"""A strict, ordered validator: the first problem only, as most hand-written APIs answer.

A specification is a dict: `t` (JSON type), `enum`, `min`, `max` (length, value or number of
items), `pattern`, `date` (True), `items`, `props`, `required`, `closed`, `null` (null allowed).
"""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

Problem = tuple[str, str]


def parse(text: bytes) -> Any:
    """Strict JSON; ValueError for anything else (NaN, bad UTF-8, absurd nesting)."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(text.decode("utf-8"), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_date(text: str) -> bool:
    """A full date as RFC 3339 writes it."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _typed(value: Any, name: str) -> bool:
    match name:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def check(value: Any, spec: dict[str, Any], path: str = "") -> Problem | None:
    """The first problem as (path, what), None for a valid value."""
    if value is None and spec.get("null"):
        return None
    if not _typed(value, spec["t"]):
        return path, f"must be {spec['t']}"
    if "enum" in spec and value not in spec["enum"]:
        return path, "is not one of the known values"
    size = value if isinstance(value, int | float) else len(value)
    if not isinstance(value, bool):
        if "min" in spec and size < spec["min"]:
            return path, "is too small"
        if "max" in spec and size > spec["max"]:
            return path, "is too large"
    if "pattern" in spec and not re.search(spec["pattern"], value):
        return path, "has the wrong form"
    if spec.get("date") and not is_date(value):
        return path, "is not a date"
    if spec["t"] == "object":
        return _check_object(value, spec, path)
    if spec["t"] == "array" and "items" in spec:
        for number, item in enumerate(value):
            if found := check(item, spec["items"], f"{path}[{number}]"):
                return found
    return None


def _check_object(value: dict[str, Any], spec: dict[str, Any], path: str) -> Problem | None:
    def below(name: str) -> str:
        return f"{path}.{name}" if path else name

    for name in spec.get("required", ()):
        if name not in value:
            return below(name), "is required"
    for name, item in value.items():
        if name in spec["props"]:
            if found := check(item, spec["props"][name], below(name)):
                return found
        elif spec.get("closed"):
            return below(name), "is unknown"
    return None


def known(value: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """The value without the members that the specification doesn't have."""
    return {name: value[name] for name in spec["props"] if name in value}
