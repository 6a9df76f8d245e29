"""Documented fields that the witness could not bear: what would the server take there?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import UNKNOWN_NAME, Field, FieldKey, Place
from checker.domain.schema import MISSING, Schema, json_type
from checker.experiments.base import Context, Exchanged, Experiment, about_field, crashed
from checker.experiments.company import documented_values, in_company
from checker.planning import edits
from checker.planning.answered import value_at
from checker.planning.encoding import is_json
from checker.planning.member_values import otherwise
from checker.planning.values import looks_like_identifier
from checker.planning.wrong_values import COMMON_TEXTS, wrong_types
from checker.probing.asks import Ask, adding

MAX_FIELDS = 12
MAX_PARTS = 12
MAX_INNER = 3
MAX_STANDARD = 4
MAX_TRIES = 16
MAX_ALONE = 10


class Absent(Experiment):
    """Every documented value, then other JSON types, then candidates; the control is without.

    A field that passes in the smallest request conflicts with another field: that is a
    dependency and is left to that experiment (`Context.conflicting`).
    """

    id = "absent"
    order = 15

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        for key, field in self._absent(context)[:MAX_FIELDS]:
            values = documented_values(context, field)
            asks = [adding(key, v, "documented") for v in values]
            seen = await context.lab.ask_many(asks)
            if any(o.accepted for o in seen):
                context.lab.extra[key] = next(o.value for o in seen if o.accepted)
                out += [o for o in seen if o.accepted]
                if field.schema.enum:
                    tried = await context.confirmed(asks, seen, lambda one: one.rejected)
                    out += [o for o in tried if o.confirmed]
                continue
            firm = [o for o in seen if not _unsettled(o)]
            if not firm or not all(about_field(o) for o in firm):
                continue
            if await self._passes_small(context, field, firm[0].value):
                context.conflicting.append(key)
                continue
            if len(firm) < len(seen):
                continue  # one of the others may be what is accepted
            if _free_text(field) and await self._text(context, field, values):
                continue
            if isinstance(values[0], dict) and (
                await self._partly(context, key, values[0])
                or await self._inside(context, key, values[0])
            ):
                continue
            if _typed(context, key) and await self._otherwise(context, key, field, values[0]):
                continue
            out += await context.confirmed(asks, seen, lambda one: True)
            if not closed(field.schema):
                strange = key.sibling(UNKNOWN_NAME)
                out.append(await context.lab.establish(adding(strange, values[0], "unknown-name")))
            out += await self._others(context, key, field, values)
        return [await _judged(context, o) for o in out]

    @staticmethod
    def _absent(context: Context) -> list[tuple[FieldKey, Field]]:
        call = context.template
        return [
            (key, field)
            for key, field in context.documented.fields.items()
            if key.place not in (Place.PATH, Place.HEADER, Place.COOKIE)
            and not field.schema.read_only
            and not field.variant
            and not edits.has(call, key)
            and (key.parent is None or edits.has(call, key.parent))
            and not looks_like_identifier(key.leaf)
        ]

    @staticmethod
    async def _passes_small(context: Context, field: Field, value: Any) -> bool:
        """Whether a value is accepted without some of the witness's fields; of an object, its
        required members will do."""
        key, present = field.key, [k for k in context.present() if not _required(context, k)]
        whole = [(present, value), (present, _lean(field.schema, value))] if present else []
        for drop, each in [*whole, *(([k], value) for k in present[:MAX_ALONE])]:
            if each is MISSING:
                continue
            edit = edits.chain(edits.removing(*drop), edits.putting(key, each))
            seen = await context.lab.ask(Ask(Kind.COMBINE, edit, detail={"role": "small"}))
            if seen.accepted:
                context.instead[key] = Exchanged(each, tuple(drop))
                return True
        return False

    @staticmethod
    async def _text(context: Context, field: Field, values: list[Any]) -> bool:
        """A registered value or a text of a usual shape that is accepted becomes part of the
        witness, so that the experiments to come can tell what the field wants."""
        key = field.key
        for value in _texts(context, field):
            if value in values or not (await context.lab.ask(adding(key, value, "text"))).accepted:
                continue
            await _kept(context, key, value)
            return True
        return False

    @staticmethod
    async def _inside(context: Context, key: FieldKey, value: dict[str, Any]) -> bool:
        """Whether an object is accepted with another text in one of its members; then it becomes
        part of the witness."""
        fields = context.documented.fields
        inner = [
            field
            for name in value
            if (field := fields.get(FieldKey(key.place, f"{key.name}.{name}")))
            and _free_text(field)
        ]
        for field in inner if len(inner) <= MAX_INNER else ():
            for text in _texts(context, field):
                mended = {**value, field.key.leaf: text}
                if (await context.lab.ask(adding(key, mended, "text"))).accepted:
                    await _kept(context, key, mended)
                    return True
        return False

    @staticmethod
    async def _partly(context: Context, key: FieldKey, value: dict[str, Any]) -> bool:
        """Whether an object is accepted with some of its members: then one of the others is
        refused, and neither the object nor its type."""
        if key.place is not Place.BODY:
            return True  # a URL has no types; its texts can't tell whose fault it is
        parts = [{name: member} for name, member in value.items()]
        if len(parts) > 2:
            parts += [{n: v for n, v in value.items() if n != name} for name in value]
        asks = [adding(key, part, "part") for part in parts[:MAX_PARTS]]
        return any(o.accepted for o in await context.lab.ask_many(asks))

    @staticmethod
    async def _otherwise(context: Context, key: FieldKey, field: Field, value: Any) -> bool:
        """An object that is accepted with a member of another type becomes part of the witness,
        so that the experiments to come can tell what that member may be."""
        if not isinstance(value, (dict, list)):
            return False
        for number, other in enumerate(otherwise(field.schema, value)):
            if number < MAX_TRIES and (await context.lab.ask(adding(key, other, "part"))).accepted:
                await _kept(context, key, other)
                return True
        return False

    @staticmethod
    async def _others(
        context: Context, key: FieldKey, field: Field, values: list[Any]
    ) -> list[Observation]:
        asks = [adding(key, v, "other-type") for v in _of_other_types(context, key, field, values)]
        known = context.candidates.of(context.documented, field)
        asks += [adding(key, v, "candidate") for v in known if v not in values]
        seen = await context.settle(asks, lambda seen: seen.accepted)
        taken = [o for o in seen if o.accepted and o.detail.get("role") == "other-type"]
        if taken:
            seen += await unrelated(context, key, field.schema, taken[0].value, Kind.ADD)
        return seen


def _unsettled(seen: Observation) -> bool:
    """Whether a value got no answer that says anything: a full server, a crash of the moment."""
    return seen.verdict is Verdict.INCONCLUSIVE or crashed(seen)


async def _kept(context: Context, key: FieldKey, value: Any) -> None:
    """An accepted value becomes a part of the witness; where that can't be repeated with it, it
    is kept as one that was accepted."""
    if not await context.lab.adopt(key, value):
        context.lab.extra[key] = value


async def _judged(context: Context, seen: Observation) -> Observation:
    """The observation; marked where a value of a set, of which another one was accepted, is
    refused for want of company."""
    key = seen.subject
    return await in_company(context, key, seen) if key in context.lab.extra and key else seen


def _of_other_types(
    context: Context, key: FieldKey, field: Field, values: Sequence[Any]
) -> list[Any]:
    """Values of types that a field isn't documented to have."""
    others = [*wrong_types(field.schema, values[0])]
    answered = _in_answer(context, key)
    if answered not in (MISSING, None) and not field.schema.allows_type(json_type(answered)):
        others.append(answered)
    if _typed(context, key):
        return others
    if field.schema.allows_type("string"):
        return []
    # Only texts are sent: an object's members would go under names of their own, and a server
    # that passes over unknown names would seem to accept it.
    return _words(v for v in (*others, *COMMON_TEXTS) if isinstance(v, str))


def _words(texts: Iterable[str]) -> list[str]:
    """The texts that can't be read as a number."""
    return [t for t in dict.fromkeys(texts) if not t.strip("+-").replace(".", "", 1).isdigit()]


def _typed(context: Context, key: FieldKey) -> bool:
    """Whether a value's JSON type can be told where the field is sent."""
    return key.place is Place.BODY and is_json(context.template.media_type)


def _in_answer(context: Context, key: FieldKey) -> Any:
    """What the witness's own answer has under the field's name, or MISSING."""
    control = context.lab.last_control
    response = control.exchange.response if control is not None else None
    return value_at(response.body, key.leaf) if response is not None else MISSING


def _texts(context: Context, field: Field) -> list[Any]:
    """Texts worth a try where a made-up one is refused: those that other places name for the
    name, published ones, those of usual shapes."""
    candidates = context.candidates
    known = candidates.of(context.documented, field)[:MAX_STANDARD]
    standard = candidates.standard(context.documented, field)[:MAX_STANDARD]
    found = [*candidates.namesakes.of(field), *known, *standard, *COMMON_TEXTS]
    return list(dict.fromkeys(v for v in found if isinstance(v, str)))


def _free_text(field: Field) -> bool:
    schema = field.schema
    return not schema.enum and not schema.pattern and set(schema.types) - {"null"} == {"string"}


async def unrelated(
    context: Context, key: FieldKey, schema: Schema, taken: Any, kind: Kind
) -> list[Observation]:
    """Values of types that are neither documented nor the one accepted: a server that takes
    these too doesn't look at the type."""
    asks = [
        Ask(
            kind,
            edits.putting(key, value),
            subject=key,
            value=value,
            detail={"role": "unrelated-type"},
        )
        for value in ({"zq": [1]}, [["zq"]], "zq text")
        if json_type(value) != json_type(taken)
        and not schema.allows_type(json_type(value))
        and (not isinstance(value, str) or isinstance(taken, (dict, list)))
    ]
    return await context.settle(asks, lambda seen: True)


def closed(schema: Schema) -> bool:
    """Whether trying a few values tries all that is documented."""
    return bool(schema.enum) or set(schema.types) - {"null"} == {"boolean"}


def _lean(schema: Schema, value: Any) -> Any:
    """An object with its required members only; MISSING where that is no other one."""
    if not isinstance(value, dict) or not schema.required:
        return MISSING
    lean = {name: value[name] for name in schema.required if name in value}
    return lean if lean and lean != value else MISSING


def _required(context: Context, key: FieldKey) -> bool:
    field = context.documented.fields.get(key)
    return field is not None and field.required
