"""JSON Pointers (RFC 6901): how a name stands in one, and what a pointer names."""

from __future__ import annotations

from collections.abc import Iterable


def escape(token: object) -> str:
    """A member's name or an item's number as a pointer has it."""
    return str(token).replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The name that a part of a pointer stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def pointer_of(tokens: Iterable[object]) -> str:
    """The pointer that leads through these names and numbers, the outermost first."""
    return "".join("/" + escape(token) for token in tokens)


def tokens_of(pointer: str) -> list[str]:
    """The names that a pointer leads through; none for the whole document."""
    return [unescape(token) for token in pointer.split("/")[1:]]
