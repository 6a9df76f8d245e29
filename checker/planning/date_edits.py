"""Edits of a call's dates. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey
from checker.planning import edits
from checker.planning.candidates import Candidates

MAX_DATES = 4
MAX_LAYOUTS = 4


def other_layouts(call: Call, keys: Sequence[FieldKey], candidates: Candidates) -> Iterator[Call]:
    """The call with its dates in other layouts: all of them together, then one by one."""
    dates = [(k, candidates.moments(edits.get(call, k))) for k in keys]
    dates = [(k, values) for k, values in dates if values][:MAX_DATES]
    for number in range(2 if len(dates) > 1 else 0):
        whole = call
        for key, values in dates:
            whole = edits.put(whole, key, values[number])
        yield whole
    for number in range(MAX_LAYOUTS):
        for key, values in dates:
            if number < len(values):
                yield edits.put(call, key, values[number])
