"""`example-invalid`: every example against the schema beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi
from observed import replaced
from response_cases import answer

from checker.documents.portal import load_portal
from checker.domain.finding import Finding
from checker.domain.observation import ObservedContract
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Portal
from checker.drift.rules.example_invalid import ExampleInvalid
from checker.settings import Settings


def check(folder: Path, content: dict[str, Any]) -> list[Finding]:
    (folder / "spec.json").write_text(json.dumps(content))
    portal = load_portal((folder,), Settings())
    return list(ExampleInvalid().check_documents(portal, {}))


def three(
    schema: dict[str, Any],
    *,
    version: str = "3.0.3",
    media: str = "application/json",
    **beside: Any,
) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {"content": {media: {"schema": schema, **beside}}},
                    "responses": {"200": {"description": "x"}},
                }
            }
        },
        "components": {
            "schemas": {
                "Node": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "next": {"$ref": "#/components/schemas/Node"},
                    },
                }
            }
        },
    }


def two(parameters: list[Any], responses: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "produces": ["application/json"],
        "paths": {
            "/a": {
                "post": {
                    "parameters": parameters,
                    "responses": responses or {"200": {"description": "x"}},
                }
            }
        },
    }


OBJECT = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "example", "version"),
    [
        ({"type": "integer"}, 12, "3.0.3"),
        ({"type": "number"}, 12, "3.0.3"),
        ({"type": "string", "nullable": True, "enum": ["a"]}, "a", "3.0.3"),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": False}, 1, "3.0.3"),
        ({"type": "integer", "exclusiveMinimum": 1}, 2, "3.1.0"),
        ({"type": ["string", "null"]}, "x", "3.1.0"),
        (
            {"type": "object", "properties": {"n": {"type": "string", "nullable": True}}},
            {"n": None},
            "3.1.0",
        ),
        ({"type": "string", "format": "date-time"}, "2024-01-01T10:00:00Z", "3.0.3"),
        ({"type": "string", "format": "date-tme"}, "anything", "3.0.3"),
        ({"type": "string", "pattern": "^[a-z]{2}$"}, "ab", "3.0.3"),
        ({"type": "string", "pattern": "(((["}, "ab", "3.0.3"),
        ({"$ref": "#/components/schemas/Node"}, {"name": "a", "next": {"name": "b"}}, "3.0.3"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, 1, "3.0.3"),
        (
            {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string", "readOnly": True}},
            },
            {},
            "3.0.3",
        ),
    ],
)
def test_good_examples(schema: Any, example: Any, version: str, tmp_path: Path) -> None:
    assert check(tmp_path, three(schema, version=version, example=example)) == []


@pytest.mark.parametrize(
    ("schema", "example", "version"),
    [
        ({"type": "array", "items": {"type": "string"}}, "a,b", "3.0.3"),
        ({"type": "string", "enum": ["a"]}, "b", "3.0.3"),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 1, "3.0.3"),
        ({"type": "integer", "exclusiveMinimum": 1}, 1, "3.1.0"),
        ({"type": "string", "format": "date-time"}, "yesterday", "3.0.3"),
        ({"type": "string", "maxLength": 2}, "abc", "3.0.3"),
        ({"$ref": "#/components/schemas/Node"}, {"name": "a", "next": {}}, "3.0.3"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, [], "3.0.3"),
        ({**OBJECT, "additionalProperties": False}, {"m": 1}, "3.0.3"),
    ],
)
def test_bad_examples(schema: Any, example: Any, version: str, tmp_path: Path) -> None:
    (finding,) = check(tmp_path, three(schema, version=version, example=example))
    assert (finding.rule, finding.documented) == ("example-invalid", example)
    assert finding.source is not None
    assert finding.source.pointer.endswith("/content/application~1json/example")
    assert finding.field.place == "body"


def test_named_examples(tmp_path: Path) -> None:
    given = {
        "good": {"value": {"n": 1}},
        "bad": {"value": {"n": "1"}},
        "elsewhere": {"externalValue": "https://example.com/x.json"},
        "reference": {"$ref": "#/components/examples/X"},
    }
    (finding,) = check(tmp_path, three(OBJECT, examples=given))
    assert finding.identity == "examples/bad/value"
    assert "`/n`" in finding.issue


def test_examples_of_properties(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"n": {"type": "integer", "example": "7"}}}
    schema = {"type": "object", "properties": {"a": inner}}
    (finding,) = check(tmp_path, three(schema))
    assert finding.field.name == "a.n"
    (operation,) = finding.patch
    assert (operation["op"], operation["value"]) == ("replace", 7)
    assert operation["path"].endswith("/properties/n/example")


def test_examples_in_a_list(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "examples": [1, "x"]}}}
    (finding,) = check(tmp_path, three(schema, version="3.1.0"))
    assert finding.source is not None and finding.source.pointer.endswith("/examples/1")


def test_a_shared_schema_is_one_finding(tmp_path: Path) -> None:
    content = three({"$ref": "#/components/schemas/Node"})
    content["components"]["schemas"]["Node"]["properties"]["name"]["example"] = 5
    content["paths"]["/b"] = content["paths"]["/a"]
    (finding,) = check(tmp_path, content)
    assert (finding.operation, finding.also_operations) == ("POST /a", ("POST /b",))


def test_other_media_types_are_left_alone(tmp_path: Path) -> None:
    assert check(tmp_path, three(OBJECT, media="application/xml", example="<a/>")) == []


def test_null_is_left_alone(tmp_path: Path) -> None:
    assert check(tmp_path, three({"type": "string"}, example=None)) == []


def test_swagger_2(tmp_path: Path) -> None:
    payload = {"name": "p", "in": "body", "schema": {**OBJECT, "example": {"n": "1"}}}
    answers = {
        "200": {
            "description": "x",
            "schema": {"type": "array", "items": {"type": "string"}},
            "examples": {"application/json": {"a": 1}},
        }
    }
    found = check(tmp_path, two([payload], answers))
    assert [(f.field.place, f.field.status) for f in found] == [("body", None), ("response", 200)]
    assert found[1].source is not None
    assert found[1].source.pointer.endswith("/responses/200/examples/application~1json")


def test_a_parameter(tmp_path: Path) -> None:
    content = three(OBJECT)
    content["paths"]["/a"]["post"]["parameters"] = [
        {"name": "limit", "in": "query", "schema": {"type": "integer"}, "example": "10"},
        {"name": "page", "in": "query", "schema": {"type": "integer"}, "example": 1},
    ]
    (finding,) = check(tmp_path, content)
    assert (finding.field.place, finding.field.name) == ("query", "limit")
    assert finding.patch[0]["path"] == "/paths/~1a/post/parameters/0/example"


def test_what_the_schema_requires_but_lacks_is_not_the_examples_mistake(tmp_path: Path) -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["error", "ok"],
        "properties": {"errors": {"type": "array"}, "ok": {"type": "boolean"}},
    }
    assert check(tmp_path, three(schema, example={"errors": [], "ok": True})) == []
    (finding,) = check(tmp_path, three(schema, example={"errors": []}))
    assert '"ok" is a required property.' in finding.issue


def test_one_wrong_way_to_write_a_format_is_one_finding(tmp_path: Path) -> None:
    schema: dict[str, Any] = {"type": "string", "format": "date-time"}
    ways = ("2015-11-18T09:44:07+0000", "2016-01-02T03:04:05+0000", "yesterday")
    several = {f"e{n}": {"value": way} for n, way in enumerate(ways)}
    one, two = check(tmp_path, three(schema, examples=several))
    assert "2015-11-18" in one.issue
    assert one.issue.endswith("(the same in 1 more example of the file).")
    assert "yesterday" in two.issue


@pytest.mark.parametrize(
    ("form", "ways", "mended"),
    [
        ("uri", ["/things/1", "/things/2"], [f"https://example.com/things/{n}" for n in (1, 2)]),
        ("date-time", ["2015-11-18T09:44:07", "2016-01-02T03:04:05"], []),
    ],
)
def test_all_that_are_wrong_in_one_way_are_mended_or_none(
    form: str, ways: list[str], mended: list[str], tmp_path: Path
) -> None:
    several = {f"e{n}": {"value": way} for n, way in enumerate(ways)}
    (one,) = check(tmp_path, three({"type": "string", "format": form}, examples=several))
    assert [s["value"] for s in one.patch] == mended
    assert one.suggested_fix.endswith("Mend the others in the same way.")


def test_json_text_in_a_string(tmp_path: Path) -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}}
    (finding,) = check(tmp_path, three(schema, example='{\n "n": 1\n}'))
    assert "JSON text in a string, not an object" in finding.issue
    assert finding.patch[0]["value"] == {"n": 1}


LIMIT = FieldKey(Place.QUERY, "limit")


@pytest.mark.parametrize(
    ("sent", "fix", "patched"),
    [
        ({"zq": False, "5": True}, "Change the type of `limit` to `integer`", True),
        ({"zq": False}, "Correct the example of `limit`", False),
        ({"zq": True}, 'Change the example of `limit` to `"10"`', True),
        ({}, 'Change the example of `limit` to `"10"`', True),
    ],
    ids=["a number alone is taken", "no text is taken", "texts are taken", "not asked"],
)
def test_the_server_says_which_of_the_two_is_right(
    sent: dict[str, bool], fix: str, patched: bool, tmp_path: Path
) -> None:
    limit = {"name": "limit", "in": "query", "schema": {"type": "string"}, "example": 10}
    item = {"get": {"parameters": [limit], "responses": OK}}
    document = load(tmp_path, openapi(paths={"/things": item}))
    id = OperationId("GET", "/things")
    seen = [replaced(LIMIT, v, "varied", accepted=a, id=id) for v, a in sent.items()]
    observed = {id: ObservedContract(id, tuple(seen))}
    (found,) = ExampleInvalid().check_documents(Portal((document,)), observed)
    assert found.suggested_fix.startswith(fix)
    assert bool(found.patch) is patched


@pytest.mark.parametrize(("answered", "patched"), [("12", False), (12, True)])
def test_an_example_that_answers_bear_out(answered: Any, patched: bool, tmp_path: Path) -> None:
    thing = {"type": "object", "properties": {"n": {"type": "integer", "example": "7"}}}
    content = {"application/json": {"schema": thing}}
    item = {"get": {"responses": {"200": {"description": "fine", "content": content}}}}
    document = load(tmp_path, openapi(paths={"/things": item}))
    id = OperationId("GET", "/things")
    observed = {id: ObservedContract(id, exchanges=(answer(200, {"n": answered}),) * 2)}
    (found,) = ExampleInvalid().check_documents(Portal((document,)), observed)
    assert bool(found.patch) is patched


TEXT: dict[str, Any] = {"type": "string"}
NULL: dict[str, Any] = {"n": None}


@pytest.mark.parametrize(
    ("schema", "example", "steps"),
    [
        ({**TEXT, "enum": ["a", "b"]}, "c", [("replace", "", "a")]),
        ({**TEXT, "enum": ["a", "b"]}, "B", [("replace", "", "b")]),
        ({**TEXT, "maxLength": 3}, "abcdef", [("replace", "", "abc")]),
        ({"type": "integer", "maximum": 9}, 12, [("replace", "", 9)]),
        ({"type": "integer"}, "45 minutes", [("replace", "", 45)]),
        ({"type": "number"}, "about 1.5 kg", [("replace", "", 1.5)]),
        ({"type": "integer"}, "2031-05-17", []),
        ({"type": "integer"}, "2 or 3", []),
        ({**TEXT, "format": "uri"}, "/page/2", [("replace", "", "https://example.com/page/2")]),
        ({"type": "array", "items": TEXT}, "a", [("replace", "", ["a"])]),
        (
            {"type": "object", "required": ["n"], "properties": {"n": TEXT, "m": TEXT}},
            {"m": 7},
            [("replace", "/m", "7"), ("add", "/n", "string")],
        ),
        (
            {"type": "object", "properties": {"n": TEXT}, "additionalProperties": False},
            {"n": "x", "more": 1},
            [("remove", "/more", None)],
        ),
        ({"oneOf": [TEXT, {"type": "boolean"}]}, 7, []),
        ({"type": "array", "items": TEXT}, "a, b", []),
        (
            {"type": "array", "items": {"type": "object", "properties": {"n": TEXT}}},
            {"n": "x"},
            [("replace", "", [{"n": "x"}])],
        ),
        (TEXT, ["a", "b"], [("replace", "", "a")]),
        ({**TEXT, "format": "date-time"}, "2024-01-02T03:04:05", []),
        ({**TEXT, "format": "uuid"}, "0d3cf8d-95dc", []),
        (
            {
                "type": "object",
                "required": ["n", "m"],
                "properties": {
                    "n": {"type": "array", "items": {**TEXT, "enum": ["a", "b"]}},
                    "m": {**TEXT, "example": "mine"},
                },
            },
            {},
            [("add", "/n", ["a"]), ("add", "/m", "mine")],
        ),
        (
            {
                "type": "object",
                "required": ["n"],
                "properties": {"n": {"type": "object", "properties": {"m": TEXT}}},
            },
            {},
            [],
        ),
    ],
)
def test_what_breaks_the_schema_is_mended_and_nothing_else(
    schema: dict[str, Any], example: Any, steps: list[Any], tmp_path: Path
) -> None:
    (told,) = check(tmp_path, three(schema, example=example))
    start = "/paths/~1a/post/requestBody/content/application~1json/example"
    made = [(s["op"], s["path"].removeprefix(start), s.get("value")) for s in told.patch]
    assert made == steps


def test_a_plain_text_is_not_called_json(tmp_path: Path) -> None:
    (told,) = check(tmp_path, three({"type": "array", "items": {"type": "string"}}, example="1"))
    assert told.issue.endswith('its own schema: "1" is not of type "array".')
    assert told.patch[0]["value"] == ["1"]


def test_nothing_says_what_null_stands_for(tmp_path: Path) -> None:
    (told,) = check(tmp_path, three({"type": "object", "properties": {"n": OBJECT}}, example=NULL))
    assert told.patch == ()
    assert told.suggested_fix == (
        "Let the schema of the request body allow null at `/n`, or leave it out of the example."
    )


def test_a_value_that_the_server_took_is_the_better_example(tmp_path: Path) -> None:
    kind = {"name": "limit", "in": "query", "schema": {**TEXT, "enum": ["a", "b"]}, "example": "c"}
    item = {"get": {"parameters": [kind], "responses": OK}}
    document = load(tmp_path, openapi(paths={"/t": item}))
    id = OperationId("GET", "/t")
    seen = replaced(LIMIT, "b", "documented", accepted=True, id=id)
    observed = {id: ObservedContract(id, (seen,))}
    (told,) = ExampleInvalid().check_documents(Portal((document,)), observed)
    assert told.patch[0]["value"] == "b"
