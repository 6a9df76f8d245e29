"""Which fields does the server require? Group removal first, then one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Field, FieldKey, Place
from checker.experiments.base import Context, Experiment, crashed, misses_field, outermost
from checker.inference.dependencies import minimal
from checker.inference.grouptest import find_defectives
from checker.planning import edits
from checker.probing.asks import Ask


def removal(*keys: FieldKey) -> Ask:
    """The question whether the request is accepted without some fields."""
    subject = keys[0] if len(keys) == 1 else None
    detail = {} if subject else {"removed": [str(k) for k in keys]}
    return Ask(Kind.REMOVE, edits.removing(*keys), subject=subject, detail=detail)


class Required(Experiment):
    """Documented optional fields are removed in groups, documented required ones singly.

    What agrees with all documents is asked once; what doesn't is confirmed.
    """

    id = "required"
    order = 10

    async def run(self, context: Context) -> Iterable[Observation]:
        present = context.present()
        required = [k for k in present if _required(context, k)]
        optional = [k for k in present if k not in required]
        observations: list[Observation] = []
        smallest = await self._optional(context, optional, observations)
        known = {o.subject for o in observations if o.confirmed}
        for key in optional:
            if key not in known and _disputed(context, key):
                observations.append(await context.lab.establish(removal(key)))
        observations += await self._required(context, required)
        observations += await self._jointly(context, required, observations)
        observations += self._lacking(context)
        context.smallest = await self._together(context, smallest, observations)
        return observations

    async def _optional(
        self, context: Context, optional: Sequence[FieldKey], observations: list[Observation]
    ) -> list[FieldKey]:
        """Returns the fields whose joint removal is accepted."""
        tops = list(outermost(optional))
        single: dict[FieldKey, Observation] = {}

        async def rejected(group: Sequence[FieldKey]) -> bool:
            seen = await context.lab.ask(removal(*group))
            if len(group) == 1:
                single[group[0]] = seen
                return misses_field(seen) or crashed(seen)
            observations.append(seen)
            # An empty request may be refused as something else; the fields are asked one by one.
            outside = any(k.place in (Place.HEADER, Place.COOKIE) for k in group)
            return seen.rejected and (outside or not _forbidden(seen))

        culprits = await find_defectives(tops, rejected)
        # Those that the groups before them gave away haven't been asked alone.
        unasked = [k for k in culprits if k not in single]
        seen = await context.lab.ask_many([removal(k) for k in unasked])
        single |= dict(zip(unasked, seen, strict=True))
        free = [k for k in tops if k not in culprits or single[k].accepted]
        asks = [removal(k) for k in single]
        alone = list(single.values())
        observations += await context.confirmed(asks, alone, lambda one: one.subject in culprits)
        inner = [k for k in optional if k not in tops and _under(k, culprits)]
        if inner:
            free += await self._optional(context, inner, observations)
        deeper = [k for k in optional if k not in tops and not _under(k, culprits)]
        if deeper:
            # Members of optional objects: the object stays, the members go.
            free_inner = await self._optional(context, deeper, observations)
            free += [k for k in free_inner if not _under(k, free)]
        return free

    @staticmethod
    async def _together(
        context: Context, free: Sequence[FieldKey], observations: list[Observation]
    ) -> list[FieldKey]:
        """As many as possible of the fields that can go in their groups and can all go at once: of
        two that may each be absent one may be needed."""

        async def enough(kept: Sequence[FieldKey]) -> bool:
            gone = [k for k in free if k not in kept]
            names = {str(k) for k in gone}
            known = [o for o in observations if set(o.detail.get("removed", ())) == names]
            if not gone:
                return True
            if known:
                return known[0].accepted
            seen = await context.lab.ask(removal(*gone))
            if len(gone) > 1:
                observations.append(seen)  # it isn't asked again where dependencies are looked for
            return seen.accepted

        if len(free) < 2 or await enough(()):
            return list(free)
        kept = await minimal(free, enough)
        return [k for k in free if k not in kept]

    async def _required(self, context: Context, required: Sequence[FieldKey]) -> list[Observation]:
        asks = [removal(key) for key in required]
        seen = await context.settle(
            asks,
            lambda seen: seen.accepted or (seen.subject and _disputed(context, seen.subject)),
        )
        return await self._read(context, seen)

    async def _jointly(
        self,
        context: Context,
        required: Sequence[FieldKey],
        observations: Sequence[Observation],
    ) -> list[Observation]:
        """Documented required members of one object, all at once, where one of them can't go
        alone: it may be a matter of what the others hold."""
        alone = {o.subject: o for o in observations if o.subject in required}
        asks: list[Ask] = []
        places = [(k.place, k.parent) for k in required if k.place in (Place.BODY, Place.QUERY)]
        for around in dict.fromkeys(places):
            group = [k for k in required if (k.place, k.parent) == around]
            if len(group) > 1 and any(alone[k].refused for k in group if k in alone):
                asks.append(replace(removal(*group), subject=group[0]))
        seen = await context.settle(asks, lambda one: one.accepted)
        return [replace(o, subject=None) for o in await self._read(context, seen) if o.accepted]

    @staticmethod
    def _lacking(context: Context) -> list[Observation]:
        """Documented required fields that the witness itself hasn't: all controls went without."""
        lab = context.lab
        if lab.last_control is None:
            return []
        evidence = (replace(lab.last_control, role="probe"),)
        return [
            Observation(
                context.documented.id,
                Kind.REMOVE,
                Verdict.ACCEPTED,
                key,
                confirmed=True,
                evidence=evidence,
            )
            for key, field in context.documented.fields.items()
            if field.required
            and _is_asked_of_the_writer(field)
            and not context.documented.security.carries_credential(key)
            and not edits.has(context.template, key)
            and _has_place(context, key)
        ]

    @staticmethod
    async def _read(context: Context, seen: Sequence[Observation]) -> list[Observation]:
        """A member's absence says nothing where the server doesn't look at what encloses it:
        where it takes a value of a wrong type there, the removals are left unconfirmed."""
        ignored: dict[FieldKey, bool] = {}
        out: list[Observation] = []
        for one in seen:
            top = _top(context, one.subject) if one.surely_accepted else None
            if top is not None and top not in ignored:
                edit = edits.putting(top, "zq text")
                ask = Ask(Kind.REPLACE, edit, subject=top, value="zq text", detail=_UNREAD)
                ignored[top] = (await context.lab.ask(ask)).accepted
            out.append(replace(one, confirmed=False) if top and ignored[top] else one)
        return out


_UNREAD = {"role": "wrong-type"}


def _forbidden(seen: Observation) -> bool:
    """Whether a group's absence was refused as strangers are: a header among them, perhaps."""
    return seen.rejected and seen.rejection is Rejection.AUTHORISATION


def _top(context: Context, key: FieldKey | None) -> FieldKey | None:
    """The outermost field around a member, or None for a field of its own."""
    top: FieldKey | None = None
    parent = key.parent if key is not None else None
    while parent is not None and parent.name:
        if not parent.name.endswith("[]") and edits.has(context.template, parent):
            top = parent
        parent = parent.parent
    return top


def _is_asked_of_the_writer(field: Field) -> bool:
    """Whether it is a named field, of no list's items, that whoever sends the request fills in."""
    if field.variant or field.schema.read_only or field.key.place not in (Place.BODY, Place.QUERY):
        return False
    return bool(field.key.name) and "[]" not in field.key.name


def _has_place(context: Context, key: FieldKey) -> bool:
    """Whether the witness has the object that the field belongs to."""
    if key.parent is not None and key.parent.name:
        return isinstance(edits.get(context.template, key.parent), dict)
    return key.place is Place.QUERY or isinstance(context.template.body, dict)


def _required(context: Context, key: FieldKey) -> bool:
    field = context.documented.field(key)
    return field is not None and field.required


def _disputed(context: Context, key: FieldKey) -> bool:
    """Whether legacy documents say otherwise: then the answer decides between them."""
    others = [key in o.fields and o.fields[key].required for o in context.legacy]
    return any(required != _required(context, key) for required in others)


def _under(key: FieldKey, roots: Iterable[FieldKey]) -> bool:
    pool = set(roots)
    parent = key.parent
    while parent is not None:
        if parent in pool:
            return True
        parent = parent.parent
    return False
