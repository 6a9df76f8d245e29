from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from response_cases import ID, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.drift.rule import Case
from checker.drift.rules.server_error import ServerError

AGE = FieldKey(Place.QUERY, "age")
NAME = FieldKey(Place.BODY, "name")


def exchange(number: int, status: int, mark: str = "") -> Exchange:
    request = Request("GET", "/things", (("mark", mark or str(number)),))
    return Exchange(request, Response(status, {}, {}, "{}"), number)


def crash(kind: Kind = Kind.REPLACE, status: int = 500, **changes: Any) -> Observation:
    """A probe that was answered 5xx twice, with an accepted control in between."""
    evidence = (
        Evidence("probe", exchange(1, status), Verdict.REJECTED),
        Evidence("control", exchange(2, 200), Verdict.ACCEPTED),
        Evidence("probe", exchange(3, status), Verdict.REJECTED),
    )
    usual: dict[str, Any] = {
        "rejection": Rejection.SERVER_ERROR,
        "confirmed": True,
        "evidence": evidence,
    }
    return Observation(ID, kind, Verdict.REJECTED, **{**usual, **changes})


def documented(**responses: Any) -> Operation:
    here = Location("api.json")
    body = Schema(here, properties={"name": Schema(here, types=("string",))})
    age = Field(AGE, False, Schema(here, types=("integer",)), here, here)
    base = operation({"200": {}, **{k.strip("_"): v for k, v in responses.items()}})
    return replace(base, parameters=(age,), body={"application/json": body})


def check(
    *observations: Observation, exchanges: Any = (), on: Operation | None = None
) -> list[Finding]:
    observed = ObservedContract(ID, observations, tuple(exchanges))
    return list(ServerError().check(Case(ID, observed, on or documented())))


FUZZ = {"role": "fuzz", "valid": False}
SPEAKS: dict[str, tuple[list[Observation], list[tuple[str, str, str]]]] = {
    "a wrong type": ([crash(subject=NAME, value=5)], [("body", "name", "wrong-type")]),
    "left out": ([crash(Kind.REMOVE, subject=NAME)], [("body", "name", "absent")]),
    "one class, several values": (
        [crash(subject=NAME, value=v) for v in (5, [], None)],
        [("body", "name", "wrong-type")],
    ),
    "two fields": (
        [crash(subject=NAME, value="x"), crash(subject=AGE, value=10**30)],
        [("body", "name", "value"), ("query", "age", "value")],
    ),
    "a token": ([crash(Kind.TOKEN, detail={"token": "staff"})], [("token", "staff", "token")]),
    "a repetition": ([crash(Kind.RESEND)], [("operation", "", "resend")]),
    "fuzzed, isolated": (
        [crash(detail={**FUZZ, "field": NAME}, value=5)],
        [("body", "name", "wrong-type")],
    ),
    "fuzzed, valid": (
        [crash(detail={"role": "fuzz", "valid": True})],
        [("operation", "", "valid-input")],
    ),
    "fuzzed, invalid": ([crash(detail=FUZZ)], [("operation", "", "invalid-input")]),
    "an invalid one gives way to the field": (
        [crash(detail=FUZZ), crash(subject=NAME, value=5)],
        [("body", "name", "wrong-type")],
    ),
    "a valid one doesn't": (
        [crash(detail={"role": "fuzz", "valid": True}), crash(subject=NAME, value=5)],
        [("body", "name", "wrong-type"), ("operation", "", "valid-input")],
    ),
    "fuzzed and probed alike": (
        [crash(subject=NAME, value=5), crash(detail={**FUZZ, "field": NAME}, value=5)],
        [("body", "name", "wrong-type")],
    ),
}
SILENT: dict[str, list[Observation]] = {
    "seen once": [crash(subject=NAME, value=5, confirmed=False)],
    "a proper rejection": [crash(status=422, rejection=Rejection.VALIDATION, subject=NAME)],
    "a gateway's": [crash(status=502, subject=NAME, value=5)],
    "whether it exists": [crash(Kind.EXIST)],
    "nothing": [],
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    observations, expected = SPEAKS[name]
    found = check(*observations)
    assert [(f.field.place, f.field.name, f.identity) for f in found] == expected
    assert all(f.observed == 500 and len(f.evidence) == 3 for f in found)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"dimension": "length", "size": 1024}, "a text of 1,024 characters in `name`"),
        ({"dimension": "length", "size": 1}, "a text of 1 character in `name`"),
        ({"dimension": "items", "size": 300}, "a list of 300 items in `name`"),
        ({}, "another value in `name`"),
    ],
)
def test_what_was_sent_is_said_where_only_its_size_is_known(
    detail: dict[str, Any], words: str
) -> None:
    (found,) = check(crash(subject=NAME, detail=detail))
    assert words in found.issue and words in found.suggested_fix


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert check(*SILENT[name]) == []


def test_an_answer_that_also_came_otherwise_proves_nothing() -> None:
    flaky = (exchange(7, 200, mark="1"), Verdict.ACCEPTED)
    assert check(crash(subject=NAME, value=5), exchanges=[flaky]) == []
    other = (exchange(7, 200, mark="other"), Verdict.ACCEPTED)
    assert len(check(crash(subject=NAME, value=5), exchanges=[other])) == 1


def test_documented_statuses() -> None:
    seen = crash(status=501, subject=NAME, value=5)
    assert check(seen, on=documented(_501={})) == []
    assert len(check(crash(subject=NAME, value=5), on=documented(_500={}))) == 1


def test_identical_requests_without_an_observation() -> None:
    def made(*statuses: tuple[int, str]) -> list[Any]:
        out = []
        for number, (status, mark) in enumerate(statuses, 1):
            verdict = Verdict.ACCEPTED if status < 300 else Verdict.REJECTED
            out.append((exchange(number, status, mark), verdict))
        return out

    assert len(check(exchanges=made((500, "a"), (200, "b"), (500, "a")))) == 1
    assert check(exchanges=made((500, "a"), (500, "a"), (200, "b"))) == []
    assert check(exchanges=made((500, "a"), (200, "b"), (500, "c"))) == []
    assert check(exchanges=made((500, "a"), (200, "a"), (500, "a"))) == []
    assert check(exchanges=made((503, "a"), (200, "b"), (503, "a"))) == []


def test_identical_failures_count_by_what_fails_anyway() -> None:
    """Two of them are proof on a clean server, and none where a tenth of all requests fails."""
    seen = (
        (exchange(1, 500, "x"), Verdict.REJECTED),
        (exchange(2, 200, "y"), Verdict.ACCEPTED),
        (exchange(3, 500, "x"), Verdict.REJECTED),
    )
    for rate, told in ((0.0, 1), (0.1, 0)):
        observed = ObservedContract(ID, (), seen, failure_rate=rate)
        assert len(list(ServerError().check(Case(ID, observed, documented())))) == told


def test_a_request_without_one_cause_is_told_in_words() -> None:
    """An owner has to know what was sent, not that it was generated."""
    content = b"[1]"
    request = Request("POST", "/things", content=content, media_type="application/json")
    seen = crash(detail=FUZZ)
    probes = tuple(
        replace(e, exchange=replace(e.exchange, request=request)) if e.role == "probe" else e
        for e in seen.evidence
    )
    here = Location("api.json")
    body = Schema(here, types=("object",), properties={"name": Schema(here, types=("string",))})
    on = replace(documented(), body={"application/json": body})
    (found,) = check(replace(seen, evidence=probes), on=on)
    assert "to a request whose body is a list instead of an object" in found.issue


def test_one_thing_fails_where_another_does_not() -> None:
    def made(number: int, path: str, status: int) -> Any:
        verdict = Verdict.ACCEPTED if status < 300 else Verdict.REJECTED
        return Exchange(Request("DELETE", path), Response(status), number), verdict

    exchanges = [made(1, "/things/1", 500), made(2, "/things/2", 204), made(3, "/things/1", 500)]
    (found,) = check(exchanges=exchanges)
    assert "differs from an accepted one only in the thing that its path names" in found.issue
    assert found.suggested_fix.startswith("Find out what is special about that thing")


@pytest.mark.parametrize(
    ("enum", "description", "value", "documented_value"),
    [
        (("file", "notebook"), "", "notebook", True),
        (None, "Its kind ('notebook', 'file', 'directory')", "notebook", True),
        (None, "Its kind ('notebook', 'file', 'directory')", "zqxk", False),
        (("file",), "", "zqxk", False),
        (None, "", "notebook", False),
    ],
)
def test_a_documented_value_is_not_what_is_to_be_refused(
    enum: tuple[str, ...] | None, description: str, value: str, documented_value: bool
) -> None:
    """The rest of the request may be wrong for it."""
    here = Location("api.json")
    name = Schema(here, types=("string",), enum=enum, description=description)
    on = replace(documented(), body={"application/json": Schema(here, properties={"name": name})})
    (finding,) = check(crash(subject=NAME, value=value), on=on)
    assert finding.suggested_fix.startswith("Handle a request") is documented_value
    assert ("a documented value" in finding.issue) is documented_value
