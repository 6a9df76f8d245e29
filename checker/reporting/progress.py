"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from checker.domain.progress import ProgressEvent
from checker.reporting.clean import one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_EVERY_S = 5.0


class PlainProgress:
    """A line whenever the phase changes, a message comes, or some seconds have passed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phase = ""
        self._last = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def __call__(self, event: ProgressEvent) -> None:
        now = time.monotonic()
        if event.message:
            print(one_line(event.message), file=self._stream, flush=True)
        if event.phase == self._phase and now - self._last < LINE_EVERY_S:
            return
        self._phase, self._last = event.phase, now
        print(line(event), file=self._stream, flush=True)


class BarProgress:
    """A bar: operations done, requests, facts confirmed, time left."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:.0f}/{task.total:.0f}", markup=False),
            TextColumn("{task.fields[counts]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=Console(file=self._stream, highlight=False),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=1, counts="")
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, event: ProgressEvent) -> None:
        assert self._progress is not None and self._task is not None, "used as a context manager"
        if event.message:
            self._progress.console.print(one_line(event.message), markup=False)
        self._progress.update(
            self._task,
            description=event.phase[:14].ljust(14),
            completed=event.operations_done,
            total=max(event.operations_total, 1),
            counts=counts(event),
        )


def line(event: ProgressEvent) -> str:
    """An event as one plain line."""
    parts = [event.phase]
    if event.operations_total:
        parts.append(f"{event.operations_done}/{event.operations_total} operations")
    parts.append(counts(event))
    if event.operation:
        parts.append(one_line(event.operation))
    return ", ".join(parts)


def counts(event: ProgressEvent) -> str:
    """ "12 requests, 1 fact confirmed"."""
    facts = _number(event.confirmed, "fact")
    return f"{_number(event.requests, 'request')}, {facts} confirmed"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def progress_for(stream: TextIO) -> PlainProgress | BarProgress:
    """The right one for where `stream` goes."""
    return BarProgress(stream) if stream.isatty() else PlainProgress(stream)
