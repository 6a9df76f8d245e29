"""Signals that ask a command to stop: gently at first, at once when they come again.

Every command listens, so nothing heavy is imported here; `pipeline/ending.py` ends a run.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Those of them that the system has."""


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
        import asyncio

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
