"""`required-undocumented`: a conflict with what there is says nothing of a field, nor does a
refusal where the same was accepted at another time."""

from __future__ import annotations

import json

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


@pytest.mark.parametrize(
    ("accepted", "told"),
    [
        ({"name": "b", "kind": "x"}, 0),
        ({"name": "b", "kind": "y"}, 1),
        ({"name": "b", "kind": "x", "homeCountry": "at"}, 1),
        ({"name": "b"}, 1),
        (None, 1),
    ],
    ids=["the same", "another choice", "with it", "fewer members", "none"],
)
def test_the_same_was_accepted_without_the_field(
    accepted: dict[str, str] | None, told: int
) -> None:
    """Versions behind one address may look like a requirement for a while."""
    fields = {"homeCountry": {"type": "string"}, "name": {"type": "string"}}
    kind = {"type": "string", "enum": ["x", "y"]}
    documented = operation({"type": "object", "properties": {**fields, "kind": kind}})

    def sent(body: dict[str, str] | None, status: int) -> Exchange:
        content = json.dumps(body).encode() if body is not None else None
        return Exchange(Request(POST.method, POST.path, content=content), Response(status))

    probe = Evidence("probe", sent({"name": "a", "kind": "x"}, 422), Verdict.REJECTED)
    seen = Observation(
        POST,
        Kind.REMOVE,
        Verdict.REJECTED,
        KEY,
        rejection=Rejection.VALIDATION,
        confirmed=True,
        evidence=(probe, probe),
    )
    case = Case(
        POST,
        ObservedContract(POST, (seen,), ((sent(accepted, 201), Verdict.ACCEPTED),)),
        documented,
    )
    assert len(list(RequiredUndocumented().check(case))) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("`homeCountry` is required when `kind` is `x`.", 0),
        ("`homeCountry` is required when it rains.", 1),
        ("`kind` is the kind. `homeCountry` is shown when it is known.", 1),
    ],
    ids=["another field", "something else", "no requirement"],
)
def test_a_condition_that_the_words_name_may_hold(words: str, told: int) -> None:
    """The witness meets it, and nothing was asked of a request that doesn't."""
    fields = {"homeCountry": {"type": "string"}, "kind": {"type": "string", "enum": ["x", "y"]}}
    documented = operation({"type": "object", "properties": fields}, description=words)
    exchange = Exchange(Request(POST.method, POST.path), Response(400))
    probe = Evidence("probe", exchange, Verdict.REJECTED)
    seen = Observation(
        POST,
        Kind.REMOVE,
        Verdict.REJECTED,
        KEY,
        rejection=Rejection.VALIDATION,
        confirmed=True,
        evidence=(probe, probe),
    )
    case = Case(POST, ObservedContract(POST, (seen,)), documented)
    assert len(list(RequiredUndocumented().check(case))) == told
