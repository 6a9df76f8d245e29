"""Changes between two documents as text: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from checker.domain.location import Location
from checker.drift.compare import Change


def render_diff_markdown(changes: Sequence[Change]) -> str:
    """A summary, then one table per operation; breaking changes first within each."""
    if not changes:
        return "# Differences\n\nNo differences.\n"
    breaking = sum(change.breaking for change in changes)
    lines = [
        "# Differences",
        "",
        f"{_count(len(changes), 'difference')}, {breaking} breaking for clients.",
    ]
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups["" if change.place == "document" else str(change.operation)].append(change)
    for title in sorted(groups, key=lambda t: (not any(c.breaking for c in groups[t]), t)):
        rows = sorted(groups[title], key=lambda c: (not c.breaking, c.direction))
        lines += ["", f"## {_cell(title) or 'Whole document'}", ""]
        lines += ["| Breaking | Direction | Change | Old | New |", "|---|---|---|---|---|"]
        lines += [_row(change) for change in rows]
    return "\n".join(lines) + "\n"


def render_diff_json(changes: Sequence[Change]) -> str:
    """`{"changes": [...], "breaking": n}` with every attribute of each change."""
    document = {
        "breaking": sum(change.breaking for change in changes),
        "changes": [_as_json(change) for change in changes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "direction": change.direction or None,
        "breaking": change.breaking,
        "operation": str(change.operation),
        "also_operations": [str(o) for o in change.operations if o != change.operation],
        "field": {"in": change.place, "name": change.name},
        "status": change.status or None,
        "media_type": change.media_type or None,
        "old": change.old,
        "new": change.new,
        "old_source": _source(change.old_location),
        "new_source": _source(change.new_location),
        "text": change.text,
    }


def _source(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    found: dict[str, Any] = {"file": location.file, "pointer": location.pointer}
    if location.line is not None:
        found["line"] = location.line
    if location.column is not None:
        found["column"] = location.column
    return found


def _row(change: Change) -> str:
    others = len(change.operations) - 1
    text = change.text + (f" (also in {_count(others, 'other operation')})" if others > 0 else "")
    cells: Iterable[str] = (
        "yes" if change.breaking else "no",
        change.direction or "—",
        _cell(text),
        _cell(_place(change.old_location)),
        _cell(_place(change.new_location)),
    )
    return "| " + " | ".join(cells) + " |"


def _place(location: Location | None) -> str:
    if location is None:
        return "—"
    line = f":{location.line}" if location.line is not None else ""
    return f"{location.file}{line} {location.pointer}".strip()


def _cell(text: str) -> str:
    """One line that can't break out of a table, nor become markup of its own."""
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
