"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from checker.domain.progress import ProgressEvent
from checker.reporting.clean import one_line
from checker.reporting.pace import Pace, in_words

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_EVERY_S = 5.0
LINE_OF_ONE_EVERY_S = 30.0


class QuietProgress:
    """Says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: ProgressEvent) -> None:
        return None


class PlainProgress:
    """A line whenever the phase changes, a message comes, or some seconds have passed: a few at
    the next operation, more while it goes on with one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phase = self._operation = ""
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
        wait = LINE_EVERY_S if event.operation != self._operation else LINE_OF_ONE_EVERY_S
        if event.phase == self._phase and now - self._last < wait:
            return
        self._phase, self._operation, self._last = event.phase, event.operation, now
        print(line(event), file=self._stream, flush=True)


class BarProgress:
    """A bar that moves with the requests: operations done, requests, facts confirmed, time left
    where it is known."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._pace = Pace()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:.0f}/{task.total:.0f}", markup=False),
            TextColumn("{task.fields[counts]}", markup=False),
            TextColumn("{task.fields[left]}", markup=False),
            console=Console(file=self._stream, highlight=False),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=1, counts="", left="")
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
        self._pace.at(event, time.monotonic())
        self._progress.update(
            self._task,
            description=event.phase[:14].ljust(14),
            completed=self._pace.position,
            total=max(self._pace.total, 1),
            counts=counts(event),
            left=in_words(self._pace.left),
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


def progress_for(
    stream: TextIO, *, quiet: bool = False
) -> QuietProgress | PlainProgress | BarProgress:
    """The right one for where `stream` goes."""
    if quiet:
        return QuietProgress()
    return BarProgress(stream) if stream.isatty() else PlainProgress(stream)
