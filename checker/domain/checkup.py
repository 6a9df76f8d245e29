"""What a look at a configuration has shown, before a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checker.domain.run import PlannedOperation


class CheckState(StrEnum):
    """How it stands with one thing."""

    FINE = "fine"
    UNKNOWN = "unknown"
    """Nothing shows whether it is fine."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `what` names it, `said` is a sentence, `mend` what to do."""

    state: CheckState
    what: str
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """One target's checks. `planned` are its operations, `most` the requests of a run at most,
    `sent` those that the look itself took."""

    target: str
    address: str
    checks: tuple[Check, ...] = ()
    planned: tuple[PlannedOperation, ...] = ()
    most: int = 0
    sent: int = 0

    @property
    def wrong(self) -> bool:
        """Whether anything has to be mended."""
        return any(check.state is CheckState.WRONG for check in self.checks)
