"""How far a run is and how long it may still take, from its events alone. Pure."""

from __future__ import annotations

import math

from checker.domain.progress import ProgressEvent

TELLING = 0.1
"""The part of a phase after which its pace says something about the rest."""
TELLING_S = 10.0
WITHOUT_END = frozenset({"witnesses"})
"""Phases of which the others follow: the time that they take is not the time left."""


class Pace:
    """Takes events with the time at which they came; `position` and `left` say how it stands."""

    def __init__(self) -> None:
        self._phase = ""
        self._began = self._now = 0.0
        self._operations: dict[str, int] = {}
        """Operations of the phase, with the requests that were sent when each began."""
        self._first = self._requests = 0
        self._done = self._total = 0

    def at(self, event: ProgressEvent, now: float) -> None:
        """An event, `now` in seconds."""
        if event.phase != self._phase:
            self._phase, self._began, self._operations = event.phase, now, {}
            self._first = event.requests
        self._now, self._requests, self._total = now, event.requests, event.operations_total
        if event.operation:
            self._operations.setdefault(event.operation, event.requests)
        begun = max(len(self._operations) - 1, 0)
        # In the searches nothing is done yet: an operation that has begun has ended those before.
        self._done = begun if event.phase in WITHOUT_END else event.operations_done

    @property
    def total(self) -> int:
        """Operations of the run; 0 where there are none yet."""
        return self._total

    @property
    def position(self) -> float:
        """Operations that the phase has behind it, and how far it may be with the one at hand:
        it moves with every request, and gets to the next whole number only with the operation."""
        if not self._total:
            return 0.0
        began = next(reversed(self._operations.values()), self._first)
        usual = (began - self._first) / self._done if self._done else 30.0
        part = 1 - math.exp(-(self._requests - began) / max(usual, 1.0))
        return min(self._done + 0.95 * part, float(self._total))

    @property
    def left(self) -> float | None:
        """Seconds that the phase still takes at its own pace; None where that isn't known."""
        spent = self._now - self._began
        if not self._total or self._phase in WITHOUT_END or spent < TELLING_S:
            return None
        if self._done < TELLING * self._total or not self._done:
            return None
        return spent / self.position * (self._total - self.position)


def in_words(seconds: float | None) -> str:
    """A time left, no more exact than it is known; empty for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "less than a minute left"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min left"
    return f"about {minutes / 60:.1f} h left"
