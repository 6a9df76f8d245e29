"""What an operation may do to others, ordered by harm, and what told it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from checker.domain.operation import FieldKey


class Effect(IntEnum):
    """Effects by harm: of two readings of one operation the greater counts."""

    READS = 0
    SIGNS_IN = 1
    CREATES = 2
    UNKNOWN = 3
    CHANGES = 4
    """One thing."""
    DELETES = 5
    """One thing."""
    SINGLETON = 6
    """The only one of its kind, which the run can't have made."""
    CALLBACK = 7
    """Registers an address that the server will call."""
    OUTWARD = 8
    """Reaches people or money outside."""
    ACCOUNT = 9
    """The caller's own account or credential."""
    SERVICE = 10
    """Stops, empties or rebuilds something, or changes many things at once."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """An operation's effect and what told it, in words."""

    effect: Effect
    why: str
    addressed: FieldKey | None = None
    """The field that names the one thing it changes; None where it changes none, or nothing
    names it."""
    by_route: Effect | None = None
    """What method and path alone say, where the words say something worse."""
    noun: str = ""
    """What the addressed thing is called, where the operation's own path is called otherwise."""
    revives: str = ""
    """The words by which a creation may change what is there: open it again, merge with it."""
    along: str = ""
    """The words by which others may go along with what is changed or deleted."""

    @property
    def route(self) -> Effect:
        """What method, path and siblings say, whatever the words add."""
        return self.effect if self.by_route is None else self.by_route
