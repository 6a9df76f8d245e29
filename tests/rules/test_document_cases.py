"""Small documents, each with the findings that the static rules must have, and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.documents.portal import load_portal
from checker.domain.finding import Finding
from checker.drift.notes import document_notes
from checker.drift.rules.example_invalid import ExampleInvalid
from checker.drift.rules.spec_conflict import SpecConflict
from checker.drift.rules.spec_invalid import SpecInvalid
from checker.settings import Settings


def findings(folder: Path, **files: Any) -> list[Finding]:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.{'yaml' if isinstance(content, str) else 'json'}").write_text(text)
    portal = load_portal([folder], Settings())
    rules = (SpecInvalid(), ExampleInvalid(), SpecConflict())
    return [finding for rule in rules for finding in rule.check_documents(portal, {})]


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, **more}}
    responses = {"200": {"description": "ok", "content": content}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"get": {"responses": responses}}},
    }


def test_what_a_broken_text_lacks_is_no_further_finding(tmp_path: Path) -> None:
    text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n\t/x:\n\t\tget: {}\n"
    (one,) = findings(tmp_path, a=text)
    assert one.source and one.source.line == 4


@pytest.mark.parametrize("values", [["x"] * 5, ["x", "x", "y", "y", "y"], list("ab") * 49])
def test_values_of_an_enum_are_counted_once(values: list[str], tmp_path: Path) -> None:
    (one,) = findings(tmp_path, a=answer({"type": "string", "enum": values}))
    assert f'"{values[0]}" ' in one.issue
    assert len(one.patch) == len(values) - len(set(values))
    assert findings(tmp_path / "b", a=answer({"type": "string", "enum": ["x", "y"]})) == []


def test_a_long_value_is_cut_and_not_the_reason(tmp_path: Path) -> None:
    example = {"text": "lorem ipsum " * 60}
    (one,) = findings(tmp_path, a=answer({"type": "array", "items": {}}, example=example))
    assert 'is not of type "array"' in one.issue


CLOSED = {"type": "object", "additionalProperties": False, "properties": {"a": {}}}
OPEN = {"type": "object", "properties": {"b": {}}}


@pytest.mark.parametrize(
    ("branches", "wrong"),
    [([CLOSED, OPEN], True), ([OPEN, {"type": "object", "properties": {"a": {}}}], False)],
)
def test_a_closed_branch_doesnt_know_the_others(
    branches: list[Any], wrong: bool, tmp_path: Path
) -> None:
    made = answer({"allOf": branches}, example={"a": 1, "b": 2})
    assert [f.rule for f in findings(tmp_path, a=made)] == ["example-invalid"] * wrong


@pytest.mark.parametrize("uid", [5, "u"])
def test_an_example_inside_an_envelope(uid: Any, tmp_path: Path) -> None:
    made = answer(
        {
            "allOf": [
                {"$ref": "#/components/schemas/Response"},
                {"properties": {"data": {"$ref": "#/components/schemas/Job"}}},
            ]
        }
    )
    job = {"type": "object", "properties": {"uid": {"type": "string"}}, "required": ["uid"]}
    made["components"] = {
        "schemas": {
            "Response": {"type": "object", "properties": {"data": {"type": "object"}}},
            "Job": {**job, "example": {"uid": uid}},
        }
    }
    found = findings(tmp_path, a=made)
    assert [f.rule for f in found] == ["example-invalid"] * (uid == 5)


ONE = {"type": "object", "properties": {"a": {"type": "string"}}}
OTHER = {"type": "object", "properties": {"b": {"type": "string"}}}
NEEDS = {"required": ["b"], **OTHER}


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ({"oneOf": [ONE, OTHER]}, True),
        ({"oneOf": [{**ONE, "additionalProperties": False}, NEEDS]}, False),
        ({"anyOf": [ONE, OTHER]}, False),
        ({"oneOf": [ONE, OTHER], "discriminator": {"propertyName": "a"}}, False),
    ],
)
def test_one_alternative_alone(schema: Any, wrong: bool, tmp_path: Path) -> None:
    found = findings(tmp_path, a=answer(schema, example={"a": "x"}))
    assert [f.rule for f in found if f.rule == "example-invalid"] == ["example-invalid"] * wrong


def test_a_reference_inside_an_example_is_said_to_be_one(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    example = {"a": {"$ref": "#/components/examples/A"}}
    (one,) = findings(tmp_path, a=answer(schema, example=example))
    assert "`$ref` inside an example" in one.issue


def test_a_default_of_a_server_variable_is_in_its_enum(tmp_path: Path) -> None:
    made = answer({"type": "string"})
    variable = {"enum": ["eu", "us"], "default": "as"}
    made["servers"] = [{"url": "https://{r}.example.com", "variables": {"r": variable}}]
    (one,) = findings(tmp_path, a=made)
    assert '"as"' in one.issue
    variable["default"] = "eu"
    assert findings(tmp_path, a=made) == []


def things(required: list[str], **more: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    if required:
        schema["required"] = required
    body = {"in": "body", "name": "body", "schema": schema}
    operation = {"parameters": [body], "responses": {"200": {"description": "ok"}}}
    return {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "basePath": "/v1",
        "paths": {"/things": {"put": operation}},
        **more,
    }


def test_two_current_documents_of_one_operation(tmp_path: Path) -> None:
    (one,) = findings(tmp_path, a=things([]), b=things(["a"]))
    assert one.rule == "spec-conflict"
    assert "a.json" in one.issue and "b.json" in one.issue
    assert one.source and len(one.related) == 1
    assert findings(tmp_path, a=things(["a"]), b=things(["a"])) == []
    # another service has operations of the same name
    other = things(["a"], host="other.example.com")
    assert findings(tmp_path, a=things([], host="one.example.com"), b=other) == []
    # so may two that are only called alike, and say nothing of where they are
    nowhere = things(["a"], basePath="/")
    assert findings(tmp_path, a=things([], basePath="/"), b=nowhere) == []


def test_a_shared_part_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text(json.dumps({"type": "strin"}))
    made = answer({"$ref": "part.json"})
    found = findings(tmp_path, a=made, b=made)
    assert [Path(f.source.file).name for f in found if f.source] == ["part.json"]


def edition(title: str, own: int, shared: int = 6, kind: str = "string") -> dict[str, Any]:
    """A document with operations that others have, too, and some of its own."""
    names = [f"/s{n}" for n in range(shared)] + [f"/{title}{n}" for n in range(own)]
    item = answer({"type": "object", "properties": {"a": {"type": kind}}})["paths"]["/x"]
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": "https://api.example.com/pay"}],
        "paths": dict.fromkeys(names, item),
    }


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        (edition("nz", 3), edition("uk", 3, kind="integer"), 0),
        (edition("nz", 3), edition("nz", 3, kind="integer"), 9),  # one title, one API
        (edition("all", 30), edition("pay", 0, kind="integer"), 6),  # a copy of a part
        (edition("nz", 3, shared=2), edition("uk", 3, shared=2, kind="integer"), 2),
    ],
    ids=["editions", "one title", "copy", "few"],
)
def test_editions_of_an_api_are_no_conflict(a: Any, b: Any, told: int, tmp_path: Path) -> None:
    assert len(findings(tmp_path, a=a, b=b)) == told
    noted = [n for n in document_notes(load_portal([tmp_path], Settings())) if "editions" in n]
    assert len(noted) == (told == 0)


def test_a_third_document_beside_editions_is_one_too(tmp_path: Path) -> None:
    files = {"a": edition("nz", 3), "b": edition("uk", 3), "c": edition("au", 0, kind="integer")}
    assert findings(tmp_path, **files) == []
