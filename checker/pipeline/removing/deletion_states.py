"""In which states things can be deleted, told by what the clean-up deletes and can't. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import OperationId
from checker.pipeline.removing.deletion_tokens import TWICE, Credential
from checker.planning.answered import status_of
from checker.safety.things import Thing

MOST_READ = 12
"""So many things of an operation are read before they are deleted, while anything is open."""
LEFT = "left"
"""Role: the clean-up has deleted things in one state and couldn't in another."""


@dataclass(slots=True)
class StateTrials:
    """What became of the things of one operation that deletes, by the state that they were in."""

    operation: OperationId
    read: int = 0
    """How many things were read before they were deleted."""
    told: bool = False
    _deleted: dict[str, list[Evidence]] = field(default_factory=dict)
    _left: dict[str, list[Evidence]] = field(default_factory=dict)
    _rejection: Rejection | None = None
    _takers: set[Credential] = field(default_factory=set)
    """The credentials with which something was deleted."""

    def wants_before(self) -> bool:
        """Whether another thing should be read before it is deleted."""
        return not self.told and self.read < MOST_READ and not _often(self._deleted)

    def wants_left(self) -> bool:
        """Whether another thing that couldn't be deleted is of interest."""
        return not self.told and not _often(self._left)

    def deleted(self, before: Exchange, exchange: Exchange) -> None:
        """A thing was deleted that was read before."""
        self._takers.add(exchange.request.token)
        shown, control = _read(before), Evidence("control", exchange, Verdict.ACCEPTED)
        self._noted(self._deleted, before, (shown, control))

    def left(self, exchange: Exchange, rejection: Rejection, reading: Exchange) -> None:
        """A thing couldn't be deleted that was read before or after that."""
        self._rejection = rejection
        probe = Evidence("probe", exchange, Verdict.REJECTED)
        self._noted(self._left, reading, (_read(reading), probe))

    @staticmethod
    def _noted(
        where: dict[str, list[Evidence]], reading: Exchange, evidence: tuple[Evidence, ...]
    ) -> None:
        state = status_of(reading.response.body) if reading.response is not None else None
        if state is not None:
            where.setdefault(state, []).extend(evidence)

    def news(self, maker: OperationId) -> Observation | None:
        """What is known by now and wasn't before: a state in which things are deleted, and one in
        which they aren't, with the same credential; `maker` is what makes them."""
        works, fails = _often(self._deleted), _often(self._left)
        if self.told or not works or not fails or self._deleted.keys() & self._left.keys():
            return None
        probes = [e for e in self._left[fails] if e.role == "probe"]
        if not all(e.exchange.request.token in self._takers for e in probes):
            return None
        self.told = True
        return Observation(
            self.operation,
            Kind.STATE,
            Verdict.REJECTED,
            rejection=self._rejection,
            confirmed=True,
            evidence=(*self._deleted[works], *self._left[fails]),
            detail={
                "role": LEFT,
                "states": [works, fails],
                "endpoint": str(self.operation),
                "acts_on_endpoint": str(maker),
            },
        )


def _read(exchange: Exchange) -> Evidence:
    return Evidence("readback", exchange, Verdict.ACCEPTED)


def _often(seen: dict[str, list[Evidence]]) -> str:
    """A state in which it was seen often enough; empty without."""
    return next((state for state, row in seen.items() if len(row) >= 2 * TWICE), "")


def is_referred_to(thing: Thing, others: Iterable[Thing]) -> bool:
    """Whether another own thing that is still there refers to a thing, or stands in it: then it may
    be that which keeps it."""
    for other in others:
        if other is thing or other.gone:
            continue
        named = {name for _, name in other.refs} | set(other.given.values())
        inside = set(other.collection.strip("/").split("/"))
        if thing.names.keys() & (named | inside):
            return True
    return False
