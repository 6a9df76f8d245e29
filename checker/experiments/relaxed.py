"""Are fields that are documented as required needed with every value of the field that chooses?

A field such as `action` often decides what else is looked at. What the witness can't do without
is left out again beside each other value that is known to be accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.experiments.base import Context, Experiment, about_field
from checker.experiments.combinations import Combination, Combinations, Spent
from checker.experiments.triggers import alternatives
from checker.inference.dependencies import RELAXED
from checker.planning import edits

MAX_SELECTORS = 2
MAX_VALUES = 2
MAX_FIELDS = 8


class Relaxed(Experiment):
    """Documented-required fields beside other values of a sibling with a closed set of values.

    Proved where the request with the other value is accepted with the fields and without them,
    and each of the fields is needed with the witness's own value.
    """

    id = "relaxed"
    order = 27
    builds_on = ("required", "enum")

    def cost(self, operation: Operation) -> int:
        listed = [f for f in operation.fields.values() if f.required and f.schema.enum]
        return MAX_VALUES * MAX_FIELDS * min(MAX_SELECTORS, len(listed))

    async def run(self, context: Context) -> Iterable[Observation]:
        found: list[Observation] = []
        ask = Combinations(context, limit=2 * MAX_SELECTORS * MAX_VALUES * MAX_FIELDS)
        try:
            for selector in selectors(context)[:MAX_SELECTORS]:
                needed = _needed(context, selector)[:MAX_FIELDS]
                for value in _told_first(context, selector, needed)[:MAX_VALUES]:
                    found += await _without(ask, selector, value, needed)
        except Spent:
            pass
        return found


def selectors(context: Context) -> list[FieldKey]:
    """Texts of a closed set of which another value is accepted, too."""
    return [
        key
        for key in context.present()
        if key.place is Place.BODY
        and isinstance(edits.get(context.template, key), str)
        and not context.is_bound(key)
        and _closed(context, key)
        and alternatives(context, key)
    ]


def _closed(context: Context, key: FieldKey) -> bool:
    own = [o for o in context.made if o.kind is Kind.REPLACE and o.subject == key]
    refused = [o for o in own if o.confirmed and o.detail.get("role") == "nonsense"]
    return len(refused) >= 2 and all(about_field(o) for o in refused)


def _needed(context: Context, selector: FieldKey) -> list[FieldKey]:
    """Siblings that are documented as required and that the witness can't do without."""
    documented = context.documented.fields
    return [
        key
        for o in context.made
        if o.kind is Kind.REMOVE and (key := o.subject) is not None and about_field(o)
        if key != selector and key.place is Place.BODY and key.parent == selector.parent
        if (field := documented.get(key)) is not None and field.required and not field.variant
    ]


def _told_first(context: Context, selector: FieldKey, needed: Sequence[FieldKey]) -> list[Any]:
    """The other accepted values, those first that the words about the fields name."""
    described = [context.field(k) for k in needed]
    words = " ".join(_words(f) for f in described if f is not None).lower()
    values = alternatives(context, selector) if needed else []
    return sorted(values, key=lambda v: str(v).lower() not in words)


def _words(field: Field) -> str:
    return f"{field.description} {field.schema.description}"


async def _without(
    ask: Combinations, selector: FieldKey, value: Any, needed: Sequence[FieldKey]
) -> list[Observation]:
    """Proofs of the fields that aren't needed with the value."""
    put = {selector: value}
    if not await ask.accepts((), put):
        return []
    asks = [Combination.of([key], put) for key in needed]
    await ask.beforehand(asks)
    spared = [k for k, one in zip(needed, asks, strict=True) if await ask.accepts(one.without, put)]
    found = []
    for key in spared:
        accepted = [Combination.of((), put), Combination.of([key], put)]
        rejected = [Combination.of([key])]
        kind = "required-for-value"
        fields = [key, selector]
        found.append(await ask.proof(kind, fields, accepted, rejected, put, role=RELAXED))
    return [f for f in found if f is not None]
