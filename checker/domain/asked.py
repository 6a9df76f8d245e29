"""What became of the questions to an operation, counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions of one kind (or of all): those decided are `agrees` and `drifts`; `undecided`
    are the others, by reason, and `left` the names of their fields. `unasked` were left alone, as
    the run is about rules that they don't decide about: they don't count."""

    agrees: int = 0
    drifts: int = 0
    undecided: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    unasked: int = 0

    @property
    def decided(self) -> int:
        return self.agrees + self.drifts

    @property
    def asked(self) -> int:
        """All of them, decided or not."""
        return self.decided + sum(self.undecided.values())


def together(many: Iterable[Asked]) -> Asked:
    """The sum of several counts."""
    agrees = drifts = unasked = 0
    undecided: Counter[str] = Counter()
    for one in many:
        agrees, drifts = agrees + one.agrees, drifts + one.drifts
        unasked += one.unasked
        undecided.update(one.undecided)
    return Asked(agrees, drifts, dict(sorted(undecided.items())), unasked=unasked)
