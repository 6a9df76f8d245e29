"""A file that was read, a value in it with its place, and where a pointer leads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.documents.flaws import Flaw
from checker.domain.location import Location
from checker.domain.pointer import escape, tokens_of


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file that was read. `display` is how the user named it; `path` is None for a URL."""

    display: str
    data: Any
    flaws: tuple[Flaw, ...] = ()
    path: Path | None = None
    url: str = ""
    syntax: str = "json"
    digest: str = ""
    """SHA-256 of the file as it was read."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file, with its place."""

    value: Any
    source: Source
    pointer: str = ""

    @property
    def location(self) -> Location:
        return Location(self.source.display, self.pointer)

    def child(self, token: str | int) -> Node:
        """The member `token`; its value is None where there is none."""
        value = self.value
        if isinstance(value, dict):  # as parsers make them: an abstract class asks much longer
            found = value.get(token)
        elif isinstance(value, list) and isinstance(token, int) and token < len(value):
            found = value[token]
        else:
            found = None
        text = str(token)
        if "~" in text or "/" in text:
            text = escape(text)
        return Node(found, self.source, f"{self.pointer}/{text}")


def refers(value: Any) -> bool:
    """Whether a value is a reference."""
    return isinstance(value, dict) and isinstance(value.get("$ref"), str)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a reference leads nowhere: a half sentence, and the smallest mend."""

    reason: str
    mend: str
    unread: bool = False
    """Not looked at, so nothing is known to be wrong (a remote reference)."""
    refused: bool = False
    """Not read for safety: the document may well be right."""


def point(source: Source, pointer: str) -> Node | Unresolved:
    """The node at a JSON Pointer of a file."""
    value: Any = source.data
    for token in tokens_of(pointer):
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif (
            isinstance(value, list)
            and len(token) < 10
            and token.isdecimal()
            and int(token) < len(value)
        ):
            value = value[int(token)]
        else:
            where = f"#{pointer}"
            return Unresolved(
                f"points at {where}, which isn't there", _nearest(value, token, where)
            )
    return Node(value, source, pointer)


def _nearest(value: Any, token: str, where: str) -> str:
    """The mend of a pointer that misses: the nearest name there is."""
    from difflib import get_close_matches

    names = [str(k) for k in value] if isinstance(value, Mapping) else []
    close = get_close_matches(token[:100], names[:2000], 1, 0.75)
    if close:
        return f'Did you mean "{close[0]}"? Else add the definition.'
    return f"Add the definition at {where}, or correct the reference."


def urlless(reference: str) -> str:
    """A reference as sentences show it: capped."""
    return reference if len(reference) <= 120 else reference[:117] + "…"
