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
    refusal (the others got 5xx or no answer).

    What fails counts only where the same request, as fresh, was accepted next: what has to be
    made anew first is no failure. `target` counts those of all operations.
    """

    target: Controls | None = None
    sent: int = 0
    failed: int = 0
    refused: int = 0

    def passed(self, failures: int = 0) -> None:
        """One was accepted, after `failures` that the network or the server had brought."""
        self.sent += 1 + failures
        self.failed += failures
        if self.target is not None:
            self.target.passed(failures)

    def missed(self, rejection: Rejection | None) -> None:
        """One failed that was accepted next, as fresh as before; None, and what was never sent,
        don't count."""
        if rejection not in _FAILURES:
            return
        self.sent += 1
        self.failed += 1
        self.refused += rejection in STICKY
        if self.target is not None:
            self.target.missed(rejection)

    @property
    def noisy(self) -> bool:
        """Whether any has failed, of the operation or of the target."""
        return self.failed > 0 or (self.target is not None and self.target.noisy)

    @property
    def rate(self) -> float:
        """The share that fails: what the target's other operations show counts a little."""
        if self.target is None:
            return estimate(self.failed, self.sent)
        return estimate(self.failed, self.sent, self.target.rate)

    @property
    def refusal_rate(self) -> float:
        """The share that is refused; 0 where none was."""
        return estimate(self.refused, self.sent, 0.0)
