"""What sends a request. Experiments know this interface only."""

from __future__ import annotations

from typing import Protocol

from checker.domain.exchange import Exchange, Failure, Request

TRIES = 6
_PASSING = (502, 503, 504)


class Transport(Protocol):
    """Sends one request and never raises for an answer or a network failure.

    Raises BudgetExhausted when the run's requests are used up and TargetError when the target
    has gone for good.
    """

    async def send(self, request: Request) -> Exchange:
        """The request's exchange; waits for the rate limit and repeats after 429 and 503."""
        ...


async def steadily(transport: Transport, request: Request) -> Exchange:
    """The request's exchange, sent again where the network failed or a gateway answered.

    For requests that may safely arrive twice.
    """
    for _ in range(TRIES):
        exchange = await transport.send(request)
        response = exchange.response
        if exchange.held:
            break
        if response is not None and response.status not in _PASSING:
            break
        if isinstance(exchange.outcome, Failure) and exchange.outcome.kind == "timeout":
            break
    return exchange
