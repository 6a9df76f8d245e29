"""Texts that any encoding can write: halves of surrogate pairs, which JSON's escapes can bring."""

from __future__ import annotations

import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""Where a JSON text may have one; a whole pair matches, too."""


def whole(text: str) -> str:
    """The text with each half of a pair replaced by U+FFFD."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def whole_texts(value: Any) -> Any:
    """A JSON value with every text in it so, names of members included."""
    match value:
        case str():
            return whole(value)
        case dict():
            return {whole(name): whole_texts(item) for name, item in value.items()}
        case list():
            return [whole_texts(item) for item in value]
    return value
