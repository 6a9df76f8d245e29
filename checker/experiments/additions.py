"""Documented fields that the fullest witness can't bear, or that stand in for one of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from checker.domain.observation import Observation
from checker.domain.operation import FieldKey
from checker.experiments.base import Context
from checker.experiments.combinations import Combination, Combinations, related
from checker.experiments.company import absent_values, documented_values
from checker.experiments.triggers import alternatives
from checker.inference.dependencies import minimal

MAX_CONFLICTING = 4
MAX_VALUES = 3
MAX_NEEDED = 6


async def conflicts(
    context: Context, ask: Combinations, spared: Sequence[FieldKey]
) -> list[Observation]:
    """Only-one and zero-or-one: fields that are refused beside one of the witness's.

    `spared` are fields of the witness that may be taken out, together or singly.
    """
    extras = await _conflicting(context, ask)
    partners: dict[FieldKey, list[FieldKey]] = {}
    for extra, value in extras.items():
        for key in await _partners(context, ask, extra, value, spared):
            partners.setdefault(key, []).append(extra)
    found: list[Observation] = []
    for key, rivals in partners.items():
        for group in await _mutual(ask, key, rivals, extras):
            proof = await _exclusive(ask, [key, *group], extras)
            if proof is not None:
                found.append(proof)
    return found


async def _conflicting(context: Context, ask: Combinations) -> dict[FieldKey, Any]:
    """A value that is refused beside the witness's fields; one may not be sent at all, or crash."""
    values: dict[FieldKey, Any] = {}
    for key in context.conflicting[:MAX_CONFLICTING]:
        field = context.field(key)
        for value in documented_values(context, field)[:MAX_VALUES] if field is not None else ():
            if await ask.rejects((), {key: value}):
                values[key] = value
                break
    return values


async def _partners(
    context: Context, ask: Combinations, extra: FieldKey, value: Any, spared: Sequence[FieldKey]
) -> list[FieldKey]:
    """The fields that have to go for `extra` to be accepted."""
    put = {extra: value}
    spared = [k for k in spared if not related(k, extra)]

    async def passes(part: Sequence[FieldKey]) -> bool:
        return await ask.accepts(part, put)

    async def alone() -> list[FieldKey]:
        for key in context.present()[:12]:
            if await passes([key]):
                return [key]
        return []

    spares = spared and await passes(spared)
    least = await minimal(spared, passes) if spares else await alone()
    return await _by_presence(context, ask, least, put)


async def _by_presence(
    context: Context, ask: Combinations, least: Sequence[FieldKey], put: Mapping[FieldKey, Any]
) -> list[FieldKey]:
    """Those that have to go: a field that makes way by another value, too, may stay."""
    needed = list(least)
    for key in least:
        rest = [k for k in needed if k != key]
        for other in alternatives(context, key)[:2]:
            if key in needed and await ask.accepts(rest, {**put, key: other}):
                needed.remove(key)
    return needed


async def _mutual(
    ask: Combinations, key: FieldKey, rivals: Sequence[FieldKey], values: dict[FieldKey, Any]
) -> list[list[FieldKey]]:
    """The rivals of one field in groups of which only one may be there."""
    groups: list[list[FieldKey]] = []
    for rival in rivals:
        for group in groups:
            pairs = [{rival: values[rival], g: values[g]} for g in group]
            if all([await ask.rejects([key], p) for p in pairs]):
                group.append(rival)
                break
        else:
            groups.append([rival])
    return groups


async def _exclusive(
    ask: Combinations, fields: Sequence[FieldKey], values: dict[FieldKey, Any]
) -> Observation | None:
    own, *rivals = fields
    accepted = [Combination.of([own], {r: values[r]}) for r in rivals]
    rejected = [Combination.of((), {r: values[r]}) for r in rivals]
    for number, rival in enumerate(rivals):
        for other in rivals[number + 1 :]:
            rejected.append(Combination.of([own], {rival: values[rival], other: values[other]}))
    if await ask.rejects([own]):
        return await ask.proof("only-one", fields, accepted, [*rejected, Combination.of([own])])
    if await ask.accepts([own]):
        accepted.append(Combination.of([own]))
        return await ask.proof("zero-or-one", fields, accepted, rejected)
    return None


async def _least(
    keys: Sequence[FieldKey], enough: Callable[[Sequence[FieldKey]], Awaitable[bool]]
) -> list[FieldKey]:
    """A smallest part that is enough, empty where there is none: found among all together, or
    else one by one, where one of them stands in the way (a unique value that is taken by now)."""
    if await enough(keys):
        return await minimal(keys, enough)
    for key in keys if len(keys) > 1 else ():
        if await enough([key]):
            return [key]
    return []


async def substitutes(
    context: Context, ask: Combinations, needed: Sequence[FieldKey]
) -> list[Observation]:
    """At least one of: a field that seems needed, and absent ones that can take its place."""
    extras = {k: v for k, v in absent_values(context).items() if k in context.lab.extra}
    found: list[Observation] = []
    for key in needed[:MAX_NEEDED]:

        async def enough(part: Sequence[FieldKey], gone: FieldKey = key) -> bool:
            return await ask.accepts([gone], {k: extras[k] for k in part})

        others = [k for k in extras if not related(k, key)]  # its members go with it
        least = await _least(others, enough) if others else []
        if not least:
            continue
        put = {k: extras[k] for k in least}
        accepted = [Combination.of([key], put), Combination.of((), put)]
        proof = await ask.proof("or", [key, *least], accepted, [Combination.of([key])])
        if proof is not None:
            found.append(proof)
    return found
