"""What has worked on one target: by the source of a value and the kind of complaint it answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from checker.search.complaints import ComplaintKind

LEAST_TRIES = 3
"""So many tries of a source at a kind of complaint say something about it."""
OFTEN = 0.5
HARDLY = 0.05
MANY = 8


@dataclass(slots=True)
class Memory:
    """Tries and hits of each source of values at each kind of complaint."""

    _tries: Counter[tuple[str, ComplaintKind]] = field(default_factory=Counter)
    _hits: Counter[tuple[str, ComplaintKind]] = field(default_factory=Counter)

    def note(self, source: str, kind: ComplaintKind, hit: bool) -> None:
        """Keep whether a value of the source has answered a complaint of the kind."""
        self._tries[source, kind] += 1
        self._hits[source, kind] += hit

    def rank(self, source: str, kind: ComplaintKind) -> int:
        """-1 for what has worked often, 1 for what hardly ever has, 0 where little is known."""
        tries, hits = self._tries[source, kind], self._hits[source, kind]
        if tries >= LEAST_TRIES and hits >= OFTEN * tries:
            return -1
        return 1 if tries >= MANY and hits <= HARDLY * tries else 0
