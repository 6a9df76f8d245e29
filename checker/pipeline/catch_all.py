"""Does the server give the same answer to everything? Then its answers say nothing."""

from __future__ import annotations

from dataclasses import replace

from checker.domain.exchange import Exchange
from checker.probing.refusals import route_answer
from checker.probing.transport import Transport

NOWHERE = ("zq-no-such-route", "zq-nowhere")


class CatchAll:
    """Asks, once for each method and first part of the path, a route that doesn't exist.

    Where such a route answers 2xx (a web application's page, a stub, a login page), an
    operation that answers the very same isn't there.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str], Exchange | None] = {}

    async def swallows(self, transport: Transport, accepted: Exchange) -> bool:
        """Whether an accepted answer is the one that a route that doesn't exist gets, too."""
        request = accepted.request
        head, deeper, _ = request.url_path.strip("/").partition("/")
        head = head if deeper else ""
        key = (request.method, request.base, head)
        if key not in self._answers:
            path = "/" + "/".join(part for part in (head, *NOWHERE) if part)
            asked = replace(request, url_path=path, query=(), operation=None)
            self._answers[key] = _success(await transport.send(asked))
        stranger = self._answers[key]
        return stranger is not None and route_answer(accepted) == route_answer(stranger)


def _success(exchange: Exchange) -> Exchange | None:
    response = exchange.response
    return exchange if response is not None and 200 <= response.status < 300 else None
