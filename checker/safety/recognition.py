"""Whether what is there now is what an earlier run has made. Pure.

A server may give a number again: what has it now may be somebody's. So a thing keeps marks: hashes
of the texts that came with its making and were new then. They tell it from others and give no
secret away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from checker.safety.brought import children

MAX_MARKS = 24
MAX_DEPTH = 12
LEAST_TEXT = 5
"""Shorter texts may be equal by chance."""


def marks_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The marks of texts, in their order, each once."""
    long = (t for t in dict.fromkeys(texts) if len(t) >= LEAST_TEXT)
    return tuple(_mark(t) for t, _ in zip(long, range(MAX_MARKS), strict=False))


def is_marked(body: Any, marks: Collection[str]) -> bool:
    """Whether a JSON value has a text with one of the marks."""
    return any(_mark(text) in marks for text in _texts(body) if len(text) >= LEAST_TEXT)


def is_among(body: Any, names: Collection[str], marks: Collection[str]) -> bool:
    """Whether a JSON value has an object that has one of the names and one of the marks."""
    return any(
        any(_scalar(value) in names for value in member.values()) and is_marked(member, marks)
        for member in _objects(body)
    )


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _objects(node: Any, depth: int = 0) -> Iterator[Mapping[Any, Any]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        yield node
    for child in children(node):
        yield from _objects(child, depth + 1)


def _texts(node: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif depth <= MAX_DEPTH:
        for child in children(node):
            yield from _texts(child, depth + 1)
