"""Questions to a lab, one change of the witness each, and when an answer counts as confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.edits import Edit


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: a change of the witness and what it is about."""

    kind: Kind
    edit: Edit
    subject: FieldKey | None = None
    value: Any = MISSING
    detail: Mapping[str, Any] = field(default_factory=dict)
    omit: frozenset[str] = frozenset()
    """Prerequisite steps to leave out."""
    hold: str = ""
    """Prerequisite step whose waiting is left out."""
    instead: Step | None = None
    """A prerequisite step in the place of the one of the same id."""

    @property
    def reruns(self) -> bool:
        """Whether the prerequisites run anew for it, and so have to for its control."""
        return bool(self.omit or self.hold or self.instead)


def replacing(key: FieldKey, value: Any, role: str, **more: Any) -> Ask:
    """The question whether the field takes another value; `role` says what the value is."""
    return Ask(Kind.REPLACE, edits.putting(key, value), key, value, {"role": role, **more})


def adding(key: FieldKey, value: Any, role: str) -> Ask:
    """The question whether the request is accepted with one more field."""
    return Ask(Kind.ADD, edits.putting(key, value), key, value, {"role": role})


class Unasked(Exception):
    """A question can't be put at all."""


def confirmed(first: Observation, again: Observation) -> Observation:
    """The first observation, confirmed where the second one agrees."""
    if again.verdict is not first.verdict:
        return replace(first, verdict=Verdict.INCONCLUSIVE, rejection=None)
    if again.rejected and _family(again.rejection) != _family(first.rejection):
        return replace(first, verdict=Verdict.INCONCLUSIVE, rejection=None)
    extra = tuple(e for e in again.evidence if e not in first.evidence)
    return replace(first, confirmed=True, evidence=first.evidence + extra)


def _family(rejection: Rejection | None) -> str:
    if rejection in (Rejection.VALIDATION, Rejection.CONFLICT):
        return "validation"
    return rejection.value if rejection else ""
