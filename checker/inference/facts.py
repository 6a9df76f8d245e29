"""Small facts that need several observations of an operation."""

from __future__ import annotations

from typing import Any

from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place

_ABOUT_FIELD = (Rejection.VALIDATION, Rejection.CONFLICT, Rejection.SERVER_ERROR)


def conflicting_reference(observed: ObservedContract) -> set[FieldKey]:
    """Fields whose removal was also accepted in some round: nothing sure can be said."""
    accepted = {o.subject for o in observed.of(Kind.REMOVE) if o.subject and o.accepted}
    rejected = {o.subject for o in observed.of(Kind.REMOVE) if o.subject and o.rejected}
    return accepted & rejected


def replaced(observed: ObservedContract, key: FieldKey, *roles: str) -> list[Observation]:
    """Replacements and additions of a field with a value of one of the roles."""
    return [
        o
        for kind in (Kind.REPLACE, Kind.ADD)
        for o in observed.of(kind, key)
        if o.detail.get("role") in roles
    ]


def about_field(observation: Observation) -> bool:
    """Whether a refusal can be the field's fault."""
    return observation.rejected and observation.rejection in _ABOUT_FIELD


def is_closed(observed: ObservedContract, key: FieldKey) -> bool:
    """Two unrelated nonsense values were refused, each twice."""
    refused = {
        repr(o.value)
        for o in replaced(observed, key, "nonsense")
        if o.rejected and o.confirmed and o.rejection in _ABOUT_FIELD
    }
    return len(refused) >= 2


def is_open(observed: ObservedContract, key: FieldKey) -> bool:
    """Two unrelated nonsense values were accepted, each twice."""
    taken = {
        repr(o.value) for o in replaced(observed, key, "nonsense") if o.accepted and o.confirmed
    }
    return len(taken) >= 2


def has_shape(observed: ObservedContract, key: FieldKey) -> bool:
    """Another value of the same shape was accepted: a format rather than a set."""
    return any(o.accepted for o in replaced(observed, key, "shaped"))


def witness_value(observed: ObservedContract, key: FieldKey) -> Any:
    """The value that the field has in the controls, from the probes' evidence; else None. (What
    was asked before it became a part of the witness has controls without it.)"""
    import json

    for observation in observed.observations:
        if observation.subject != key:
            continue
        for evidence in observation.evidence:
            content = evidence.exchange.request.content
            if evidence.role == "control" and key.place is Place.QUERY:
                sent = dict(evidence.exchange.request.query).get(key.name)
                if sent is not None:
                    return sent
            if evidence.role == "control" and content is not None:
                try:
                    node: Any = json.loads(content)
                except ValueError:
                    continue
                for part in key.name.split("."):
                    while part.endswith("[]"):
                        part = part[:-2]
                        node = node.get(part) if isinstance(node, dict) and part else node
                        node = node[0] if isinstance(node, list) and node else None
                        part = ""
                    if part:
                        node = node.get(part) if isinstance(node, dict) else None
                if node is not None:
                    return node
    return None
