"""The one run that goes on: a process of its own, which can be told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_LINES = 200
WAIT_S = 15.0
"""How long a run has for its gentle end when the pages are closed."""


@dataclass(frozen=True, slots=True)
class LiveState:
    """What is known of the run: `status` is None while it goes on."""

    title: str
    started_at: datetime
    lines: tuple[str, ...]
    status: int | None
    stopping: bool


class LiveRun:
    """Starts a command of driftcheck's and keeps its last lines; one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._title = ""
        self._started_at = datetime.now(UTC)
        self._asked = 0

    @property
    def state(self) -> LiveState | None:
        """None before the first run."""
        with self._lock:
            if self._process is None:
                return None
            return LiveState(
                self._title,
                self._started_at,
                tuple(self._lines),
                self._process.poll(),
                self._asked > 0,
            )

    @property
    def running(self) -> bool:
        state = self.state
        return state is not None and state.status is None

    def start(self, title: str, arguments: Sequence[str]) -> bool:
        """Start a command; whether it was started: not while another one runs."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return False
            self._lines.clear()
            self._title, self._asked = title, 0
            self._started_at = datetime.now(UTC)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "checker.cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                # Ctrl-C is for the pages first: they end the run gently.
                start_new_session=True,
            )
            self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
            self._reader.start()
            return True

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                with self._lock:
                    self._lines.append(line.rstrip())

    def stop(self) -> None:
        """Ask the run to end gently; a second time without its clean-up."""
        with self._lock, suppress(OSError):
            if self._process is not None and self._process.poll() is None:
                self._asked += 1
                self._process.send_signal(signal.SIGINT)

    def wait(self, seconds: float) -> bool:
        """Whether the run has ended, and said its last, within so many seconds."""
        if self._process is None or self._reader is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(seconds)
        return True

    def close(self) -> None:
        """The run has ended afterwards."""
        for _ in range(2):
            self.stop()
            if self.wait(WAIT_S):
                return
        if self._process is not None:
            self._process.kill()
            self._process.wait()
