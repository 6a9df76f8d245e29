"""What servers and documents said, made fit to be shown: capped, printable, without secrets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from checker.redaction import REDACTED, hides, is_secret_name

MAX_TEXT = 4_000
MAX_STRING = 1_000
MAX_ITEMS = 50
MAX_OWN_ITEMS = 1_000
MAX_DEPTH = 30
_SHOWN_HEADERS = ("content-type", "location", "retry-after", "allow", "www-authenticate")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def printable(text: str) -> str:
    """Without control characters (terminal escapes, direction overrides) and lone surrogates.

    Newlines and tabs stay.
    """
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Printable, with every run of white space as one space."""
    return " ".join(printable(text).split())


def capped(text: str, limit: int = MAX_TEXT) -> str:
    """At most `limit` characters, with a word on what was cut."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters)"


def plain_json(value: Any, depth: int = 0, *, own: bool = False) -> Any:
    """A JSON value fit for any JSON reader: finite, shallow, short, secrets taken out.

    `own` is for values that rules made: members named like secrets stay, lists are long.
    """
    most = MAX_OWN_ITEMS if own else MAX_ITEMS
    if depth > MAX_DEPTH:
        return "…"
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return capped(value, MAX_STRING)
        case Mapping():
            shown = list(value.items())[:most]
            result = {
                str(name): REDACTED
                if not own and hides(str(name), item)
                else plain_json(item, depth + 1, own=own)
                for name, item in shown
            }
            if len(value) > most:
                result["…"] = f"{len(value) - most} more members"
            return result
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
            shown_items = [plain_json(v, depth + 1, own=own) for v in items[:most]]
            if len(items) > most:
                shown_items.append(f"… ({len(items) - most} more items)")
            return shown_items
        case _:
            return str(value)


def request_headers(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Request headers with credentials taken out."""
    return {
        name: REDACTED if is_secret_name(name) else capped(value, MAX_STRING)
        for name, value in headers
    }


def response_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that say something about the answer and are the same in the next run."""
    found = {name.lower(): value for name, value in headers.items()}
    return {name: capped(found[name], MAX_STRING) for name in _SHOWN_HEADERS if name in found}


def without_user(url: str) -> str:
    """A URL without `user:password@`."""
    return re.sub(r"^([a-z][a-z0-9+.-]*://)[^/@?#]*@", r"\1", url, flags=re.IGNORECASE)
