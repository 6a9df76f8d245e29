"""Values that a request has from what was made before it: of another resource, no rule's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.numbers import is_number
from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.planning.routes import CREATE, UPDATE, act_of

MAX_STEPS = 3


def scalars_of(steps: Sequence[Step]) -> list[Any]:
    """The numbers and texts that prerequisite steps send, templates left out."""
    return [v for step in steps for v in _scalars(step.body) if "{{" not in str(v)]


def of_others(steps: Sequence[Step], operation: OperationId) -> list[Step]:
    """The steps but those that made the very thing that an operation is about: what such a thing
    got then has been written over."""
    above = operation.path.rstrip("/").rpartition("/{")[0]
    if not above or act_of(operation) != UPDATE:
        return list(steps)
    return [
        s
        for s in steps
        if s.operation is None or act_of(s.operation) != CREATE or s.operation.path != above
    ]


def inherits(steps: Sequence[Step], value: Any) -> bool:
    """Whether a value may come from a prerequisite: the server copied or computed it."""
    if value is None or isinstance(value, (bool, dict, list)) or value in (0, 1, -1, ""):
        return False
    return any(not isinstance(v, bool) and v == value for v in scalars_of(steps))


def grown(steps: Sequence[Step], near: float, by: int) -> Iterator[Step]:
    """Each step that sends a number of about a size, with that number larger."""
    found = 0
    for step in steps:
        body = _grown(step.body, near, by)
        if body != step.body and found < MAX_STEPS:
            found += 1
            yield replace(step, body=body)


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _scalars(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _scalars(value)
    elif node is not None:
        yield node


def _grown(node: Any, near: float, by: int) -> Any:
    if isinstance(node, Mapping):
        return {name: _grown(value, near, by) for name, value in node.items()}
    if isinstance(node, list):
        return [_grown(value, near, by) for value in node]
    if not is_number(node):
        return node
    return node + by if abs(node - near) <= 1 else node
