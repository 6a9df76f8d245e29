"""`description-conflict`: the words of a field against its own schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.documents.portal import load_portal
from checker.domain.finding import Finding
from checker.drift.rules.description_conflict import DescriptionConflict
from checker.settings import Settings


def check(folder: Path, schema: Any, version: str = "3.0.3", **schemas: Any) -> list[Finding]:
    body = {"content": {"application/json": {"schema": schema}}}
    content = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {
            path: {"get": {"responses": {"200": {"description": "x", **body}}}}
            for path in ("/a", "/b")
        },
        "components": {"schemas": schemas},
    }
    (folder / "a.json").write_text(json.dumps(content))
    return list(DescriptionConflict().check_documents(load_portal((folder,), Settings()), {}))


def of_field(folder: Path, words: str, **field: Any) -> list[Any]:
    node = {"type": "string", "description": words, **field}
    found = check(folder, {"type": "object", "properties": {"f": node}})
    return [f.documented for f in found if f.operation == "GET /a"]


KINDS = ["open", "paid", "void"]


@pytest.mark.parametrize(
    ("words", "field", "documented"),
    [
        ("The order. Default: `asc`", {"default": "desc"}, ("asc", "desc")),
        ("Defaults to 10.", {"type": "integer", "default": 20}, ("10", 20)),
        ("Default: true", {"type": "boolean", "default": False}, ("true", False)),
        ("Maximum: 100", {"type": "integer", "maximum": 50}, (100, 50)),
        ("Maximum string length: 100", {"maxLength": 255}, (100, 255)),
        ("Some ids (max 5)", {"type": "array", "items": {}, "maxItems": 9}, (5, 9)),
        ("Minimum: 1", {"type": "integer", "minimum": 0}, (1, 0)),
        ("Null if it is open.", {}, (True, False)),
        ("One of `open`, `paid`, `x`.", {"enum": KINDS[:2]}, (["open", "paid", "x"], KINDS[:2])),
        ("One of `open`, `paid`.", {"enum": KINDS}, (["open", "paid"], KINDS)),
    ],
)  # fmt: skip
def test_it_speaks(
    tmp_path: Path, words: str, field: dict[str, Any], documented: tuple[Any, Any]
) -> None:
    assert of_field(tmp_path, words, **field) == [
        dict(zip(("words", "schema"), documented, strict=True))
    ]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("Default: `asc`", {"default": "asc"}),
        ("Default: `asc`", {}),
        ("Default: `asc` if `sort` is given.", {"default": "desc"}),
        ("Default: `asc`\nDefault: `desc`", {"default": "asc"}),
        ("Defaults to 10 minutes", {"type": "integer", "default": 600}),
        ("Defaults to 10.", {"type": "number", "default": 10.0}),
        ("Default: `a`", {"type": "array", "items": {"type": "string"}, "default": ["a"]}),
        ("Maximum: 100", {"type": "integer"}),
        ("Maximum: 100", {"type": "integer", "maximum": 100}),
        ("Maximum: 10 MB", {"maxLength": 255}),
        ("At most the price of the order", {"type": "integer", "maximum": 50}),
        ("Null if it is open.", {"nullable": True}),
        ("Must not be null", {}),
        ("One of `open`, `paid` or `void`.", {"enum": KINDS}),
        ("One of `Open`, `Paid`.", {"enum": ["open", "paid"]}),
        ("One of `open`, `paid`; void ones are left out.", {"enum": KINDS}),
        ("For example `open`, `lost`.", {"enum": KINDS}),
        ("One of `red`, `blue`, `open`.", {"enum": KINDS}),
        ("One of `open`, `paid`, `lost`.", {}),
        ("The state", {"enum": KINDS}),
        ("One of `open`, `paid`, or their variants.", {"enum": KINDS[:2]}),
        ("For guests, the default is `asc`.", {"default": "desc"}),
    ],
)
def test_it_is_silent(tmp_path: Path, words: str, field: dict[str, Any]) -> None:
    assert of_field(tmp_path, words, **field) == []


def test_parameters_and_shared_schemas_are_read_once(tmp_path: Path) -> None:
    kind = {"type": "string", "enum": KINDS[:2], "description": "One of `open`, `paid`, `void`"}
    thing = {"type": "object", "properties": {"kind": kind}}
    (finding,) = check(tmp_path, {"$ref": "#/components/schemas/Thing"}, Thing=thing)
    assert finding.also_operations == ("GET /b",)
    assert finding.source is not None
    assert finding.source.pointer == "/components/schemas/Thing/properties/kind"
    assert "lists `void`, which its `enum` hasn't" in finding.issue


@pytest.mark.parametrize(("more", "told"), [({"nullable": True}, False), ({}, True)])
def test_a_word_for_null_of_another_version_is_told_as_that(
    more: dict[str, Any], told: bool, tmp_path: Path
) -> None:
    node = {"type": "string", "description": "Null if it is open.", **more}
    found = check(tmp_path, {"type": "object", "properties": {"f": node}}, version="3.1.0")
    assert bool(found) is told


def test_swagger_2_has_no_word_for_null(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"f": {"type": "string", "description": "Null if it is open."}},
    }
    content = {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "x", "schema": schema}}}}},
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    portal = load_portal((tmp_path,), Settings())
    assert not list(DescriptionConflict().check_documents(portal, {}))


OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({**OBJECT, "example": {"a": "x", "b": 1}}, ["b"]),
        ({"type": "array", "items": OBJECT, "example": [{"b": 1}]}, ["[].b"]),
        ({"type": "object", "properties": {"o": OBJECT}, "example": {"o": {"b": 1}}}, ["o.b"]),
        ({"allOf": [OBJECT, {"properties": {"c": {}}}], "example": {"b": 1, "c": 1}}, ["b"]),
        ({**OBJECT, "example": {"a": "x"}}, None),
        ({**OBJECT, "example": {"x-b": 1, "$b": 1}}, None),
        ({**OBJECT, "additionalProperties": True, "example": {"b": 1}}, None),
        ({**OBJECT, "additionalProperties": False, "example": {"b": 1}}, None),
        ({**OBJECT, "required": ["b"], "example": {"b": 1}}, None),
        ({**OBJECT, "oneOf": [OBJECT, {"type": "object"}], "example": {"b": 1}}, None),
        ({"type": "object", "example": {"b": 1}}, None),
        ({"allOf": [OBJECT, {"$ref": "https://a.example/b.json"}], "example": {"b": 1}}, None),
    ],
)  # fmt: skip
def test_properties_of_an_example(tmp_path: Path, schema: Any, names: list[str] | None) -> None:
    found = [f.documented["example"] for f in check(tmp_path, schema) if f.operation == "GET /a"]
    assert found == ([names] if names else [])


def test_one_property_in_many_examples_is_one_finding(tmp_path: Path) -> None:
    reference = {"$ref": "#/components/schemas/Thing"}
    one = {"application/json": {"schema": reference, "example": {"a": "x", "b": 1}}}
    many = {"application/json": {"schema": {"type": "array", "items": reference}}}
    many["application/json"]["example"] = [{"b": 2}]
    content = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            path: {"get": {"responses": {"200": {"description": "x", "content": body}}}}
            for path, body in (("/a", one), ("/b", many))
        },
        "components": {"schemas": {"Thing": OBJECT}},
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    portal = load_portal((tmp_path,), Settings())
    (finding,) = DescriptionConflict().check_documents(portal, {})
    assert (finding.operation, finding.also_operations) == ("GET /a", ("GET /b",))
    assert any("~1b" in place.pointer for place in finding.related)
