"""`example-rejected`: a documented example that the server refuses, and what explains that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi
from documented import operation
from observed import replaced

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Portal
from checker.drift.rule import Case
from checker.drift.rules.example_rejected import ExampleRejected

KEY = FieldKey(Place.BODY, "view")


def told(words: str, witness: str) -> list[Finding]:
    schema = {"type": "string", "description": words, "examples": ["Second gasket"]}
    documented = operation({"type": "object", "properties": {"view": schema}})
    seen = replaced(KEY, "Second gasket", "example", accepted=False, witness=witness)
    case = Case(documented.id, ObservedContract(documented.id, (seen,)), documented)
    return list(ExampleRejected().check(case))


@pytest.mark.parametrize(
    ("words", "witness"),
    [("", "owner"), ("Such as `owner`.", "owner"), ("One of `links` and `total`.", "owner")],
)
def test_an_example_that_is_refused_is_told(words: str, witness: str) -> None:
    assert len(told(words, witness)) == 1


def test_where_the_words_list_the_values_the_document_contradicts_itself() -> None:
    assert told("More in the answer. One of `history`, `owner` and `links`.", "owner") == []


def test_an_example_that_the_words_list_is_told() -> None:
    assert len(told("One of `owner`, `links` and `Second gasket`.", "owner")) == 1


def refused(key: FieldKey, value: Any, role: str, **detail: Any) -> Observation:
    return replaced(key, value, role, accepted=False, id=OperationId("POST", "/things"), **detail)


def found(folder: Path, body: dict[str, Any], *seen: Observation) -> list[Finding]:
    """What is told of `POST /things` with a request body."""
    item = {"post": {"requestBody": {"content": {"application/json": body}}, "responses": OK}}
    document = load(folder, openapi(paths={"/things": item}))
    (documented,) = document.operations
    observed = ObservedContract(documented.id, seen)
    case = Case(documented.id, observed, documented, portal=Portal((document,)))
    return list(ExampleRejected().check(case))


BODY = "/paths/~1things/post/requestBody/content/application~1json"
CODE = FieldKey(Place.BODY, "code")


def test_the_accepted_value_takes_the_place_of_a_refused_one_wherever_it_is_given(
    tmp_path: Path,
) -> None:
    code = {"type": "string", "maxLength": 4, "example": "a1"}
    schema = {"type": "object", "properties": {"code": code}}
    body = {"schema": schema, "example": {"code": "a1", "n": 1}}
    seen = refused(CODE, "a1", "example", witness="AB-1")
    (told,) = found(tmp_path, body, seen)
    assert told.suggested_fix.endswith('by one that the server accepts: "AB-1".')
    assert {(s["path"], s["value"]) for s in told.patch} == {
        (f"{BODY}/schema/properties/code/example", "AB-1"),
        (f"{BODY}/example/code", "AB-1"),
    }


def test_a_value_that_the_schema_forbids_is_no_better_example(tmp_path: Path) -> None:
    code = {"type": "string", "maxLength": 2, "example": "a1"}
    schema = {"type": "object", "properties": {"code": code}}
    seen = refused(CODE, "a1", "example", witness="AB-1")
    (told,) = found(tmp_path, {"schema": schema}, seen)
    assert not told.patch


def test_the_accepted_request_takes_the_place_of_a_refused_one(tmp_path: Path) -> None:
    example = {"code": "a1"}
    body = {"schema": {"type": "object"}, "examples": {"first": {"value": example}}}
    key = FieldKey(Place.BODY, "")
    one = refused(key, example, "example-request")
    request = Request("POST", "/things", content=b'{"code": "AB-1"}', media_type="application/json")
    control = Evidence("control", Exchange(request, Response(200)), Verdict.ACCEPTED)
    (told,) = found(tmp_path, body, replace(one, subject=None, evidence=(control,)))
    (step,) = told.patch
    assert step["path"] == f"{BODY}/examples/first/value"
    assert step["value"] == {"code": "AB-1"}


def test_what_the_example_request_lacks_is_added_and_the_rest_stays(tmp_path: Path) -> None:
    """What probes made up is no better example than what a person wrote."""
    example = {"code": "AB-1", "lines": [{"label": "First"}, {"label": "Second"}]}
    sent = {"code": "zqkvw", "name": "Ada", "extra": 1, "lines": [{"label": "zqv", "size": 3}]}
    body = {"schema": {"type": "object"}, "example": example}
    one = refused(FieldKey(Place.BODY, ""), example, "example-request")
    request = Request(
        "POST", "/things", content=json.dumps(sent).encode(), media_type="application/json"
    )
    control = Exchange(request, Response(200))
    needed = [
        replace(one, kind=Kind.REMOVE, subject=FieldKey(Place.BODY, name), value=None)
        for name in ("name", "lines[].size", "code")
    ]
    evidence = (Evidence("control", control, Verdict.ACCEPTED),)
    (told,) = found(tmp_path, body, replace(one, subject=None, evidence=evidence), *needed)
    (step,) = told.patch
    lines = [{"label": "First", "size": 3}, {"label": "Second", "size": 3}]
    assert step["value"] == {"code": "AB-1", "lines": lines, "name": "Ada"}
