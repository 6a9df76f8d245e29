"""How long, how large, how many? Limits of strings, numbers and arrays.

All fields are tried far out at once, so that fields without a limit cost one request together;
only where that is refused is the limit searched. Documented limits are tried one past, and at
the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from checker.domain.exchange import Call
from checker.domain.numbers import is_number
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation
from checker.experiments.base import Context, Experiment, crashed
from checker.experiments.combinations import related
from checker.experiments.inherited import grown
from checker.experiments.limits import Limit, limit_of
from checker.experiments.triggers import alternatives, chosen_by
from checker.inference.bounds import ROLE, edge
from checker.inference.grouptest import find_defectives
from checker.planning import edits
from checker.planning.edits import Edit
from checker.probing.asks import Ask

MAX_SEARCHES = 12
MAX_CHOOSERS, MAX_CHOICES = 4, 2
SHORT = 2
"""Characters of which there are so few texts that one may be taken by chance."""
MOVED = 3
"""So much further the number of a prerequisite is put, to see whether a limit moves with it."""
_TOO_MUCH = (413, 414, 431)
"""Statuses about the size of the whole request, not of a field."""


class Bounds(Experiment):
    """Far out together, then the edge, proved on both sides."""

    id = "bounds"
    order = 40
    builds_on = ("formats",)

    def cost(self, operation: Operation) -> int:
        return 12 + 6 * len(operation.fields)

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        for side in ("max", "min"):
            limits = [
                limit
                for key in context.with_items()
                if (limit := limit_of(context, key, side)) is not None
            ]
            for limit, good, bad in (await self._suspects(context, limits))[:MAX_SEARCHES]:
                out += await self._proved(context, limit, good, bad)
        return out

    async def _suspects(
        self, context: Context, limits: Sequence[Limit]
    ) -> list[tuple[Limit, int, int]]:
        """(limit, an accepted size, a refused one) where the documented limit isn't the edge."""
        found: list[tuple[Limit, int, int]] = []
        known = {m: m.documented for m in limits if m.documented is not None}
        past = {m: d + m.step for m, d in known.items() if m.inside(d + m.step)}
        kept = await self._refused(context, past, likely=True)
        # Nothing is smaller than nothing, where nothing can be sent at all.
        kept += [m for m in known if m not in past and m.far == 0]
        exact = {m: known[m] for m in kept}
        strict = await self._refused(context, exact)
        found += [(m, m.size, exact[m]) for m in strict if m.size != exact[m]]
        loose = [m for m in past if m not in kept]
        free = {m: m.far for m in limits if m.documented is None or m in loose}
        free = {m: far for m, far in free.items() if m not in known or (far - past[m]) * m.step > 0}
        for m in await self._refused(context, free):
            found.append((m, past[m] if m in known else m.size, m.far))
        return found

    @staticmethod
    async def _refused(
        context: Context, sizes: dict[Limit, int], *, likely: bool = False
    ) -> list[Limit]:
        """The limits whose fields are refused at the given sizes; one request where none is.

        `likely`: most will be, and one at a time they share their controls. A 5xx for several
        says nothing of any of them: each is looked at then.
        """
        failed: list[Limit] = []

        async def refused(group: Sequence[Limit]) -> bool:
            if len(group) == 1:
                alone = await context.lab.ask(group[0].ask(sizes[group[0]]))
                if crashed(alone):
                    failed.extend(group)
                return _refuses(alone) or crashed(alone)

            def change(call: Call) -> Call:
                for limit in group:
                    call = limit.put(call, sizes[limit])
                return call

            seen = await context.lab.ask(Ask(Kind.COMBINE, change, detail={"role": "bounds"}))
            return _refuses(seen) or crashed(seen)

        wanted = [m for m, size in sizes.items() if size != m.size]
        if likely and len(wanted) > 3:
            if not await refused(wanted):
                return []
            seen = await context.lab.ask_many([m.ask(sizes[m]) for m in wanted])
            return [m for m, one in zip(wanted, seen, strict=True) if _refuses(one)]
        found = await find_defectives(wanted, refused)
        return [m for m in found if m not in failed]

    async def _proved(
        self, context: Context, limit: Limit, good: int, bad: int
    ) -> list[Observation]:
        lab = context.lab
        asked: dict[int, Observation] = {}

        async def accepts(size: int) -> bool:
            asked[size] = await lab.ask(limit.ask(size))
            return asked[size].accepted

        async def established(size: int, last: int) -> Observation:
            ask = limit.ask(size, last)
            if size not in asked:
                return await lab.establish(ask)
            return await lab.confirm(ask, replace(asked[size], detail=ask.detail))

        last = await edge(good, bad, accepts)
        if _by_repetition(context, limit, last) or await _by_another(context, limit, last):
            return []
        # A set with gaps (steps, a few allowed numbers) isn't a range.
        if limit.dimension == "value" and not await accepts(last - limit.step):
            return []
        if await self._by_prerequisite(context, limit, last):
            return []
        if await self._by_choice(context, limit, last):
            return []
        over = await established(last + limit.step, last)
        if not (over.confirmed and _refuses(over)):
            return []
        if await self._plain_passes(context, limit, last + limit.step):
            return []
        if "[]" in limit.key.name and await self._borne(context, limit, last + limit.step):
            return []
        many = limit.dimension == "items" and limit.side == "max" and last > 0
        if many and not await self._items_pass(context, limit, last):
            return []
        at = await established(last, last)
        return [over, at] if at.surely_accepted else []

    @staticmethod
    async def _items_pass(context: Context, limit: Limit, last: int) -> bool:
        """Whether what was one item too many is accepted in the place of another: else it is the
        item, made up as it is, that the server minds."""

        def change(call: Call) -> Call:
            grown = edits.get(limit.put(call, last + 1), limit.key)
            return edits.put(call, limit.key, grown[1:])

        ask = Ask(Kind.COMBINE, change, detail={"role": "bounds"})
        return (await context.lab.ask(ask)).accepted

    @staticmethod
    async def _by_prerequisite(context: Context, limit: Limit, last: int) -> bool:
        """Whether the edge is a number of a resource made before: the edge moves with it."""
        if limit.dimension != "value" or abs(last) <= 1:
            return False
        for step in grown(context.lab.recipe.steps, last, MOVED * limit.step):
            past = replace(limit.ask(last + limit.step), instead=step, detail={"role": "bounds"})
            if not (await context.lab.ask(past)).refused:
                return True  # moved, or it can't be told
        return False

    @staticmethod
    async def _by_choice(context: Context, limit: Limit, last: int) -> bool:
        """Whether a number's edge is that of one kind of thing: with another accepted value of a
        field that chooses, what was the last one is refused, or one more accepted."""
        if limit.dimension != "value":
            return False
        asks = [
            Ask(
                Kind.COMBINE,
                edits.chain(limit.ask(size).edit, edits.putting(key, value)),
                detail={"role": "bounds", "at": size == last},
            )
            for key in chosen_by(context)[:MAX_CHOOSERS]
            for value in alternatives(context, key)[:MAX_CHOICES]
            for size in (last, last + limit.step)
            if not related(key, limit.key)
        ]
        seen = await context.lab.ask_many(asks)
        return any(o.accepted if not o.detail["at"] else _refuses(o) for o in seen)

    @staticmethod
    async def _plain_passes(context: Context, limit: Limit, size: int) -> bool:
        """Whether another text of the refused size is accepted: then it wasn't the size."""
        value, short = str(edits.get(context.template, limit.key)), size <= SHORT
        if limit.dimension != "length" or not size or (value.isalpha() and not short):
            return False
        # Its end was left of a shorter one, its beginning of a longer one: now the other way. Of
        # short ones there are few: the one that was refused may be taken.
        kept = value[:size]
        kinds = "192" if value[0].isdigit() else "kwb"
        others = [kind * size for kind in (kinds if short else kinds[:1])]
        for text in dict.fromkeys((kept + kinds[0] * (size - len(kept)), *others)):
            ask = Ask(Kind.COMBINE, edits.putting(limit.key, text), detail={"role": ROLE})
            if (await context.lab.ask(ask)).accepted:
                return True
        return False

    @staticmethod
    async def _borne(context: Context, limit: Limit, size: int) -> bool:
        """Whether a size is accepted once a good item is beside: then it is the items together
        that the server minds."""
        array = FieldKey(limit.key.place, limit.key.name.rpartition("[]")[0])
        items = edits.get(context.template, array)
        if not isinstance(items, list) or not items:
            return False

        def change(call: Call) -> Call:
            own = edits.get(call, array)
            grown = edits.get(limit.ask(size).edit(call), array)
            return edits.put(call, array, [*grown, *own[:1]])

        ask = Ask(Kind.COMBINE, change, detail={"role": "bounds"})
        return (await context.lab.ask(ask)).accepted


def _refuses(seen: Observation) -> bool:
    """Refused for what the field holds: not for its being there already, nor for the size of
    the whole request."""
    if not seen.rejected or seen.rejection is not Rejection.VALIDATION:
        return False
    statuses = [
        e.exchange.response.status
        for e in seen.evidence
        if e.role == "probe" and e.exchange.response is not None
    ]
    return not any(status in _TOO_MUCH for status in statuses)


async def _by_another(context: Context, limit: Limit, last: int) -> bool:
    """Whether the edge is another number of the witness (from `min` to `max`, say): the edge
    moves with it, or it can't be told."""
    if limit.dimension != "value":
        return False
    for key in edits.present_fields(context.template):
        other = edits.get(context.template, key)
        if key == limit.key or not is_number(other):
            continue
        if abs(other - last) > 1:
            continue
        if await _moves(context, limit, last, key, other):
            return True
    return False


async def _moves(context: Context, limit: Limit, last: int, key: FieldKey, other: float) -> bool:
    """Whether the edge moves with another number: further than it with the one, or no longer as
    far with the other way; yes where neither can be tried."""

    async def tried(*changes: Edit) -> Observation:
        ask = Ask(Kind.COMBINE, edits.chain(*changes), detail={"role": ROLE})
        return await context.lab.ask(ask)

    further = edits.putting(key, other + MOVED * limit.step)
    if (await tried(further)).accepted:
        return not (await tried(further, limit.ask(last + limit.step).edit)).refused
    back = edits.putting(key, other - MOVED * limit.step)
    if (await tried(back)).accepted:
        return not (await tried(back, limit.ask(last).edit)).accepted
    return True


def _by_repetition(context: Context, limit: Limit, last: int) -> bool:
    """One item and not two: perhaps only because the second can't be told from the first."""
    if limit.dimension != "items" or last != limit.size or limit.side != "max":
        return False
    field = context.field(limit.key)
    items = field.schema.items if field is not None else None
    value = edits.get(context.template, limit.key)
    return bool(items and items.enum) or not isinstance(value[0], (str, int))
