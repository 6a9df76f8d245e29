"""Whose business is a refusal? Told by comparing it with refusals of which that is known. Pure."""

from __future__ import annotations

import re

from checker.domain.exchange import Response
from checker.domain.observation import Kind, Observation
from checker.domain.operation import FieldKey
from checker.drift.rule import Case
from checker.inference.facts import sent_value
from checker.inference.name_spellings import spelled
from checker.planning.hints import signature


def may_be_a_choice(case: Case, missed: Observation) -> bool:
    """Whether another field might do as well as one that can't be left out.

    Its absence is answered otherwise than that of the fields that are documented as required; or
    there are none, and without it nothing at all is left of the body. And a documented field
    beside it, which the request hasn't, was never seen to be accepted.
    """
    key, documented = missed.subject, case.documented
    if key is None or documented is None:
        return False
    required = {k for k, field in documented.fields.items() if field.required and k != key}
    known = {
        _complaint(seen)
        for seen in case.observed.of(Kind.REMOVE)
        if seen.refused and seen.subject in required
    }
    differs = _complaint(missed) not in known if known else _is_empty(missed)
    return differs and _untried(case, missed, key)


def _is_empty(missed: Observation) -> bool:
    """Whether nothing is left of the body of a request without a field of it: that something has
    to be in there may be all that is asked."""
    bodies = [e.exchange.request.content for e in missed.evidence if e.role == "probe"]
    return bool(bodies) and all(body is not None and body.strip() == b"{}" for body in bodies)


def _untried(case: Case, missed: Observation, key: FieldKey) -> bool:
    """Whether a documented field beside one is neither in the accepted request nor was taken."""
    assert case.documented is not None
    controls = [e.exchange.request for e in missed.evidence if e.role == "control"]
    taken = {o.subject for o in case.observed.of(Kind.ADD) if o.accepted}
    return any(
        beside.parent == key.parent
        and beside.place is key.place
        and beside not in (key, *taken)
        and not field.schema.read_only
        and not any(sent_value(request, beside) is not None for request in controls)
        for beside, field in case.documented.fields.items()
    )


def _complaint(seen: Observation) -> str:
    """What is said to a probe but for the field's own name, in whatever spelling."""
    answers = [e.exchange.response for e in seen.evidence if e.role == "probe"]
    response: Response | None = answers[-1] if answers else None
    if response is None or seen.subject is None:
        return ""
    text = response.text.lower()
    around = [re.escape(p) for p in re.split(r"[.\[\]]+", seen.subject.name.lower()) if p][:-1]
    own = spelled(seen.subject.leaf).lower()
    path = "".join(rf"(?:{p}[^\w]{{1,3}})?" for p in around)
    return signature(response.status, re.sub(rf"{path}(?<![a-z0-9]){own}(?![a-z0-9])", "@", text))
