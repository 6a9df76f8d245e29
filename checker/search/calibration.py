"""Asking a target how it says that a value is wrong, and that one is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.operation import Field, FieldKey, Place
from checker.planning import edits
from checker.search.complaints import ComplaintKind
from checker.search.grammar import Grammar
from checker.search.reading import Reading

Attempt = Callable[[Call], Awaitable[Exchange | None]]
NONSENSE: Any = {"zq": ["zq"]}
"""A value that is wrong for every scalar."""
_SCALAR = (str, int, float, bool)


def fields_to_ask(base: Call, known: Mapping[FieldKey, Field]) -> tuple[FieldKey, FieldKey] | None:
    """Two scalar fields of the request's body, required ones first; None where it hasn't two."""
    found = [
        key
        for key in known
        if key.place is Place.BODY
        and "." not in key.name
        and "[]" not in key.name
        and isinstance(edits.get(base, key), _SCALAR)
    ]
    ranked = sorted(
        found, key=lambda k: (not known[k].required, not isinstance(edits.get(base, k), str))
    )
    return (ranked[0], ranked[1]) if len(ranked) > 1 else None


async def calibrate(
    grammar: Grammar, attempt: Attempt, base: Call, known: Mapping[FieldKey, Field]
) -> None:
    """Ask the target about four times how it says that a value is wrong or missing: nonsense for
    two fields, then each left out. What differs teaches the grammar.

    `attempt` sends a request (None: it couldn't); `base` is a request with two scalar fields,
    accepted or not. Teaches nothing where the answers don't tell the two fields apart.
    """
    pair = fields_to_ask(base, known)
    if pair is None:
        return
    for kind, change in ((ComplaintKind.INVALID, _nonsense), (ComplaintKind.MISSING, edits.remove)):
        calls = [change(base, key) for key in pair]
        answers = [await attempt(call) for call in calls]
        _compare(grammar, pair, calls, answers, kind, known)


def _nonsense(base: Call, key: FieldKey) -> Call:
    return edits.put(base, key, NONSENSE)


def _compare(
    grammar: Grammar,
    pair: tuple[FieldKey, FieldKey],
    calls: list[Call],
    answers: list[Exchange | None],
    kind: ComplaintKind,
    known: Mapping[FieldKey, Field],
) -> None:
    """Learn from two answers of which each names its own field and not the other's."""
    read: list[list[Reading]] = []
    for call, answer in zip(calls, answers, strict=True):
        read.append([] if answer is None else grammar.readings(answer, call, known))
    own = [_about(readings, key) for readings, key in zip(read, pair, strict=True)]
    other = [_about(readings, key) for readings, key in zip(read, reversed(pair), strict=True)]
    if not all(own) or any(other):
        return
    for readings in own:
        for reading in readings:
            grammar.lessons.note(reading.marks, kind)
            grammar.lessons.note_naming(reading.naming)
    grammar.lessons.note_boilerplate(" ".join(t for r in rs for _, t in r.marks) for rs in own)


def _about(readings: list[Reading], key: FieldKey) -> list[Reading]:
    return [r for r in readings if r.named is not None and r.named.key == key]
