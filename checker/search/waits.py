"""A faster request where an accepted one is answered slowly: some readings wait as long as a
number among their parameters says."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping

from checker.domain.exchange import Call, Response
from checker.domain.operation import Field, FieldKey, Place
from checker.planning import edits
from checker.search.attempts import Attempt, Attempts

SLOW_S = 5.0
"""An answer that takes longer is worth asking for a faster one."""
MAX_TRIES = 3


async def sooner(attempts: Attempts, found: Attempt, known: Mapping[FieldKey, Field]) -> Attempt:
    """An attempt that was accepted, or not answered in time; or one like it that is answered in
    less than half the time. `known` are the operation's fields."""
    usual = _taken(found)
    if usual < SLOW_S:
        return found
    for call in itertools.islice(shortened(found.call, known), MAX_TRIES):
        got = await attempts.send(call)
        if got is not None and got.accepted and _taken(got) < usual / 2:
            return got
    return found


def shortened(call: Call, known: Mapping[FieldKey, Field]) -> Iterator[Call]:
    """The call with one of the query's optional numbers at its smallest value at a time."""
    for key, field in known.items():
        number = {"integer", "number"} & set(field.schema.types)
        if key.place is not Place.QUERY or field.required or not number or field.schema.enum:
            continue
        least = field.schema.minimum
        yield edits.put(call, key, 0 if least is None else least)


def _taken(attempt: Attempt) -> float:
    """Seconds until the answer."""
    outcome = attempt.answer.exchange.outcome
    if isinstance(outcome, Response):
        return outcome.elapsed_s
    return math.inf if outcome.kind == "timeout" else 0.0
