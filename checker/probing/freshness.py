"""Which literal values of an accepted request have to change for it to pass again, and may."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation
from checker.lexicon.texts import name_words
from checker.planning import edits
from checker.planning.variation import free_form, vary

CONFLICT = 409
Variation = Mapping[FieldKey, bool]
"""Fields that change with each request; True: their shape is kept (see `variation.vary`)."""

Attempt = Callable[[Variation], Awaitable[tuple[bool, str]]]
"""Sends the request with some fields changed: whether it passed, and the complaint."""


def varied(call: Call, variation: Variation, number: int, operation: Operation) -> Call:
    """The call with the fields' values changed; `number` tells variants apart."""

    def another(key: FieldKey, value: Any) -> Any:
        field = operation.fields.get(key)
        return vary(value, number, field.schema if field is not None else None, variation[key])

    return edits.put_each(call, variation, another)


def wider(variation: Variation, call: Call, operation: Operation) -> Iterator[Variation]:
    """The variation with all the texts that it leaves as they are: what one thing may hold again
    and again may be taken where the request is sent for another one."""
    kept = [key for key in free_form(call, operation) if key not in variation]
    for shaped in (False, True) if kept else ():
        yield {**variation, **dict.fromkeys(kept, shaped)}


async def learn_variation(
    keys: Sequence[FieldKey], attempt: Attempt, unchanged: str
) -> tuple[bool, Variation]:
    """(whether the request passes again, with which fields changed).

    All of them first, then one at a time, then all those whose change brings no other complaint
    than the `unchanged` request has, or fewer ones, or another conflict, or the same of another
    field: two values may be taken.
    Each with any change, then with its shape kept (which has to pass twice: a value of a closed
    set may happen to count on to another one).
    """

    async def passes(changes: Variation) -> tuple[bool, str]:
        passed, complaint = await attempt(changes)
        if passed and any(changes.values()):
            passed, complaint = await attempt(changes)
        return passed, complaint

    for shaped in (False, True) if keys else ():
        whole = dict.fromkeys(keys, shaped)
        passed, _ = await passes(whole)
        if passed:
            return True, whole
    harmless: dict[FieldKey, bool] = {}
    conflicting: dict[FieldKey, bool] = {}
    for key in keys if len(keys) > 1 else ():
        for shaped in (False, True):
            passed, complaint = await passes({key: shaped})
            if passed:
                return True, {key: shaped}
            if _lessens(complaint, unchanged):
                harmless.setdefault(key, shaped)
                break
            if _conflicts(complaint, unchanged) or _alike(complaint, unchanged, keys):
                conflicting.setdefault(key, shaped)
    tries = [harmless] if set(harmless) != set(keys) or any(harmless.values()) else []
    if not all(harmless.values()):
        # A complaint that never changes can't tell which kind of change a value bears.
        tries.append(dict.fromkeys(harmless, True))
    tries.append({**conflicting, **harmless} if conflicting else {})
    for each in (t for t in tries if len(t) > 1):
        passed, _ = await passes(each)
        if passed:
            return True, each
    return False, harmless


def _lessens(complaint: str, unchanged: str) -> bool:
    """Whether a complaint is the one of the unchanged request, or a part of it."""
    parts = [set(re.findall(r"\w+", c)) for c in (complaint, unchanged)]
    return complaint == unchanged or (bool(complaint) and parts[0] < parts[1])


def _conflicts(*complaints: str) -> bool:
    """Whether all are about what there is already."""
    return all(c.startswith(f"{CONFLICT}:") for c in complaints)


def _alike(complaint: str, unchanged: str, keys: Sequence[FieldKey]) -> bool:
    """Whether both complaints say the same, each of other fields."""
    names = {word for key in keys for word in name_words(key.leaf).split()}
    said = [[w for w in name_words(c).split() if w not in names] for c in (complaint, unchanged)]
    return bool(said[0]) and said[0] == said[1]
