"""Conventions: one change of all fields of a kind at once, for servers that name nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Place
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.search.mending import with_edits
from checker.search.values import Candidate

MAX_TURNS = 3
MAX_LAYOUTS = 4
MAX_OTHERS = 14
"""Values of one field, each with all others as they are."""
Change = Callable[[FieldKey, Any], Any]


def worlds(
    known: Mapping[FieldKey, Field],
    call: Call,
    candidates: Candidates,
    queue: Callable[[FieldKey], Iterator[Candidate]],
) -> Iterator[Call]:
    """The call under each convention, then with single fields otherwise: the first value of each
    field's `queue`, then the second one."""
    seen = [call]
    for other in _all(known, call, candidates, queue):
        if other not in seen:
            seen.append(other)
            yield other


def _all(
    known: Mapping[FieldKey, Field],
    call: Call,
    candidates: Candidates,
    queue: Callable[[FieldKey], Iterator[Candidate]],
) -> Iterator[Call]:
    fields = [
        k
        for k in edits.present_fields(call)
        if k.place is not Place.PATH and "{{" not in str(edits.get(call, k))
    ]
    yield from candidates.namesakes.calls(call, known)
    for change in _conventions(known, candidates):
        yield _each(call, fields, change)
    queues = {key: queue(key) for key in fields}
    for _ in range(MAX_OTHERS):
        for key, values in queues.items():
            value = next(values, None)
            if value is not None:
                yield with_edits(call, {key: value})


def _conventions(known: Mapping[FieldKey, Field], candidates: Candidates) -> Iterator[Change]:
    """Changes of one field's value that are made of all fields alike."""
    yield lambda _, v: str(v) if isinstance(v, int | float) and not isinstance(v, bool) else v
    for number in range(MAX_LAYOUTS):
        yield partial(_in_layout, candidates, number)
    for turn in range(1, MAX_TURNS + 1):
        yield partial(_turned, known, turn)
    yield lambda _, v: 1 if isinstance(v, str) else v
    yield lambda _, v: [v] if isinstance(v, str) else v


def _each(call: Call, fields: list[FieldKey], change: Change) -> Call:
    for key in fields:
        value = edits.get(call, key)
        if not isinstance(value, dict | list):
            call = edits.put(call, key, change(key, value))
    return call


def _in_layout(candidates: Candidates, number: int, _: FieldKey, value: Any) -> Any:
    """A date in one of the layouts that dates have elsewhere."""
    layouts = candidates.moments(value)
    return layouts[number] if number < len(layouts) else value


def _turned(known: Mapping[FieldKey, Field], turn: int, key: FieldKey, value: Any) -> Any:
    """The documented value of a set that is so many places after the first."""
    values = [v for v in (known[key].schema.enum if key in known else None) or () if v is not None]
    return values[turn % len(values)] if len(values) > turn else value
