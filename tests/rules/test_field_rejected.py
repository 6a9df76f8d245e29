"""`field-rejected` on servers that refuse unknown names, with and without naming them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, Place
from checker.drift.rule import Case
from checker.drift.rules.field_rejected import FieldRejected

TEXT = {"type": "string"}
Speaks = Callable[[str, str], str]
"""(what is wrong: "name" or "value", the field) → the answer's text."""


def refused(kind: Kind, name: str, value: Any, role: str, text: str) -> Observation:
    exchange = Exchange(Request("POST", "/things"), Response(422, text=text))
    return Observation(
        documented().id,
        kind,
        Verdict.REJECTED,
        FieldKey(Place.BODY, name),
        value=value,
        rejection=Rejection.VALIDATION,
        confirmed=True,
        evidence=(Evidence("probe", exchange, Verdict.REJECTED),),
        detail={"role": role},
    )


def documented() -> Any:
    return operation({"type": "object", "properties": {"name": TEXT, "colour": TEXT}})


def found(speaks: Speaks, *, real: str) -> bool:
    """Whether the rule speaks of `colour`; `real` is what is truly wrong with it."""
    seen = (
        refused(Kind.ADD, "colour", "red", "documented", speaks(real, "colour")),
        refused(Kind.ADD, "colour", "abc", "documented", speaks(real, "colour")),
        refused(Kind.ADD, "zq_x", "red", "unknown-name", speaks("name", "zq_x")),
        refused(Kind.REPLACE, "name", 1, "wrong-type", speaks("value", "name")),
    )
    case = Case(documented().id, ObservedContract(documented().id, seen), documented())
    return bool(list(FieldRejected().check(case)))


@pytest.mark.parametrize(
    ("speaks", "real", "expected"),
    [
        (lambda what, field: f"{what} of {field} is bad", "name", True),
        (lambda what, field: f"{what} of {field} is bad", "value", False),
        (lambda what, field: f'{{"colour": "{what} of {field} is bad"}}', "name", True),
        (lambda what, field: f'{{"colour": "{what} of {field} is bad"}}', "value", False),
        (lambda what, field: f"{what} is bad", "name", True),
        (lambda what, field: f"{what} is bad", "value", False),
        (lambda what, field: "bad request", "name", False),
        (lambda what, field: "bad request", "value", False),
        (lambda what, field: "", "name", False),
    ],
    ids=[
        *("named", "a bad value, named", "in a member called so", "a bad value in one"),
        *("kinds", "a bad value", "one answer", "terse", "empty"),
    ],
)
def test_only_what_is_refused_as_an_unknown_name_is(
    speaks: Speaks, real: str, expected: bool
) -> None:
    assert found(speaks, real=real) is expected


@pytest.mark.parametrize(
    ("text", "beside", "expected"),
    [
        ("isbn doesn't go with the other fields", False, False),
        ("isbn goes with format only", False, True),
        ("format isn't taken", False, True),
        ("not taken", True, True),
        ("not taken", False, False),
    ],
)
def test_a_refusal_about_what_is_missing_beside_is_none_of_the_field(
    text: str, beside: bool, expected: bool
) -> None:
    """A refusal that names nothing may be for want of a field that never was accepted alone."""
    known = {"format": {"enum": ["print", "audio"]}, "isbn": TEXT}
    seen = [refused(Kind.ADD, "format", v, "documented", text) for v in ("print", "audio")]
    if beside:
        isbn = refused(Kind.ADD, "isbn", "1", "documented", "")
        seen.append(replace(isbn, verdict=Verdict.ACCEPTED, rejection=None))
    document = operation({"type": "object", "properties": known})
    case = Case(document.id, ObservedContract(document.id, tuple(seen)), document)
    assert bool(list(FieldRejected().check(case))) is expected


def test_a_value_that_stands_in_the_number_of_an_answer_is_no_difference() -> None:
    """The answers say "line 98", "line 314", "line 320": but for that they are alike."""
    seen = tuple(
        refused(Kind.ADD, name, value, role, f"{name} isn't known (line {line})")
        for name, value, role, line in (
            ("colour", 1, "documented", 314),
            ("colour", 4, "documented", 98),
            ("zq_x", 1, "unknown-name", 320),
        )
    )
    case = Case(documented().id, ObservedContract(documented().id, seen), documented())
    assert list(FieldRejected().check(case))
