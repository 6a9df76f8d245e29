"""Other ways to the same operation: another credential, another base URL, a moment later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.probing.trial import rank
from checker.search.attempts import Attempt, further
from checker.search.needs import unbound
from checker.search.surroundings import Surroundings

if TYPE_CHECKING:
    from checker.search.solving import Solving

NO_METHOD = (405, 501)
"""Statuses that speak of the method: other values can't help."""


class Doors:
    """Asks one search's requests elsewhere."""

    def __init__(self, solving: Solving) -> None:
        self.solving = solving

    async def leads_nowhere(self, got: Attempt) -> bool:
        """Whether a first answer says that nothing is there, whatever is sent."""
        solving, answer = self.solving, got.answer
        if answer.rejection is not Rejection.ABSENCE or unbound(solving.operation, solving.bound):
            return False
        return answer.status in NO_METHOD or await self.solving.trial.is_nowhere(answer)

    async def elsewhere_or_later(self, got: Attempt) -> Attempt | None:
        """An answer that says more than that nothing is there: after a wait, with another token,
        at another base URL."""
        late = await Surroundings(self.solving).in_time(got)
        return late or await self.elsewhere(got)

    async def elsewhere(self, got: Attempt) -> Attempt | None:
        """The answer that gets furthest with other tokens and base URLs, if it gets further."""
        best: Attempt | None = None
        for call in self._other_doors(got.call):
            other = await self.solving.sent(call)
            if other is not None and other.accepted:
                return other
            if other is not None and rank(other.answer.rejection) > rank(got.answer.rejection):
                best = further(best, other)
        return best

    def _other_doors(self, call: Call) -> Iterator[Call]:
        for token in self.solving.tokens:
            if token != call.token:
                yield replace(call, token=token)
        if self.solving.solver.bench.target.fallback_url and call.base == "primary":
            for token in self.solving.tokens:
                yield replace(call, token=token, base="fallback")
