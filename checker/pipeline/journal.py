"""What the run of one target has seen and made, by operation, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from checker.domain.exchange import Exchange
from checker.domain.finding import Verdict
from checker.domain.observation import Observation, ObservedContract, OperationOutcome
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.pipeline.selection import Selection
from checker.planning.recipe import find_operation
from checker.probing.oracle import Oracle
from checker.probing.pacing import Tally
from checker.probing.trial import Witness


@dataclass(slots=True)
class LiveResult:
    """What a target's run observed. `error` is why it ended early, empty where it didn't."""

    observed: dict[OperationId, ObservedContract] = field(default_factory=dict)
    outcomes: dict[OperationId, OperationOutcome] = field(default_factory=dict)
    requests: int = 0
    error: str = ""
    exit_status: int = 0
    status: str = "complete"
    secrets: frozenset[str] = frozenset()
    cleanup: tuple[str, ...] = ()
    token_types: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    witnesses: dict[OperationId, Witness] = field(default_factory=dict)


class Journal:
    """Sorts what happens on the wire by operation; `made` are the experiments' observations."""

    def __init__(self, selection: Selection) -> None:
        checked = (*selection.current, *selection.recorded, *selection.dropped)
        self._operations = tuple(dict.fromkeys(o.id for o in checked))
        self._tallies: dict[OperationId, Tally] = {}
        self.seen: dict[OperationId, list[tuple[Exchange, Verdict]]] = {}
        self.made: dict[OperationId, list[Observation]] = {}

    def observe(self, exchange: Exchange) -> None:
        """Keep an exchange with the operation that it belongs to, if there is one."""
        request = exchange.request
        if request.purpose == "clean-up" and request.method in SAFE_METHODS:
            return  # whether an earlier run's things are there is no question about the operation
        operation = request.operation or find_operation(
            request.method, request.url_path, self._operations
        )
        if operation is not None and operation in self._operations:
            verdict, _ = Oracle().judge_exchange(exchange)
            self.seen.setdefault(operation, []).append((exchange, verdict))

    def add(self, operation: OperationId, observation: Observation) -> None:
        """Keep an observation that no experiment made."""
        self.made.setdefault(operation, []).append(observation)

    def tally(self, operation: OperationId) -> Tally:
        """Counts the operation's requests."""
        return self._tallies.setdefault(operation, Tally())

    @property
    def confirmed(self) -> int:
        """How many observations are confirmed by now."""
        return sum(o.confirmed for made in self.made.values() for o in made)

    def observed(self) -> dict[OperationId, ObservedContract]:
        """The observed contracts of all operations about which something was seen."""
        found: dict[OperationId, ObservedContract] = {}
        for operation in self._operations:
            made, seen = self.made.get(operation, ()), self.seen.get(operation, ())
            if made or seen:
                found[operation] = ObservedContract(operation, tuple(made), tuple(seen))
        return found


def statuses_once(
    seen: Sequence[tuple[Exchange, Verdict]],
) -> list[tuple[int, Exchange]]:
    """The statuses that came with one answer only, and that exchange; lowest first."""
    by_status: dict[int, list[Exchange]] = {}
    for exchange, _ in seen:
        if exchange.response is not None:
            by_status.setdefault(exchange.response.status, []).append(exchange)
    return [(status, same[0]) for status, same in sorted(by_status.items()) if len(same) == 1]
