"""Findings are told while the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from checker.domain.finding import Finding, Severity
from checker.domain.observation import OperationOutcome

MOST = 20
"""So many are told: the report has them all."""

Find = Callable[[OperationOutcome], tuple[Finding, ...]]


@dataclass(slots=True)
class Telling:
    """Finds what an outcome comes to, and tells each major finding the first time.

    `find` gives an outcome's findings as they may be shown, `say` shows a line; `accepted` are
    fingerprints of what everybody knows already.
    """

    find: Find
    say: Callable[[str], None]
    accepted: frozenset[str] = frozenset()
    _told: set[str] = field(default_factory=set)

    def __call__(self, outcome: OperationOutcome) -> tuple[Finding, ...]:
        found = self.find(outcome)
        for finding in found:
            if finding.severity >= Severity.MAJOR and finding.fingerprint not in self.accepted:
                self._tell(f"{finding.severity.label}: {finding.operation}: {finding.issue}")
        return found

    def _tell(self, line: str) -> None:
        if line in self._told:
            return
        self._told.add(line)
        if len(self._told) <= MOST:
            self.say(line)
        elif len(self._told) == MOST + 1:
            self.say("… more are found; the report will have them all.")
