"""Which fields depend on each other? Two contexts: the fullest witness and the smallest.

Fields that can go together may still need one another while some of them are there. Removal
sets from the bits of their indices put every ordered pair (one there, the other not) into one
of 2·⌈log2 n⌉ requests; all accepted means that there is no such pair. A refused one is
searched for the field that is missed and for what misses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from checker.domain.numbers import is_number
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey, Operation
from checker.experiments.additions import conflicts, substitutes
from checker.experiments.base import Context, Experiment, outermost
from checker.experiments.combinations import Combination, Combinations, Spent
from checker.experiments.triggers import alternatives, by_value, chosen_by, refused_values
from checker.inference.dependencies import bit_sets, minimal
from checker.planning import edits

MAX_GROUPS = 6
MAX_FOUND = 4


class Dependencies(Experiment):
    """Removals in two contexts, additions of conflicting fields, values that need a field."""

    id = "dependencies"
    order = 26
    builds_on = ("required", "absent", "enum")

    def cost(self, operation: Operation) -> int:
        optional = sum(not f.required for f in operation.fields.values())
        return 0 if optional < 2 else 6 + 6 * optional.bit_length()

    async def run(self, context: Context) -> Iterable[Observation]:
        optional = optional_fields(context)
        if not _worth_it(context, optional):
            return []
        work = _Work(context)
        try:
            for number, group in enumerate(_groups(optional)):
                await work.group(group, root=number == 0)
        except Spent:
            pass
        return work.found


def _worth_it(context: Context, optional: Sequence[FieldKey]) -> bool:
    """Whether fields can depend on each other here, as far as is known: several may be left out,
    a value may decide about one, or one can't go that nothing documents as required."""
    if len(optional) + len(context.conflicting) > 1 or (optional and chosen_by(context)):
        return True
    if any(refused_values(context, k) for k in context.present()):
        return True
    removals = (o for o in context.made if o.kind is Kind.REMOVE)
    return any(o.subject in optional and o.surely_refused for o in removals)


def optional_fields(context: Context) -> list[FieldKey]:
    """Fields of the witness that aren't documented as required, or that it can do without."""
    spared = {o.subject for o in context.made if o.kind is Kind.REMOVE and o.accepted}
    documented = context.documented.fields
    return [
        k
        for k in context.present()
        if k in spared or not (k in documented and documented[k].required)
    ]


def _groups(optional: Sequence[FieldKey]) -> list[list[FieldKey]]:
    """Fields that stand side by side: the outermost, then the members of each object."""
    top = list(outermost(optional))
    groups, rest = [top], [k for k in optional if k not in top]
    while rest and len(groups) < MAX_GROUPS:
        level = list(outermost(rest))
        parents = dict.fromkeys(k.parent for k in level)
        groups += [[k for k in level if k.parent == p] for p in parents]
        rest = [k for k in rest if k not in level]
    return groups[:1] + [g for g in groups[1:] if len(g) > 1][: MAX_GROUPS - 1]


class _Work:
    """The search in one operation; `found` are the proofs."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ask = Combinations(context)
        self.found: list[Observation] = []
        self.needs: dict[FieldKey, set[FieldKey]] = {}
        """What has to go when a field goes."""

    def keep(self, proof: Observation | None) -> bool:
        if proof is not None:
            self.found.append(proof)
        return proof is not None

    async def group(self, group: Sequence[FieldKey], *, root: bool) -> None:
        ask = self.ask
        culprits = [k for k in group if await self._single(k)]
        free = await self._jointly_free([k for k in group if k not in culprits], culprits)
        needed = await self._conditional(culprits, free)
        if not self.context.explaining:
            await self._pairs(free)  # each of these can go alone: nothing of them wants a cause
        if root:
            spared = [*free, *(c for c in culprits if c not in needed)]
            for proof in await conflicts(self.context, ask, spared):
                self.keep(proof)
            for proof in await substitutes(self.context, ask, needed):
                self.keep(proof)
            for proof in await by_value(self.context, ask, free, needed):
                self.keep(proof)

    async def _single(self, key: FieldKey) -> bool:
        """Whether removing the field alone is known to be refused."""
        known = any(
            o.surely_refused and o.subject == key
            for o in self.context.made
            if o.kind is Kind.REMOVE
        )
        return known and await self.ask.rejects([key])

    async def _jointly_free(
        self, free: Sequence[FieldKey], culprits: list[FieldKey]
    ) -> list[FieldKey]:
        """The fields that can all go at once; what keeps some from going is reported."""
        free = list(free)
        for _ in range(MAX_FOUND):
            if not free or not await self.ask.rejects(free):
                break
            least = await minimal(free, self.ask.rejects)
            if len(least) == 1:
                culprits += least
            else:
                await self._explain(least, free)
            free.remove(least[-1])
        return free if not free or await self.ask.accepts(free) else []

    async def _conditional(
        self, culprits: Sequence[FieldKey], free: Sequence[FieldKey]
    ) -> list[FieldKey]:
        """The fields that are needed in every context; what needs the others is reported."""
        ask = self.ask
        if not culprits:
            return []
        if len(culprits) > 1 and await ask.accepts(culprits):
            await self._all_or_none(culprits)
            return []
        paired: list[FieldKey] = []
        pairs = _likely_pairs(culprits)
        await ask.beforehand([Combination.of(pair) for pair in pairs])
        for one, other in pairs:
            if one not in paired and other not in paired and await ask.accepts([one, other]):
                paired += [one, other]
                await self._all_or_none([one, other])
        single = [c for c in culprits if c not in paired]
        if not free or not single:
            return single
        conditional = []
        if await ask.accepts([*free, *single]):
            conditional = single
        elif len(single) > 1:
            await ask.beforehand([Combination.of([*free, c]) for c in single])
            conditional = [c for c in single if await ask.accepts([*free, c])]
        for key in conditional:
            await self._explain([key], free)
        return [c for c in single if c not in conditional]

    async def _all_or_none(self, fields: Sequence[FieldKey]) -> None:
        singles = [Combination.of([k]) for k in fields]
        self.keep(await self.ask.proof("all-or-none", fields, [Combination.of(fields)], singles))

    async def _pairs(self, free: Sequence[FieldKey]) -> None:
        """Every ordered pair of fields: one there, the other not."""
        left = {absent: {k for k in free if k != absent} for absent in free}
        """Of each field that may be absent those that were not yet seen there without it."""
        queue = bit_sets(free)
        extra = 6
        while queue or (extra and any(left.values())):
            if queue:
                wanted = queue.pop(0)
            else:
                # What known dependencies kept out of the bit sets, one absent field at a time.
                extra -= 1
                wanted = [min(absent for absent, there in left.items() if there)]
                left[wanted[0]].clear()
            removed = self._closed(wanted, free)
            while 0 < len(removed) < len(free) and await self.ask.rejects(removed):
                least = await minimal(removed, self.ask.rejects)
                if len(self.found) > 3 * MAX_FOUND or not await self._explain(least, free):
                    break
                again = self._closed(wanted, free)
                if again == removed:
                    break
                removed = again
            else:
                for absent in removed:
                    left[absent].intersection_update(removed)
            for absent, there in left.items():
                there.difference_update(self.needs.get(absent, ()))

    def _closed(self, wanted: Iterable[FieldKey], free: Sequence[FieldKey]) -> list[FieldKey]:
        gone = set(wanted)
        while more := {n for k in gone for n in self.needs.get(k, ())} - gone:
            gone |= more
        return [k for k in free if k in gone]

    async def _explain(self, least: Sequence[FieldKey], free: Sequence[FieldKey]) -> bool:
        """Why can't the fields of `least` go (each of them alone may)? True where proved."""
        ask = self.ask
        others = [k for k in free if k not in least]

        async def heals(part: Sequence[FieldKey]) -> bool:
            return await ask.accepts([*least, *part])

        singles = [Combination.of([k for k in least if k != kept]) for kept in least]
        if not others or not await heals(others):
            if len(least) < 2:
                return False
            proof = await ask.proof("or", least, singles, [Combination.of(least)])
            return self.keep(proof)
        causes = await minimal(others, heals)
        if len(least) > 1:
            gone = Combination.of([*least, *causes])
            when: dict[FieldKey, Any] = dict.fromkeys(causes, "present")
            proof = await ask.proof("or", least, [*singles, gone], [Combination.of(least)], when)
            return self.keep(proof)
        return await self._explain_one(least[0], causes)

    async def _explain_one(self, missed: FieldKey, causes: Sequence[FieldKey]) -> bool:
        """Why can't a field go unless `causes` go, too? True where proved."""
        self.needs.setdefault(missed, set()).update(causes)
        gone = Combination.of([missed, *causes])
        back = [c for c in causes if await self.ask.rejects([c])]
        if len(back) == len(causes) and (len(causes) == 1 or await self.ask.rejects(causes)):
            return await self._united([missed, *causes], gone)
        proved = False
        for cause in causes:
            proved |= await self._requires(cause, missed, gone)
        return proved

    async def _united(self, fields: Sequence[FieldKey], gone: Combination) -> bool:
        singles = [Combination.of([k]) for k in fields]
        for key in fields:
            self.needs.setdefault(key, set()).update(f for f in fields if f != key)
        return self.keep(await self.ask.proof("all-or-none", fields, [gone], singles))

    async def _requires(self, cause: FieldKey, missed: FieldKey, gone: Combination) -> bool:
        """`missed` is needed while `cause` is there: for any value of it, or for this one?"""
        ask = self.ask
        rejected = Combination.of([k for k in gone.without if k != cause])
        if not await ask.accepts([k for k in rejected.without if k != missed]):
            return False  # refused for want of another field, which `cause` needs itself
        own_value = edits.get(self.context.template, cause)
        for value in [*alternatives(self.context, cause)[:3], *_other_moments(own_value)]:
            without = [k for k in gone.without if k != cause]
            if await ask.accepts(without, {cause: value}):
                if not _enumerable(self.context, cause):
                    return False  # it goes by the value, and not by single ones
                own = {cause: edits.get(self.context.template, cause)}
                accepted = [gone, Combination.of(without, {cause: value})]
                proof = await ask.proof(
                    "required-for-value", [missed, cause], accepted, [rejected], own
                )
                return self.keep(proof)
        return self.keep(await ask.proof("requires", [cause, missed], [gone], [rejected]))


def _enumerable(context: Context, key: FieldKey) -> bool:
    """Whether a field's values are few, so that one of them can be a condition."""
    value = edits.get(context.template, key)
    if is_number(value):
        field = context.field(key)
        return bool(field is not None and field.schema.enum)
    return not _other_moments(value)


def _other_moments(value: Any) -> list[str]:
    """An earlier moment of the same form: what is refused may be the order of two dates."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return ["2001" + value[4:]]
    return []


def _likely_pairs(fields: Sequence[FieldKey]) -> list[tuple[FieldKey, FieldKey]]:
    """All pairs of a few fields; of many, those whose names share a part, eight at most."""
    pairs = [(a, b) for n, a in enumerate(fields) for b in fields[n + 1 :]]
    if len(fields) <= 4:
        return pairs
    return [(a, b) for a, b in pairs if _words(a) & _words(b)][:8]


def _words(key: FieldKey) -> set[str]:
    text = "".join(f"_{c.lower()}" if c.isupper() else c for c in key.leaf)
    return {w for w in text.replace("-", "_").split("_") if len(w) > 1}
