"""What is remembered of earlier runs, and what changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Presence = Literal["present", "gone"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding in one run: there, or looked for and not there any more.

    A finding that a run didn't look for has no entry in it. `severity` is a label; `known` says
    that the baseline had it.
    """

    fingerprint: str
    state: Presence
    rule: str
    severity: str
    operation: str
    domain: str = ""
    field: str = ""
    issue: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class PastOperation:
    """What became of an operation in one run."""

    operation: str
    domain: str
    status: str
    requests: int = 0


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run as it is remembered. Only runs of one `series` are compared with each other: the
    same documents against the same target. Times are UTC."""

    id: str
    series: str
    started_at: datetime
    finished_at: datetime
    status: str
    target: str
    requests: int = 0
    exit_status: int = 0
    error: str = ""
    operations: tuple[PastOperation, ...] = ()
    findings: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One run in a trend. `appeared` counts what is new at operations that an earlier run had
    looked at, `vanished` what was looked for and is gone, `flapping` what has
    come and gone again within the last runs."""

    run: str
    started_at: datetime
    status: str
    critical: int = 0
    major: int = 0
    minor: int = 0
    appeared: int = 0
    vanished: int = 0
    flapping: int = 0
    examined: int = 0
    selected: int = 0
    requests: int = 0

    @property
    def findings(self) -> int:
        return self.critical + self.major + self.minor


@dataclass(frozen=True, slots=True)
class Trend:
    """The runs of a series, the oldest first, and what the last one changed.

    `appeared` and `flapping` are fingerprints; of a series' first run nothing has appeared.
    """

    points: tuple[Point, ...] = ()
    appeared: tuple[str, ...] = ()
    vanished: tuple[Seen, ...] = ()
    flapping: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A domain or a rule in the last run of a series. Rules have no operations of their own."""

    name: str
    present: int = 0
    appeared: int = 0
    vanished: int = 0
    flapping: int = 0
    examined: int = 0
    selected: int = 0
