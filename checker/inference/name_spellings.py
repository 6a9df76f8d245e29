"""A field's name as people write it in sentences: `reference_number`, `referenceNumber` and
`Reference number` are one. Pure."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+(?![a-z])|\d+")

_VOLATILE = re.compile(r"[\w.:+-]*\d[\w.:+-]*")


def spelled(name: str) -> str:
    """A pattern of a field's name in whatever spelling; to be searched without regard to case."""
    return r"[\s_-]?".join(map(re.escape, _PARTS.findall(name))) or re.escape(name)


def without_name(text: str, name: str) -> str:
    """The text with `#` for a field's name, in whatever spelling it has it."""
    if not name:
        return text
    return re.sub(rf"(?<![^\W_]){spelled(name)}(?![^\W_])", "#", text, flags=re.IGNORECASE)


def gist(text: str, name: str) -> str:
    """What a refusal says of a field: without its name, and without what differs from one answer
    to the next (moments, numbers of requests)."""
    return _VOLATILE.sub("0", without_name(text, name))
