"""What the user allows, and what that holds back whatever a request's values are. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from checker.domain.exchange import Request
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.safety.effects import Assessment, Effect

_HELD_ALWAYS = (Effect.SERVICE, Effect.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user allows. `allow` and `deny` are globs of operations ("POST /v1/*"); deny wins.

    `test_system`: nothing that the target does reaches anybody outside. `unknown`: operations
    are sent of which nothing says what they do. `max_created`: things of one collection that may
    be there at a time. `dry_run`: nothing is sent at all.
    """

    read_only: bool = False
    dry_run: bool = False
    allow_destructive: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    destructive: tuple[str, ...] = ()
    test_system: bool = False
    unknown: bool = False
    borrow: bool = False
    max_created: int = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A request is not sent: why, and what allows it.

    `look`: the path of a GET that would settle it: where nothing is there, nothing is harmed.
    `reading`: a GET that would show whether an address leads to an own thing.
    """

    reason: str
    mend: str = ""
    look: str = ""
    kind: Literal["policy", "foreign", "path", "created"] = "policy"
    reading: Request | None = None

    @property
    def advice(self) -> str:
        """What allows it, as a sentence; empty where nothing does."""
        mend = (
            self.mend if self.mend.startswith(("-", "`")) else self.mend[:1].upper() + self.mend[1:]
        )
        return f"{mend}." if mend else ""

    def __str__(self) -> str:
        return f"{self.reason}; {self.mend}" if self.mend else self.reason


def held_by(
    policy: Policy,
    operation: OperationId,
    assessed: Assessment,
    own_addresses: Callable[[], Sequence[str]] = lambda: (),
) -> Held | None:
    """Why the policy holds an operation back, whatever its values are; None where it may be sent.

    `own_addresses` are those of the run's own webhook listener.
    """
    name = str(operation)
    if policy.read_only and operation.method not in SAFE_METHODS:
        return Held("held back by --read-only", "leave it out")
    if matches(name, policy.deny):
        return denied()
    if matches(name, policy.allow):
        return None
    line = f'`allow = ["{name}"]` in the target\'s config sends it'
    effect = assessed.effect
    if effect in _HELD_ALWAYS:
        return Held(assessed.why, line)
    if effect in (Effect.OUTWARD, Effect.CALLBACK) and not policy.test_system:
        if effect is Effect.CALLBACK and own_addresses():
            return None  # settled by the addresses that the request has
        return Held(assessed.why, f"{line}, `test_system = true` all of the kind")
    if effect is Effect.SINGLETON and not policy.borrow:
        return Held(assessed.why, f"--borrow changes it and writes it back; {line}")
    if effect is Effect.UNKNOWN and not policy.unknown:
        return Held(assessed.why, f"`--effects unknown` sends it; {line}")
    deletes = effect is Effect.DELETES or matches(name, policy.destructive)
    if deletes and not policy.allow_destructive:
        return Held("it deletes", "--allow-destructive examines it on what the run has made")
    return None


def denied() -> Held:
    """Held by the user's own `deny`."""
    return Held("held back by `deny`", "take it out of the config's or option's `deny`")


def matches(name: str, globs: Iterable[str]) -> bool:
    """Whether a glob names an operation; the method may be left out."""
    path = name.partition(" ")[2]
    return any(
        fnmatch.fnmatchcase(name, g) or fnmatch.fnmatchcase(path, g) or _templated(name, g)
        for g in globs
    )


def _templated(name: str, pattern: str) -> bool:
    """A glob written as the operation itself: brackets of path parameters are no character set."""
    return name == pattern
