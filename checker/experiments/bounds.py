"""How long, how large, how many? Limits of strings, numbers and arrays.

All fields are tried far out at once, so that fields without a limit cost one request together;
only where that is refused is the limit searched. Documented limits are tried one past, and at
the limit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import MISSING, Schema
from checker.experiments.base import Context, Experiment
from checker.experiments.inherited import grown
from checker.inference.bounds import ROLE, documented_bound, edge
from checker.inference.grouptest import find_defectives
from checker.planning import edits
from checker.planning.encoding import is_form
from checker.planning.values import looks_like_identifier
from checker.planning.variation import vary
from checker.probing.asks import Ask

FAR_LENGTH, FAR_LENGTH_URL = 5_000, 1_000
FAR_VALUE = 10**9
FAR_ITEMS, FAR_ITEMS_URL = 101, 51
MAX_SEARCHES = 12
MOVED = 3
"""So much further the number of a prerequisite is put, to see whether a limit moves with it."""
_TOO_MUCH = (413, 414, 431)
"""Statuses about the size of the whole request, not of a field."""
_LETTERS = "abcdefghij"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in question. `size` is the witness's own, `documented` the documented one."""

    key: FieldKey
    dimension: str
    side: str
    size: int
    far: int
    documented: int | None = None

    @property
    def step(self) -> int:
        return 1 if self.side == "max" else -1

    def inside(self, size: int) -> bool:
        """Whether a size can be tried at all: nothing is shorter than empty."""
        return self.dimension == "value" or size >= 0

    def put(self, call: Call, size: int) -> Call:
        """The call with the field brought to a size; what the witness varies stays varied."""
        return edits.put(call, self.key, sized(edits.get(call, self.key), self.dimension, size))

    def ask(self, size: int, limit: int | None = None) -> Ask:
        detail = {"role": ROLE, "dimension": self.dimension, "side": self.side, "size": size}
        if limit is not None:
            detail["limit"] = limit
        value = size if self.dimension == "value" else MISSING
        return Ask(Kind.REPLACE, lambda call: self.put(call, size), self.key, value, detail)


def sized(value: Any, dimension: str, size: int) -> Any:
    """A value of a size, like `value` as far as that goes."""
    if dimension == "value":
        return size
    if dimension == "length":
        text = str(value)
        letters = _LETTERS * (size // len(_LETTERS) + 1)
        if size > len(text):
            return text + letters[: size - len(text)]
        # The end of it, which is what varies; servers may trim blanks.
        end = text[len(text) - size :]
        return end if end == end.strip() else letters[:size]
    return [_another(value[0], n) if n else value[0] for n in range(size)]


def _another(item: Any, number: int) -> Any:
    """An item that differs in its scalars, so that it isn't refused for being there twice."""
    if isinstance(item, dict):
        return {k: vary(v, number) if isinstance(v, str) else v for k, v in item.items()}
    return copy.deepcopy(item) if isinstance(item, list) else vary(item, number)


class Bounds(Experiment):
    """Far out together, then the edge, proved on both sides."""

    id = "bounds"
    order = 40

    def cost(self, operation: Operation) -> int:
        return 12 + 6 * len(operation.fields)

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        for side in ("max", "min"):
            limits = [
                limit
                for key in context.present()
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

        `likely`: most will be, and one at a time they share their controls.
        """

        async def refused(group: Sequence[Limit]) -> bool:
            if len(group) == 1:
                return _refuses(await context.lab.ask(group[0].ask(sizes[group[0]])))

            def change(call: Call) -> Call:
                for limit in group:
                    call = limit.put(call, sizes[limit])
                return call

            return _refuses(
                await context.lab.ask(Ask(Kind.COMBINE, change, detail={"role": "bounds"}))
            )

        wanted = [m for m, size in sizes.items() if size != m.size]
        if likely and len(wanted) > 3:
            if not await refused(wanted):
                return []
            seen = await context.lab.ask_many([m.ask(sizes[m]) for m in wanted])
            return [m for m, one in zip(wanted, seen, strict=True) if _refuses(one)]
        return await find_defectives(wanted, refused)

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
        if _by_another(context, limit, last) or _by_repetition(context, limit, last):
            return []
        # A set with gaps (steps, a few allowed numbers) isn't a range.
        if limit.dimension == "value" and not await accepts(last - limit.step):
            return []
        if await self._by_prerequisite(context, limit, last):
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
        return [over, at] if at.confirmed and at.accepted else []

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
            if not (await context.lab.ask(past)).rejected:
                return True  # moved, or it can't be told
        return False

    @staticmethod
    async def _plain_passes(context: Context, limit: Limit, size: int) -> bool:
        """Whether another text of the refused size is accepted: then it wasn't the size."""
        value = edits.get(context.template, limit.key)
        if limit.dimension != "length" or not size or str(value).isalpha():
            return False
        # Its end was left of a shorter one, its beginning of a longer one: now the other way.
        kept = str(value)[:size]
        kind = "1" if str(value)[0].isdigit() else "k"
        for text in dict.fromkeys((kept + kind * (size - len(kept)), kind * size)):
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


def limit_of(context: Context, key: FieldKey, side: str) -> Limit | None:
    """What to ask of a field; None where its other constraints would get in the way."""
    value = edits.get(context.template, key)
    field = context.field(key)
    schema = field.schema if field is not None else None
    url = key.place is not Place.BODY
    if context.is_bound(key) or key.place in (Place.HEADER, Place.COOKIE):
        return None
    if isinstance(value, bool) or _constrained(context, key, schema):
        return None
    if isinstance(value, str) and not looks_like_identifier(key.leaf):
        dimension, size = "length", len(value)
        far = _shortest(context, key) if side == "min" else FAR_LENGTH_URL if url else FAR_LENGTH
    elif isinstance(value, (int, float)) and not looks_like_identifier(key.leaf):
        dimension, size = "value", round(value)
        far = -1 if side == "min" else FAR_VALUE
    elif isinstance(value, list) and value and "{{" not in str(value):
        dimension, size = "items", len(value)
        far = 0 if side == "min" else FAR_ITEMS_URL if url else FAR_ITEMS
        if url and side == "min":
            return None  # an empty array isn't sent at all
    else:
        return None
    own = context.documented.fields.get(key)
    if own is None:
        return None  # that it isn't documented at all is the finding
    known = documented_bound(own.schema, dimension, side)
    documented = int(known) if known is not None and float(known).is_integer() else None
    if known is not None and documented is None:
        return None
    if (
        documented is not None
        and dimension != "value"
        and documented > (FAR_LENGTH_URL if url else 20 * FAR_LENGTH)
    ):
        return None
    if (far - size) * (1 if side == "max" else -1) <= 0 and documented is None:
        return None
    return Limit(key, dimension, side, size, far, documented)


def _shortest(context: Context, key: FieldKey) -> int:
    """The shortest text there is: in a URL or a form an empty one is how a field is left out."""
    form = key.place is Place.BODY and is_form(context.template.media_type)
    return 1 if key.place is not Place.BODY or form else 0


def _constrained(context: Context, key: FieldKey, schema: Schema | None) -> bool:
    """Whether a set, a format or a pattern rules the value, by document or by observation."""
    if schema is not None and (
        schema.enum or schema.format in _FORMATS or schema.pattern or schema.multiple_of
    ):
        return True
    own = [o for o in context.made if o.kind is Kind.REPLACE and o.subject == key]
    if not any(o.rejected and o.detail.get("role") == "nonsense" for o in own):
        return False
    # Short nonsense passes where longer doesn't: it may be the length that was minded.
    return not any(o.accepted and o.detail.get("role") == "short" for o in own)


_FORMATS = frozenset(
    {
        *("date", "date-time", "time", "uuid", "guid", "email", "uri", "url", "hostname"),
        *("ipv4", "ipv6", "byte", "binary", "phone"),
    }
)


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


def _by_another(context: Context, limit: Limit, last: int) -> bool:
    """Whether the edge is another number of the witness: from `min` to `max`, say."""
    if limit.dimension != "value":
        return False
    for key in edits.present_fields(context.template):
        other = edits.get(context.template, key)
        if key == limit.key or isinstance(other, bool) or not isinstance(other, (int, float)):
            continue
        if abs(other - last) <= 1:
            return True
    return False


def _by_repetition(context: Context, limit: Limit, last: int) -> bool:
    """One item and not two: perhaps only because the second can't be told from the first."""
    if limit.dimension != "items" or last != limit.size or limit.side != "max":
        return False
    field = context.field(limit.key)
    items = field.schema.items if field is not None else None
    value = edits.get(context.template, limit.key)
    return bool(items and items.enum) or not isinstance(value[0], (str, int))
