"""An error's words, and the phrases that they share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.documents.subjects import subject


@dataclass(frozen=True, slots=True)
class Words:
    """An error's sentence, mend, place and patch."""

    message: str
    mend: str
    pointer: str
    patch: tuple[Mapping[str, Any], ...] = ()


def owner_of(root: Any, path: Sequence[str]) -> str:
    return subject(root, path[:-1]) if path else "The document"


def article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


def shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def kind(found: str, value: Any) -> str:
    if value is None or found == "null":
        return "null"
    if isinstance(value, float):
        found = "number"
    if isinstance(value, (bool, int, float, str)):
        return f"the {found} {shown(value)}"
    return article(found)
