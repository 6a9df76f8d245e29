"""What the answer to a deletion amounts to. Pure."""

from __future__ import annotations

from checker.domain.exchange import Exchange
from checker.pipeline.removing.looking import CLOSED, GONE


def removed(exchange: Exchange) -> bool:
    """Whether a deletion was accepted, by its status."""
    return exchange.response is not None and 200 <= exchange.response.status < 300


def is_absent(exchange: Exchange) -> bool:
    """Whether there is nothing to delete."""
    return exchange.response is not None and exchange.response.status in GONE


def is_unsure(exchange: Exchange) -> bool:
    """Whether a deletion was refused in a way that may mean that there is nothing to delete."""
    status = exchange.response.status if exchange.response is not None else 0
    return 400 <= status < 500 and status not in (*CLOSED, 405, 429)


def why_not(exchange: Exchange) -> str:
    """Why a thing wasn't deleted, in words."""
    if exchange.held:
        return exchange.held
    name = f"{exchange.request.method} {exchange.request.url_path}"
    if exchange.response is None:
        return f"{name} had no answer"
    return f"{name} answered {exchange.response.status}"
