"""What is read before a request, so that the gate can tell whether it may be sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any

from checker.domain.exchange import INVALID, Exchange, Request, Response
from checker.safety.gate import Gate
from checker.safety.policy import Held
from checker.settings import Token

SERVER_ERROR = 500
_LOOKING: ContextVar[frozenset[str]] = ContextVar("paths that are read to settle others")
Send = Callable[[Request, Mapping[str, Token], Mapping[str, Any]], Awaitable[Exchange]]


class Settling:
    """Reads what settles whether a request may be sent. It sends as everybody does: its readings
    pass the gate like the request itself. `refuses` says whether an answer to one is a refusal."""

    def __init__(self, gate: Gate, send: Send, refuses: Callable[[Exchange], bool]) -> None:
        self._gate = gate
        self._send = send
        self._refuses = refuses

    async def held(
        self, request: Request, tokens: Mapping[str, Token], variables: Mapping[str, Any]
    ) -> Held | None:
        """Why the gate holds a request back, after all readings that would settle it.

        A request may name several things, each of which has to be settled.
        """
        looked: set[str | Request] = set()
        held = self._gate.held(request)
        while held is not None and (asked := held.reading or held.look) and asked not in looked:
            looked.add(asked)
            above = _LOOKING.get(frozenset())
            if (path := asked.url_path if isinstance(asked, Request) else asked) in above:
                break  # what is to be read to settle it is itself to be settled by that
            mark = _LOOKING.set(above | {path})
            try:
                if isinstance(asked, Request):
                    await self._read(asked, tokens, variables)
                else:
                    await self._look_first(request, asked, tokens, variables)
            finally:
                _LOOKING.reset(mark)
            held = self._gate.held(request)
        return held

    async def _read(
        self, reading: Request, tokens: Mapping[str, Token], variables: Mapping[str, Any]
    ) -> Exchange:
        """A reading that settles something; once more after a server error, which may be the
        moment's: what it would have settled would be held back."""
        exchange = await self._send(reading, tokens, variables)
        if exchange.response is not None and exchange.response.status >= SERVER_ERROR:
            exchange = await self._send(reading, tokens, variables)
        return exchange

    async def _look_first(
        self,
        request: Request,
        path: str,
        tokens: Mapping[str, Token],
        variables: Mapping[str, Any],
    ) -> None:
        """Read what a request would change: where nothing is there, nothing is harmed.

        Whoever may not read it doesn't know; then the other credentials are asked, where the
        request comes with that by which it was made: what another one shows at that address may be
        another thing.
        """
        known = [t for t in tokens if t != INVALID]
        asked = [request.token] if request.token in known or not known else []
        if request.token in known and not self._gate.ledger.made_with(request.token, path):
            known = []
        seen: Response | None = None
        refused = False
        for token in dict.fromkeys([*asked, *known]):
            reading = Request("GET", path, token=token, base=request.base, account=request.account)
            exchange = await self._read(reading, tokens, variables)
            response, status = (
                exchange.response,
                exchange.response.status if exchange.response else 0,
            )
            refused = self._refuses(exchange)
            if 200 <= status < 300 or status in (404, 410):
                seen = response
            if 200 <= status < 300 or (seen is not None and token == request.token):
                break
        self._gate.note_looked(path, seen, refused=refused)
