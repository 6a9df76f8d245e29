"""What a document usually says of a response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from checker.domain.nodes import mapping_of, member_of, text_of


def usual_description(root: Any, status: str) -> str:
    """The words that most operations have for a status, else its usual name; empty where it has
    none (`default`, a range)."""
    counted = Counter(_descriptions(root, status))
    if counted:
        return counted.most_common(1)[0][0]
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return ""


def _descriptions(root: Any, status: str) -> Iterator[str]:
    for item in mapping_of(member_of(root, "paths")).values():
        for operation in mapping_of(item).values():
            words = text_of(member_of(operation, "responses", status, "description"))
            if words.strip():
                yield words
