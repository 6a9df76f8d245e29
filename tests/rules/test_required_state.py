"""`required-undocumented`: a conflict with what there is says nothing of a field."""

from __future__ import annotations

import pytest
from documented import POST, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.required_undocumented import RequiredUndocumented

KEY = FieldKey(Place.BODY, "homeCountry")


@pytest.mark.parametrize(
    ("rejection", "words", "told"),
    [
        (Rejection.VALIDATION, "no", 1),
        (Rejection.AUTHORISATION, "no", 1),
        (Rejection.CONFLICT, "Not possible in this state", 0),
        (Rejection.CONFLICT, "The home country is missing", 1),
    ],
)
def test_a_field_without_which_another_state_is_complained_about(
    rejection: Rejection, words: str, told: int
) -> None:
    documented = operation(
        {"type": "object", "properties": {"homeCountry": {"type": "string"}, "a": {}}}
    )
    answer = Response(409, {}, {"message": words}, words)
    probe = Evidence("probe", Exchange(Request(POST.method, POST.path), answer), Verdict.REJECTED)
    seen = Observation(
        POST,
        Kind.REMOVE,
        Verdict.REJECTED,
        KEY,
        rejection=rejection,
        confirmed=True,
        evidence=(probe, probe),
    )
    taken = Observation(POST, Kind.ADD, Verdict.ACCEPTED, FieldKey(Place.BODY, "a"))
    case = Case(POST, ObservedContract(POST, (seen, taken)), documented)
    assert len(list(RequiredUndocumented().check(case))) == told
