"""A change of one operation, with its sentence."""

from __future__ import annotations

from typing import Any

from checker.domain.location import Location
from checker.domain.operation import Operation
from checker.drift.compare.change import Change, Direction
from checker.drift.compare.words import sentence


def changed(
    kind: str,
    direction: Direction,
    breaking: bool,
    old: Operation,
    new: Operation,
    place: str,
    name: str,
    before: Any,
    after: Any,
    old_location: Location | None = None,
    new_location: Location | None = None,
    *,
    status: str = "",
    media_type: str = "",
    whole: tuple[Any, Any] | None = None,
    hidden: bool = False,
) -> Change:
    change = Change(
        kind=kind,
        direction=direction,
        breaking=breaking,
        operation=new.id,
        place=place,
        name=name,
        old=before,
        new=after,
        old_location=old_location or old.location,
        new_location=new_location or new.location,
        status=status,
        media_type=media_type,
        operations=(new.id,),
        whole=whole,
        hidden=hidden,
    )
    return change.with_(text=sentence(change))
