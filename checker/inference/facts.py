"""Small facts that need several observations of an operation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from checker.domain.exchange import Request
from checker.domain.finding import Verdict
from checker.domain.nodes import each_of, member_of
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.domain.templates import match_path

HALF = 0.5
_FORM = "application/x-www-form-urlencoded"
NUMBER_TEXT = "number-text"
"""The role of numbers with zeros before them, and with a fraction."""
COMPANY = "company"
"""In the detail of a refused value: it isn't refused as such, but for what is beside it or not."""
FRACTION = "fraction"
"""The role of a number with a fraction in the place of a whole one."""
BETWEEN, NEIGHBOUR = "between", "neighbour"
"""The roles of a number between two whole ones, and of a whole one beside the witness's."""
_ABOUT_FIELD = (Rejection.VALIDATION, Rejection.CONFLICT)


def conflicting_reference(observed: ObservedContract) -> set[FieldKey]:
    """Fields whose removal was also accepted in some round: nothing sure can be said."""
    accepted = {o.subject for o in observed.of(Kind.REMOVE) if o.subject and o.accepted}
    rejected = {o.subject for o in observed.of(Kind.REMOVE) if o.subject and o.rejected}
    return accepted & rejected


def only_whole(observed: ObservedContract, key: FieldKey) -> list[Observation]:
    """What proves that a number has to be a whole one: one between two whole ones is refused, and
    both of these are accepted (the witness's own and its neighbour). Empty where nothing does."""
    steps = [o for o in replaced(observed, key, NEIGHBOUR) if o.surely_accepted]
    for between in replaced(observed, key, BETWEEN):
        sure = between.surely_refused and between.rejection in _ABOUT_FIELD
        beside = [o for o in steps if abs(o.value - between.value) == HALF]
        if sure and beside:
            return [between, beside[0]]
    return []


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
    return is_closed_by(replaced(observed, key, "nonsense"), key)


def is_closed_by(observations: Iterable[Observation], key: FieldKey) -> bool:
    """As `is_closed`, from observations of any field and kind."""
    refused = {
        repr(o.value)
        for o in observations
        if o.subject == key and o.detail.get("role") == "nonsense" and o.confirmed
        if o.rejected and o.rejection in _ABOUT_FIELD
    }
    return len(refused) >= 2


def number_text(observed: ObservedContract, key: FieldKey) -> str:
    """The type of number that a text is read as, "" where it isn't: zeros before it make no
    difference, and other texts are refused."""
    taken = [o for o in replaced(observed, key, NUMBER_TEXT) if o.surely_accepted]
    if not taken or not is_closed(observed, key):
        return ""
    return "number" if any("." in str(o.value) for o in taken) else "integer"


def is_open(observed: ObservedContract, key: FieldKey) -> bool:
    """Two unrelated nonsense values were accepted, each twice."""
    taken = {repr(o.value) for o in replaced(observed, key, "nonsense") if o.surely_accepted}
    return len(taken) >= 2


def comes_back(seen: Observation) -> bool:
    """Whether every answer to an accepted value has it as it was sent, under the field's name."""
    name = seen.subject.leaf if seen.subject is not None else ""
    answers = [e.exchange.response for e in seen.evidence if e.role == "probe"]
    return bool(answers and name) and all(
        r is not None and any(v == seen.value for v in _under(name, r.body)) for r in answers
    )


def _under(name: str, node: Any) -> Iterator[Any]:
    """What an answer has under a name, wherever; of a list, its items."""
    if isinstance(node, list):
        for item in node:
            yield from _under(name, item)
    elif isinstance(node, dict):
        own = node.get(name)
        yield from each_of(own)
        for child in node.values():
            yield from _under(name, child)


def has_shape(observed: ObservedContract, key: FieldKey) -> bool:
    """Another value of the same shape was accepted: a format rather than a set."""
    return any(o.accepted for o in replaced(observed, key, "shaped"))


def taken_beside(observed: ObservedContract, key: FieldKey, values: Iterable[Any]) -> bool:
    """Whether a text that is none of these was accepted in the field's place, whoever made it up:
    then they aren't a whole set. Letter case aside."""
    known = {str(v).lower() for v in values}
    return any(
        o.accepted and isinstance(o.value, str) and o.value.lower() not in known
        for kind in (Kind.REPLACE, Kind.ADD)
        for o in observed.of(kind, key)
    )


def witness_value(observed: ObservedContract, key: FieldKey) -> Any:
    """The value that the field has in the controls, from the probes' evidence; else None. (What
    was asked before it became a part of the witness has controls without it.)"""
    for observation in observed.observations:
        if observation.subject != key:
            continue
        for evidence in observation.evidence:
            sent = (
                sent_value(evidence.exchange.request, key) if evidence.role == "control" else None
            )
            if sent is not None:
                return sent
    return None


def accepted_values(observed: ObservedContract, key: FieldKey) -> list[Any]:
    """Values that were accepted in the field's place and that a document or a working request
    had for it, the working request's own first."""
    own = witness_value(observed, key)
    tried = replaced(observed, key, "candidate", "documented")
    taken = [o.value for o in tried if o.surely_accepted]
    return [value for value in [own, *taken] if value is not None]


def accepted_body(observed: ObservedContract) -> Any:
    """The body of a request that was accepted, the working one's first; None where none has one."""
    controls = (e for o in observed.observations for e in o.evidence if e.role == "control")
    sent = [e.exchange.request for e in controls if e.verdict is Verdict.ACCEPTED]
    sent += [e.request for e, verdict in observed.exchanges if verdict is Verdict.ACCEPTED]
    bodies = (sent_value(request, FieldKey(Place.BODY, "")) for request in sent)
    return next((body for body in bodies if isinstance(body, (dict, list))), None)


def sent_value(request: Request, key: FieldKey) -> Any:
    """The value of a field as a request has it (a text where only texts travel), or None."""
    match key.place:
        case Place.QUERY:
            return dict(request.query).get(key.name)
        case Place.PATH if request.operation is not None:
            return (match_path(request.operation.path, request.url_path) or {}).get(key.name)
        case Place.HEADER:
            return {n.lower(): v for n, v in request.headers}.get(key.name.lower())
        case Place.BODY if request.content is not None:
            return _sent_member(request.content, request.media_type or "", key)
        case _:
            return None


def _sent_member(content: bytes, media_type: str, key: FieldKey) -> Any:
    """The value of a body's field, of a form or of JSON."""
    if media_type.startswith(_FORM):
        return dict(parse_qsl(content.decode("utf-8", "replace"))).get(key.name)
    try:
        return _member(json.loads(content), key)
    except ValueError:
        return None


def _member(node: Any, key: FieldKey) -> Any:
    for part in key.name.split("."):
        stem = part.rstrip("[]")
        if stem:
            node = member_of(node, stem)
        for _ in range((len(part) - len(stem)) // 2):
            node = node[0] if isinstance(node, list) and node else None
    return node
