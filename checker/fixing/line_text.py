"""Changes in the text of a page: its value is the list of its lines."""

from __future__ import annotations

from checker.fixing.json_patch import Operation, Unplaced, index_of
from checker.fixing.order import Order


def data(text: str) -> list[str]:
    """The lines without their ends."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def edit(text: str, operation: Operation, order: Order | None = None) -> str:
    """The text with one line replaced; raises Unplaced for anything else."""
    lines = text.split("\n")
    if operation.op != "replace" or len(operation.tokens) != 1:
        raise Unplaced("of a page only lines are replaced")
    at = index_of(operation.tokens[0], len(lines))
    lines[at] = str(operation.value) + ("\r" if lines[at].endswith("\r") else "")
    return "\n".join(lines)
