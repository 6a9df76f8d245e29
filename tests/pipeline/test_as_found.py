"""A field that is found is told with all that is known of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi
from observed import replaced

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Finding, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, Rejection
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Portal
from checker.drift.registry import all_rules
from checker.drift.rule import Case
from checker.drift.rules.bound_mismatch import BoundMismatch
from checker.drift.rules.type_mismatch import TypeMismatch
from checker.fixing.folding import folded
from checker.pipeline.patching.as_found import as_found, told_whole

POST = OperationId("POST", "/things")
SCHEMA = "/paths/~1things/post/requestBody/content/application~1json/schema"
LEVEL, CODE = FieldKey(Place.BODY, "level"), FieldKey(Place.BODY, "code")


def case_of(
    folder: Path, *seen: Observation, example: dict[str, Any] | None = None, **properties: Any
) -> Case:
    media: dict[str, Any] = {"schema": {"type": "object", "properties": properties}}
    if example is not None:
        media["example"] = example
    post = {
        "requestBody": {"content": {"application/json": media}},
        "responses": {"201": {"description": "made"}, "400": {"description": "wrong"}, **OK},
    }
    document = load(folder, openapi(paths={"/things": {"post": post}}))
    (operation,) = document.operations
    observed = ObservedContract(POST, seen)
    return Case(POST, observed, operation, portal=Portal((document,)))


def known(key: FieldKey, values: list[Any]) -> Observation:
    """An undocumented field of which two values were read back."""
    detail = {"role": "undocumented", "validated": True, "how": "stored", "type": "string"}
    return Observation(
        POST, Kind.READBACK, Verdict.ACCEPTED, key, values, confirmed=True, detail=detail
    )


def needed(key: FieldKey, body: str) -> Observation:
    """An undocumented field without which the request is refused."""
    request = Request("POST", "/things", content=body.encode(), media_type="application/json")
    control = Evidence("control", Exchange(request, Response(201)), Verdict.ACCEPTED)
    without = Exchange(Request("POST", "/things"), Response(400))
    return Observation(
        POST,
        Kind.REMOVE,
        Verdict.REJECTED,
        key,
        rejection=Rejection.VALIDATION,
        confirmed=True,
        evidence=(control, Evidence("probe", without, Verdict.REJECTED)),
    )


def set_of(key: FieldKey, *values: str) -> list[Observation]:
    """A closed set of values."""
    nonsense = [replaced(key, v, "nonsense", accepted=False, id=POST) for v in ("zqab", "zqcd")]
    return [*nonsense, *(replaced(key, v, "candidate", accepted=True, id=POST) for v in values)]


def told(case: Case, further: list[Observation]) -> list[Finding]:
    return told_whole(case, [f for rule in all_rules() for f in rule.check(case)], further)


def test_what_was_asked_of_a_found_field_is_told_with_it(tmp_path: Path) -> None:
    case = case_of(tmp_path, known(LEVEL, ["low", "high"]), name={"type": "string"})
    (one,) = told(case, set_of(LEVEL, "low", "high"))
    assert one.rule == "field-undocumented"
    assert one.patch == (
        {
            "op": "add",
            "path": f"{SCHEMA}/properties/level",
            "value": {"type": "string", "enum": ["low", "high"]},
        },
    )
    assert one.suggested_fix.endswith("Document the enum of `level`: `low` and `high`.")


def test_what_is_told_of_a_found_field_by_itself_has_a_patch_that_has_the_field(
    tmp_path: Path,
) -> None:
    seen = [known(LEVEL, ["low", "high"]), *set_of(LEVEL, "low", "high")]
    case = case_of(tmp_path, *seen, name={"type": "string"})
    assert [bool(f.patch) for f in all_rules_on(case)] == [True, False]
    found, values = sorted(told(case, []), key=lambda f: f.rule, reverse=True)
    assert found.patch[0]["value"] == {"type": "string"}
    assert values.patch[0]["value"] == {"type": "string", "enum": ["low", "high"]}


def all_rules_on(case: Case) -> list[Finding]:
    found = [f for rule in all_rules() for f in rule.check(case)]
    return sorted(found, key=lambda f: f.rule, reverse=True)


@pytest.mark.parametrize(
    ("body", "schema"),
    [
        ('{"code": "a"}', {"type": "string"}),
        ('{"code": 7}', {"type": "integer"}),
        ('{"code": [true]}', {"type": "array", "items": {"type": "boolean"}}),
    ],
)
def test_a_required_field_that_is_not_documented_has_the_type_of_what_was_accepted(
    tmp_path: Path, body: str, schema: dict[str, Any]
) -> None:
    case = case_of(tmp_path, needed(CODE, body))
    (one,) = told(case, [])
    assert [s["value"] for s in one.patch] == [schema, "code"]
    known_so = as_found(case)
    assert known_so is not None
    field = known_so.fields[CODE]
    assert field.required and field.schema.types == (schema["type"],)


def test_where_no_field_was_found_nothing_changes(tmp_path: Path) -> None:
    case = case_of(tmp_path, *set_of(LEVEL, "low", "high"), level={"type": "string"})
    assert as_found(case) is None
    (one,) = told(case, set_of(LEVEL, "low", "high"))
    assert one.rule == "enum-undocumented"


def test_steps_below_an_added_value_become_a_part_of_it() -> None:
    patch = [
        {"op": "add", "path": "/a/b", "value": {"type": "string"}},
        {"op": "add", "path": "/a/b/enum", "value": ["x"]},
        {"op": "add", "path": "/a/required/-", "value": "b"},
        {"op": "add", "path": "/x", "value": {"told": {"one": ["b"]}}},
        {"op": "add", "path": "/x", "value": {"told": {"two": ["b"]}}},
        {"op": "remove", "path": "/a/c"},
    ]
    assert folded(patch) == (
        {"op": "add", "path": "/a/b", "value": {"type": "string", "enum": ["x"]}},
        {"op": "add", "path": "/a/required/-", "value": "b"},
        {"op": "add", "path": "/x", "value": {"told": {"one": ["b"], "two": ["b"]}}},
        {"op": "remove", "path": "/a/c"},
    )


def test_a_rule_that_fails_on_found_fields_costs_no_other_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does so in the run, where fields are found, and at its end."""
    case = case_of(tmp_path, needed(CODE, '{"code": "a"}'), known(LEVEL, ["a", "b"]))
    made = [f for rule in all_rules() for f in rule.check(case)]
    whole = told_whole(case, made, ())

    def fails(self: Any, case: Case) -> Any:
        raise KeyError("values")

    monkeypatch.setattr(BoundMismatch, "check", fails)
    assert [f.rule for f in told_whole(case, made, ())] == [f.rule for f in whole]
    monkeypatch.setattr(TypeMismatch, "check", fails)
    assert as_found(case) is not None


def test_an_example_request_of_the_type_that_was_found_has_a_patch_that_brings_the_type(
    tmp_path: Path,
) -> None:
    """By itself it would break the schema beside it."""
    example, better = {"level": "low", "from": 1}, {"level": ["low"], "from": 2}
    request = Request(
        "POST",
        "/things",
        content=json.dumps(better).encode(),
        media_type="application/json",
    )
    control = Evidence("control", Exchange(request, Response(200)), Verdict.ACCEPTED)
    whole = replaced(FieldKey(Place.BODY, ""), example, "example-request", accepted=False, id=POST)
    refused = replaced(LEVEL, "zq", "documented-type", accepted=False, id=POST)
    refused = replace(refused, detail={"role": "documented-type", "accepted": ["low"]})
    case = case_of(
        tmp_path,
        replace(whole, subject=None, evidence=(control,)),
        refused,
        example=example,
        level={"type": "string"},
        **{"from": {"type": "integer"}},
    )
    assert {f.rule: bool(f.patch) for f in all_rules_on(case)} == {
        "type-mismatch": True,
        "example-rejected": False,
    }
    found = {f.rule: f for f in told(case, [])}
    media = SCHEMA.removesuffix("/schema")
    *before, last = found["example-rejected"].patch
    assert last == {"op": "replace", "path": f"{media}/example", "value": better}
    assert tuple(before) == found["type-mismatch"].patch
