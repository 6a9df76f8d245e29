"""A field's name as people write it in sentences: `reference_number`, `referenceNumber` and
`Reference number` are one. Pure."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def without_name(text: str, name: str) -> str:
    """The text with `#` for a field's name, in whatever spelling it has it."""
    parts = _PARTS.findall(name)
    if not parts:
        return text.replace(name, "#") if name else text
    spelled = r"[\s_-]?".join(map(re.escape, parts))
    return re.sub(rf"(?<![A-Za-z0-9]){spelled}(?![A-Za-z0-9])", "#", text, flags=re.IGNORECASE)
