"""What the run of one target has seen and made, by operation, and its result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from checker.domain.exchange import Exchange
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.observation import (
    Kind,
    Observation,
    ObservedContract,
    OperationOutcome,
    Rejection,
)
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.pipeline.choosing.selection import Selection
from checker.probing.answer_shape import led_to
from checker.probing.controls import Controls
from checker.probing.judge import Judge
from checker.probing.pacing import Tally
from checker.probing.trial import Witness
from checker.questions.ledger import Ledger


@dataclass(slots=True)
class LiveResult:
    """What a target's run observed. `error` is why it ended early, empty where it didn't."""

    observed: dict[OperationId, ObservedContract] = field(default_factory=dict)
    outcomes: dict[OperationId, OperationOutcome] = field(default_factory=dict)
    requests: int = 0
    error: str = ""
    exit_status: int = 0
    status: str = "complete"
    cleanup: tuple[str, ...] = ()
    token_types: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    witnesses: dict[OperationId, Witness] = field(default_factory=dict)
    ledgers: dict[OperationId, Ledger] = field(default_factory=dict)
    """What became of the questions to each operation."""
    further: dict[OperationId, list[Observation]] = field(default_factory=dict)
    """What was observed of fields that no document has as they were found."""


class Journal:
    """Sorts what happens on the wire by operation; `made` are the experiments' observations.

    `judge` gives each exchange its verdict.
    """

    def __init__(self, selection: Selection, judge: Judge) -> None:
        checked = (*selection.current, *selection.recorded, *selection.dropped)
        self._operations = dict.fromkeys(o.id for o in checked)
        self._judge = judge
        self._tallies: dict[OperationId, Tally] = {}
        self.seen: dict[OperationId, list[Judged]] = {}
        self.made: dict[OperationId, list[Observation]] = {}
        self.done: dict[OperationId, set[str]] = {}
        """The experiments that came to their end."""
        self.further: dict[OperationId, list[Observation]] = {}
        """What was observed of fields that no document has as they were found."""
        self.controls: dict[OperationId, Controls] = {}

    def observe(self, exchange: Exchange) -> None:
        """Keep an exchange with the operation that it belongs to, if there is one."""
        request = exchange.request
        if request.purpose == "clean-up" and request.method in SAFE_METHODS:
            return  # whether an earlier run's things are there is no question about the operation
        operation = self._judge.operation_of(request)
        if operation is not None and operation in self._operations:
            self.seen.setdefault(operation, []).append(self._judge.judged(exchange))

    def judge_again(self) -> None:
        """Give every exchange the verdict that all the target taught gives it: once, at the end.

        An observation that rests on a verdict which doesn't hold any more is inconclusive.
        """
        self._judge_again(self.seen.values(), self._all_made())

    def _judge_again(
        self, all_seen: Collection[list[Judged]], all_made: Iterable[list[Observation]]
    ) -> None:
        changed: dict[int, Verdict] = {}
        for own in all_seen:
            for place, judged in enumerate(own):
                own[place] = self._judge.judged(judged.exchange)
                if own[place].verdict is not judged.verdict:
                    changed[judged.exchange.number] = judged.verdict
        for made in all_made:
            made[:] = [_doubted(o) if _rests_on(o, changed) else o for o in made]

    def _all_made(self) -> list[list[Observation]]:
        return [*self.made.values(), *self.further.values()]

    def add(self, operation: OperationId, observation: Observation) -> None:
        """Keep an observation that no experiment made."""
        self.made.setdefault(operation, []).append(observation)

    def has_accepted(self, operation: OperationId) -> bool:
        """Whether one of the operation's requests was accepted."""
        return any(j.verdict is Verdict.ACCEPTED for j in self.seen.get(operation, ()))

    def forget(self, spoiled: Callable[[Exchange], bool]) -> frozenset[OperationId]:
        """Drop exchanges, and the observations that rest on one of them; the operations that
        lost any."""
        lost: set[OperationId] = set()
        for operation, seen in self.seen.items():
            kept = [j for j in seen if not spoiled(j.exchange)]
            if len(kept) < len(seen):
                lost.add(operation)
                self.done.get(operation, set()).clear()
            seen[:] = kept
        for made in self._all_made():
            made[:] = [o for o in made if not any(spoiled(e.exchange) for e in o.evidence)]
        return frozenset(lost)

    def accepted_by(self, operation: OperationId) -> list[Exchange]:
        """The accepted exchanges with an operation, the oldest first."""
        seen = self.seen.get(operation, ())
        return [j.exchange for j in seen if j.verdict is Verdict.ACCEPTED]

    def tally(self, operation: OperationId) -> Tally:
        """Counts the operation's requests."""
        return self._tallies.setdefault(operation, Tally())

    def failing(self) -> str:
        """How often unchanged requests failed, in a sentence; empty where none did."""
        some = {o: c for o, c in self.controls.items() if c.failed}
        if not some:
            return ""
        each = ", ".join(
            f"{c.failed} of {c.sent} to {o} ({c.failed / c.sent:.0%})" for o, c in some.items()
        )
        return (
            f"Unchanged requests failed now and then: {each}. What was found there was repeated "
            "until such failures can't explain it, or is left out."
        )

    @property
    def confirmed(self) -> int:
        """How many observations are confirmed by now."""
        return sum(o.confirmed for made in self.made.values() for o in made)

    def observed(self) -> dict[OperationId, ObservedContract]:
        """The observed contracts of all operations about which something was seen."""
        each = (
            (o, self._observed(o, self.made.get(o, ()), self._own(o))) for o in self._operations
        )
        return {operation: contract for operation, contract in each if contract is not None}

    def so_far(self, operation: OperationId) -> ObservedContract | None:
        """What `observed` would say of an operation, judged by what is known by now; what is kept
        here stays as it is."""
        seen = list(self.seen.get(operation, ()))
        made = list(self.made.get(operation, ()))
        self._judge_again([seen], [made])
        return self._observed(operation, made, self._own(operation, seen))

    def _observed(
        self,
        operation: OperationId,
        made: Sequence[Observation],
        seen: Sequence[tuple[Exchange, Verdict]],
    ) -> ObservedContract | None:
        controls = self.controls.get(operation)
        rate = controls.rate if controls is not None else 0.0
        two_ways = [o for o in made if o.kind is Kind.REPEAT]
        if two_ways:
            # Which of the two a finding would be about can't be told: there is this one.
            return ObservedContract(operation, tuple(two_ways))
        if not (made or seen):
            return None
        done = self.done.get(operation)
        ended = None if done is None else frozenset(done)
        return ObservedContract(operation, tuple(made), tuple(seen), failure_rate=rate, done=ended)

    def _others_led_to(self, operation: OperationId) -> set[str]:
        """Where the other operations led."""
        return {
            led_to(j.exchange)
            for other, seen in self.seen.items()
            for j in seen
            if other != operation and j.rejection is Rejection.ELSEWHERE
        }

    def _own(
        self, operation: OperationId, judged: Sequence[Judged] | None = None
    ) -> list[tuple[Exchange, Verdict]]:
        """The exchanges in which the operation itself answered. A way elsewhere may be its own
        where no other operation leads there."""
        own = self.seen.get(operation, ()) if judged is None else judged
        elsewhere: set[str] = set()
        if any(j.rejection is Rejection.ELSEWHERE and _redirects(j) for j in own):
            # Rare: to look at what all others were answered, for each of them, takes long.
            elsewhere = self._others_led_to(operation)
        return [
            (j.exchange, j.verdict)
            for j in own
            if j.rejection is not Rejection.ELSEWHERE
            or (_redirects(j) and led_to(j.exchange) not in elsewhere)
        ]


def _redirects(judged: Judged) -> bool:
    return judged.response is not None and judged.response.status // 100 == 3


def _rests_on(observation: Observation, changed: dict[int, Verdict]) -> bool:
    return any(changed.get(e.exchange.number) is e.verdict for e in observation.evidence)


def _doubted(observation: Observation) -> Observation:
    return replace(observation, verdict=Verdict.INCONCLUSIVE, rejection=None, confirmed=False)


def statuses_once(seen: Sequence[Judged]) -> list[tuple[int, Exchange]]:
    """The statuses that came with one answer only, and that exchange; lowest first."""
    by_status: dict[int, list[Exchange]] = {}
    for exchange, _, _ in seen:
        if exchange.response is not None:
            by_status.setdefault(exchange.response.status, []).append(exchange)
    return [(status, same[0]) for status, same in sorted(by_status.items()) if len(same) == 1]
