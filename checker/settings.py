"""Everything a run was asked to do, in one frozen object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checker.domain.credential import Connection, Csrf, Source
from checker.domain.finding import Severity
from checker.domain.operation import OperationId
from checker.redaction import Secrets


def token_variable(token_type: str) -> str:
    """The environment variable that holds a token of this type, without `$`."""
    return "DRIFTCHECK_TOKEN_" + re.sub(r"[^A-Za-z0-9]", "_", token_type).upper()


@dataclass(frozen=True, slots=True)
class Token:
    """A credential of one type. `value` never leaves the transport.

    `header`, `query` or `cookie` set: the bare value goes there; else
    `Authorization: <scheme> <value>`.
    `headers` are sent along with it; they may hold `{variable}` templates.
    """

    type: str
    value: str = field(repr=False)
    scheme: str = "Bearer"
    header: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    cookie: str = ""
    shaped: bool = False
    """Whether the user said how it travels; else the documents may."""
    source: Source | None = None
    """Where its value is got from; `value` only names it then."""
    csrf: Csrf | None = None
    also: tuple[Token, ...] = ()
    """The credentials that are sent together under this name; it has no value of its own then."""
    lacking: tuple[str, ...] = ()
    """Of a token without a value: the variables that would give it one."""


@dataclass(frozen=True, slots=True)
class Target:
    """One API: where it is, what documents describe it, what it is called with."""

    name: str = "default"
    base_url: str | None = None
    fallback_url: str | None = None
    documents: tuple[str, ...] = ()
    """Globs below the given paths; empty: all."""
    webhook_url: str | None = None
    setup: Path | None = None
    tokens: Mapping[str, Token] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    destructive: tuple[str, ...] = ()
    """Globs of operations ("POST /x/*") that need `--allow-destructive` beside DELETE."""
    allow: tuple[str, ...] = ()
    """Globs of operations that are sent whatever they do."""
    deny: tuple[str, ...] = ()
    """Globs of operations that are never sent; they win over `allow`."""
    test_system: bool = False
    """Nothing that the target does reaches anybody outside."""
    connection: Connection = Connection()


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """Overrides of one rule."""

    enabled: bool = True
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's options; times in seconds, `rate` in requests per second (0: unlimited)."""

    paths: tuple[Path, ...] = ()
    targets: tuple[Target, ...] = ()
    workflows: tuple[Path, ...] = ()
    ref_map: Mapping[str, Path] = field(default_factory=dict)
    har: tuple[Path, ...] = ()
    legacy: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: str = ""
    """A revision: only what its documents tell otherwise is checked."""
    changed: frozenset[OperationId] | None = None
    """What has changed since then; None where everything counts."""
    rules: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity | None = None
    """Only findings of this severity and worse; None for all."""
    rule_settings: Mapping[str, RuleSetting] = field(default_factory=dict)
    max_requests: int | None = None
    """None: by the number of operations."""
    rate: float = 0.0
    concurrency: int = 4
    timeout: float = 10.0
    max_retry_wait: float = 30.0
    """How long an answer (`Retry-After`) can make all requests to its target wait, at most."""
    seed: int = 0
    read_only: bool = False
    allow_destructive: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    test_system: bool = False
    effects: tuple[str, ...] = ()
    """Effects that are sent beside the usual ones: "unknown"."""
    borrow: bool = False
    max_created: int = 200
    """Things of one collection that the run may have made at a time."""
    dry_run: bool = False
    static: bool = False
    remote_refs: bool = False
    fuzz: bool = True
    fail_on: Severity | None = Severity.MAJOR
    fail_on_tentative: bool = False
    baseline: Path | None = None
    accepted: frozenset[str] = frozenset()
    """Fingerprints that the baseline accepts today: they aren't told while the run goes on."""
    min_coverage: float | None = None
    """Percent of the operations that may be sent that have to be examined."""
    yes: bool = False
    """Whether the first run against a host may send without being asked."""
    out: str = "reports"
    formats: tuple[str, ...] = ("md", "json")
    shard: tuple[int, int] = (1, 1)
    balance: Path | None = None
    """A report whose counts say how the shards are divided."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Requests by operation, of that report."""
    dask: str = ""
    """The scheduler whose workers take the shards; empty: this process does all."""
    resume: bool = False
    done: frozenset[tuple[str, str]] = frozenset()
    """(target, operation) of what an interrupted run has finished: not probed again."""
    write_workflows: bool = False
    history: str = ""
    """Path or URL of the history; "off" for none, empty for the one in the output folder."""
    debug: bool = False
    quiet: bool = False
    """No progress, and of the findings their number alone."""
    verbose: bool = False
    """All findings with their fixes, and all gaps."""
    secrets: Secrets = field(default_factory=Secrets, compare=False, repr=False)
    """What the run must not show; grows while it learns."""

    @property
    def selective(self) -> bool:
        """Whether the run is about some operations only."""
        chosen = self.operations or self.domains or self.tags
        return bool(chosen) or self.changed is not None
