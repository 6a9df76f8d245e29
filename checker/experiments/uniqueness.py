"""Must a value, or a combination of values, be unique?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from checker.domain.exchange import Call
from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Place
from checker.domain.templates import variables_in
from checker.experiments.base import Context, Experiment, about_field
from checker.experiments.items import acted_on, made_nothing
from checker.planning import edits
from checker.probing.asks import Ask
from checker.probing.bench import LabBroken
from checker.probing.supply import Level

MAX_CLOSED = 3


class Uniqueness(Experiment):
    """An accepted request sent again; where refused, which changed field lets it pass.

    The fields are compared with those of a fresh witness: each taken over alone, then all but
    each. Alone enough and single: unique. Several, each enough: their combination. None alone
    enough: each that all-but-it leaves refused.
    """

    id = "unique"
    order = 45
    builds_on = ("absent",)
    writes_only = True

    async def run(self, context: Context) -> Iterable[Observation]:
        if context.lab.level is Level.SAME or context.lab.level_reason is None:
            return []
        return await self.examined(context)

    async def examined(self, context: Context) -> list[Observation]:
        """What a request sent again with the values of the one before says, whatever it was that
        told that they have to change."""
        lab = context.lab
        try:
            used, taken, verdict, _ = await lab.sent()
            if verdict is not Verdict.ACCEPTED:
                await lab.control()  # there may be as many as there may be: it makes room
                used, taken, verdict, _ = await lab.sent()
            if verdict is not Verdict.ACCEPTED:
                return []
            held = Ask(Kind.RESEND, lambda _: used, detail={"fields": [], "mode": "same"})
            again = await lab.establish(held)
            if not (about_field(again) and again.confirmed):
                return [again]
            other = await lab.fresh()
        except LabBroken:
            return []
        changed = [
            k
            for k in edits.present_fields(used)
            if k.place is not Place.HEADER
            and edits.get(used, k) != edits.get(other, k)
            and edits.is_plain(edits.get(used, k))
        ]
        if not changed or len(changed) > 12:
            return [again]
        alone = await self._enough(context, used, [[k] for k in changed])
        if alone:
            alone += await self._closed(context, used, alone)
        if len(alone) == 1:
            fields, mode = alone, "single"
        elif alone:
            fields, mode = alone, "combination"
        else:
            fields = await self._needed(context, used, changed)
            mode = "each"
        told = [k for k in fields if not isinstance(edits.get(used, k), list)]
        if not told or any(k.place is Place.PATH for k in fields):
            # The resource in the path can take this once: its state, not a value.
            return [again]
        if mode != "each" and told != fields:
            return [again]  # what a list may not hold twice is no value of a field
        if mode == "single" and context.is_bound(fields[0]):
            named = edits.get(used, fields[0])
            if made_nothing(taken, named) or await self._is_item(context, fields[0]):
                return [again]
        detail = {"fields": [str(k) for k in told], "mode": mode}
        proof = await self._proof(context, used, fields if mode == "each" else fields[:1])
        if proof is None:
            return [again]
        return [
            replace(
                again,
                subject=told[0],
                detail={**detail, "keys": told},
                evidence=again.evidence + proof.evidence,
            )
        ]

    @staticmethod
    async def _is_item(context: Context, key: FieldKey) -> bool:
        """Whether the value names the item that the request acts on: that is its state."""
        origin = await acted_on(context)
        names = variables_in(edits.get(context.template, key))
        return origin is not None and bool(names & set(origin.extract))

    @staticmethod
    async def _closed(context: Context, used: Call, alone: list[FieldKey]) -> list[FieldKey]:
        """Fields with a closed set of values that let the used request pass, too: they are the
        same in every fresh witness, and part of the combination."""
        found: list[FieldKey] = []
        for key in edits.present_fields(used):
            field = context.field(key)
            if key in alone or field is None or key.place is not Place.BODY or key.parent:
                continue
            others = [v for v in field.schema.enumerated if v not in (None, edits.get(used, key))]
            if others and len(found) < MAX_CLOSED:
                call = edits.put(used, key, others[0])
                ask = Ask(Kind.RESEND, _constant(call), detail={"fields": [str(key)]})
                if (await context.lab.ask(ask)).accepted:
                    found.append(key)
        return found

    async def _enough(
        self, context: Context, used: Call, groups: Sequence[Sequence[FieldKey]]
    ) -> list[FieldKey]:
        """The first fields of the groups that let the used request pass, taken from a fresh one."""
        seen = await context.lab.ask_many([_taking(used, group) for group in groups])
        return [group[0] for group, one in zip(groups, seen, strict=True) if one.accepted]

    @staticmethod
    async def _needed(context: Context, used: Call, changed: Sequence[FieldKey]) -> list[FieldKey]:
        """The fields without which it is refused, for sure, though all others are fresh."""
        asks = [_taking(used, [c for c in changed if c != k]) for k in changed]
        seen = await context.lab.ask_many(asks)
        refused = [(ask, one) for ask, one in zip(asks, seen, strict=True) if about_field(one)]
        again = iter(await context.lab.confirm_many(refused))
        sure = [about_field(one) and next(again).confirmed for one in seen]
        return [k for k, is_sure in zip(changed, sure, strict=True) if is_sure]

    @staticmethod
    async def _proof(context: Context, used: Call, keys: list[FieldKey]) -> Observation | None:
        """The used request with some fields taken from a fresh witness, if it is accepted."""
        seen = await context.lab.ask(_taking(used, keys))
        return seen if seen.accepted else None


def _taking(used: Call, keys: Sequence[FieldKey]) -> Ask:
    """Whether the used request passes with some fields taken from a fresh witness."""

    def edit(fresh: Call) -> Call:
        call = used
        for key in keys:
            call = edits.put(call, key, edits.get(fresh, key))
        return call

    return Ask(Kind.RESEND, edit, detail={"fields": list(map(str, keys))})


def _constant(call: Call) -> edits.Edit:
    return lambda _: call
