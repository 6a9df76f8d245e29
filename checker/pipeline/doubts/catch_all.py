"""Does the server give the same answer to everything? Then its answers say nothing."""

from __future__ import annotations

from checker.domain.exchange import Exchange
from checker.probing.answer_shape import PAGE, form_of, outline
from checker.probing.judge import Judge
from checker.probing.refusals import (
    ask_nowhere,
    elsewhere,
    like_both,
    nonsense_route,
    route_answer,
)
from checker.probing.transport import Transport

NOWHERE = ("zq-no-such-route", "zq-nowhere")


class CatchAll:
    """Asks, once for each method and first part of the path, a route that doesn't exist.

    Where such a route answers 2xx (a web application's page, a stub, a login page), an
    operation that answers the very same isn't there. Asked again where an answer has nothing that
    only the operation can have: what answers everything may have begun to do so only now.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._answers: dict[tuple[str, str, str], Exchange | None] = {}

    async def swallows(self, transport: Transport, accepted: Exchange) -> bool:
        """Whether an accepted answer is the one that a route that doesn't exist gets, too."""
        request = accepted.request
        head, deeper, _ = request.url_path.strip("/").partition("/")
        head = head if deeper else ""
        key = (request.method, request.base, head)
        fits = self._judge.fits(accepted)
        if key not in self._answers or (self._answers[key] is None and not fits):
            path = "/" + "/".join(part for part in (head, *NOWHERE) if part)
            asked = elsewhere(request, path)
            self._answers[key] = _success(await ask_nowhere(transport.send, asked))
        stranger = self._answers[key]
        if stranger is None or stranger.response is None or accepted.response is None:
            return False
        if route_answer(accepted) == route_answer(stranger):
            return True
        if fits or outline(accepted.response) != outline(stranger.response):
            return False
        return await _answers_alike(transport, stranger, accepted)


def _success(exchange: Exchange) -> Exchange | None:
    response = exchange.response
    return exchange if response is not None and 200 <= response.status < 300 else None


async def _answers_alike(transport: Transport, stranger: Exchange, accepted: Exchange) -> bool:
    """Whether two answers of one outline are one answer: a page, or what differs between two
    routes that don't exist differs here."""
    if accepted.response is not None and form_of(accepted.response) == PAGE:
        return True
    again = await transport.send(nonsense_route(stranger.request, 1))
    return like_both((stranger, again), accepted)
