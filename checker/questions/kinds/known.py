"""Does the server know a field that no current document has: is it stored, or validated?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import Evidence
from checker.domain.observation import Observation
from checker.domain.operation import UNKNOWN_NAME, Field, FieldKey
from checker.domain.schema import MISSING, json_type
from checker.experiments.base import Context, about_field
from checker.experiments.writing import Round, Writing, readback
from checker.inference.name_spellings import gist
from checker.planning import edits
from checker.planning.answered import value_at
from checker.planning.values import Generator
from checker.planning.variation import vary
from checker.probing.asks import adding
from checker.probing.readback import field_in, same_value
from checker.questions.desk import Desk, complaint
from checker.questions.kinds.base import Facts, QuestionKind
from checker.questions.ledger import Reason
from checker.questions.seeking import other_values

ROLE = "undocumented"
MAX_FIELDS = 16
MAX_VALUES = 5


class KnownName(QuestionKind):
    """Two values of a suspected name come back, each its own, and those of an unknown one don't;
    or a wrong one is refused."""

    name = "known"
    rules = ("field-undocumented", "required-undocumented")
    worth = 0.8
    held = False

    def applies(self, field: Field, context: Context) -> bool:
        return False  # what isn't documented is entered by what is seen of it

    def decided(self, facts: Facts, field: Field) -> bool:
        return False

    async def ask(self, desk: Desk, fields: Sequence[Field]) -> Reason | None:
        writing = Writing(desk.context)
        for parent in dict.fromkeys(f.key.parent for f in fields):
            group = [f for f in fields if f.key.parent == parent][:MAX_FIELDS]
            desk.note(await _Level(desk.context, writing, group).observations())
        return Reason.GROUND_MOVED if desk.context.lab.broken else None


@dataclass(slots=True)
class _Level:
    """Suspected names in one object of the request."""

    context: Context
    writing: Writing
    fields: Sequence[Field]
    unknown: Observation | None = None
    """The refusal of a name that nobody knows; None where it is passed over."""

    @property
    def strange(self) -> FieldKey:
        return self.fields[0].key.sibling(UNKNOWN_NAME)

    async def observations(self) -> list[Observation]:
        """Of each of the names that the server knows, what shows it."""
        lab = self.context.lab
        first = await lab.ask(adding(self.strange, "zq", "unknown-name"))
        if not first.accepted:
            self.unknown = await lab.confirm(adding(self.strange, "zq", "unknown-name"), first)
            if not (about_field(self.unknown) and self.unknown.confirmed):
                return []
        out: list[Observation] = []
        before = await self.writing.round()
        shown = before.body if before is not None else MISSING
        values = {f.key: _values(self.context, f, shown) for f in self.fields}
        for field in await self._suspects({k: v for k, v in values.items() if v}):
            seen = await self._shown_by(field, values[field.key], shown)
            if seen is not None:
                out.append(seen)
        return out

    async def _shown_by(
        self, field: Field, values: Sequence[Any], shown: Any
    ) -> Observation | None:
        """What shows that the server knows a name: it keeps its values, or refuses wrong ones."""
        seen = await self._stored(field, values, shown)
        if seen is None and field.key in self.context.known:
            return await _validated(self.context, field.key, values[0], self.strange)
        return seen

    async def _suspects(self, values: Mapping[FieldKey, Sequence[Any]]) -> list[Field]:
        """The names worth a closer look: where unknown ones are passed over, those of which the
        value comes back that all of them were sent with at once."""
        fields = [f for f in self.fields if f.key in values]
        if not fields:
            return []
        firsts = {key: tried[0] for key, tried in values.items()}
        if self.unknown is not None:
            return await self._told_apart(fields, firsts)
        puts = [edits.putting(k, v) for k, v in firsts.items()]
        got = await self.writing.round(edits.chain(*puts, edits.putting(self.strange, "zq")))
        if got is None:
            return fields
        if self._echoed(got, self.strange):
            return []  # whatever is sent comes back
        named = self.context.known
        return [f for f in fields if f.key in named or self._back(got, f.key, firsts[f.key])]

    def _is_known(self, seen: Observation, key: FieldKey) -> bool:
        """Whether a name is refused otherwise than an unknown one, or not at all."""
        if seen.accepted or self.unknown is None:
            return seen.accepted
        unknown = gist(complaint(self.unknown), UNKNOWN_NAME)
        return about_field(seen) and gist(complaint(seen), key.leaf) != unknown

    @staticmethod
    def _back(got: Round, key: FieldKey, value: Any) -> bool:
        """Whether a value came back as it was sent."""
        return any(_shows(body, key, value) for body in _bodies(got))

    @staticmethod
    def _echoed(got: Round, key: FieldKey) -> bool:
        """Whether anything came back under a name."""
        return any(field_in(body, key) is not MISSING for body in _bodies(got))

    async def _told_apart(
        self, fields: Sequence[Field], firsts: Mapping[FieldKey, Any]
    ) -> list[Field]:
        """Where unknown names are refused: those that are answered otherwise."""
        asks = [adding(f.key, firsts[f.key], ROLE) for f in fields]
        seen = await self.context.lab.ask_many(asks)
        return [f for f, one in zip(fields, seen, strict=True) if self._is_known(one, f.key)]

    async def _stored(self, field: Field, values: Sequence[Any], shown: Any) -> Observation | None:
        """Both of two values come back, each its own, and an unknown name doesn't. Where only one
        is taken, which isn't `shown` without it, a wrong one must be refused."""
        key = field.key
        proof: tuple[Evidence, ...] = ()
        kept: list[Any] = []
        for value in values:
            put = edits.putting(key, value)
            if self.unknown is None:
                put = edits.chain(put, edits.putting(self.strange, value))
            got = await self.writing.round(put)
            if got is None:
                continue
            echoes = self.unknown is None and self._echoed(got, self.strange)
            if echoes or not self._back(got, key, value):
                return None
            kept.append(value)
            proof += got.evidence
            if len(kept) == 2:
                break
        if len(kept) < 2:
            alone = bool(kept) and not same_value(kept[0], value_at(shown, key.leaf))
            return await _validated(self.context, key, kept[0], self.strange) if alone else None
        validated = await _validated(self.context, key, kept[0], self.strange)
        return readback(
            self.context,
            key,
            (*proof, *(validated.evidence if validated else ())),
            ROLE,
            kept,
            how="stored",
            validated=validated is not None,
            type=json_type(kept[0]),
        )


def _bodies(got: Round) -> list[Any]:
    """What was read back, and the write's own answer: reads may lag behind writes."""
    responses = [e.exchange.response for e in got.evidence]
    return [got.body, *(r.body for r in responses if r is not None)]


def _shows(body: Any, key: FieldKey, value: Any) -> bool:
    read = field_in(body, key)
    return read is not MISSING and same_value(value, read, part=False)


async def _validated(
    context: Context, key: FieldKey, value: Any, strange: FieldKey
) -> Observation | None:
    """A wrong value of this name is refused, a right one and an unknown name are not."""
    wrong: Any = {"zqx": [1]} if not isinstance(value, dict) else "zqx"
    good, bad = adding(key, value, ROLE), adding(key, wrong, "undocumented-wrong")
    other = adding(strange, wrong, "unknown-name")
    seen = await context.lab.ask_many([good, bad, other])
    if not (seen[0].accepted and about_field(seen[1])):
        return None
    if not seen[2].accepted and not await _only_known(context, strange, value):
        return None
    again = await context.lab.confirm(bad, seen[1])
    if not again.confirmed:
        return None
    return readback(
        context,
        key,
        seen[0].evidence + again.evidence + seen[2].evidence,
        ROLE,
        [value],
        how="validated",
        validated=True,
        type=json_type(value),
    )


async def _only_known(context: Context, strange: FieldKey, value: Any) -> bool:
    """Whether the server refuses unknown names: one that it takes is known to it then."""
    seen = await context.lab.establish(adding(strange, value, "unknown-name"))
    return about_field(seen) and seen.confirmed


def _is_worth_sending(value: Any) -> bool:
    if isinstance(value, (dict, list)):
        return _plain(value)
    return value is not None


def _values(context: Context, field: Field, shown: Any) -> list[Any]:
    """Values to send under a name, each other than what is shown there by itself."""
    own = edits.get(context.template, field.key)
    now = value_at(shown, field.key.leaf)
    found: list[Any] = []
    for value in _every(context, field, own, now):
        shown_so = own is MISSING and same_value(value, now)
        known = any(same_value(value, f, part=False) for f in found)
        if not (known or shown_so) and _is_worth_sending(value):
            found.append(value)
    found = found[:MAX_VALUES]
    # Of two values that there are, one may be shown already.
    return [*found, now] if len(found) == 1 and isinstance(now, (bool, str)) else found


def _every(context: Context, field: Field, own: Any, now: Any) -> Iterator[Any]:
    rng = context.bench.rng("undocumented", context.documented.id, field.key)
    if own is not MISSING:
        yield own
        yield other(own, 7)
    yield from field.schema.enumerated
    if now not in (MISSING, None) and not field.schema.enum:
        # The members of an object have limits of their own: they move by little.
        by_little = isinstance(now, dict) or (isinstance(now, list) and not _flat(now))
        for number in (1, 2) if by_little else (5, 7):
            yield other(now, number)
    made = Generator(rng).value(field.schema, field.key.leaf)
    yield made
    yield from other_values(context, field)
    if not field.schema.enum:
        yield other(made, 7)


def other(value: Any, number: int) -> Any:
    """A value of the same type that differs; an empty text is taken for a word, an empty list
    or object for one of words."""
    word = f"word{number}"
    match value:
        case dict():
            return {k: other(v, number) for k, v in value.items()} or {"key": word}
        case bool():
            return not value
        case "":
            return word
        case []:
            return [word]
        case list() if dict in map(type, value):
            return [other(item, number) for item in value]
        case _:
            return vary(value, number)


def _plain(value: Any) -> bool:
    """Whether it is an object or a list of plain values, or a list of such objects."""
    if isinstance(value, list):
        return all(not isinstance(v, list) and (not isinstance(v, dict) or _flat(v)) for v in value)
    return _flat(value)


def _flat(value: Any) -> bool:
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else value
    return not any(isinstance(v, (dict, list)) for v in inner)
