"""What a run brings back, and what a dry run would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from checker.domain.finding import Finding, Severity
from checker.domain.history import Trend
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId

RunStatus = Literal["complete", "partial", "interrupted", "failed"]
Standing = Literal["", "new", "known", "expired"]
"""A finding against the baseline; empty without one. `expired`: it was accepted until a day that
has passed, and counts like a new one."""


@dataclass(frozen=True, slots=True)
class TokenShape:
    """How a token type travels, without its value; see `checker.settings.Token`."""

    scheme: str = "Bearer"
    header: str = ""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookie: str = ""
    also: tuple[str, ...] = ()
    """The types that are sent together under this name, each in its own shape."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A target as reports may show it: its addresses and token types, no values."""

    name: str = "default"
    base_url: str = ""
    fallback_url: str = ""
    tokens: Mapping[str, TokenShape] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def own_name(target: str) -> str:
    """What a target is called where several may be told of: nothing for the default one."""
    return "" if target == "default" else target


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding as a baseline remembers it: `reason` says why it is accepted, `expires` (a date,
    YYYY-MM-DD) until when; both may be empty."""

    fingerprint: str
    rule: str
    operation: str
    field: str = ""
    issue: str = ""
    reason: str = ""
    expires: str = ""
    target: str = ""
    """The target that it was seen on; empty for the default one, and where nobody knows."""


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """A run against its baseline.

    `new`, `known` and `expired` are fingerprints of this run's findings. `fixed` were known, were
    looked for and aren't there; `unchecked` were known and not looked for. `reasons` says why
    findings were accepted, by fingerprint.
    """

    path: str = ""
    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    fixed: tuple[KnownFinding, ...] = ()
    unchecked: tuple[KnownFinding, ...] = ()
    expired: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    def standings(self) -> dict[str, Standing]:
        """How each finding of the run stands, by its fingerprint."""
        found: dict[str, Standing] = dict.fromkeys(self.new, "new")
        found.update(dict.fromkeys(self.known, "known"))
        found.update(dict.fromkeys(self.expired, "expired"))
        return found


@dataclass(frozen=True, slots=True)
class WorkflowFile:
    """A workflow record as it should stand in a file."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything that reports say. Times are UTC; `duration_s` in seconds.

    `target` is the base URL (several, separated by ", "), "sandbox" or "none". `findings` are
    final: grouped, ranked, fingerprinted, with lines and columns. `ignored` counts those that
    the settings left out. `error` is one sentence, empty where nothing went wrong.
    `exit_status` is 0 but where the run itself failed (see the command line's statuses).
    """

    started_at: datetime
    finished_at: datetime
    status: RunStatus = "complete"
    version: str = ""
    seed: int = 0
    target: str = "none"
    requests_sent: int = 0
    duration_s: float = 0.0
    operations: tuple[OperationOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    ignored: int = 0
    notes: tuple[str, ...] = ()
    cleanup: tuple[str, ...] = ()
    """What the run created and could not remove."""
    baseline: BaselineResult | None = None
    error: str = ""
    exit_status: int = 0
    shortfall: str = ""
    """Why less was examined than should be, in one sentence; it counts where no drift does."""
    targets: tuple[TargetInfo, ...] = ()
    paths: tuple[str, ...] = ()
    """The paths that were checked, as the user gave them."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file that a patch is for, as it was when it was read."""
    folder: str = ""
    """The folder of the repository in which relative paths start; empty for its root."""
    root: str = ""
    """The repository's root on this machine; not part of a report."""
    shard: tuple[int, int] = (1, 1)
    """Which share of the operations the run was about, of how many."""
    trend: Trend | None = None
    """What the history says of this run and those before it; None where none is kept."""
    workflows: tuple[WorkflowFile, ...] = ()
    """Records for the user to keep, where they were asked for; not part of a report."""

    def with_(self, **changes: Any) -> RunResult:
        """A copy with some attributes replaced."""
        return replace(self, **changes)

    def count(self, severity: Severity) -> int:
        """How many findings are of this severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)

    def standings(self) -> dict[str, Standing]:
        """How each finding stands against the baseline, by fingerprint; empty without one."""
        return {} if self.baseline is None else self.baseline.standings()

    def target_of(self, finding: Finding) -> TargetInfo:
        """The target that a finding was seen on; an empty one where it isn't known."""
        for target in self.targets:
            if target.name == (finding.target or "default"):
                return target
        return self.targets[0] if len(self.targets) == 1 else TargetInfo()


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """What a run would do with an operation; `reason` says why it would be left out.

    `witness` says where its request would come from; `max_requests` is an upper bound.
    """

    operation: OperationId
    experiments: tuple[str, ...] = ()
    max_requests: int = 0
    witness: str = ""
    reason: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A dry run: nothing was sent. `max_requests` is the bound of the whole run."""

    operations: tuple[PlannedOperation, ...] = ()
    max_requests: int = 0
    target: str = "none"
    notes: tuple[str, ...] = ()
