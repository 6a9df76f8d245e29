"""How often do unchanged requests fail? Counted for each operation and for the whole target."""

from __future__ import annotations

from dataclasses import dataclass

from checker.domain.observation import Rejection
from checker.inference.sequential import estimate

STICKY = frozenset({Rejection.VALIDATION, Rejection.AUTHORISATION, Rejection.ABSENCE})
"""Refusals with a reason of the server's own: no accident, and no value that is taken."""
_FAILURES = STICKY | {
    *(Rejection.CONFLICT, Rejection.SERVER_ERROR, Rejection.RATE, Rejection.TRANSPORT)
}


@dataclass(slots=True)
class Controls:
    """Unchanged requests of an operation: `failed` of `sent` failed, `refused` of these with a
    refusal and `crashed` with a 5xx (the others got no answer).

    What fails counts only where the same request, as fresh, was accepted next: what has to be
    made anew first is no failure. `target` counts those of all operations.
    """

    target: Controls | None = None
    sent: int = 0
    failed: int = 0
    refused: int = 0
    crashed: int = 0

    def passed(self, *before: Rejection | None) -> None:
        """One was accepted, after failures that the network or the server had brought."""
        self.sent += 1 + len(before)
        self.failed += len(before)
        self.crashed += before.count(Rejection.SERVER_ERROR)
        if self.target is not None:
            self.target.passed(*before)

    def missed(self, rejection: Rejection | None) -> None:
        """One failed that was accepted next, as fresh as before; None, and what was never sent,
        don't count."""
        if rejection not in _FAILURES:
            return
        self.sent += 1
        self.failed += 1
        self.refused += rejection in STICKY
        self.crashed += rejection is Rejection.SERVER_ERROR
        if self.target is not None:
            self.target.missed(rejection)

    @property
    def crashing(self) -> bool:
        """Whether any was answered 5xx, of the operation or of the target."""
        return self.crashed > 0 or (self.target is not None and self.target.crashing)

    @property
    def rate(self) -> float:
        """The share that fails: what the target's other operations show counts a little."""
        if self.target is None:
            return estimate(self.failed, self.sent)
        return estimate(self.failed, self.sent, self.target.rate)

    @property
    def crash_rate(self) -> float:
        """The share that is answered 5xx, as `rate`."""
        if self.target is None:
            return estimate(self.crashed, self.sent)
        return estimate(self.crashed, self.sent, self.target.crash_rate)

    @property
    def refusal_rate(self) -> float:
        """The share that is refused for a reason; 0 where none was, of the whole target."""
        known = self.target.refusal_rate if self.target is not None else 0.0
        return estimate(self.refused, self.sent, known)

    def rate_of(self, rejection: Rejection | None) -> float:
        """The share of unchanged requests that fail in a way that could explain a rejection: what
        gets lost on the way explains no answer, and a 5xx no refusal with a reason."""
        if rejection in STICKY:
            return self.refusal_rate
        return self.crash_rate if rejection is Rejection.SERVER_ERROR else self.rate
