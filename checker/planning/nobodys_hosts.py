"""Addresses that reach nobody: hosts that are reserved for examples and tests. Pure.

After RFC 2606 (Reserved Top Level DNS Names) and RFC 6761 (Special-Use Domain Names).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HOST = "example.com"
_RESERVED = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)\.?$", re.IGNORECASE
)
_MAIL = re.compile(r"(?P<before>[^@\s]+@)(?P<host>[^@\s/]+\.[^@\s/.]+)")
_URL = re.compile(r"(?P<before>[A-Za-z][A-Za-z0-9+.-]*://(?:[^@/?#\s]*@)?)(?P<host>[^/?#\s:]+)")


def split_at_host(text: str) -> tuple[str, str, str] | None:
    """What stands before the host of an e-mail address or a URL, the host, and what follows it;
    None for any other text."""
    found = _URL.match(text) or _MAIL.fullmatch(text)
    return None if found is None else (found["before"], found["host"], text[found.end() :])


def reaching_nobody(value: Any) -> Any:
    """A JSON value whose made-up addresses have a host that belongs to nobody."""
    match value:
        case str():
            parts = split_at_host(value)
            if parts is None or _RESERVED.search(parts[1]):
                return value
            return parts[0] + HOST + parts[2]
        case Mapping():
            return {name: reaching_nobody(child) for name, child in value.items()}
        case list():
            return [reaching_nobody(child) for child in value]
        case _:
            return value
