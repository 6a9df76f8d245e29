"""What must a string look like? A battery of shapes, where nonsense or odd characters fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation, Place
from checker.experiments.base import Context, Experiment, crashed
from checker.experiments.shaping import beside, has_shape, refuses, shaped
from checker.inference.facts import NUMBER_TEXT
from checker.inference.grouptest import find_defectives
from checker.inference.patterns import NAMED, ROLE, SPECIAL, learn, resized
from checker.planning import edits
from checker.planning.moments import is_date, later
from checker.planning.values import Generator
from checker.planning.wrong_values import COMMON_TEXTS
from checker.probing.asks import Ask

MAX_SIBLING_VALUES = 3
MAX_TEXTS = 8
MAX_FIELDS = 8
_SETTLED = ("byte", "binary", "password", "ipv6", "hostname")
_FORMATS = ("date", "date-time", "time", "email", "uri", "url", "uuid", "guid", "ipv4")
_ODD = "_a-B c.9"
"""Appended to free text: whatever is refused there needs a closer look."""


def battery(witness: str) -> list[str]:
    """Values of other shapes; where a shape has no length of its own, that of the witness."""
    size = len(witness)
    letters, digits = "kvrtwmzqhd", "4827159360"
    spread = [_repeat(letters, size), _repeat(digits, size), _repeat(letters.upper(), size)]
    inside = [_with(witness, mark) for mark in SPECIAL] if size > 2 else []
    plain = digits[:1] + "1" + _repeat("5550123987", 9)
    shapes = [
        "2031-05-17",
        "2031-05-17T10:30:00Z",
        "2031-05-17T10:30:00",
        "10:30",
        "q.kvrt@example.com",
        "https://example.com/kvrt",
        "7d1c2f4e-52a1-4f0b-9c3d-0a1b2c3d4e5f",
        "+" + plain,
        plain,
        "192.0.2.17",
        "a3f9c2",
        "a3vJc2RmZw==",
        "-7",
        "3.5",
    ]
    values = [*spread, *inside, *shapes, *resized(witness)]
    return [v for v in dict.fromkeys(values) if v != witness]


def _repeat(text: str, size: int) -> str:
    return (text * (size // len(text) + 1))[:size]


def _with(text: str, mark: str) -> str:
    middle = len(text) // 2
    return text[:middle] + mark + text[middle + 1 :]


def neighbours(witness: str) -> list[str]:
    """Two values of the very shape of the witness: its last letters or digits are others; later
    days of a moment, of which a last letter may be the time zone."""
    if is_date(witness) and later(witness, 1) != witness:
        return [later(witness, days) for days in (1, 2)]
    found: list[str] = []
    for step in (1, 2):
        spots = [n for n, c in enumerate(witness) if c.isascii() and c.isalnum()]
        if not spots:
            return []
        at = spots[-1]
        found.append(witness[:at] + _next(witness[at], step) + witness[at + 1 :])
    return found


def _next(char: str, step: int) -> str:
    for pool in ("0123456789", "abcdef", "ABCDEF"):
        if char in pool:
            return pool[(pool.index(char) + step) % len(pool)]
    base = "a" if char.islower() else "A"
    return chr((ord(char) - ord(base) + step) % 26 + ord(base))


class Formats(Experiment):
    """Three ways in: nonsense is refused where neighbours pass; odd characters are refused in
    free text; the documented format's own values are refused."""

    id = "formats"
    order = 35
    builds_on = ("enum", "wire-numbers")

    def cost(self, operation: Operation) -> int:
        return 2 + 10 * len(operation.fields)

    async def run(self, context: Context) -> Iterable[Observation]:
        out: list[Observation] = []
        shaped: list[FieldKey] = []
        free: list[FieldKey] = []
        for key in self._strings(context):
            if await self._documented_refused(context, key, out):
                shaped.append(key)
            elif _nonsense(context, key) == "refused":
                if await self._has_neighbours(context, key, out):
                    shaped.append(key)
            elif _is_free(context, key):
                free.append(key)
        for key in [*shaped, *await self._minds_odd(context, free)][:MAX_FIELDS]:
            learned = await self._learn(context, key, out)
            if learned and await self._goes_by_another(context, key, learned):
                # Not the field's own format: what is refused here passes beside another value.
                out = [o for o in out if o.subject != key]
                continue
            out += learned
        return out

    @staticmethod
    def _strings(context: Context) -> list[FieldKey]:
        found = []
        for key in context.with_items():
            value = edits.get(context.template, key)
            field = context.field(key)
            if not isinstance(value, str) or not value or context.is_bound(key):
                continue
            if any(o.subject == key and o.accepted and _as_number(o) for o in context.made):
                continue
            if key.place in (Place.HEADER, Place.COOKIE) or "{{" in value or len(value) > 200:
                continue
            schema = field.schema if field is not None else None
            if schema is not None and (schema.enum or schema.pattern or schema.format in _SETTLED):
                continue
            found.append(key)
        return found

    async def _documented_refused(
        self, context: Context, key: FieldKey, out: list[Observation]
    ) -> bool:
        """The witness isn't of the documented format: are values that are refused?"""
        fmt = _format(context, key)
        field = context.documented.field(key)
        witness = edits.get(context.template, key)
        if fmt is None or field is None or _fits(fmt, witness):
            return False
        rng = context.bench.rng("format", context.documented.id, key)
        value = Generator(rng, plain=True).value(field.schema, key.leaf)
        if not isinstance(value, str) or value == witness:
            return False
        seen = await context.lab.establish(_replacing(context, key, value, documented=True))
        out.append(seen)
        return seen.confirmed and refuses(seen)

    @staticmethod
    async def _has_neighbours(context: Context, key: FieldKey, out: list[Observation]) -> bool:
        """Whether two values of the very same shape are accepted: a format, not a set."""
        witness = edits.get(context.template, key)
        for value in neighbours(witness):
            seen = await context.lab.ask(_replacing(context, key, value))
            out.append(seen)
            if not seen.accepted and seen.rejection is not Rejection.CONFLICT:
                return False  # one that is taken is refused for that alone
        return bool(neighbours(witness))

    @staticmethod
    async def _minds_odd(context: Context, free: Sequence[FieldKey]) -> list[FieldKey]:
        """The free texts that refuse odd characters; one request where none does."""

        async def refused(group: Sequence[FieldKey]) -> bool:
            def change(call: Call) -> Call:
                for key in group:
                    call = edits.put(call, key, str(edits.get(call, key)) + _ODD)
                return call

            seen = await context.lab.ask(Ask(Kind.COMBINE, change, detail={"role": "odd"}))
            return refuses(seen) or crashed(seen)

        return await find_defectives(free, refused)

    async def _learn(
        self, context: Context, key: FieldKey, before: Sequence[Observation]
    ) -> list[Observation]:
        """The shape of a code, else the battery, then a second time what a pattern is to rest
        on; where there is none, the shape of what else it is: digits in a row, an amount."""
        witness = edits.get(context.template, key)
        if has_shape(witness) and (shape := await shaped(context, key, before)):
            return shape
        known = [
            o
            for o in [*context.made, *before]
            if o.kind is Kind.REPLACE
            and o.subject == key
            and isinstance(o.value, str)
            # A long row of zeros is refused for its length.
            and o.detail.get("role") != NUMBER_TEXT
        ]
        asked = {o.value for o in known}
        tests = dict.fromkeys([*battery(witness), *neighbours(witness)])
        values = [v for v in tests if v not in asked]
        asks = [_replacing(context, key, v) for v in values]
        seen = await context.lab.ask_many(asks)
        tried = [*known, *seen]
        good = [witness, *(o.value for o in tried if o.accepted)]
        bad = [o.value for o in tried if refuses(o)]
        if learn(good, bad) is None:
            extra = [_replacing(context, key, v) for v in _more(good, bad) if v not in asked]
            seen += await context.lab.ask_many(extra)
            tried = [*known, *seen]
            good = [witness, *(o.value for o in tried if o.accepted)]
            bad = [o.value for o in tried if refuses(o)]
            if learn(good, bad) is None:
                again = () if has_shape(witness) else await shaped(context, key, [*before, *seen])
                return [*seen, *again] if again else []
        return await self._confirmed(context, key, known, seen)

    @staticmethod
    async def _goes_by_another(
        context: Context, key: FieldKey, learned: Sequence[Observation]
    ) -> bool:
        """Whether a value that is refused passes once a field beside it has another value."""
        bad = [o.value for o in learned if refuses(o)]
        texts = [v for v in dict.fromkeys([*COMMON_TEXTS, *bad]) if isinstance(v, str)]
        for other in context.present():
            field = context.documented.fields.get(other)
            if other == key or other.place is not key.place or field is None:
                continue
            if context.is_bound(other) or not isinstance(edits.get(context.template, other), str):
                continue
            if other.parent is not None and not f"{key.name}.".startswith(other.parent.name):
                continue
            own = edits.get(context.template, other)
            known = [v for v in context.candidates.of(context.documented, field) if v != own]
            for value in known[:MAX_SIBLING_VALUES]:
                change = edits.putting(other, value)
                if (await context.lab.ask(Ask(Kind.COMBINE, change))).accepted:
                    continue
                for text in texts[:MAX_TEXTS]:
                    both = edits.chain(change, edits.putting(key, text))
                    if (await context.lab.ask(Ask(Kind.COMBINE, both))).accepted:
                        return True
        return False

    @staticmethod
    async def _confirmed(
        context: Context,
        key: FieldKey,
        known: Sequence[Observation],
        seen: Sequence[Observation],
    ) -> list[Observation]:
        enough = {True: 0, False: 0}
        for o in known:
            if o.confirmed and o.detail.get("role") in (ROLE, "nonsense", "shaped"):
                enough[o.accepted] += o.accepted or refuses(o)
        # The nearest to the witness first: they say the most.
        witness = str(edits.get(context.template, key))
        unique = key in context.lab.varied
        order = sorted(seen, key=lambda o: abs(len(str(o.value)) - len(witness)))
        out: list[Observation] = []
        fresh = [*order, *(o for o in known if o.detail.get("role") == ROLE and not o.confirmed)]
        for o in fresh:
            wanted = 1 if o.accepted else 2
            if (o.accepted or refuses(o)) and enough[o.accepted] < wanted:
                if o.accepted and unique:
                    o = beside(o, seen)
                else:
                    o = await context.lab.confirm(_replacing(context, key, o.value), o)
                enough[o.accepted] += o.confirmed
                if o.surely_accepted:
                    # Another value of the pattern passes: it is no closed set.
                    o = replace(o, detail={**o.detail, "role": "shaped"})
            out.append(o)
        return out


def _replacing(context: Context, key: FieldKey, value: Any, documented: bool = False) -> Ask:
    detail = {"role": ROLE, "witness": edits.get(context.template, key)}
    if documented:
        detail["documented"] = True
    return Ask(Kind.REPLACE, edits.putting(key, value), key, value, detail)


def _more(good: Sequence[str], bad: Sequence[str]) -> list[str]:
    """A second value with each odd character that was refused where one alone was."""
    out = []
    for mark in SPECIAL:
        if not any(mark in v for v in good) and sum(mark in v for v in bad) == 1:
            out.append(f"kv{mark}rt")
    return out


def _nonsense(context: Context, key: FieldKey) -> str:
    """What became of nonsense in the field: "refused" (twice), "" where it isn't known."""
    refused = {
        str(o.value)
        for o in context.made
        if o.kind is Kind.REPLACE
        and o.subject == key
        and o.detail.get("role") == "nonsense"
        and refuses(o)
        and o.confirmed
    }
    return "refused" if len(refused) >= 2 else ""


def _format(context: Context, key: FieldKey) -> str | None:
    field = context.documented.field(key)
    fmt = field.schema.format if field is not None else None
    return fmt if fmt in _FORMATS else None


def _fits(fmt: str, value: str) -> bool:
    """Whether a value is of a documented format; where that can't be told, yes."""
    fmt = {"url": "uri", "guid": "uuid"}.get(fmt, fmt)
    patterns = [p for p in NAMED if p.format == fmt]
    return not patterns or any(p.matches(value) for p in patterns)


def _plain(value: Any) -> bool:
    """Free text: no shape of its own that an appendix would break."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w .,!?'-]*", value) is not None


def _as_number(seen: Observation) -> bool:
    """Whether a text was taken for the number that it is."""
    return seen.confirmed and seen.detail.get("role") == NUMBER_TEXT


def _is_free(context: Context, key: FieldKey) -> bool:
    """Whether nothing documents a format, and the value shows none."""
    return _plain(edits.get(context.template, key)) and _format(context, key) is None
