"""Observations as experiments make them, for tests of rules."""

from __future__ import annotations

from typing import Any

from documented import POST

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, OperationId


def replaced(
    key: FieldKey, value: Any, role: str, *, accepted: bool, id: OperationId = POST, **detail: Any
) -> Observation:
    """A value that took the place of a field's own, confirmed; refused for itself where it
    wasn't accepted."""
    verdict = Verdict.ACCEPTED if accepted else Verdict.REJECTED
    exchange = Exchange(Request(id.method, id.path), Response(201 if accepted else 400))
    return Observation(
        id,
        Kind.REPLACE,
        verdict,
        key,
        value=value,
        rejection=None if accepted else Rejection.VALIDATION,
        confirmed=True,
        evidence=(Evidence("probe", exchange, verdict),),
        detail={"role": role, **detail},
    )
