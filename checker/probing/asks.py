"""Questions to a lab, one change of the witness each, and what an answer to one says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Call
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation, Place
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.edits import Edit
from checker.planning.encoding import build_request


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
    then: tuple[Step, ...] = ()
    """Steps after all prerequisites."""

    @property
    def reruns(self) -> bool:
        """Whether the prerequisites run anew for it, and so have to for its control."""
        return bool(self.omit or self.hold or self.instead or self.then)


def replacing(key: FieldKey, value: Any, role: str, **more: Any) -> Ask:
    """The question whether the field takes another value; `role` says what the value is."""
    return Ask(Kind.REPLACE, edits.putting(key, value), key, value, {"role": role, **more})


def adding(key: FieldKey, value: Any, role: str) -> Ask:
    """The question whether the request is accepted with one more field."""
    return Ask(Kind.ADD, edits.putting(key, value), key, value, {"role": role})


class Unasked(Exception):
    """A question can't be put at all."""


def says_nothing(ask: Ask, witness: Call, documented: Operation) -> bool:
    """Whether a value leaves no trace on the wire: an empty object in a query, say."""
    key = ask.subject
    if ask.kind not in (Kind.REPLACE, Kind.ADD) or key is None or key.place is Place.BODY:
        return False
    without = build_request(edits.remove(witness, key), documented)
    return build_request(ask.edit(witness), documented) == without


def observation_of(
    ask: Ask,
    documented: Operation,
    verdict: Verdict = Verdict.INCONCLUSIVE,
    rejection: Rejection | None = None,
    evidence: Iterable[Evidence | None] = (),
) -> Observation:
    """What an answer to a question says; None in the evidence is left out."""
    return Observation(
        operation=documented.id,
        kind=ask.kind,
        verdict=verdict,
        subject=ask.subject,
        value=ask.value,
        rejection=rejection,
        evidence=tuple(e for e in evidence if e is not None),
        detail=dict(ask.detail),
    )


def agrees(first: Observation, again: Observation) -> bool:
    """Whether a repetition says the same."""
    if again.verdict is not first.verdict:
        return False
    return not again.rejected or _family(again.rejection) == _family(first.rejection)


def seen_again(first: Observation, again: Observation) -> Observation:
    """The first observation with the evidence of a repetition that agrees."""
    extra = tuple(e for e in again.evidence if e not in first.evidence)
    return replace(first, evidence=first.evidence + extra)


def undecided(seen: Observation) -> Observation:
    """The observation where it doesn't hold."""
    return replace(seen, verdict=Verdict.INCONCLUSIVE, rejection=None, confirmed=False)


def _family(rejection: Rejection | None) -> str:
    if rejection in (Rejection.VALIDATION, Rejection.CONFLICT):
        return "validation"
    return rejection.value if rejection else ""
