"""What a write leaves behind: ignored fields, undocumented fields, defaults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey, Place
from checker.domain.schema import MISSING, json_type
from checker.experiments.base import Context, Experiment, about_field
from checker.planning import edits
from checker.planning.edits import Edit
from checker.planning.values import Generator
from checker.planning.variation import vary
from checker.probing.bench import LabBroken, created_identifier
from checker.probing.lab import Ask
from checker.probing.readback import Reader, field_in, same_value

MAX_FIELDS = 16
_SERVERS_OWN = ("id", "uid", "uuid", "guid", "status", "state", "url", "href", "links", "self")


class Effects(Experiment):
    """Two different values written and read back; left out and read back; unknown names."""

    id = "effects"
    order = 60
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        if context.documented.id.method not in ("POST", "PUT", "PATCH"):
            return []
        reader = Reader(context.lab, context.search.operations)
        out: list[Observation] = []
        try:
            out += await self._written(context, reader)
            out += await self._defaults(context, reader)
            out += await self._undocumented(context, reader)
        except LabBroken as error:
            context.lab.broken = context.lab.broken or error.message
        return out

    # -- writing and reading back ----------------------------------------------------------------

    async def _round(
        self, context: Context, reader: Reader, edit: Edit, sent: list[Call] | None = None
    ) -> tuple[Any, tuple[Evidence, ...]] | None:
        """Send a changed witness and read it back; None where it was refused.

        `sent` receives the call.
        """
        call, exchange, verdict, _ = await context.lab.sent(edit)
        if sent is not None:
            sent.append(call)
        if verdict is not Verdict.ACCEPTED:
            return None
        body, second = await reader.read(exchange, call)
        evidence = [Evidence("probe", exchange, verdict)]
        if second is not None:
            evidence.append(Evidence("readback", second, Verdict.ACCEPTED))
        return body, tuple(evidence)

    async def _written(self, context: Context, reader: Reader) -> list[Observation]:
        """Fields that aren't what was written, twice with different values."""
        keys = [
            k
            for k in context.present()
            if k.place is Place.BODY
            and not context.is_bound(k)
            and "[]" not in k.name
            and k in context.documented.fields
            and not isinstance(edits.get(context.template, k), (dict, list))
        ][:MAX_FIELDS]
        if not keys:
            return []
        calls: list[Call] = []
        first = await self._round(context, reader, lambda call: call, calls)
        if first is None:
            return []
        body, evidence = first
        suspects = []
        for key in keys:
            read = field_in(body, key, _tops(context))
            if read is MISSING and not _expected(reader, context, key):
                continue
            if not same_value(edits.get(calls[0], key), read):
                suspects.append(key)
        out: list[Observation] = []
        for key in suspects:
            field = context.documented.fields[key]
            values = _two_values(context, field, edits.get(context.template, key))
            if len(values) < 2:
                continue
            reads, proof = [], evidence
            made: list[Any] = []
            for value in values:
                got = await self._round(context, reader, edits.putting(key, value))
                if got is None:
                    break
                reads.append(field_in(got[0], key, _tops(context)))
                proof += got[1]
                made.append(created_identifier(got[0]))
            if context.documented.id.method == "POST" and made[1:] and made[0] == made[1]:
                continue  # the same resource both times: nothing was made of what was sent
            if len(reads) < 2 or any(same_value(v, r) for v, r in zip(values, reads, strict=True)):
                continue
            if any(r is MISSING for r in reads) and reader.reading is None:
                continue
            wrong = await self._invalid(context, key, values[0])
            if wrong is None:
                continue
            out.append(
                Observation(
                    context.documented.id,
                    Kind.READBACK,
                    Verdict.ACCEPTED,
                    subject=key,
                    value=values,
                    confirmed=True,
                    evidence=proof + wrong.evidence,
                    detail={
                        "role": "ignored",
                        "read": [None if r is MISSING else r for r in reads],
                    },
                )
            )
        return out

    @staticmethod
    async def _invalid(context: Context, key: FieldKey, value: Any) -> Observation | None:
        """An accepted value of a wrong type, or None where the server minds."""
        wrong: Any = {"zqx": [1]} if not isinstance(value, (dict, list)) else 7
        ask = Ask(
            Kind.REPLACE,
            edits.putting(key, wrong),
            subject=key,
            value=wrong,
            detail={"role": "wrong-type"},
        )
        seen = await context.lab.ask(ask)
        return seen if seen.accepted else None

    # -- defaults --

    async def _defaults(self, context: Context, reader: Reader) -> list[Observation]:
        """Values that the server fills in where a field is left out, twice the same.

        Only where something is created: an update may keep what was stored before.
        """
        if context.documented.id.method != "POST":
            return []
        smallest = [k for k in context.smallest if k.place is Place.BODY]
        left = [
            k
            for k, f in context.documented.fields.items()
            if k.place is Place.BODY
            and "[]" not in k.name
            and not f.schema.read_only
            and (k in smallest or not edits.has(context.template, k))
            and k.leaf.lower() not in _SERVERS_OWN
            and not f.schema.properties
        ]
        if not left:
            return []
        first = await self._round(context, reader, edits.removing(*smallest))
        second = await self._round(context, reader, edits.removing(*smallest))
        if first is None or second is None:
            return []
        writable = await self._writable(context, reader, left)
        out: list[Observation] = []
        for key in left:
            reads = [field_in(got[0], key, _tops(context)) for got in (first, second)]
            if MISSING in reads or reads[0] != reads[1] or _of_today(reads[0]):
                continue
            if not any(_differs(v, reads[0]) for v in writable.get(key, ())):
                continue
            out.append(
                Observation(
                    context.documented.id,
                    Kind.READBACK,
                    Verdict.ACCEPTED,
                    subject=key,
                    confirmed=True,
                    evidence=first[1] + second[1],
                    detail={"role": "default", "read": reads[0]},
                )
            )
        return out

    async def _writable(
        self, context: Context, reader: Reader, keys: Sequence[FieldKey]
    ) -> dict[FieldKey, list[Any]]:
        """The values that fields were seen to keep when written: what the server fills in
        whatever is sent (a serial number, a computed value) is no default."""
        kept: dict[FieldKey, list[Any]] = {}
        lost: set[FieldKey] = set()
        extra = {k: v for k, v in context.lab.extra.items() if k in keys}
        others = {k: v for k in keys if (v := _another(context, k)) is not MISSING}
        names = list(others)
        halves = [names[: len(names) // 2], names[len(names) // 2 :]]
        rounds = [extra, others, *({k: others[k] for k in half} for half in halves)]
        for number, values in enumerate(rounds):
            if not values or (number > 1 and others.keys() <= kept.keys() | lost):
                continue
            edit = edits.chain(*(edits.putting(k, v) for k, v in values.items()))
            got = await self._round(context, reader, edit)
            if got is None:
                continue
            for key, value in values.items():
                # Not the witness's own value: that may be the server's by chance.
                if same_value(value, field_in(got[0], key, _tops(context))):
                    kept.setdefault(key, []).append(value)
                else:
                    lost.add(key)
        return {key: values for key, values in kept.items() if key not in lost}

    # -- fields that no current document has --

    async def _undocumented(self, context: Context, reader: Reader) -> list[Observation]:
        out: list[Observation] = []
        strange = FieldKey(Place.BODY, "zq_unknown_field")
        for key, value in (await self._suspects(context, reader))[:MAX_FIELDS]:
            seen = await self._visible(context, reader, key, value, strange)
            if seen is None:
                seen = await self._validated(context, key, value, strange)
            if seen is not None:
                out.append(seen)
        return out

    async def _suspects(self, context: Context, reader: Reader) -> list[tuple[FieldKey, Any]]:
        """Names that legacy documents, the witness or answers know, with a plausible value."""
        documented = context.documented.fields
        if any(
            s is not None and s.additional not in (None, False) and not s.properties
            for s in context.documented.body.values()
        ):
            return []
        rng = context.bench.rng("undocumented", context.documented.id)
        found: dict[FieldKey, Any] = {}
        for key in context.present():
            if key not in documented and key.place is Place.BODY and _plain_parent(context, key):
                found[key] = edits.get(context.template, key)
        for key, field in context.known.items():
            if key in documented or key.place is not Place.BODY or "[]" in key.name:
                continue
            if _plain_parent(context, key) and not field.schema.read_only:
                known = context.candidates.of(context.documented, field)
                made = Generator(rng).value(field.schema, key.leaf)
                found.setdefault(key, known[0] if known else made)
        got = await self._round(context, reader, lambda call: call)
        if got is not None:
            for name, value in _resource_members(got[0], context):
                key = FieldKey(Place.BODY, name)
                if (
                    key not in documented
                    and name.lower() not in _SERVERS_OWN
                    and (isinstance(value, (str, int, float, bool)) or _scalars(value))
                    and not name.lower().endswith(("_at", "_id", "_uid", "at", "_url"))
                    and isinstance(context.template.body, dict)
                ):
                    found.setdefault(key, _other(value, 5))
        return list(found.items())

    async def _visible(
        self, context: Context, reader: Reader, key: FieldKey, value: Any, strange: FieldKey
    ) -> Observation | None:
        """Both of two values come back, each its own, and an unknown name doesn't."""
        values = [value, _other(value, 7)]
        if values[0] == values[1] or isinstance(value, dict):
            return None
        proof: tuple[Evidence, ...] = ()
        reads: list[Any] = []
        for each in values:
            got = await self._round(
                context, reader, edits.chain(edits.putting(key, each), edits.putting(strange, each))
            )
            if got is None:
                return None
            read = field_in(got[0], key)
            if read is MISSING or not same_value(each, read) or read in reads:
                return None
            reads.append(read)
            if field_in(got[0], strange) is not MISSING:
                return None
            proof += got[1]
        validated = await self._validated(context, key, value, strange)
        return Observation(
            context.documented.id,
            Kind.READBACK,
            Verdict.ACCEPTED,
            subject=key,
            value=values,
            confirmed=True,
            evidence=proof + (validated.evidence if validated else ()),
            detail={
                "role": "undocumented",
                "how": "stored",
                "validated": validated is not None,
                "type": json_type(value),
            },
        )

    @staticmethod
    async def _validated(
        context: Context, key: FieldKey, value: Any, strange: FieldKey
    ) -> Observation | None:
        """A wrong value of this name is refused, a right one and an unknown name are not."""
        wrong: Any = {"zqx": [1]} if not isinstance(value, dict) else "zqx"
        good = Ask(
            Kind.ADD,
            edits.putting(key, value),
            subject=key,
            value=value,
            detail={"role": "undocumented"},
        )
        bad = Ask(
            Kind.ADD,
            edits.putting(key, wrong),
            subject=key,
            value=wrong,
            detail={"role": "undocumented-wrong"},
        )
        other = Ask(
            Kind.ADD,
            edits.putting(strange, wrong),
            subject=strange,
            value=wrong,
            detail={"role": "unknown-name"},
        )
        seen = await context.lab.ask_many([good, bad, other])
        if not (seen[0].accepted and about_field(seen[1])):
            return None
        if not seen[2].accepted and not await _only_known(context, strange, value):
            return None
        again = await context.lab.confirm(bad, seen[1])
        if not again.confirmed:
            return None
        return replace(
            again,
            kind=Kind.READBACK,
            verdict=Verdict.ACCEPTED,
            value=[value],
            evidence=seen[0].evidence + again.evidence + seen[2].evidence,
            detail={
                "role": "undocumented",
                "how": "validated",
                "validated": True,
                "type": json_type(value),
            },
        )


def _differs(one: Any, other: Any) -> bool:
    """Whether two values are plainly different ones, letter case and outer blanks aside."""
    return str(one).strip().lower() != str(other).strip().lower()


def _two_values(context: Context, field: Field, current: Any) -> list[Any]:
    """Two documented-valid values that differ."""
    if field.schema.enum:
        return [v for v in field.schema.enum if v is not None][:2]
    if isinstance(current, bool):
        return [True, False]
    if field.schema.pattern:
        return []
    return [current, vary(current, 3, field.schema)]


def _expected(reader: Reader, context: Context, key: FieldKey) -> bool:
    """Whether the reading operation documents the field in its answer."""
    source = reader.reading or context.documented
    for response in source.responses:
        if response.status[:1] == "2":
            for schema in response.content.values():
                if schema is not None and _has(schema, key.leaf):
                    return True
    return False


def _has(schema: Any, name: str, depth: int = 0) -> bool:
    if depth > 3:
        return False
    if name in schema.properties:
        return True
    return any(_has(child, name, depth + 1) for child in schema.properties.values())


def _plain_parent(context: Context, key: FieldKey) -> bool:
    """Whether the enclosing object documents its members (an open map documents any)."""
    parent = key.parent
    if parent is None:
        return True
    field = context.documented.fields.get(parent)
    return field is not None and bool(field.schema.properties)


def _resource_members(body: Any, context: Context) -> list[tuple[str, Any]]:
    """Members of the object in an answer that has most of the request's names."""
    names = {k.leaf for k in context.present()}
    best: tuple[int, list[tuple[str, Any]]] = (0, [])
    queue = [body]
    while queue:
        node = queue.pop(0)
        if isinstance(node, dict):
            score = len(names & set(node))
            if score > best[0]:
                best = (score, [(str(k), v) for k, v in node.items()])
            queue.extend(v for v in node.values() if isinstance(v, dict))
    return best[1] if best[0] * 2 > 1 else []


def _tops(context: Context) -> frozenset[str]:
    """The names that a request body may have at its top."""
    names = {k.name.partition(".")[0] for k in context.documented.fields if k.place is Place.BODY}
    return frozenset(n for n in names if "[]" not in n)


def _another(context: Context, key: FieldKey) -> Any:
    """A documented value of a field other than the witness's, or MISSING."""
    field = context.documented.fields[key]
    value = edits.get(context.template, key)
    if value is MISSING or isinstance(value, (dict, list)) or context.is_bound(key):
        return MISSING
    values = _two_values(context, field, value)
    return next((v for v in values if v != value), MISSING)


def _scalars(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value)


def _other(value: Any, number: int) -> Any:
    """A value of the same type that differs; an empty list is taken for one of words."""
    if isinstance(value, bool):
        return not value
    return vary(value, number) if value != [] else [f"word{number}"]


async def _only_known(context: Context, strange: FieldKey, value: Any) -> bool:
    """Whether the server refuses unknown names: one that it takes is known to it then."""
    ask = Ask(
        Kind.ADD,
        edits.putting(strange, value),
        subject=strange,
        value=value,
        detail={"role": "unknown-name"},
    )
    seen = await context.lab.establish(ask)
    return about_field(seen) and seen.confirmed


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
