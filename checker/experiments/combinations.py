"""Questions about several fields at once, each asked once, and proofs made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey
from checker.experiments.base import Context, about_field
from checker.inference.dependencies import ROLE, key_of
from checker.planning import edits
from checker.probing.asks import Ask

TURNS = 3
Values = Mapping[FieldKey, Any]


def within(key: FieldKey, other: FieldKey) -> bool:
    """Whether a field is another one or lies in it."""
    at: FieldKey | None = key
    while at is not None and at != other:
        at = at.parent
    return at is not None


def related(key: FieldKey, other: FieldKey) -> bool:
    """Whether one of two fields lies in the other."""
    return within(key, other) or within(other, key)


class Spent(Exception):
    """The questions that an operation is worth are used up."""


@dataclass(frozen=True, slots=True)
class Combination:
    """The witness without some fields and with others set; `text` is its identity."""

    without: tuple[FieldKey, ...]
    values: tuple[tuple[FieldKey, Any], ...] = ()

    @classmethod
    def of(cls, without: Iterable[FieldKey], values: Values | None = None) -> Combination:
        pairs = sorted((values or {}).items(), key=lambda p: p[0])
        return cls(tuple(sorted(set(without))), tuple(pairs))

    @property
    def text(self) -> str:
        return repr((self.without, self.values))

    @property
    def coherent(self) -> bool:
        """Whether no value stands in an object that is taken out."""
        return not any(within(k, gone) for k, _ in self.values for gone in self.without)

    def shown(self) -> dict[str, Any]:
        """For an observation's detail."""
        return {
            "without": [str(k) for k in self.without],
            "with": {str(k): v for k, v in self.values},
        }

    def ask(self) -> Ask:
        change = edits.chain(
            edits.removing(*self.without), *(edits.putting(k, v) for k, v in self.values)
        )
        return Ask(Kind.COMBINE, change, detail={"role": "combination", **self.shown()})


@dataclass(slots=True)
class Combinations:
    """Asks about combinations; what the operation's observations answer isn't asked again."""

    context: Context
    limit: int = 90
    asked: int = 0
    _known: dict[str, Observation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known[Combination.of(()).text] = Observation(
            self.context.documented.id, Kind.COMBINE, Verdict.ACCEPTED, confirmed=True
        )
        for seen in self.context.made:
            combination = _combination_of(seen)
            if combination is not None and (seen.accepted or about_field(seen)):
                known = self._known.get(combination.text)
                if known is None or (seen.confirmed and not known.confirmed):
                    self._known[combination.text] = seen

    async def _answer(self, combination: Combination) -> Observation:
        seen = self._known.get(combination.text)
        if seen is None and not combination.coherent:
            seen = Observation(self.context.documented.id, Kind.COMBINE, Verdict.INCONCLUSIVE)
        elif seen is None:
            if self.asked >= self.limit or self.context.lab.broken:
                raise Spent
            self.asked += 1
            seen = await self.context.lab.ask(combination.ask())
            self._known[combination.text] = seen
        return seen

    async def beforehand(self, combinations: Sequence[Combination]) -> None:
        """Ask those that aren't known together: they share their controls."""
        open_ = [c for c in combinations if c.text not in self._known and c.coherent]
        if self.asked + len(open_) > self.limit or self.context.lab.broken:
            raise Spent
        self.asked += len(open_)
        seen = await self.context.lab.ask_many([c.ask() for c in open_])
        self._known |= dict(zip([c.text for c in open_], seen, strict=True))

    async def accepts(self, without: Iterable[FieldKey], values: Values | None = None) -> bool:
        """Whether the witness without the fields and with the values is accepted."""
        return (await self._answer(Combination.of(without, values))).accepted

    async def rejects(self, without: Iterable[FieldKey], values: Values | None = None) -> bool:
        """Whether it is refused in a way that can be the fields' fault."""
        return about_field(await self._answer(Combination.of(without, values)))

    async def proof(
        self,
        kind: str,
        fields: Sequence[FieldKey],
        accepted: Sequence[Combination],
        rejected: Sequence[Combination],
        when: Values | None = None,
        role: str = ROLE,
    ) -> Observation | None:
        """Every combination twice, then all of them by turns; None where one doesn't hold."""
        evidence: list[Evidence] = []
        for wanted, group in ((False, rejected), (True, accepted)):
            for combination in group:
                if not combination.without and not combination.values:
                    continue  # the control itself
                seen = await self._answer(combination)
                if not seen.confirmed:
                    seen = await self.context.lab.confirm(combination.ask(), seen)
                    self._known[combination.text] = seen
                if not seen.confirmed or seen.accepted is not wanted:
                    return None
                if not wanted and not about_field(seen):
                    return None
                evidence += [e for e in seen.evidence if e not in evidence]
        if not await self._by_turns([*rejected, *accepted]):
            return None
        last = await self._answer(rejected[0])
        return replace(
            last,
            kind=Kind.COMBINE,
            subject=fields[0],
            confirmed=True,
            evidence=_telling(evidence),
            detail={
                "role": role,
                "kind": kind,
                "fields": [str(k) for k in fields],
                "when": {str(k): v for k, v in when.items()} if when else None,
                "accepted": [c.shown() for c in accepted],
                "rejected": [c.shown() for c in rejected],
            },
        )

    async def _by_turns(self, combinations: Sequence[Combination]) -> bool:
        """Whether all answers hold when they are asked for one after the other, more than once:
        two versions behind one address differ as dependent fields do, if only now and then."""
        asked = [c for c in combinations if c.without or c.values]
        for _ in range(TURNS):
            firsts = [(c.ask(), replace(self._known[c.text], confirmed=False)) for c in asked]
            if not all(seen.confirmed for seen in await self.context.lab.confirm_many(firsts)):
                return False
        return True


def _combination_of(seen: Observation) -> Combination | None:
    """What a removal, a replacement or an addition asked about."""
    if seen.kind is Kind.REMOVE:
        keys = [seen.subject] if seen.subject else map(key_of, seen.detail.get("removed", ()))
        made = Combination.of(keys)
        return made if made.without else None
    if seen.kind in (Kind.REPLACE, Kind.ADD) and seen.subject is not None:
        return Combination.of((), {seen.subject: seen.value})
    if seen.kind is Kind.COMBINE and seen.detail.get("role") == "combination":
        values = {key_of(k): v for k, v in seen.detail["with"].items()}
        return Combination.of(map(key_of, seen.detail["without"]), values)
    return None


def _telling(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """A control, then the probes with one of each verdict first."""
    controls = [e for e in evidence if e.role == "control"]
    probes = [e for e in evidence if e.role != "control"]
    refused = [e for e in probes if e.verdict is Verdict.REJECTED]
    taken = [e for e in probes if e.verdict is Verdict.ACCEPTED]
    head = [*controls[:1], *refused[:1], *controls[1:2], *taken[:1]]
    return (*head, *refused[1:], *taken[1:], *controls[2:])
