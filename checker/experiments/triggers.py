"""Fields that are needed only for some value of another field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey
from checker.experiments.base import Context
from checker.experiments.combinations import Combination, Combinations, related
from checker.experiments.company import MAX_EXTRAS, absent_values
from checker.inference.dependencies import CONFLICT, minimal
from checker.planning import edits, hints

MAX_SELECTORS = 6
MAX_VALUES = 5
_TRIED = ("documented", "candidate")


def alternatives(context: Context, key: FieldKey) -> list[Any]:
    """Other values that the field is known to take in the fullest witness."""
    own = edits.get(context.template, key)
    if isinstance(own, bool):
        return [not own]
    values: list[Any] = []
    for seen in context.made:
        if seen.kind is not Kind.REPLACE or seen.subject != key or not seen.accepted:
            continue
        if seen.detail.get("role") in _TRIED and seen.value not in (own, *values):
            values.append(seen.value)
    return [*values, *_described(context, key, (own, *values))][:MAX_VALUES]


def _described(context: Context, key: FieldKey, known: Sequence[Any]) -> list[Any]:
    """Values that the words of a text field list beside the witness's own one: which of them
    are taken shows in what is asked with them."""
    field = context.documented.fields.get(key)
    if field is None or "string" not in field.schema.types:
        return []
    listed = hints.choices_in(field.schema.description or field.description)
    refused = [
        o.value for o in context.made if o.kind is Kind.REPLACE and o.subject == key and o.rejected
    ]
    if known[0] not in listed:
        return []
    return [v for v in listed if v not in known and v not in refused]


def refused_values(context: Context, key: FieldKey) -> list[Any]:
    """Documented values that the fullest witness refuses."""
    own = context.documented.fields.get(key)
    listed = own.schema.enumerated if own else ()
    return [
        seen.value
        for seen in context.made
        if seen.kind is Kind.REPLACE
        and seen.subject == key
        and seen.refused
        and seen.confirmed
        and seen.value in listed
    ][:MAX_VALUES]


def chosen_by(context: Context) -> list[FieldKey]:
    """The fields whose value may decide what else is needed: others are known to be taken, or
    documented values to be refused."""
    own = [k for k in context.present() if not context.is_bound(k)]
    return [k for k in own if alternatives(context, k) or refused_values(context, k)]


async def by_value(
    context: Context, ask: Combinations, free: Sequence[FieldKey], needed: Sequence[FieldKey]
) -> list[Observation]:
    """Proofs of fields required for a value: of the present ones, then of absent ones.

    `free` can all go from the witness; `needed` are undocumented as required and can't.
    """
    found: list[Observation | None] = []
    for key in chosen_by(context)[:MAX_SELECTORS]:
        pool = [k for k in free if not related(k, key)]
        for value in alternatives(context, key):
            found += await _needed_for(ask, key, value, pool)
        others = [k for k in needed if not related(k, key)]
        found += await _needed_for_own(context, ask, key, others, pool)
        told = False
        for value in refused_values(context, key):
            barred = await _barred(context, ask, key, value, others)
            # Another refused value proves the same of the witness's own one again.
            found += barred[told:] or await _absent_for(context, ask, key, value, pool)
            told = told or bool(barred)
    return [f for f in found if f is not None]


async def _needed_for(
    ask: Combinations, key: FieldKey, value: Any, pool: Sequence[FieldKey]
) -> list[Observation | None]:
    """Present fields that the value needs and the witness's own value doesn't."""
    found: list[Observation | None] = []
    left, put = list(pool), {key: value}

    async def refused(part: Sequence[FieldKey]) -> bool:
        return await ask.rejects(part, put)

    for _ in range(3):
        if not left or not await refused(left) or not await ask.accepts((), put):
            break
        least = await minimal(left, refused)
        left = [k for k in left if k not in least[-1:]]
        if not await ask.accepts(least):
            continue  # it is not the value that needs them
        kind = "required-for-value" if len(least) == 1 else "or"
        accepted = [Combination.of((), put), Combination.of(least)]
        fields = [*least, key] if len(least) == 1 else least
        found.append(await ask.proof(kind, fields, accepted, [Combination.of(least, put)], put))
    return found


async def _needed_for_own(
    context: Context,
    ask: Combinations,
    key: FieldKey,
    needed: Sequence[FieldKey],
    pool: Sequence[FieldKey],
) -> list[Observation | None]:
    """Fields that the witness can't do without, but could with another value. What it can do
    without once all of the `pool` is gone, too, is wanted by something of that."""
    found: list[Observation | None] = []
    for field in needed:
        rest = [k for k in pool if not related(k, field)]
        for value in alternatives(context, key):
            if not await ask.accepts([field], {key: value}):
                continue
            if rest and await ask.accepts([field, *rest]):
                found.append(await _wanted_by(ask, field, rest))
                break
            own = {key: edits.get(context.template, key)}
            accepted = [Combination.of([field], {key: value})]
            rejected = [Combination.of([field])]
            found.append(
                await ask.proof("required-for-value", [field, key], accepted, rejected, own)
            )
            break
    return found


async def _wanted_by(
    ask: Combinations, field: FieldKey, rest: Sequence[FieldKey]
) -> Observation | None:
    """The one of the other fields beside which a field is needed, where it is one."""

    async def heals(part: Sequence[FieldKey]) -> bool:
        return await ask.accepts([field, *part])

    causes = await minimal(rest, heals)
    if len(causes) != 1:
        return None
    gone, alone = Combination.of([field, *causes]), Combination.of([field])
    return await ask.proof("requires", [*causes, field], [gone], [alone])


async def _absent_for(
    context: Context, ask: Combinations, key: FieldKey, value: Any, pool: Sequence[FieldKey]
) -> list[Observation | None]:
    """A documented value is refused: for want of a field that the witness hasn't, perhaps."""
    extras = absent_values(context)
    for without in ([], list(pool)) if pool else ([],):
        put = {key: value}
        if without and await ask.accepts(without, put):
            return [await _excluded(ask, key, value, without)]
        tries = [list(extras), *([e] for e in extras)] if len(extras) > 1 else [list(extras)]
        for names in tries:
            if not names or not await ask.accepts(without, {**put, **_of(extras, names)}):
                continue

            async def enough(part: Sequence[FieldKey], gone: Sequence[FieldKey] = without) -> bool:
                return await ask.accepts(gone, {key: value, **_of(extras, part)})

            least = await minimal(names, enough)
            accepted = [Combination.of(without, {**put, **_of(extras, least)})]
            rejected = [Combination.of(without, put)]
            fields = [*least, key]
            return [await ask.proof("required-for-value", fields, accepted, rejected, put)]
    return []


async def _barred(
    context: Context, ask: Combinations, key: FieldKey, value: Any, needed: Sequence[FieldKey]
) -> list[Observation | None]:
    """A documented value is refused beside a field that the witness's own value needs."""
    for field in needed[:MAX_EXTRAS]:
        put = {key: value}
        if not await ask.accepts([field], put):
            continue
        own = {key: edits.get(context.template, key)}
        accepted, rejected = [Combination.of([field], put)], [Combination.of([field])]
        kind = "required-for-value"
        dependency = await ask.proof(kind, [field, key], accepted, rejected, own)
        return [dependency, await _excluded(ask, key, value, [field])]
    return []


async def _excluded(
    ask: Combinations, key: FieldKey, value: Any, without: Sequence[FieldKey]
) -> Observation | None:
    """The value is refused only beside fields that belong to other values."""

    async def enough(part: Sequence[FieldKey]) -> bool:
        return await ask.accepts(part, {key: value})

    least = await minimal(without, enough)
    put = {key: value}
    accepted, rejected = [Combination.of(least, put)], [Combination.of((), put)]
    return await ask.proof("zero-or-one", [*least, key], accepted, rejected, put, role=CONFLICT)


def _of(values: dict[FieldKey, Any], names: Sequence[FieldKey]) -> dict[FieldKey, Any]:
    return {k: values[k] for k in names}
