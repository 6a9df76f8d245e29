"""Other entries of the lists that a request takes its identifiers from, one of each kind first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import OperationId
from checker.domain.workflow import Step
from checker.planning.recipe import call_variables

Steps = tuple[Step, ...]
MOST = 8
_FIRST = "[0]"
_MEMBER = re.compile(r"\.([A-Za-z_]\w*)|\['([^']*)'\]|\[(\d+)\]")
FEW_KINDS = 6
"""A member with more values than this in a list tells no kinds apart."""


def other_entries(call: Call, steps: Steps, bodies: Mapping[OperationId, Any]) -> Iterator[Steps]:
    """The steps with other entries of the lists that give what the call uses. `bodies` are the
    answers of the listing operations."""
    used = call_variables(call)
    for number, step in enumerate(steps):
        for name, path in step.extract.items():
            if step.method != "GET" or name not in used or _FIRST not in path:
                continue
            head = path.partition(_FIRST)[0]
            body = bodies.get(step.operation) if step.operation is not None else None
            for entry in _order(_at(body, head)):
                taken = {n: _moved(p, head, entry) for n, p in step.extract.items()}
                yield (*steps[:number], replace(step, extract=taken), *steps[number + 1 :])


def _moved(path: str, head: str, entry: int) -> str:
    first = head + _FIRST
    return f"{head}[{entry}]{path[len(first) :]}" if path.startswith(first) else path


def _at(body: Any, path: str) -> Any:
    for member, quoted, index in _MEMBER.findall(path):
        if index:
            body = body[int(index)] if isinstance(body, list) and int(index) < len(body) else None
        else:
            body = body.get(member or quoted) if isinstance(body, Mapping) else None
    return body


def _order(items: Any) -> list[int]:
    """Indexes of a list's entries but the first: one of each kind that isn't the first's, then
    the others."""
    if not isinstance(items, list):
        return [1, 2]
    kinds = [_kind(item, items) for item in items]
    seen = {kinds[0]} if kinds else set()
    fresh: list[int] = []
    for number, kind in enumerate(kinds):
        if kind not in seen:
            seen.add(kind)
            fresh.append(number)
    rest = [n for n in range(1, len(items)) if n not in fresh]
    return [*fresh, *rest][:MOST]


def _kind(item: Any, items: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """What an entry has in common with some of the others: members with few values."""
    if not isinstance(item, Mapping):
        return ()
    found: list[tuple[str, str]] = []
    for name, value in item.items():
        values = {repr(i.get(name)) for i in items if isinstance(i, Mapping)}
        if isinstance(value, (str, bool)) and 1 < len(values) <= min(FEW_KINDS, len(items) - 1):
            found.append((str(name), repr(value)))
    return tuple(found)
