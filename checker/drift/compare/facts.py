"""One difference between two schemas, and what it breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from checker.domain.location import Location
from checker.domain.schema import Schema
from checker.drift.compare.change import REQUEST, RESPONSE, Direction


@dataclass(frozen=True, slots=True)
class Fact:
    """A difference of one level; `segment` is the child's name below it, "" for itself."""

    kind: str
    breaking: bool
    old: Any
    new: Any
    old_location: Location
    new_location: Location
    segment: str = ""
    whole: tuple[Any, Any] | None = None
    hidden: bool = False
    """Of no effect in this direction; told where nothing else tells of it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas to compare below; `segment` is how a name goes on: `.x`, `[]`, "" (a branch)."""

    segment: str
    old: Schema
    new: Schema
    sole: bool = False
    """Whether both are what one node says; see `SchemaWalk`."""
    branch: bool = False
    """Whether both are branches of a choice."""
    hidden: bool = False
    """Whether neither is seen in this direction (`readOnly` in a request)."""

    def with_sole(self, sole: bool) -> Pair:
        """A copy that says so."""
        return replace(self, sole=sole)

    def with_hidden(self) -> Pair:
        """A copy of what isn't seen."""
        return replace(self, hidden=True)


def widening_breaks(direction: Direction) -> bool:
    """Whether allowing more breaks clients: only in what they receive."""
    return direction == RESPONSE


def narrowing_breaks(direction: Direction) -> bool:
    """Whether allowing less breaks clients: only in what they send."""
    return direction == REQUEST


def overlap(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    if not old or not new:
        return True
    return bool(expanded(old) & expanded(new))


def expanded(types: tuple[str, ...]) -> set[str]:
    return set(types) | ({"integer"} if "number" in types else set())


def type_names(types: tuple[str, ...]) -> Any:
    return types[0] if len(types) == 1 else list(types) or None
