"""`lifecycle-undocumented` of a request that is refused once it has moved its resource on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from documented import FILE, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import DocumentedResponse, OperationId
from checker.drift.rule import Case
from checker.drift.rules.lifecycle_undocumented import LifecycleUndocumented

ACCEPT = OperationId("POST", "/jobs/{id}/accept")


def refused(detail: Mapping[str, Any]) -> Observation:
    """A request that is answered 409 for the state that a job is in."""
    refusal = Exchange(Request("POST", "/jobs/1/accept"), Response(409))
    return Observation(
        ACCEPT,
        Kind.STATE,
        Verdict.REJECTED,
        rejection=Rejection.CONFLICT,
        confirmed=True,
        evidence=(Evidence("probe", refusal, Verdict.REJECTED),),
        detail=detail,
    )


def told(
    description: str, words: str = "Takes a job on.", field: str = "", works: str = "opened"
) -> bool:
    """Whether the rule speaks where the refusal's status is described so; `field`: the words of
    the request's field `openedOn`; `works`: the state in which the request is accepted."""
    seen = refused(
        {
            "role": "spent",
            "states": [works, "taken"],
            "endpoint": str(ACCEPT),
            "acts_on_endpoint": "POST /jobs",
        }
    )
    where = Location(FILE, "/responses/409")
    responses = (DocumentedResponse("409", where, description=description),)
    body = {"type": "object", "properties": {"openedOn": {"type": "string", "description": field}}}
    documented = replace(operation(body, id=ACCEPT, description=words), responses=responses)
    case = Case(ACCEPT, ObservedContract(ACCEPT, (seen,)), documented)
    return bool(list(LifecycleUndocumented().check(case)))


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Conflict.", True),
        ("409: Conflict", True),
        ("", True),
        ("Somebody has accepted it already.", False),
        ("Conflict with the job's state", False),
    ],
)
def test_a_status_documents_what_its_words_say(description: str, expected: bool) -> None:
    assert told(description) is expected


def test_the_words_name_the_state_that_is_needed() -> None:
    assert not told("Conflict", "Takes on a job that is opened.")


@pytest.mark.parametrize(
    ("field", "expected"),
    [("Opened on.", True), ("The job's opened on", True), ("When an opened job was made.", False)],
)
def test_a_field_that_is_only_called_so_documents_no_state(field: str, expected: bool) -> None:
    assert told("Conflict", field=field) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Takes a job on.", True),
        ("Takes on a job of `GET /jobs`.", True),
        ("Takes on a job of **GET** /jobs", True),
        ("Only a job that GET /jobs shows as ready.", False),
        ("A job of `POST /jobs`, a while later.", False),
        ("See /jobs.", False),
        ("The job must have been looked at.", False),
        ("The combination of `job_id` and `name` must be unique.", True),
        ("A job must be unique by its name.", True),
        ("`job_id` is required.", True),
    ],
)
def test_where_an_identifier_is_read_tells_no_state(words: str, expected: bool) -> None:
    """A thing that gets ready by itself, at the path at which it was made and is listed."""
    seen = refused({"step": "make", "endpoint": "POST /jobs", "waits": True})
    named = {"type": "object", "properties": {"job_id": {"type": "string"}}}
    documented = operation(named, id=ACCEPT, description=words)
    case = Case(ACCEPT, ObservedContract(ACCEPT, (seen,)), documented)
    assert bool(list(LifecycleUndocumented().check(case))) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Takes a job on.", True),
        ("The job must be `ready`; it becomes so by itself.", False),
        ("`job_id` is required.", True),
    ],
)
def test_a_thing_may_have_moved_on_since_its_state_was_read(words: str, expected: bool) -> None:
    """It was `opened` when it was made; what the words demand may have come of it meanwhile."""
    detail = {
        "role": "moved",
        "states": ["opened", "closed"],
        "endpoint": "POST /jobs/{id}/close",
        "acts_on_endpoint": "POST /jobs",
    }
    named = {"type": "object", "properties": {"job_id": {"type": "string"}}}
    documented = operation(named, id=ACCEPT, description=words)
    case = Case(ACCEPT, ObservedContract(ACCEPT, (refused(detail),)), documented)
    assert bool(list(LifecycleUndocumented().check(case))) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Takes a job on. The request is not valid.", True),
        ("Takes a job on. Requests need a token.", True),
        ("Takes on a job that was requested.", False),
        ("Takes on a REQUESTED job.", False),
    ],
)
def test_what_every_call_is_made_of_names_no_state(words: str, expected: bool) -> None:
    assert told("Conflict", words, works="requested") is expected
