"""Signals that ask a run to stop: gently at first, at once when they come again."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from checker.domain.exchange import CREDENTIALS, Exchange, Request
from checker.domain.operation import SAFE_METHODS

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Those of them that the system has."""
ANSWER_S = 3.0
"""A request that changes something gets this long to be answered before the run ends: else
nobody would know what it has made."""
CLEAN_UP_S = 10.0
"""The clean-up after a signal ends then."""


class Interruption:
    """What signals asked of a command. `asked` counts them.

    Before there is anything to keep, a signal ends the command (KeyboardInterrupt). While a target
    is examined, its run is told. Afterwards the first one lets the report be written.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._tell: Callable[[], None] | None = None
        self._patience = 0
        self._listening = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """From here to the end of the block signals come here; in the main thread alone."""
        if self._listening or threading.current_thread() is not threading.main_thread():
            yield
            return
        self._listening, before = True, {}
        for name in SIGNALS:
            number = getattr(signal, name, None)
            # What the caller ignores (nohup) stays ignored.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._arrived)
        try:
            yield
        finally:
            self._listening = False
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Signals in the block call `tell` in the running loop."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(tell)

        self._tell = wake
        try:
            yield
        finally:
            self._tell = None

    def keep(self) -> None:
        """From now on there is something to write: one more signal doesn't keep from it."""
        self._patience = 1

    def _arrived(self, _: int, __: FrameType | None) -> None:
        self.asked += 1
        if self._tell is not None:
            self._tell()
        elif self._patience > 0:
            self._patience -= 1
        else:
            raise KeyboardInterrupt


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
