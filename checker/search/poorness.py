"""Whether a fuller request is a better one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 6


def poorer(before: Any, after: Any, depth: int = 0) -> bool:
    """Whether an answer shows less than another: a list that has become empty, a member that is
    gone where nothing has come in its place."""
    if depth > MAX_DEPTH:
        return False
    if isinstance(before, list):
        return bool(before) and not after
    if not isinstance(before, Mapping):
        return False
    if not isinstance(after, Mapping):
        return True
    if before.keys() - after.keys() and not after.keys() - before.keys():
        return True
    return any(poorer(before[n], after[n], depth + 1) for n in before if n in after)
