"""What sends a request. Experiments know this interface only."""

from __future__ import annotations

from typing import Protocol

from checker.domain.exchange import Exchange, Request


class Transport(Protocol):
    """Sends one request and never raises for an answer or a network failure.

    Raises BudgetExhausted when the run's requests are used up and TargetError when the target
    has gone for good.
    """

    async def send(self, request: Request) -> Exchange:
        """The request's exchange; waits for the rate limit and repeats after 429 and 503."""
        ...
