"""Facts that two documents of one operation tell differently, one conflict a fact. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from checker.drift.compare.change import Change

_FACTS = {
    "required-added": "required",
    "required-removed": "required",
    "parameter-added": "required",
    "parameter-removed": "required",
    "field-added": "required",
    "field-removed": "required",
    "type-changed": "type",
    "enum-added": "enum",
    "enum-removed": "enum",
    "enum-value-added": "enum",
    "enum-value-removed": "enum",
    "status-added": "status",
    "status-removed": "status",
    "security-added": "token",
    "security-removed": "token",
    "security-changed": "token",
    "security-alternative-added": "token",
    "security-alternative-removed": "token",
    "token-added": "token",
    "token-removed": "token",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One fact that legacy and current document tell differently; values as JSON."""

    fact: str
    change: Change
    legacy: Any
    current: Any


def _is_conflict(fact: str, change: Change) -> bool:
    if change.hidden or (fact == "status" and change.status.lower() == "default"):
        return False
    return fact != "required" or _matters(change)


def _identity(fact: str, change: Change) -> tuple[Any, ...]:
    """What the changes of one conflict have in common."""
    name, kind = ("", change.kind.partition("-")[0]) if fact == "token" else (change.name, "")
    status = change.status if fact == "status" else (change.status, change.direction)
    return fact, kind, change.operation, change.place, name, status


def conflicts(changes: Iterable[Change]) -> Iterator[Conflict]:
    """One conflict per fact: an enum's added and removed values, all token types together."""
    found: dict[Any, Conflict] = {}
    for change in changes:
        fact = _FACTS.get(change.kind)
        if fact is None or not _is_conflict(fact, change):
            continue
        legacy, current = _values(change)
        key = _identity(fact, change)
        if key in found:
            first = found[key]
            legacy, current = _joined(first.legacy, legacy), _joined(first.current, current)
            found[key] = Conflict(fact, first.change, legacy, current)
        else:
            found[key] = Conflict(fact, change, legacy, current)
    yield from found.values()


def _matters(change: Change) -> bool:
    """Requiredness of the whole body is spelled too differently; a field that one side lacks
    matters where the other side demands it.
    """
    if change.kind in ("required-added", "required-removed"):
        return bool(change.name)
    given = change.new if change.new is not None else change.old
    return change.direction == "request" and bool(given and given.get("required"))


def _values(change: Change) -> tuple[Any, Any]:
    """What legacy and current say of the fact."""
    match change.kind:
        case "parameter-added" | "field-added":
            return None, True
        case "parameter-removed" | "field-removed":
            return True, None
        case "enum-value-added" | "enum-value-removed":
            return change.whole or (change.old, change.new)
        case (
            "token-added"
            | "token-removed"
            | "security-alternative-added"
            | ("security-alternative-removed")
        ):
            old = [change.old] if change.old is not None else []
            new = [change.new] if change.new is not None else []
            return old, new
        case _:
            return change.old, change.new


def _joined(one: Any, two: Any) -> Any:
    if isinstance(one, list) and isinstance(two, list):
        return one + [value for value in two if value not in one]
    return one if one is not None else two
