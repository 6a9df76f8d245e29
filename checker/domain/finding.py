"""Findings: a rule's sentence about a difference, with its proof and its fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from enum import IntEnum, StrEnum
from typing import Any, Literal

from checker.domain.exchange import Exchange
from checker.domain.location import Location


class Severity(IntEnum):
    """Ordered: a larger one is worse."""

    MINOR = 1
    MAJOR = 2
    CRITICAL = 3

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Severity:
        """From its label; raises KeyError for anything else."""
        return cls[text.upper()]


class Confidence(StrEnum):
    """Confirmed: the rule's proof is complete."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"


class Verdict(StrEnum):
    """What a server's answer to a request amounts to."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INCONCLUSIVE = "inconclusive"


Role = Literal["control", "probe", "setup", "readback", "event"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One exchange of an experiment and the part it plays."""

    role: Role
    exchange: Exchange
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class FindingField:
    """What a finding is about; `place` is one of report.schema.json's `in` values."""

    place: str
    name: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a document says where no schema can: `own` in the description of the field itself,
    `whole`, which names it, in that of an operation. With `drop` the field goes, where no other
    operation has it from the same place."""

    whole: str
    own: str = ""
    drop: bool = False


@dataclass(frozen=True, slots=True)
class OtherPatch:
    """What mends the same fact in another file that states it, too."""

    file: str
    patch: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference between two contracts.

    `documented` and `observed` are JSON values. `identity` tells apart two findings of one rule
    at one place (a value, a status); it goes into the fingerprint. `patch` is a JSON Patch
    (RFC 6902) against `source.file`; `elsewhere` are those of other files. `named_at` is the
    documented place that gives the finding its name where `source` depends on what was observed;
    else `source` does.
    """

    rule: str
    severity: Severity
    operation: str
    field: FindingField
    issue: str
    suggested_fix: str
    documented: Any = None
    observed: Any = None
    confidence: Confidence = Confidence.CONFIRMED
    also_operations: tuple[str, ...] = ()
    source: Location | None = None
    related: tuple[Location, ...] = ()
    patch: tuple[Mapping[str, Any], ...] = ()
    elsewhere: tuple[OtherPatch, ...] = ()
    words: Words | None = dataclass_field(default=None, compare=False)
    """What `ranking.wording` makes a patch of; not part of a report."""
    evidence: tuple[Evidence, ...] = dataclass_field(default=(), compare=False)
    identity: str = ""
    fingerprint: str = ""
    target: str = ""
    named_at: Location | None = None

    @property
    def place(self) -> Location | None:
        """The documented place that tells the finding from others, whatever was observed."""
        return self.named_at or self.source

    def with_(self, **changes: Any) -> Finding:
        """A copy with some attributes replaced."""
        return replace(self, **changes)
