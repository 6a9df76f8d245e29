"""Fields that the witness lacks, and what they or one of their values want beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey
from checker.domain.schema import MISSING
from checker.experiments.base import Context, Experiment
from checker.experiments.combinations import Combination, Combinations, Spent, related
from checker.experiments.company import absent_values
from checker.inference.dependencies import minimal
from checker.planning import edits

MAX_FIELDS = 8
MAX_VALUES = 3
MOST_ASKED = 40


class Wanted(Experiment):
    """An absent field is refused, or one of its documented values where another is accepted: is
    it accepted beside another field that the witness lacks?"""

    id = "wanted"
    order = 27
    builds_on = ("absent",)
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        ask = Combinations(context, limit=MOST_ASKED)
        found: list[Observation | None] = []
        try:
            for key, field in _absent(context)[:MAX_FIELDS]:
                taken, refused = _taken(context, key), _refused(context, key)
                if taken:
                    known = [v for v in refused if v in _values(field)]
                    for value in known[:MAX_VALUES]:
                        found.append(await _missed(context, ask, key, value, taken[0]))
                elif refused and key not in context.conflicting:
                    found.append(await _missed(context, ask, key, refused[0]))
        except Spent:
            pass
        return [o for o in found if o is not None]


def _absent(context: Context) -> list[tuple[FieldKey, Field]]:
    """The documented fields that the witness lacks, of which some value was asked."""
    asked = {o.subject for o in context.made if o.kind is Kind.ADD}
    return [
        (key, field)
        for key, field in context.documented.fields.items()
        if key in asked and not edits.has(context.template, key) and not field.variant
    ]


def _values(field: Field) -> Sequence[Any]:
    if set(field.schema.types) - {"null"} == {"boolean"}:
        return (True, False)
    return [v for v in field.schema.enumerated if v is not None]


def _asked(context: Context, key: FieldKey) -> list[Observation]:
    return [o for o in context.made if o.kind is Kind.ADD and o.subject == key]


def _taken(context: Context, key: FieldKey) -> list[Any]:
    """Values that were accepted beside the witness's own."""
    return [o.value for o in _asked(context, key) if o.accepted]


def _refused(context: Context, key: FieldKey) -> list[Any]:
    """Documented values that were refused there."""
    asked = [o for o in _asked(context, key) if o.detail.get("role") == "documented"]
    return [o.value for o in asked if o.refused]


async def _missed(
    context: Context, ask: Combinations, key: FieldKey, value: Any, other: Any = MISSING
) -> Observation | None:
    """The proof that a field wants one more field; with an `other` value, which does without,
    that its value wants it."""
    beside = {k: v for k, v in absent_values(context).items() if not related(k, key)}
    put = {key: value}

    async def heals(part: Sequence[FieldKey]) -> bool:
        return await ask.accepts((), {**put, **{k: beside[k] for k in part}})

    if not beside or not await ask.rejects((), put) or not await heals(list(beside)):
        return None
    least = await minimal(list(beside), heals)
    if len(least) != 1:
        return None
    missed = least[0]
    both = Combination.of((), {**put, missed: beside[missed]})
    alone = Combination.of((), put)
    if other is MISSING:
        return await ask.proof("requires", [key, missed], [both], [alone])
    without = Combination.of((), {key: other})
    return await ask.proof("required-for-value", [missed, key], [both, without], [alone], put)
