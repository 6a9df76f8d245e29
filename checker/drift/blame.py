"""Whose business is a refusal? Told by comparing it with refusals of which that is known. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from checker.domain.exchange import Request, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Field, FieldKey
from checker.drift.rule import Case
from checker.drift.server_words import documents_own
from checker.inference.facts import sent_value, witness_value
from checker.inference.name_spellings import spelled
from checker.planning.hints import signature


def may_be_a_choice(case: Case, missed: Observation) -> bool:
    """Whether another field might do as well as one that can't be left out.

    Its absence is answered otherwise than that of the fields that are documented as required; or
    there are none, and without it nothing at all is left of the body, or the run ended before it
    had asked for theirs. And a documented field beside it, which the request hasn't, was never
    seen to be accepted, nor in its place to be answered as its absence is; or another field has
    one of several values, and whether it is for that value was not asked any more.
    """
    key, documented = missed.subject, case.documented
    if key is None or documented is None:
        return False
    required = {k for k, field in documented.fields.items() if field.required and k != key}
    differs = _answered_unlike(case, missed, required)
    return differs and (_untried(case, missed, key) or _is_unexplained(case, key))


def _answered_unlike(case: Case, missed: Observation, required: Collection[FieldKey]) -> bool:
    """Whether an absence is answered otherwise than that of the required fields."""
    known = {
        _complaint_of(seen)
        for seen in case.observed.of(Kind.REMOVE)
        if seen.refused and seen.subject in required
    }
    if known:
        return _complaint_of(missed) not in known
    return _is_empty(missed) or not case.observed.has_done("required")


def _is_unexplained(case: Case, key: FieldKey) -> bool:
    """Whether the run ended before it asked if it is another field's value that wants a field."""
    if case.documented is None or case.observed.has_done("dependencies"):
        return False
    return any(
        other != key and witness_value(case.observed, other) is not None and _chooses(field)
        for other, field in case.documented.fields.items()
    )


def _chooses(field: Field) -> bool:
    """Whether a field has one of a few values."""
    return len(field.schema.enumerated) > 1 or set(field.schema.types) - {"null"} == {"boolean"}


def _is_empty(missed: Observation) -> bool:
    """Whether nothing is left of the body of a request without a field of it, or nothing but empty
    objects and lists: that something has to be in there may be all that is asked."""
    bodies = [e.exchange.request.content for e in missed.evidence if e.role == "probe"]
    return bool(bodies) and all(body is not None and _is_hollow(_parsed(body)) for body in bodies)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def _is_hollow(value: Any) -> bool:
    """Whether a value is an empty object or list, or holds nothing else."""
    if isinstance(value, (dict, list)):
        return all(map(_is_hollow, value.values() if isinstance(value, dict) else value))
    return False


def _untried(case: Case, missed: Observation, key: FieldKey) -> bool:
    """Whether a documented field beside one is neither in the accepted request nor was taken."""
    assert case.documented is not None
    controls = [e.exchange.request for e in missed.evidence if e.role == "control"]
    taken = {o.subject for o in case.observed.of(Kind.ADD) if o.accepted}
    in_vain = _sent_instead(case, missed, key)
    return any(
        beside.parent == key.parent
        and beside.place is key.place
        and beside not in (key, *taken)
        and not _is_servers(field)
        and not any(_says(sent_value(r, beside)) for r in (*controls, *in_vain))
        for beside, field in case.documented.fields.items()
    )


def _says(value: Any) -> bool:
    """Whether a field was sent with anything in it."""
    return value is not None and not _is_hollow(value)


def _is_servers(field: Field) -> bool:
    """Whether the document says, by a keyword or in words, that the server sets a field."""
    words = (field.description, field.schema.description)
    return field.schema.read_only or any(map(documents_own, words))


def _sent_instead(case: Case, missed: Observation, key: FieldKey) -> list[Request]:
    """Requests without a field that were answered as its absence is: what else they had didn't do
    as well."""
    complaint = _complaint_of(missed)
    return [
        exchange.request
        for exchange, verdict in case.observed.exchanges
        if verdict is Verdict.REJECTED
        and sent_value(exchange.request, key) is None
        and _complaint(exchange.response, key) == complaint
    ]


def _complaint_of(seen: Observation) -> str:
    """What is said to the last probe, but for the field's own name."""
    answers = [e.exchange.response for e in seen.evidence if e.role == "probe"]
    return _complaint(answers[-1], seen.subject) if answers and seen.subject is not None else ""


def _complaint(response: Response | None, key: FieldKey) -> str:
    """What an answer says but for a field's own name, in whatever spelling."""
    if response is None:
        return ""
    text = response.text.lower()
    around = [re.escape(p) for p in re.split(r"[.\[\]]+", key.name.lower()) if p][:-1]
    own = spelled(key.leaf).lower()
    path = "".join(rf"(?:{p}[^\w]{{1,3}})?" for p in around)
    return signature(response.status, re.sub(rf"{path}(?<![a-z0-9]){own}(?![a-z0-9])", "@", text))
