"""Whether an accepted request contradicts what an experiment has shown of another. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from checker.domain.exchange import Exchange
from checker.domain.finding import Verdict
from checker.domain.observation import Observation
from checker.domain.operation import FieldKey, Operation, Place
from checker.drift.rule import Case


def accepted_alike(case: Case, seen: Observation) -> bool:
    """Whether a request with the members of a refused probe, and the same choices among them, was
    accepted at another time: what was refused then isn't refused as such. Versions of a server
    behind one address answer so, too, and a run sees one of them long enough by chance."""
    probes = [_sent(e.exchange) for e in seen.evidence if e.role == "probe"]
    bodies = [b for b in probes if b is not None]
    if case.documented is None or seen.subject is None or seen.subject.place is not Place.BODY:
        return False
    if len(bodies) < len(probes):
        return False
    accepted = (_sent(x) for x, verdict in case.observed.exchanges if verdict is Verdict.ACCEPTED)
    return any(_alike(case.documented, b, p) for b in accepted if b is not None for p in bodies)


def _alike(operation: Operation, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return set(one) == set(other) and all(
        one[n] == other[n] or not _is_choice(operation, n, one[n]) for n in one
    )


def _is_choice(operation: Operation, name: str, value: Any) -> bool:
    """Whether a member's value may decide what else is needed: one of a set, or no plain text."""
    field = operation.fields.get(FieldKey(Place.BODY, name))
    return not isinstance(value, str) or field is None or bool(field.schema.enum)


def _sent(exchange: Exchange) -> Mapping[str, Any] | None:
    """The object that a request carries, or None."""
    try:
        body = json.loads(exchange.request.content or b"")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
