"""The gentle end of one target's run: what is on its way is answered, what was made is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checker.domain.exchange import CREDENTIALS, Exchange, Request
from checker.domain.operation import SAFE_METHODS

ANSWER_S = 3.0
"""A request that changes something gets this long to be answered before the run ends: else
nobody would know what it has made."""
CLEAN_UP_S = 10.0
"""The clean-up after a signal ends then."""


class Ending:
    """Ends one target's run when it is told to.

    What is on its way gets its answer; nothing else is sent but what gives borrowed things back
    and the clean-up. They have a time limit, and a second signal ends or skips them.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._task: asyncio.Task[Any] | None = None
        self._cleaning: asyncio.Timeout | None = None
        self._flying: set[int] = set()

    def begin(self, task: asyncio.Task[Any]) -> None:
        """The run's task, which is cancelled."""
        self._task = task

    def ask(self) -> None:
        """A signal."""
        self.asked += 1
        loop = asyncio.get_running_loop()
        if self.asked > 1:
            self._cancel()
        elif self._cleaning is not None:
            self._cleaning.reschedule(loop.time() + CLEAN_UP_S)
        elif self._flying:
            loop.call_later(ANSWER_S, self._cancel_run)
        else:
            self._cancel_run()

    def sending(self, _: int, request: Request) -> None:
        """Before a request goes out; ends the task that sends it where the run is to end."""
        if self.asked and self._cleaning is None and request.purpose != "clean-up":
            raise asyncio.CancelledError
        if request.method not in SAFE_METHODS and request.purpose not in CREDENTIALS:
            self._flying.add(id(request))

    def answered(self, exchange: Exchange) -> None:
        """After its answer was noted."""
        self._flying.discard(id(exchange.request))
        if self.asked and not self._flying:
            # Not from within the task: it would be cancelled at its next wait, and that may be
            # in the clean-up already.
            asyncio.get_running_loop().call_soon(self._cancel_run)

    @contextmanager
    def cleaning(self, limit: asyncio.Timeout) -> Iterator[None]:
        """The clean-up, or giving back what was borrowed: all that is sent in it, within a time
        limit that counts once the run is to end."""
        self._cleaning = limit
        if self.asked:
            limit.reschedule(asyncio.get_running_loop().time() + CLEAN_UP_S)
        try:
            yield
        finally:
            self._cleaning = None

    def _cancel_run(self) -> None:
        if self._cleaning is None:
            self._cancel()

    def _cancel(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
