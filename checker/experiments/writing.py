"""Changed witnesses written and read back: what the experiments on a write's effects share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.exchange import Call
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import MISSING
from checker.experiments.base import Context
from checker.planning import edits
from checker.planning.edits import Edit, unchanged
from checker.planning.restraint import caution_of
from checker.planning.values import looks_like_identifier
from checker.planning.variation import fits, vary
from checker.probing.bench import LabBroken
from checker.probing.readback import ReadBack, field_in, home_of, same_value
from checker.safety.shown import is_identifier

MAX_FIELDS = 16
SERVERS_OWN = ("id", "uid", "uuid", "guid", "status", "state", "url", "href", "links", "self")
"""Names of members that servers fill in by themselves."""


@dataclass(frozen=True, slots=True)
class Round:
    """An accepted write: its call, what was read back, and the exchanges."""

    call: Call
    body: Any
    evidence: tuple[Evidence, ...]


class Writing:
    """Sends changed witnesses of one operation and reads them back."""

    def __init__(self, context: Context) -> None:
        self._lab = context.lab
        self._reader = ReadBack(context.lab, context.search.operations)
        tops = {
            k.name.partition(".")[0] for k in context.documented.fields if k.place is Place.BODY
        }
        self._tops = frozenset(n for n in tops if "[]" not in n)
        """The names that a request body may have at its top."""

    @property
    def reading(self) -> Operation | None:
        """The operation that reads back; None where only the write's own answer shows it."""
        return self._reader.reading or self._reader.listing

    async def round(self, edit: Edit = unchanged) -> Round | None:
        """Send a changed witness and read it back; None where it was refused.

        Where the unchanged one is refused then, too, the ground has moved (by a read perhaps, or
        there were as many as there may be): it is sent once more, with what is accepted again.
        """
        call, exchange, verdict, _ = await self._lab.sent(edit)
        if verdict is Verdict.REJECTED and await self._moved():
            call, exchange, verdict, _ = await self._lab.sent(edit)
        if verdict is not Verdict.ACCEPTED:
            return None
        body, second = await self._reader.read(exchange, call)
        evidence = [Evidence("probe", exchange, verdict)]
        if second is not None:
            evidence.append(Evidence("readback", second, Verdict.ACCEPTED))
        return Round(call, body, tuple(evidence))

    async def _moved(self) -> bool:
        """Whether the unchanged request was refused, and could be mended."""
        try:
            return not await self._lab.control()
        except LabBroken:
            return False

    def field(self, got: Round, key: FieldKey) -> Any:
        """The value of a request field as it was read back, or MISSING."""
        return field_in(got.body, key, self._tops)

    def made_anew(self, first: Round, second: Round) -> bool:
        """Whether two rounds state something of what each of them made, or of no thing at all.

        Not where they show the same thing, which was there before, nor the first of several or
        of one that nothing tells from another: these are things that the requests select.
        """
        one, other = (home_of(got.body, self._tops) for got in (first, second))
        if one is None or other is None or max(one.among, other.among) > 1:
            return False
        sent = {str(v) for got in (first, second) for v in scalars(got.call.body)}
        told = [
            {n: v for n, v in _identifiers(home.node).items() if str(v) not in sent}
            for home in (one, other)
        ]
        return told[0] != told[1] if all(told) else one.among == other.among == 0


def _identifiers(node: Mapping[str, Any]) -> dict[str, Any]:
    """What tells a thing from others of its kind: its own members of such names."""
    found = ((str(name), value) for name, value in node.items())
    named = ((n, v) for n, v in found if is_identifier(n) or looks_like_identifier(n))
    return {n: v for n, v in named if isinstance(v, (str, int))}


def scalars(node: Any) -> Iterator[Any]:
    """All plain values in a JSON value."""
    if isinstance(node, Mapping):
        for value in node.values():
            yield from scalars(value)
    elif isinstance(node, list):
        for value in node:
            yield from scalars(value)
    else:
        yield node


def readback(
    context: Context,
    key: FieldKey,
    evidence: tuple[Evidence, ...],
    role: str,
    value: Any = MISSING,
    **detail: Any,
) -> Observation:
    """What was read back of a field, confirmed by the rounds of the evidence."""
    return Observation(
        context.documented.id,
        Kind.READBACK,
        Verdict.ACCEPTED,
        subject=key,
        value=value,
        confirmed=True,
        evidence=evidence,
        detail={"role": role, **detail},
    )


def another(context: Context, key: FieldKey) -> Any:
    """A documented value of a field other than the witness's, or MISSING."""
    own = edits.get(context.template, key)
    if own is MISSING or isinstance(own, (dict, list)) or context.is_bound(key):
        return MISSING
    values = two_values(context.documented.fields[key], own)
    return next((v for v in values if not same_value(v, own)), MISSING)


def two_values(field: Field, current: Any) -> list[Any]:
    """Two documented-valid values that differ, none of which asks for more than the thing."""
    if field.schema.enum:
        caution = caution_of(field)
        return [v for v in field.schema.enum if v is not None and not caution.minds(v)][:2]
    if isinstance(current, bool):
        return [True, False]
    other = vary(current, 3, field.schema)
    if field.schema.pattern and not fits(field.schema, other):
        return []
    return [current, other]
