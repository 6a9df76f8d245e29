"""Repair where every mistake gets the same answer: nothing tells which field is at fault.

From the smallest request that was tried, so that there are few suspects; one likely edit of each
field in turn, then two edits at once, the likeliest first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema
from checker.planning import edits, hints
from checker.planning.candidates import Candidates
from checker.planning.encoding import is_json
from checker.probing.trial import Answer, Trial

TRIES = 48
SINGLES = 30
"""Of the tries, so many for single edits at most."""
_WORDS = ("1", "2031-05-17", "12345", "abc")


def is_quiet(trial: Trial, best: Answer, known: Mapping[FieldKey, Field]) -> bool:
    """Whether different requests were refused in the very same words, which name no field."""
    alike = _alike(trial, best)
    if best.rejection is not Rejection.VALIDATION or len(alike) < 2:
        return False
    others = [a for a in trial.answers if a.rejection is Rejection.VALIDATION]
    return len(alike) == len(others) and not hints.mentioned(best.text, known)


def _alike(trial: Trial, best: Answer) -> list[Answer]:
    said = hints.signature(best.status, best.text)
    return [
        a
        for a in trial.answers
        if a.call.token == best.call.token and hints.signature(a.status, a.text) == said
    ]


class QuietRepair:
    """Mends a refused request of a trial without a word of help."""

    def __init__(
        self, trial: Trial, candidates: Candidates, known: Mapping[FieldKey, Field]
    ) -> None:
        self._trial = trial
        self._candidates = candidates
        self._known = known

    async def run(self, best: Answer) -> Answer | None:
        """An accepted answer, or None."""
        trial, limit = self._trial, self._trial.limit
        base = min(_alike(trial, best), key=lambda a: len(list(edits.present_fields(a.call))))
        options = {
            key: list(self._options(base.call, key)) for key in edits.present_fields(base.call)
        }
        options = {key: values for key, values in options.items() if values}
        start = len(trial.answers)
        try:
            for most, calls in (
                (SINGLES, self._candidates.namesakes.calls(best.call, self._known)),
                (SINGLES, _singles(base.call, options)),
                (TRIES, _pairs(base.call, options)),
            ):
                # It is tried beside what else there is to try, not in its place.
                trial.limit = start + most
                for call in calls:
                    if trial.spent:
                        break
                    answer = await trial.send(call)
                    if answer is not None and answer.accepted:
                        return answer
        finally:
            trial.limit = limit + (len(trial.answers) - start)
        return None

    def _options(self, call: Call, key: FieldKey) -> Iterator[Any]:
        """Other values of a field, the likeliest first: of a set, of another type, known ones."""
        current = edits.get(call, key)
        if key.place is Place.PATH or key.client_header or "{{" in str(current):
            return
        field = self._known.get(key)
        schema = field.schema if field is not None else Schema(self._trial.operation.location)
        typed = key.place is Place.BODY and is_json(call.media_type)
        if schema.enum:
            yield from (v for v in schema.enum if v not in (None, current))
            if isinstance(current, str) and typed:
                yield [current]
            return
        known = self._candidates.of(self._trial.operation, field) if field is not None else []
        others = [v for v in known if v != current and isinstance(v, type(current))]
        match current:
            case bool():
                yield from (not current, str(current).lower(), int(current))
            case str() if typed:
                yield from (1, [current], *others[:1], 100, *_WORDS[1:2])
            case str():
                yield from (*_WORDS[:1], *others[:1], *_WORDS[1:])
            case int() | float() if typed:
                yield from (str(current), 100, [current], *others[:1])
            case int() | float():
                yield from (*_WORDS[1:2], "abc", 100)
            case list() if current and not isinstance(current[0], (dict, list)):
                yield from (current[0], ",".join(map(str, current)))
            case dict() if typed:
                yield [current]


def _singles(base: Call, options: Mapping[FieldKey, list[Any]]) -> Iterator[Call]:
    """One edit of each field, then a second one of each, and so on."""
    for turn in range(max(map(len, options.values()), default=0)):
        for key, values in options.items():
            if turn < len(values):
                yield edits.put(base, key, values[turn])


def _pairs(base: Call, options: Mapping[FieldKey, list[Any]]) -> Iterator[Call]:
    """Two edits of different fields, neither inside the other."""
    ranked = [
        (turn, key, value) for key, values in options.items() for turn, value in enumerate(values)
    ]
    pairs = [
        (one, other)
        for one, other in itertools.combinations(ranked, 2)
        if one[1] != other[1] and not _nested(one[1], other[1])
    ]
    for (_, one, first), (_, other, second) in sorted(pairs, key=lambda p: p[0][0] + p[1][0]):
        yield edits.put(edits.put(base, one, first), other, second)


def _nested(one: FieldKey, other: FieldKey) -> bool:
    short, long = sorted((one.name, other.name), key=len)
    return one.place is other.place and long.startswith((f"{short}.", f"{short}["))
