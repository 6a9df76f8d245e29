"""What a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """A moment of a run.

    `phase` is one word or two ("documents", "witnesses", "experiments", "rules", "clean-up");
    `operation` the one being worked on, empty for none; `requests` all sent so far; `confirmed`
    the observations that held twice; `message` a line worth showing once, empty for none.
    """

    phase: str
    operation: str = ""
    operations_done: int = 0
    operations_total: int = 0
    requests: int = 0
    confirmed: int = 0
    message: str = ""


Progress = Callable[[ProgressEvent], None]


def silent(event: ProgressEvent) -> None:
    """Shows nothing."""
