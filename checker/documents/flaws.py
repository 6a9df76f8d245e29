"""What is wrong with a text, and what was read of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_FILE_BYTES = 128 * 1024 * 1024
MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in a text: 1-based line and column where known, else a pointer."""

    message: str
    mend: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """Data read from a text (None where nothing could be read) and what was wrong with it."""

    data: Any = None
    flaws: tuple[Flaw, ...] = ()
    syntax: str = "json"


def position(text: str, offset: int) -> tuple[int, int]:
    """1-based line and column of a character offset."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def too_deep_flaw() -> Flaw:
    message = f"The file is nested more than {MAX_DEPTH} levels deep."
    return Flaw(message, "Move inner parts to components and refer to them.", fatal=True)


def duplicate(key: str, pointer: str, line: int | None, column: int | None) -> Flaw:
    """The flaw of a name that an object has twice."""
    message = f'"{key}" stands twice in the same object; readers keep the last one only.'
    return Flaw(message, "Delete one of the two, or merge them.", pointer, line, column)
