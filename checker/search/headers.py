"""Complaints that travel in headers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.search.items import parsed
from checker.search.wording import is_sentence


def said_in_headers(headers: Mapping[str, str]) -> Any:
    """The headers that say something: sentences without the marks of a list or of parameters,
    and JSON."""
    found: dict[str, Any] = {}
    for name, value in headers.items():
        inner = parsed(value)
        if inner is not None:
            found[name] = inner
        elif is_sentence(value) and not any(c in value for c in ";=") and "," not in value:
            found[name] = value
    return [{k: v} for k, v in found.items()]
