"""Progress on a terminal and elsewhere."""

from __future__ import annotations

import io

from checker.domain.progress import ProgressEvent
from checker.reporting.progress import BarProgress, PlainProgress, progress_for


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_come_with_phases_and_messages_not_with_every_event() -> None:
    stream = io.StringIO()
    with progress_for(stream) as progress:
        assert isinstance(progress, PlainProgress)
        for number in range(100):
            progress(ProgressEvent("experiments", f"GET /{number}", number, 100, number, 2))
        progress(ProgressEvent("rules", message="a\x1b[31m note"))
    lines = stream.getvalue().splitlines()
    assert lines == [
        "experiments, 0/100 operations, 0 requests, 2 facts confirmed, GET /0",
        "a\N{REPLACEMENT CHARACTER}[31m note",
        "rules, 0 requests, 0 facts confirmed",
    ]


def test_quiet_says_nothing() -> None:
    stream = Terminal()
    with progress_for(stream, quiet=True) as progress:
        progress(ProgressEvent("experiments", "GET /", 3, 10, 77, 2, "a note"))
    assert stream.getvalue() == ""


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()
    with progress_for(stream) as progress:
        assert isinstance(progress, BarProgress)
        progress(ProgressEvent("experiments", "GET /[bold]", 3, 10, 77, 2, "[red]told[/red]"))
    assert "[red]told[/red]" in stream.getvalue()
