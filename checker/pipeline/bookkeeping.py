"""What a run knows while it lasts: outcomes, progress, what is said of it as a whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from checker.domain.coverage import EXAMINED, HELD_BACK, PARTLY
from checker.domain.observation import ObservedContract, OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.domain.progress import Progress, ProgressEvent
from checker.errors import BudgetExhausted, DriftcheckError
from checker.pipeline.chains import chains
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.doubts.diagnosis import (
    Diagnosis,
    diagnose,
    elsewhere,
    internal,
    nowhere,
    useless,
    without_token,
)
from checker.pipeline.doubts.outage import Outage, explained
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.outcomes import left_over, take_back
from checker.pipeline.removing.removed import removals, with_removals
from checker.pipeline.written.recorder import Recorder
from checker.redaction import print_traceback
from checker.settings import Settings, Target

COUNTED_EVERY = 25
"""Requests between two counts of what is confirmed, while one operation is examined."""
GROWN = 1.02
"""The run as a whole is diagnosed anew, between operations, when so much more was seen."""
TELLING = 2
"""So many accepted deletions show what one may not: rules wait for a second answer."""


@dataclass(slots=True)
class Book:
    """Keeps what becomes of each operation of one target, and what that says of the run."""

    settings: Settings
    target: Target
    selection: Selection
    journal: Journal
    result: LiveResult
    progress: Progress
    recorder: Recorder | None = None
    swallowed: set[OperationId] = field(default_factory=set)
    """Operations that answer as a route does which doesn't exist."""
    unfound: list[Operation] = field(default_factory=list)
    """Operations without a witness."""
    lacking: set[OperationId] = field(default_factory=set)
    """Those of them that failed for want of a thing."""
    failed: str = ""
    """An error of the checker itself."""
    done: int = 0
    _kept: dict[OperationId, int] = field(default_factory=dict)
    """How much of what the clean-up has shown of an operation is on disk with it."""
    _told: ProgressEvent | None = None
    _doubted: tuple[int, Diagnosis, Collection[str]] | None = None
    """How much was seen when the run as a whole was last diagnosed, and what that came to."""

    # -- operations ----------------------------------------------------------------------------

    def outcome(
        self,
        operation: Operation,
        status: str,
        reason: str = "",
        helped: str = "",
        passing: bool = False,
    ) -> None:
        """Note how an operation ended: why, in words; what would help; `passing` where another
        run may come further."""
        requests = self.journal.tally(operation.id).requests
        self.result.outcomes[operation.id] = OperationOutcome(
            operation.id, status, reason, requests, helped, passing
        )

    def cut_short(self, operation: Operation, reason: str, helped: str = "") -> None:
        """The outcome of an operation that was being looked at when the run, or its own part of
        it, ended."""
        found = operation.id in self.result.witnesses
        self.outcome(operation, PARTLY if found else "inconclusive", reason, helped, passing=True)

    def keep(self, operation: Operation, *, settled: bool = True) -> None:
        """What is known of an operation by now goes to disk."""
        outcome = self.result.outcomes.get(operation.id)
        if self.recorder is not None and outcome is not None:
            self.recorder.operation(self._with_removals(outcome), settled=settled)

    def keep_removed(self) -> None:
        """What the clean-up shows of operations that were held back goes to disk."""
        for operation in self.selection.current:
            outcome = self.result.outcomes.get(operation.id)
            if outcome is None or outcome.status != HELD_BACK:
                continue
            seen = removals(self.journal.seen.get(operation.id, ()))
            accepted = min(TELLING, sum(j.accepted for j in seen))
            accepted += len(self.journal.made.get(operation.id, ()))
            if accepted > self._kept.get(operation.id, 0):
                self._kept[operation.id] = accepted
                self.keep(operation, settled=operation not in self.unfound)

    def tell(self, operation: Operation, sent: int, phase: str = "experiments") -> None:
        """Say that an operation is next in a phase; `sent`: requests up to now."""
        total = len(self.selection.current) + len(self.selection.recorded)
        confirmed = self.journal.confirmed
        self._told = ProgressEvent(phase, str(operation.id), self.done, total, sent, confirmed)
        self.progress(self._told)

    def sent(self, requests: int) -> None:
        """Say how many requests were sent up to now, in the phase that was told last."""
        if self._told is not None:
            # What is confirmed is counted anew now and then: all that was seen is looked at.
            again = requests % COUNTED_EVERY == 0
            confirmed = self.journal.confirmed if again else self._told.confirmed
            self._told = replace(self._told, requests=requests, confirmed=confirmed)
            self.progress(self._told)

    def so_far(self, operation: OperationId) -> ObservedContract | None:
        """What would be said of an operation if the run ended now; None for nothing."""
        contract = self.journal.so_far(operation)
        if contract is None or operation in self._mute():
            return None
        found, tokens = self._doubts()
        if operation in found.operations:
            return None
        for token in tokens:
            contract = without_token(contract, token)
        return contract

    def _doubts(self) -> tuple[Diagnosis, Collection[str]]:
        """What the run as a whole says by now, and the token types that prove nothing: worked out
        from all that was seen, so that it is kept until that has grown."""
        size = sum(map(len, self.journal.seen.values()))
        if self._doubted is None or size > GROWN * self._doubted[0]:
            found = self._diagnosis()
            self._doubted = size, found, () if found.error else tuple(self._useless())
        return self._doubted[1:]

    def _useless(self) -> dict[str, int]:
        """See `useless`; the operations that are documented to need no token prove none."""
        anyones = frozenset(o.id for o in self.selection.current if not o.security.protected)
        return useless(self.journal.seen, self.result.token_types, anyones)

    # -- the run as a whole --------------------------------------------------------------------

    def close(self, outage: Outage | None, retired: Sequence[Outage] = ()) -> None:
        """Put together what the run comes to; what was seen since an outage began is forgotten,
        with the token in question where the run went on without that (`retired`)."""
        if outage is not None:
            take_back(self.result, self.journal, outage, self.result.error)
        for one in retired:
            why = " ".join(explained(one))
            self.result.notes += (f"{why} The run went on with the others.",)
            take_back(self.result, self.journal, one, why)
        self._gather()
        self._diagnose()
        self.keep_removed()
        for operation, outcome in self.result.outcomes.items():
            self.result.outcomes[operation] = self._with_removals(outcome)
        for operation, maker in chains(
            self.lacking, self.result.outcomes, self.selection.current
        ).items():
            outcome = self.result.outcomes[operation]
            self.result.outcomes[operation] = replace(outcome, waits_for=maker)

    def end(self, error: DriftcheckError) -> None:
        """A used-up budget only leaves a rest, which the coverage tells; whatever else ends a
        run early leaves no answer."""
        self.result.error = str(error)
        reached = any(o.status in (EXAMINED, PARTLY) for o in self.result.outcomes.values())
        spent = isinstance(error, BudgetExhausted)
        self.result.exit_status = 0 if spent and reached else 3
        self.result.status = "partial" if reached or spent else "failed"

    def interrupted(self) -> None:
        """A signal ended the run."""
        self.result.error = "Interrupted."
        self.result.exit_status, self.result.status = 130, "interrupted"

    def broken(self, error: Exception) -> None:
        """An error of the checker itself: what was seen up to now is worth a report."""
        if self.settings.debug:
            print_traceback(self.settings.secrets)
        self.result.error = self.result.error or internal(error)
        self.result.exit_status, self.result.status = 3, "partial"

    def _gather(self) -> None:
        self.journal.judge_again()
        self.result.observed = self.journal.observed()
        self.result.further = self.journal.further
        failing = self.journal.failing()
        self.result.notes += (failing,) if failing else ()

    def _mute(self) -> set[OperationId]:
        """Operations whose answers say nothing. Where writing is answered by a route that doesn't
        exist, nobody has looked whether what only the clean-up sent is there."""
        if all(operation.safe for operation in self.swallowed):
            return set(self.swallowed)
        outcomes = self.result.outcomes.values()
        return self.swallowed | {o.operation for o in outcomes if o.status == HELD_BACK}

    def _with_removals(self, outcome: OperationOutcome) -> OperationOutcome:
        if outcome.operation in self._mute():
            return outcome
        seen = self.journal.seen.get(outcome.operation, ())
        return with_removals(outcome, seen, self.journal.made.get(outcome.operation, ()))

    def _diagnosis(self) -> Diagnosis:
        seen, tokens = self.journal.seen, self.result.token_types
        found = diagnose(seen, tokens)
        if not found.error:
            found = nowhere(seen, tokens, self.target.base_url or "")
        return found if found.error else elsewhere(seen)

    def _diagnose(self) -> None:
        """What the run as a whole says about the target; what it doubts is taken back."""
        result = self.result
        doubted = self._mute()
        found = self._diagnosis()
        if found.error:
            doubted |= found.operations
        else:
            for token, number in self._useless().items():
                for contract in list(result.observed.values()):
                    result.observed[contract.operation] = without_token(contract, token)
                result.notes += (
                    f"The {token} token was refused by all {number} operations that it was tried "
                    "at: nothing is concluded from that. Check its value.",
                )
        for operation in doubted:
            result.observed.pop(operation, None)
        left_over(result, self.selection.current, self.journal)
        tried = [o for o in result.outcomes.values() if o.status != HELD_BACK]
        if self.swallowed and all(o.operation in self.swallowed for o in tried):
            found = Diagnosis(
                "The server gives the same answer to every operation and to routes that don't "
                "exist.",
                "Check the base URL.",
            )
            result.cleanup = ()
        if not result.error and (found.error or self.failed):
            result.error = f"{found.error} {found.mend}" if found.error else self.failed
            result.exit_status, result.status = 3, "failed" if found.error else "partial"
