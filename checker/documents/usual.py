"""What a document usually says of a response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any


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
    paths = root.get("paths") if isinstance(root, Mapping) else None
    for item in paths.values() if isinstance(paths, Mapping) else ():
        for operation in item.values() if isinstance(item, Mapping) else ():
            responses = operation.get("responses") if isinstance(operation, Mapping) else None
            node = responses.get(status) if isinstance(responses, Mapping) else None
            words = node.get("description") if isinstance(node, Mapping) else None
            if isinstance(words, str) and words.strip():
                yield words
