"""Defaults: what the server fills in where a field that it keeps is left out, twice the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from checker.domain.observation import Observation
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING
from checker.experiments.base import Context
from checker.experiments.inherited import inherits
from checker.experiments.items import acted_on
from checker.experiments.writing import SERVERS_OWN, Writing, another, readback, two_values
from checker.planning import edits
from checker.planning.edits import Edit
from checker.planning.routes import acts_on_item
from checker.probing.readback import same_value


async def defaults(context: Context, writing: Writing) -> list[Observation]:
    """Values that the server fills in where a field is left out, twice the same, and that make
    no difference where they are given.

    Only where something is created: an update may keep what was stored before, and what a
    request only selects has its values from elsewhere.
    """
    if context.documented.id.method != "POST" or acts_on_item(context.documented.id):
        return []
    smallest = _smallest(context)
    left = [
        k
        for k, f in context.documented.fields.items()
        if k.place is Place.BODY
        and "[]" not in k.name
        and not f.schema.read_only
        and (k in smallest or not edits.has(context.template, k))
        and k.leaf.lower() not in SERVERS_OWN
        and not f.schema.properties
    ]
    if not left:
        return []
    first = await writing.round(edits.removing(*smallest))
    second = await writing.round(edits.removing(*smallest))
    if first is None or second is None or not writing.made_anew(first, second):
        return []
    writable = await _writable(context, writing, left)
    out: list[Observation] = []
    for key in left:
        reads = [writing.field(got, key) for got in (first, second)]
        if MISSING in reads or reads[0] != reads[1] or _of_today(reads[0]):
            continue
        kept = writable.get(key, ())
        if not any(_differs(v, reads[0]) for v in kept) and not (
            kept and await _own_kept(context, writing, key, reads[0])
        ):
            continue
        if inherits(context.lab.recipe.steps, reads[0]):
            continue  # the value of what the request refers to
        proof = first.evidence + second.evidence
        out.append(readback(context, key, proof, "default", read=reads[0]))
    out = await _as_given(context, writing, out)
    # Told last: it costs a run of its own.
    return [] if out and await acted_on(context) is not None else out


def _smallest(context: Context) -> list[FieldKey]:
    return [k for k in context.smallest if k.place is Place.BODY]


async def _as_given(
    context: Context, writing: Writing, seen: list[Observation]
) -> list[Observation]:
    """Those of the values that are accepted when given, and read as they are when left out."""
    found = {o.subject: o for o in seen if o.subject is not None}
    given = [list(found), *([k] for k in found if len(found) > 1)]
    held: list[FieldKey] = []
    for keys in given:
        if len(held) == len(found):
            break
        put = (edits.putting(k, found[k].detail["read"]) for k in keys)
        got = await writing.round(edits.chain(edits.removing(*_smallest(context)), *put))
        if got is not None:
            held += [k for k in keys if same_value(found[k].detail["read"], writing.field(got, k))]
    return [found[k] for k in dict.fromkeys(held)]


async def _own_kept(context: Context, writing: Writing, key: FieldKey, read: Any) -> bool:
    """Whether another value than what was read is kept: the witness's own, or one of a field that
    it lacks, of which the accepted value is just what the server fills in."""
    own = edits.get(context.template, key)
    put: Edit = edits.unchanged
    if own is MISSING:
        taken = context.lab.extra.get(key, MISSING)
        values = [] if taken is MISSING else two_values(context.documented.fields[key], taken)
        own = next((v for v in values if _differs(v, read)), MISSING)
        put = edits.putting(key, own)
    if own is MISSING or isinstance(own, (dict, list)) or not _differs(own, read):
        return False
    got = await writing.round(put)
    return got is not None and same_value(own, writing.field(got, key))


async def _writable(
    context: Context, writing: Writing, keys: Sequence[FieldKey]
) -> dict[FieldKey, list[Any]]:
    """The values that fields were seen to keep when written: what the server fills in
    whatever is sent (a serial number, a computed value) is no default."""
    kept: dict[FieldKey, list[Any]] = {}
    lost: set[FieldKey] = set()
    extra = {k: v for k, v in context.lab.extra.items() if k in keys}
    others = {k: v for k in keys if (v := another(context, k)) is not MISSING}
    names = list(others)
    halves = [names[: len(names) // 2], names[len(names) // 2 :]]
    rounds = [extra, others, *({k: others[k] for k in half} for half in halves)]
    for number, values in enumerate(rounds):
        if not values or (number > 1 and others.keys() <= kept.keys() | lost):
            continue
        edit = edits.chain(*(edits.putting(k, v) for k, v in values.items()))
        got = await writing.round(edit)
        if got is None:
            continue
        for key, value in values.items():
            # Not the witness's own value, nor one that only begins with what is read: that may be
            # the server's by chance.
            if same_value(value, writing.field(got, key), part=False):
                kept.setdefault(key, []).append(value)
            else:
                lost.add(key)
    return {key: values for key, values in kept.items() if key not in lost}


def _differs(one: Any, other: Any) -> bool:
    """Whether two values are plainly different ones, letter case and outer blanks aside."""
    return str(one).strip().lower() != str(other).strip().lower()


def _of_today(value: Any) -> bool:
    """Whether a value is made from the clock: a date of these days, a moment in seconds."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    now = dt.datetime.now(dt.UTC)
    days = [now + dt.timedelta(days=shift) for shift in (-1, 0, 1)]
    if any(day.strftime(form) in str(value) for day in days for form in ("%Y%m%d", "%Y-%m-%d")):
        return True
    seconds = now.timestamp()
    return not isinstance(value, str) and any(
        abs(value - seconds * unit) < 86_400 * unit for unit in (1, 1000)
    )
