"""Reads that lag behind writes: a thing that isn't there yet is no thing that isn't there.

Some servers show what was written only a moment later. A read that finds nothing where something
was made just before is asked again for a while; once it was found that way, every read waits for
what was written before it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from urllib.parse import unquote

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.planning.answered import located, members
from checker.planning.recipe import find_operation
from checker.planning.values import looks_like_identifier
from checker.probing.health import Expectations
from checker.probing.pacing import Clock, Sleep
from checker.safety.shown import is_identifier

PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Between the repetitions of a read that finds nothing."""
RECENT_S = 5.0
PROMPT_S = 0.1
ENOUGH = 5
"""So many reads that found a thing at once show that a server doesn't lag."""
MARGIN = 1.25
MAX_NAMES = 2000
_ABSENT = (404, 410)


class Lag:
    """How long a target's reads lag behind its writes, in seconds, as far as that is learned.

    `clock` and `sleep` are the wire's own, in seconds.
    """

    _never = float("-inf")

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        self.seconds = 0.0
        self._clock = clock
        self._sleep = sleep
        self._written = self._never
        self._made: dict[str, float] = {}
        """When an answer to a write last named something, by what it called it."""
        self._prompt = 0
        self._vain: set[tuple[object, ...]] = set()

    async def before(self, request: Request) -> None:
        """Returns when a read may show what was written."""
        if self.seconds and request.method in SAFE_METHODS:
            due = self._written + self.seconds - self._clock()
            if due > 0:
                await self._sleep(due)

    async def after(
        self,
        exchange: Exchange,
        again: Callable[[], Awaitable[Exchange]],
        judge: Expectations | None = None,
        known: Iterable[OperationId] = (),
    ) -> Exchange:
        """The exchange, or the one that `again` brings where that finds what wasn't there yet.

        `judge` tells a refusal with the status of a success, `known` are the operations.
        """
        request, response = exchange.request, exchange.response
        if response is None:
            return exchange
        if request.method not in SAFE_METHODS:
            self._note_write(request, response)
            return exchange
        if not self._made:
            return exchange
        made = max(
            (t for n in _named(request) if (t := self._made.get(n)) is not None), default=None
        )
        if made is None or self._clock() - made > RECENT_S:
            return exchange
        operation = request.operation or find_operation(request.method, request.url_path, known)
        if operation is None:
            return exchange
        if not _finds_nothing(exchange, judge):
            self._prompt += response.status // 100 == 2 and self._clock() - made < PROMPT_S
            return exchange
        return await self._patiently(exchange, made, again, judge, operation)

    async def _patiently(
        self,
        exchange: Exchange,
        made: float,
        again: Callable[[], Awaitable[Exchange]],
        judge: Expectations | None,
        operation: OperationId,
    ) -> Exchange:
        place = (operation, exchange.request.token)
        if place in self._vain or (not self.seconds and self._prompt >= ENOUGH):
            return exchange
        for pause in PAUSES_S:
            await self._sleep(pause)
            exchange = await again()
            response = exchange.response
            if response is None or not _finds_nothing(exchange, judge):
                if response is not None and response.status // 100 == 2:
                    self.seconds = max(self.seconds, (self._clock() - made) * MARGIN)
                return exchange
        self._vain.add(place)
        return exchange

    def _note_write(self, request: Request, response: Response) -> None:
        if response.status // 100 != 2:
            return
        self._written = self._clock()
        if request.method == "DELETE":
            for name in _named(request):
                self._made.pop(name, None)
            return
        if len(self._made) > MAX_NAMES:
            self._made.clear()
        self._made.update(dict.fromkeys(_names(response), self._written))


def _finds_nothing(exchange: Exchange, judge: Expectations | None) -> bool:
    """Whether a read has found nothing: by its status, or refused in that of a success."""
    response = exchange.response
    if response is None or response.status in _ABSENT:
        return response is not None
    return response.status // 100 == 2 and judge is not None and not judge.accepted(exchange)


def _named(request: Request) -> Iterator[str]:
    """What the path and the query of a request name."""
    yield from (unquote(s) for s in request.url_path.split("?")[0].split("/") if s)
    yield from (value for _, value in request.query)


def _names(response: Response) -> Iterator[str]:
    """What an answer calls the things in it."""
    there = located(response)
    if there:
        yield there
    for _, name, value in members(response.body):
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            continue
        if is_identifier(name) or looks_like_identifier(name):
            yield str(value)
