"""Is anybody there at all? Tells a target that has gone from one that says no, and one that
something else has begun to answer for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Protocol

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.errors import TargetError
from checker.probing.answer_shape import outline

ANSWERS_IN_A_ROW = 20
SILENCES_IN_A_ROW = 5
STRANGE_IN_A_ROW = 6
NOWHERE = "/zq-is-anybody-there"
"""A route that no API has: whoever is there refuses it by itself."""

Outcome = Response | Failure
Ask = Callable[[str], Awaitable[Outcome]]
"""Sends a GET with the credential of the request at hand."""


class Expectations(Protocol):
    """What is known of the target's own answers."""

    def stays(self, request: Request, status: int) -> bool:
        """Whether a way elsewhere is documented as the answer to a request."""
        ...

    def accepted(self, exchange: Exchange) -> bool:
        """Whether an exchange is an acceptance, whatever its status."""
        ...

    def is_strange(self, exchange: Exchange) -> bool:
        """Whether a success is another answer than the operation's."""
        ...

    def note_intruder(self, response: Response) -> None:
        """Learn an answer that came for everything: it is no operation's."""
        ...


class Intruder:
    """Watches for one answer that begins to come for everything: a captcha, a page to log in, a
    gateway's own.

    Once for each credential, when it first got an answer of the API, a route that doesn't exist
    is asked; after a row of strange answers it is asked again. Where it gives the strange answer
    now and did not before, and still does after a pause, the run can't go on.
    """

    pause_s: ClassVar[float] = 2.0

    def __init__(self) -> None:
        self._before: dict[str | None, tuple[Any, ...]] = {}
        self._row: list[Response] = []

    async def watch(self, exchange: Exchange, expected: Expectations, ask: Ask) -> None:
        """Note an answer. Raises TargetError where something else answers everything."""
        response, token = exchange.response, exchange.request.token
        if response is None or exchange.request.operation is None:
            return
        if not expected.is_strange(exchange):
            self._row.clear()
            if token not in self._before and response.status // 100 == 2:
                self._before[token] = ()
                self._before[token] = _outline(await ask(NOWHERE))
            return
        self._row.append(response)
        if token not in self._before or len(self._row) < STRANGE_IN_A_ROW:
            return
        number = len(self._row)
        self._row.clear()
        if not await self._everywhere(response, token, ask):
            return
        await asyncio.sleep(self.pause_s)
        if await self._everywhere(response, token, ask):
            expected.note_intruder(response)
            media = f" {response.media_type}" if response.media_type else ""
            raise TargetError(
                f"Something else answers in the place of the API: the same {response.status}"
                f"{media} to each of the last {number} requests, and now to a route that doesn't "
                "exist.",
                "Look at that answer (a log-in, a captcha, a limit?), mend its cause or lower "
                "--rate, and run again.",
            )

    async def _everywhere(self, response: Response, token: str | None, ask: Ask) -> bool:
        now = _outline(await ask(NOWHERE))
        return now == outline(response) and now != self._before[token]


def _outline(outcome: Outcome) -> tuple[Any, ...]:
    return outline(outcome) if isinstance(outcome, Response) else ()


class Health:
    """Watches for answers that come from before the API: gateway errors, redirects, silence.

    A row of them may be one bad operation; so the root and a route that doesn't exist are asked
    too before the target counts as gone. Plain 500s are an answer of the API itself.
    """

    def __init__(self) -> None:
        self._row: list[str] = []
        self._silences = 0

    async def watch(self, outcome: Outcome, ask: Callable[[str], Awaitable[Outcome]]) -> None:
        """Note an answer; `ask` sends a GET. Raises TargetError where nobody is there."""
        said = absent(outcome)
        if said is None:
            self._row.clear()
            self._silences = 0
            return
        self._row.append(said)
        self._silences += isinstance(outcome, Failure) and outcome.kind == "timeout"
        if len(self._row) < ANSWERS_IN_A_ROW and self._silences < SILENCES_IN_A_ROW:
            return
        row = self._row.copy()
        self._row.clear()
        self._silences = 0
        for path in ("/", NOWHERE):
            if absent(await ask(path)) is None:
                return
        said = max(dict.fromkeys(row), key=row.count)
        raise TargetError(
            f"The target doesn't answer for itself any more: {said} to each of the last "
            f"{len(row)} requests, and to the root and to a route that doesn't exist."
            if len(set(row)) == 1
            else f"The target doesn't answer for itself any more: mostly {said} to the last "
            f"{len(row)} requests, and nothing better to a route that doesn't exist.",
            "Check the base URL, what stands before the server, and the server.",
        )


def absent(outcome: Outcome) -> str | None:
    """What came instead of an answer of the API; None where it answered."""
    if isinstance(outcome, Failure):
        return outcome.message
    if outcome.status in (429, 502, 503, 504):
        return f"status {outcome.status}"
    if 300 <= outcome.status < 400 and outcome.status != 304:
        return f"redirect {outcome.status}"
    return None
