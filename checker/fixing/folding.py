"""Patches in which what is said of a thing that they add stands in what is added. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from checker.fixing.json_patch import Operation, Unplaced, applied, parse_pointer
from checker.fixing.plan import merged

Step = Mapping[str, Any]


def folded(patch: Iterable[Step]) -> tuple[Step, ...]:
    """The same patch with fewer steps: one below an added value becomes a part of that value, two
    that set one place become one."""
    steps: list[dict[str, Any]] = []
    for step in patch:
        if not any(_taken_in(earlier, step) for earlier in steps):
            steps.append(dict(step))
    return tuple(steps)


def _taken_in(earlier: dict[str, Any], step: Step) -> bool:
    """Whether a step could be made a part of an earlier one; that is changed then."""
    if "test" in (earlier["op"], step["op"]) or "value" not in earlier:
        return False
    above, place = parse_pointer(str(earlier["path"])), parse_pointer(str(step["path"]))
    if place[: len(above)] != above or above[-1:] == ("-",):
        return False
    inside = place[len(above) :]
    try:
        if inside:
            change = Operation(str(step["op"]), inside, step.get("value"))
            earlier["value"] = applied(earlier["value"], change)
        elif step["op"] == "remove":
            return False
        else:
            earlier["value"] = merged(None, earlier["value"], step["value"])
    except Unplaced:
        return False
    return True
