"""A documented value is refused: the value as such, or for want of company?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import Schema, json_type
from checker.experiments.base import Context, about_field
from checker.inference.facts import COMPANY
from checker.planning import edits, hints
from checker.planning.encoding import is_multipart
from checker.planning.moments import is_date
from checker.planning.producers import status_field
from checker.planning.values import Generator, looks_like_identifier
from checker.planning.variation import vary
from checker.probing.asks import Ask
from checker.probing.oracle import message_of
from checker.probing.readback import field_in

MAX_COMPANY = 6
MAX_EXTRAS = 8
MAX_CHOICES = 4


async def in_company(
    context: Context, key: FieldKey, seen: Observation, nonsense: Sequence[Observation] = ()
) -> Observation:
    """The observation of a refused value; marked where the value isn't refused as such.

    It may only need others beside it: fields that the witness lacks, as the server's own answer
    has them (then it is no longer confirmed) or as documented. Or the refusal is about another
    field: it names one that the refusals of `nonsense` in the same place don't name. Or it is
    about the thing that is to be changed, which can't get there from where it is.
    """
    if not (seen.confirmed and about_field(seen)) or key.place is not Place.BODY:
        return seen
    if nonsense and _of_its_moment(context, key, seen, nonsense):
        return replace(seen, detail={**seen.detail, COMPANY: True})
    answered = {k: v for k, v in _answered(context).items() if k not in (key, key.parent)}
    groups = [answered] if answered else []
    if 1 < len(answered) <= MAX_COMPANY:
        groups += [{k: v for k, v in answered.items() if k != left} for left in answered]
    for group in groups:
        if await _taken(context, key, seen.value, group):
            return replace(seen, confirmed=False)
    marked = replace(seen, detail={**seen.detail, COMPANY: True})
    if nonsense and _names_another(context, key, seen, [said_of(o) for o in nonsense]):
        return marked
    absent = {k: v for k, v in absent_values(context).items() if k not in (key, key.parent)}
    for group in ([absent] if len(absent) > 1 else []) + [{k: v} for k, v in absent.items()]:
        if await _taken(context, key, seen.value, group):
            return marked
    return seen


async def _taken(context: Context, key: FieldKey, value: Any, beside: dict[FieldKey, Any]) -> bool:
    change = edits.chain(
        edits.putting(key, value), *(edits.putting(k, v) for k, v in beside.items())
    )
    again = await context.lab.ask(Ask(Kind.COMBINE, change, detail={"role": "company"}))
    return again.accepted


def _of_its_moment(
    context: Context, key: FieldKey, seen: Observation, nonsense: Sequence[Observation]
) -> bool:
    """Whether a value that an existing thing is to get may only be refused now: in other words
    than nonsense is, so that the server knows it; or it is a state, and the words tell of none."""
    if context.documented.id.method not in ("PUT", "PATCH"):
        return False
    own = _apart(seen)
    if all(_apart(o) != own for o in nonsense):
        return True
    state = status_field(context.documented)
    values = state[1] if state is not None and state[0] == key else ()
    return bool(values) and not any(str(v) in own for v in values)


def _apart(seen: Observation) -> str:
    """What was said to a probe, but for the value and what differs from answer to answer."""
    return hints.signature(None, said_of(seen).replace(str(seen.value), "#"))


def _names_another(
    context: Context, key: FieldKey, seen: Observation, nonsense: Sequence[str]
) -> bool:
    """Whether a refusal names another field, and nonsense in the same place doesn't bring that."""
    others = [k for k in context.documented.fields if k not in (key, key.parent)]
    usual = {k for said in nonsense for k in hints.mentioned(said, others)}
    return any(k not in usual for k in hints.mentioned(said_of(seen), others))


def said_of(seen: Observation) -> str:
    """What the server said to a probe."""
    probes = [e for e in seen.evidence if e.role == "probe"]
    return message_of(probes[-1].exchange.outcome, 2000) if probes else ""


def _answered(context: Context) -> dict[FieldKey, Any]:
    """Documented fields that the witness lacks, with the values of the last control's answer."""
    control = context.lab.last_control
    response = control.exchange.response if control is not None else None
    if response is None:
        return {}
    body = {k: f for k, f in context.documented.fields.items() if k.place is Place.BODY}
    names = frozenset(k.name for k in body)
    found = {}
    for key in [k for k in body if k.parent is None and not looks_like_identifier(k.leaf)]:
        value = field_in(response.body, key, names)
        lacks = not edits.has(context.template, key)
        if lacks and _is_scalar_of(body[key].schema, value):
            found[key] = value
    return found


def _is_scalar_of(schema: Schema, value: Any) -> bool:
    return isinstance(value, (str, int, float)) and schema.allows_type(json_type(value))


def absent_values(context: Context) -> dict[FieldKey, Any]:
    """A value for each documented field that the witness hasn't; accepted ones first."""
    values: dict[FieldKey, Any] = dict(context.lab.extra)
    for key, field in context.documented.fields.items():
        if (
            key in values
            or edits.has(context.template, key)
            or field.schema.read_only
            or "[]" in key.name
            or key.place.value in ("path", "header", "cookie")
            or (key.parent is not None and not edits.has(context.template, key.parent))
            or looks_like_identifier(key.leaf)
        ):
            continue
        values[key] = documented_values(context, field)[0]
    return dict(list(values.items())[:MAX_EXTRAS])


def documented_values(context: Context, field: Field) -> list[Any]:
    """Every documented value of a field worth a try: examples, enum, default, made ones."""
    schema = field.schema
    rng = context.bench.rng("documented", context.documented.id, field.key)
    files = is_multipart(context.template.media_type)
    values: list[Any] = [] if files and schema.is_file else [*schema.examples]
    values += [v for v in schema.enumerated if v is not None]
    values += hints.choices_in(schema.description or field.description)[:MAX_CHOICES]
    values.append(Generator(rng, files=files).value(schema, field.key.leaf))
    values.append(Generator(rng, plain=True, files=files).value(schema, field.key.leaf))
    distinct = _distinct(values)
    if len(distinct) == 1 and not schema.enum:
        # Switches, numbers and dates are made alike each time, and one value alone tells nothing
        # about a field.
        distinct = _distinct([distinct[0], _another(distinct[0], schema)])
    return distinct[:8]


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Each value once, in their order; they need not be hashable."""
    distinct: list[Any] = []
    for value in values:
        if value not in distinct:
            distinct.append(value)
    return distinct


def _another(value: Any, schema: Schema) -> Any:
    """Another documented switch, number or date; the value itself where there is none. Beside a
    fraction a whole number, which is all that some servers take."""
    if isinstance(value, bool):
        return not value
    low = schema.minimum
    if isinstance(value, float) and not schema.multiple_of:
        whole = math.floor(value)
        return whole if low is None or whole > low else vary(value, 3, schema)
    if isinstance(value, (int, float)) or (isinstance(value, str) and is_date(value)):
        return vary(value, 3, schema)
    return value
