"""Values of fields that the witness lacks, and what they want beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey
from checker.experiments.base import Context, Experiment
from checker.experiments.combinations import Combination, Combinations, Spent, related
from checker.experiments.company import absent_values
from checker.inference.dependencies import minimal
from checker.planning import edits

MAX_CHOICES = 6
MAX_VALUES = 3
MOST_ASKED = 40


class Wanted(Experiment):
    """A documented value of an absent field is refused where another one is accepted: is it
    accepted beside a field that the witness lacks, too?"""

    id = "wanted"
    order = 27
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        ask = Combinations(context, limit=MOST_ASKED)
        found: list[Observation] = []
        try:
            for key, field in _choices(context)[:MAX_CHOICES]:
                taken = _taken(context, key)
                for value in _refused(context, field) if taken else ():
                    proof = await _missed(context, ask, key, value, taken[0])
                    found += [] if proof is None else [proof]
        except Spent:
            pass
        return found


def _choices(context: Context) -> list[tuple[FieldKey, Field]]:
    """The fields of a few values that the witness lacks."""
    return [
        (key, field)
        for key, field in context.documented.fields.items()
        if _values(field) and not edits.has(context.template, key) and not field.variant
    ]


def _values(field: Field) -> Sequence[Any]:
    if set(field.schema.types) - {"null"} == {"boolean"}:
        return (True, False)
    return [v for v in field.schema.enum or () if v is not None]


def _asked(context: Context, key: FieldKey) -> list[Observation]:
    return [o for o in context.made if o.kind is Kind.ADD and o.subject == key]


def _taken(context: Context, key: FieldKey) -> list[Any]:
    """Values that were accepted beside the witness's own."""
    return [o.value for o in _asked(context, key) if o.accepted]


def _refused(context: Context, field: Field) -> list[Any]:
    """Documented values that were refused there."""
    values = _values(field)
    refused = [o.value for o in _asked(context, field.key) if o.refused and o.value in values]
    return refused[:MAX_VALUES]


async def _missed(
    context: Context, ask: Combinations, key: FieldKey, value: Any, other: Any
) -> Observation | None:
    """The proof that a value wants one more field, which another value does without."""
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
    return await ask.proof(
        "required-for-value",
        [missed, key],
        [Combination.of((), {**put, missed: beside[missed]}), Combination.of((), {key: other})],
        [Combination.of((), put)],
        put,
    )
