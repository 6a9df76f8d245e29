"""Is one and the same request answered in two ways that stick together? Pure.

Two versions behind one address (a canary, a balancer between an old and a new build) take and
refuse the same request by turns, the refusals always for the same reason. What depends on the
moment (a state that is reached, a limit that is used up) changes over once and stays.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST = 3
"""How often each way, and the change from refused to accepted, have to be seen."""
MOST = 32
"""Requests that a series is worth."""
_RUN = 8
"""After so many equal answers in a row another way isn't waited for."""


@dataclass(slots=True)
class Series:
    """The answers to one request that is sent again and again.

    `turned` counts how often the very request that was refused was accepted next.
    """

    complaint: str
    """The refusal that is looked for; others prove nothing."""
    accepted: int = 0
    refused: int = 0
    turned: int = 0
    others: int = 0
    _run: int = 0
    _last: bool | None = None

    def accept(self) -> None:
        """The request was accepted."""
        self.turned += self._last is False
        self.accepted += 1
        self._keep(True)

    def refuse(self, complaint: str) -> None:
        """The request was refused; another complaint than the known one is another matter."""
        if complaint != self.complaint:
            self.others += 1
            return
        self.refused += 1
        self._keep(False)

    def pass_over(self) -> None:
        """No answer, or one that proves nothing."""
        self.others += 1

    def _keep(self, accepted: bool) -> None:
        self._run = self._run + 1 if accepted is self._last else 1
        self._last = accepted

    @property
    def two_ways(self) -> bool:
        """Whether both ways were seen often enough, by turns."""
        return min(self.accepted, self.refused, self.turned) >= LEAST

    @property
    def over(self) -> bool:
        """Whether to stop asking."""
        sent = self.accepted + self.refused + self.others
        return self.two_ways or self._run >= _RUN or sent >= MOST
