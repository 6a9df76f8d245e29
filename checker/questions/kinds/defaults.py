"""What does a request that replaces a thing put where a field is left out?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.domain.finding import Evidence
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import MISSING
from checker.experiments.base import Context
from checker.experiments.inherited import inherits, of_others
from checker.experiments.writing import SERVERS_OWN, Round, Writing, readback, two_values
from checker.planning import edits
from checker.probing.readback import same_value
from checker.questions.desk import Desk
from checker.questions.kinds.base import Facts, QuestionKind, in_body, sent
from checker.questions.ledger import Reason

ROUNDS = 2


class ReplacedDefault(QuestionKind):
    """The same thing is written with a value and then without it, twice with other values: what
    is read then both times, and was not sent, is what the server fills in."""

    name = "default"
    builds_on = ("effects",)
    rules = ("default-mismatch",)
    worth = 0.5
    held = False

    def applies(self, field: Field, context: Context) -> bool:
        if context.documented.id.method != "PUT" or not sent(field) or not in_body(field):
            return False
        plain = not (field.schema.properties or field.schema.items or "[]" in field.key.name)
        own = field.key.leaf.lower() in SERVERS_OWN or context.is_bound(field.key)
        return plain and not own and not field.variant

    def decided(self, facts: Facts, field: Field) -> bool:
        return False

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        context = desk.context
        writing = Writing(context)
        free = [f for f in fields if _spared(context, f.key)]
        if not free:
            return Reason.NOT_OBSERVABLE
        found = await _filled_in(context, writing, free)
        if found is None:
            return Reason.UNSETTLED
        reads, evidence = found
        others = of_others(context.lab.recipe.steps, context.documented.id)
        for key, read in reads.items():
            if not inherits(others, read):
                desk.note([readback(context, key, evidence, "default", read=read, how="left out")])
        return None


def _spared(context: Context, key: FieldKey) -> bool:
    """Whether the witness can do without a field, alone and with others."""
    return key in context.smallest or not edits.has(context.template, key)


async def _filled_in(
    context: Context, writing: Writing, fields: Sequence[Field]
) -> tuple[Mapping[FieldKey, Any], tuple[Evidence, ...]] | None:
    """What is read of each field once it is left out, the same after each of two values that
    were kept; None where the rounds aren't about one and the same thing."""
    with_, without = [], []
    least = edits.removing(*context.smallest)
    for number in range(ROUNDS):
        for tried, more in dict.fromkeys((n, m) for m in (True, False) for n in (number, 0)):
            values = _values(context, fields, tried, more)
            full = await writing.round(
                edits.chain(*(edits.putting(k, v) for k, v in values.items()))
            )
            if full is not None:
                break
        bare = await writing.round(least) if full is not None else None
        if full is None or bare is None or full.call.path != bare.call.path:
            return None
        with_.append(({f.key: edits.get(full.call, f.key) for f in fields}, full))
        without.append(bare)
    found: dict[FieldKey, Any] = {}
    for field in fields:
        read = [writing.field(got, field.key) for got in without]
        if MISSING in read or None in read or read[0] != read[1]:
            continue
        kept = [_kept(writing, got, field.key, values) for values, got in with_]
        if all(k is not MISSING for k in kept) and any(k != read[0] for k in kept):
            found[field.key] = read[0]
    evidence = [e for got in (*(g for _, g in with_), *without) for e in got.evidence]
    return found, tuple(evidence)


def _values(
    context: Context, fields: Sequence[Field], number: int, more: bool
) -> dict[FieldKey, Any]:
    """A value for each field that is known to have been accepted, another one each round; none of
    those that change with each request by themselves. `more`: of fields that the witness lacks,
    too, of which one may be taken by now."""
    values: dict[FieldKey, Any] = {}
    for field in fields:
        own = edits.get(context.template, field.key)
        if own is MISSING and more:
            own = context.lab.extra.get(field.key, MISSING)
        elif field.key in context.lab.varied:
            continue
        if own is MISSING or own is None or field.key.place is not Place.BODY:
            continue
        both = two_values(field, own) or [own]
        values[field.key] = both[number % len(both)]
    return values


def _kept(writing: Writing, got: Round, key: FieldKey, values: Mapping[FieldKey, Any]) -> Any:
    """What was read of a value that was sent; MISSING where it isn't that value."""
    read = writing.field(got, key)
    sent_ = values.get(key, MISSING)
    if sent_ is MISSING or read is MISSING or not same_value(sent_, read, part=False):
        return MISSING
    return read
