"""What experiments bring back, and what all of them together say of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from checker.domain.asked import Asked
from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.operation import FieldKey, OperationId
from checker.domain.schema import MISSING


class Rejection(StrEnum):
    """Why a request wasn't accepted. Only VALIDATION says something about a field."""

    VALIDATION = "validation"
    AUTHORISATION = "authorisation"
    ABSENCE = "absence"
    CONFLICT = "conflict"
    RATE = "rate"
    SERVER_ERROR = "server-error"
    TRANSPORT = "transport"
    HELD = "held"
    """Nothing was sent: the gate forbids it."""
    ELSEWHERE = "elsewhere"
    """Another answer than the operation's: a page to log in, a gateway's, a way elsewhere."""


class Kind(StrEnum):
    """What a probe changes. One kind, one experiment."""

    REMOVE = "remove"
    """The field `subject` taken out (or all of `subjects`)."""
    REPLACE = "replace"
    """The value of `subject` replaced by `value`."""
    ADD = "add"
    """A field that the witness didn't have, with `value`."""
    COMBINE = "combine"
    """Several fields changed at once: `detail` says which are present, absent or set."""
    RESEND = "resend"
    """The identical request again; `detail["level"]` is the freshness level that was needed."""
    TOKEN = "token"
    """Another token type in `detail["token"]` (None: anonymous, "invalid": a nonsense one)."""
    OMIT_STEP = "omit-step"
    """Prerequisite step `detail["step"]` left out."""
    STATE = "state"
    """The same request while resource `detail["resource"]` is in `detail["state"]`."""
    BASE = "base"
    """The other base URL: `detail["base"]`."""
    READBACK = "readback"
    """What was written (`value`) against what is read back (`detail["read"]`)."""
    EXIST = "exist"
    """Whether the operation exists on the server at all."""
    REPEAT = "repeat"
    """The same request again and again, answered in two ways: `detail["status"]` is the
    refusals', `detail["changed"]` says whether it was a probe."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One question to the server and its answer.

    `verdict` is the probe's. `confirmed` means that it held twice with a good control in
    between, or oftener, as the target's failure rate asks for (an accepted probe needs no
    control beside it: it was accepted twice).
    """

    operation: OperationId
    kind: Kind
    verdict: Verdict
    subject: FieldKey | None = None
    value: Any = MISSING
    rejection: Rejection | None = None
    confirmed: bool = False
    evidence: tuple[Evidence, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED

    @property
    def rejected(self) -> bool:
        return self.verdict is Verdict.REJECTED

    @property
    def refused(self) -> bool:
        """Rejected by an answer that can be about the change: a 5xx never is."""
        return self.rejected and self.rejection is not Rejection.SERVER_ERROR

    @property
    def surely_accepted(self) -> bool:
        return self.accepted and self.confirmed

    @property
    def surely_rejected(self) -> bool:
        return self.rejected and self.confirmed

    @property
    def surely_refused(self) -> bool:
        return self.refused and self.confirmed


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    """What became of an operation in a run; `status` is one of report.schema.json's.

    `help` says what would let the next run examine it. `passing`: what kept it from being
    examined may be over by then (a budget, a rate limit, a lost connection). `unasked`: it
    accepted a request, and the run ended before anything was asked with it. `waits_for`: the
    creation without a working request whose things it needs.
    """

    operation: OperationId
    status: str
    reason: str = ""
    requests: int = 0
    help: str = ""
    passing: bool = False
    questions: Mapping[str, Asked] = field(default_factory=dict)
    """What became of the questions about it, by kind."""
    unasked: bool = False
    waits_for: OperationId | None = None
    target: str = ""
    """Its target's name; empty for the default one."""


@dataclass(frozen=True, slots=True)
class ObservedContract:
    """Everything observed of one operation: experiments and every exchange seen for any reason.

    `exchanges` are all answers of this operation with their verdicts (documented-valid requests
    have role `control`), the food of the response rules. `failure_rate` is the share of
    unchanged requests that failed, as measured. `done` are the experiments that came to their
    end; None where all of them did.
    """

    operation: OperationId
    observations: tuple[Observation, ...] = ()
    exchanges: tuple[tuple[Exchange, Verdict], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    failure_rate: float = 0.0
    done: frozenset[str] | None = None

    def has_done(self, experiment: str) -> bool:
        """Whether an experiment came to its end."""
        return self.done is None or experiment in self.done

    def of(self, kind: Kind, subject: FieldKey | None = None) -> Iterator[Observation]:
        """The observations of one kind (and one field), in the order they were made."""
        for observation in self.observations:
            if observation.kind is kind and subject in (None, observation.subject):
                yield observation

    def subjects(self, kind: Kind) -> tuple[FieldKey, ...]:
        """The fields that experiments of a kind were about, in order, each once."""
        return tuple(
            dict.fromkeys(o.subject for o in self.observations if o.kind is kind and o.subject)
        )
