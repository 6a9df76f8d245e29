from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from documented import FILE, POST, operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Severity, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Document, Portal
from checker.drift.rule import Case
from checker.drift.rules.format_mismatch import FormatMismatch

NOTHING_ELSE = Portal()


def probes(
    name: str, good: Sequence[str], bad: Sequence[str], documented: Sequence[str] = ()
) -> list[Observation]:
    out = []
    for value in [*good[1:], *bad]:
        verdict = Verdict.ACCEPTED if value in good else Verdict.REJECTED
        status = 201 if value in good else 422
        exchange = Exchange(Request("POST", "/things"), Response(status))
        detail: dict[str, Any] = {"role": "format", "witness": good[0]}
        if value in documented:
            detail["documented"] = True
        out.append(
            Observation(
                POST,
                Kind.REPLACE,
                verdict,
                FieldKey(Place.BODY, name),
                value,
                None if value in good else Rejection.VALIDATION,
                confirmed=True,
                evidence=(Evidence("probe", exchange, verdict),),
                detail=detail,
            )
        )
    return out


def check(
    schema: dict[str, Any],
    good: Sequence[str],
    bad: Sequence[str],
    documented: Sequence[str] = (),
    name: str = "value",
    portal: Portal = NOTHING_ELSE,
) -> list[Any]:
    described = operation({"type": "object", "properties": {name: schema}})
    observed = ObservedContract(POST, tuple(probes(name, good, bad, documented)))
    return list(FormatMismatch().check(Case(POST, observed, described, portal=portal)))


DIGITS = (["5551", "4827"], ["abcd", "55 1"])
DAYS = (["2030-01-02", "2031-05-17"], ["2031-05-17T10:00:00Z", "17.05.2031"])


def test_an_undocumented_pattern() -> None:
    (finding,) = check({"type": "string"}, *DIGITS)
    assert finding.severity is Severity.MAJOR
    assert finding.issue == (
        "`value` is documented without a format, but the server accepts digits only: "
        "`5551` and `4827` are accepted, `abcd` and `55 1` are refused."
    )
    assert finding.patch == (
        {"op": "add", "path": "/schema/properties/value/pattern", "value": "^\\d+$"},
    )


def test_a_known_format_is_suggested_as_such() -> None:
    (finding,) = check({"type": "string"}, *DAYS)
    assert finding.patch[0]["value"] == "date"


def test_the_documented_format_is_refused() -> None:
    schema = {"type": "string", "format": "date-time"}
    (finding,) = check(schema, *DAYS, documented=["2031-05-17T10:00:00Z"])
    assert finding.documented == {"format": "date-time"}
    assert finding.observed["name"] == "date"
    assert finding.observed["rejected"][0] == "2031-05-17T10:00:00Z"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[0-9]+$"},
        {"type": "string", "enum": ["5551", "4827"]},
        {"type": "string", "description": "Digits only."},
        {"type": "string", "description": "The numeric code."},
    ],
)
def test_documented(schema: dict[str, Any]) -> None:
    assert check(schema, *DIGITS) == []


def test_a_documented_format_that_holds() -> None:
    assert check({"type": "string", "format": "date"}, *DAYS) == []


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("The animal's vet phone.", 1),
        ("Vet phone", 1),
        ("The vet's phone number, from + on.", 0),
        ("The animal's vet phone: a phone number.", 0),
    ],
)
def test_the_name_once_more_says_nothing(words: str, count: int) -> None:
    numbers = (["+33333333332", "+55555555554"], ["00000000009", "-00000000009", "abc", "+x"])
    schema = {"type": "string", "description": words}
    assert len(check(schema, *numbers, name="vetPhone")) == count


def test_a_name_that_says_the_format() -> None:
    addresses = (["a@example.com", "b@example.com"], ["a", "b at c"])
    assert check({"type": "string"}, *addresses, name="contactEmail") == []
    assert len(check({"type": "string"}, *addresses, name="contact")) == 1


EMAIL = {"type": "string", "format": "email"}


@pytest.mark.parametrize(
    ("file", "written", "count"),
    [
        ("other.json", {"email": EMAIL}, 1),
        ("other.json", {"email": {"type": "string"}}, 0),
        ("other.json", {"email": {**EMAIL, "format": "uri"}}, 0),
        ("other.json", {"sender": EMAIL}, 0),
        (FILE, {"sender": EMAIL}, 1),
        (FILE, {"sender": {**EMAIL, "format": "uri"}}, 0),
    ],
)
def test_a_name_says_nothing_where_the_documents_write_the_format(
    file: str, written: dict[str, Any], count: int
) -> None:
    contact = {"type": "object", "properties": written}
    other = operation({"properties": {"contact": contact}}, id=OperationId("PUT", "/things/{id}"))
    other = replace(other, document=replace(other.document, file=file))
    addresses = (["a@example.com", "b@example.com"], ["a", "b at c"])
    portal = Portal((Document(other.document, (other,)),))
    found = check({"type": "string"}, *addresses, name="email", portal=portal)
    assert len(found) == count


def test_too_little_is_no_proof() -> None:
    assert check({"type": "string"}, ["5551"], ["abcd", "efgh"]) == []
    assert check({"type": "string"}, ["5551", "4827"], ["abcd"]) == []
    assert check({"type": "string"}, ["5551", "word"], ["abcd", "12"]) == []
