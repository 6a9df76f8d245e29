"""The shape of a code, asked in stages: what may vary, which characters, how long, then anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey
from checker.experiments.base import Context
from checker.inference import shapes
from checker.inference.patterns import FRESH, NAMED, ROLE
from checker.planning import edits
from checker.probing.asks import Ask

_OWN = frozenset(p.name for p in NAMED if p.format and p.format != "byte") | {
    *("local-date-time", "any-date-time", "any-date", "time", "integer", "decimal"),
}
"""Named patterns that say more of a value than its shape does."""


def has_shape(witness: str) -> bool:
    """Whether a witness is a code with a structure of its own."""
    named = any(p.name in _OWN and p.matches(witness) for p in NAMED)
    return not named and shapes.is_structured(witness)


async def shaped(
    context: Context, key: FieldKey, before: Sequence[Observation]
) -> list[Observation]:
    """What shows the shape: its probes, and fresh values on both sides of it, each twice; empty
    where there is none."""
    witness = str(edits.get(context.template, key))
    seen = {
        o.value: o
        for o in [*context.made, *before]
        if o.kind is Kind.REPLACE and o.subject == key and isinstance(o.value, str)
    }

    async def asked(probes: Iterable[shapes.Probe]) -> None:
        new = [v for v in dict.fromkeys(p.value for p in probes) if v not in seen]
        answers = await context.lab.ask_many([_replacing(context, key, v) for v in new])
        seen.update(zip(new, answers, strict=True))

    def verdicts() -> dict[str, bool]:
        return {v: not refuses(o) for v, o in seen.items() if told(o)}

    stages: list[Any] = [
        lambda: shapes.freedom(witness),
        lambda: shapes.kinds(witness, verdicts()),
        lambda: shapes.kinds(witness, verdicts()),
        lambda: shapes.frame(witness),
    ]
    for number, stage in enumerate(stages):
        await asked(stage())
        if not number and not any(shapes.fresh(witness, verdicts())):
            return []
    if shapes.infer(witness, verdicts()) is None:
        return []
    own = [o for o in seen.values() if o not in before and o not in context.made]
    known = verdicts()
    for gently in (False, True):
        good, bad = shapes.fresh(witness, known, gently)
        asks = [_replacing(context, key, v, fresh=True) for v in [*good, *bad]]
        proof = await _proved(context, key, asks)
        sure = all(o.confirmed for o in proof) and len(good) == len(bad) == 2
        if sure and all(o.accepted == (o.value in good) for o in proof):
            return [*own, *proof]
        known |= {o.value: not refuses(o) for o in proof if told(o)}
    return []


async def _proved(context: Context, key: FieldKey, asks: Sequence[Ask]) -> list[Observation]:
    """The answers, each twice; where the field has to be another one each time, accepted values
    of one shape speak for each other."""
    seen = await context.lab.ask_many(asks)
    if key not in context.lab.varied:
        return await context.confirmed(asks, seen, lambda one: True)
    seen = await context.confirmed(asks, seen, lambda one: not one.accepted)
    return [beside(one, seen) if one.accepted else one for one in seen]


def beside(seen: Observation, others: Iterable[Observation]) -> Observation:
    """The observation of an accepted value, confirmed by that of another accepted one."""
    other = next((o for o in others if o.accepted and o.value != seen.value), None)
    if other is None:
        return seen
    return replace(seen, confirmed=True, evidence=(*seen.evidence, *other.evidence))


def _replacing(context: Context, key: FieldKey, value: str, fresh: bool = False) -> Ask:
    detail = {"role": ROLE, "witness": edits.get(context.template, key)}
    if fresh:
        detail[FRESH] = True
    return Ask(Kind.REPLACE, edits.putting(key, value), key, value, detail)


def told(seen: Observation) -> bool:
    """Whether an answer says what a value looks like; one that is taken looks right."""
    return seen.accepted or refuses(seen) or seen.rejection is Rejection.CONFLICT


def refuses(seen: Observation) -> bool:
    """Whether a refusal can be about what the field holds."""
    return seen.rejected and seen.rejection is Rejection.VALIDATION
