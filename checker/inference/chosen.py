"""Members that answers lack because the request asked for others. Pure.

`?fields=name` chooses what is shown: that the rest is missing then is what was asked for, and says
nothing of what is shown otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from checker.domain.exchange import Exchange
from checker.domain.operation import Operation, Place

LEAST_SHOWN = 2
"""So many answers to requests without the parameter have to show the member."""


@dataclass(frozen=True, slots=True)
class _Answer:
    asked: frozenset[str]
    missing: frozenset[str]
    there: frozenset[str]


@dataclass(slots=True)
class Choices:
    """What the answers of one operation lacked, and which optional query parameters the requests
    had."""

    optional: frozenset[str]
    _answers: dict[str, list[_Answer]] = field(default_factory=dict)

    @classmethod
    def of(cls, operation: Operation) -> Choices:
        """For an operation's documented query parameters that may be left out."""
        named = operation.fields.items()
        return cls(frozenset(k.name for k, f in named if k.place is Place.QUERY and not f.required))

    def note(
        self, label: str, exchange: Exchange, missing: Collection[str], there: Collection[str]
    ) -> None:
        """An answer of the documented status `label`: the required members it lacks, and the
        objects that it has."""
        if self.optional:
            asked = self.optional.intersection(name for name, _ in exchange.request.query)
            answer = _Answer(asked, frozenset(missing), frozenset(there))
            self._answers.setdefault(label, []).append(answer)

    def left_out(self, label: str, name: str, parent: str) -> bool:
        """Whether a member is missing only, and mostly, where one parameter is sent, and is shown
        where it isn't."""
        able = [a for a in self._answers.get(label, ()) if parent in a.there]
        lacking = [a for a in able if name in a.missing]
        if not lacking:
            return False
        return any(
            sum(q not in a.asked for a in able) >= LEAST_SHOWN
            and 2 * len(lacking) >= sum(q in a.asked for a in able)
            for q in frozenset.intersection(*(a.asked for a in lacking))
        )


def missing_names(mismatches: Mapping[tuple[str, str, str], object]) -> list[str]:
    """The names of a reading's missing members, by its mismatches' keys."""
    return [name for kind, name, _ in mismatches if kind == "missing"]
