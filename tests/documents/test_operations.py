"""Operations of all dialects in the domain model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi, swagger2

from checker.domain.operation import FieldKey, Operation, OperationId, Place


def only(folder: Path, document: dict[str, Any]) -> Operation:
    (operation,) = load(folder, document).operations
    return operation


def test_swagger2_places(tmp_path: Path) -> None:
    item = {
        "parameters": [{"name": "id", "in": "path", "type": "string", "required": True}],
        "post": {
            "consumes": ["application/json"],
            "parameters": [
                {"$ref": "#/parameters/Page"},
                {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"},
                 "collectionFormat": "pipes"},
                {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"},
                 "collectionFormat": "multi"},
                {"name": "X-Trace", "in": "header", "type": "string"},
                {"name": "body", "in": "body", "required": True,
                 "schema": {"required": ["a"], "properties": {"a": {"type": "object",
                  "properties": {"b": {"type": "array", "items": {"properties": {"c": {}}}}}}}}},
            ],
            "responses": {"201": {"description": "made", "schema": {"type": "object"},
                                  "headers": {"Location": {"type": "string"}},
                                  "examples": {"application/json": {"x": 1}}}},
        },
    }  # fmt: skip
    operation = only(
        tmp_path,
        swagger2(
            basePath="/v1/",
            paths={"/things/{id}": item},
            parameters={"Page": {"name": "page", "in": "query", "type": "integer", "default": 1}},
            produces=["application/json", "text/csv"],
        ),
    )
    assert operation.id == OperationId("POST", "/v1/things/{id}")
    fields = {str(k): f for k, f in operation.fields.items()}
    assert list(fields) == [
        "path id", "query page", "query tags", "query ids", "header X-Trace",
        "body a", "body a.b", "body a.b[].c",
    ]  # fmt: skip
    assert fields["path id"].required
    assert fields["query page"].schema.default == 1
    assert fields["query page"].location.pointer == "/parameters/Page"
    assert (fields["query tags"].style, fields["query tags"].explode) == ("pipeDelimited", False)
    assert (fields["query ids"].style, fields["query ids"].explode) == ("form", True)
    assert fields["body a"].required
    assert operation.body_required
    (response,) = operation.responses
    assert (response.status, list(response.content)) == ("201", ["application/json", "text/csv"])
    assert response.headers["Location"].types == ("string",)
    assert response.examples == {"application/json": {"x": 1}}


def test_swagger2_forms(tmp_path: Path) -> None:
    post = {
        "parameters": [
            {"name": "f", "in": "formData", "type": "file", "required": True},
            {"name": "n", "in": "formData", "type": "integer"},
        ],
        "responses": OK,
    }
    operation = only(tmp_path, swagger2(paths={"/up": {"post": post}}))
    schema = operation.body["multipart/form-data"]
    assert schema is not None
    assert schema.required == ("f",)
    assert schema.properties["f"].format == "binary"
    assert operation.body_required
    assert operation.fields[FieldKey(Place.BODY, "n")].schema.types == ("integer",)
    assert operation.fields[FieldKey(Place.BODY, "n")].location.pointer.endswith("/parameters/1")


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_openapi3(tmp_path: Path, version: str) -> None:
    post = {
        "parameters": [
            {"name": "filter", "in": "query", "style": "deepObject", "explode": True,
             "schema": {"type": "object", "properties": {"status": {"enum": ["a"]}}}},
            {"name": "c", "in": "cookie", "schema": {"type": "string"}, "example": "x",
             "examples": {"one": {"value": "y"}}},
            {"name": "j", "in": "query", "content": {"application/json": {"schema": {}}}},
        ],
        "requestBody": {"required": True, "content": {
            "application/json": {"schema": {"properties": {"a": {}}}, "example": {"a": 1}},
            "text/plain": {}}},
        "responses": {
            "4xx": {"description": "", "content": {"application/json": {"schema": {}}}},
            "default": {"description": "", "links": {"l": {"operationId": "get"}}},
        },
        "x-owner": "me",
        "servers": [{"url": "https://{host}/v{n}", "variables": {"host": {"default": "h"},
                                                                  "n": {"default": "2"}}}],
    }  # fmt: skip
    operation = only(tmp_path, openapi(version, paths={"//a": {"post": post}}))
    assert operation.id == OperationId("POST", "/v2/a")
    keys = [str(k) for k in operation.fields]
    assert keys == ["query filter", "query filter.status", "cookie c", "query j", "body a"]
    assert operation.fields[FieldKey(Place.QUERY, "filter.status")].schema.enum == ("a",)
    assert operation.fields[FieldKey(Place.COOKIE, "c")].schema.examples == ("x", "y")
    assert operation.body["text/plain"] is None
    assert operation.body_examples == ({"a": 1},)
    assert [r.status for r in operation.responses] == ["4XX", "default"]
    assert operation.links[0]["operationId"] == "get"
    assert operation.extensions == {"x-owner": "me"}
    assert operation.document.dialect == version[:3]


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://example.com/api/", "/api"),
        ("https://example.com", ""),
        ("/v1", "/v1"),
        ("v1/x", "/v1/x"),
        ("//example.com/a", "/a"),
        ("example.com/a", "/a"),
        ("{host}/a", "/a"),
        ("", ""),
        ("https://[broken/a", ""),
    ],
)
def test_server_paths(tmp_path: Path, url: str, base: str) -> None:
    document = openapi(servers=[{"url": url}], paths={"/x": {"get": {"responses": OK}}})
    assert only(tmp_path, document).id.path == base + "/x"


def test_methods_of_3_2(tmp_path: Path) -> None:
    item = {
        "query": {"responses": OK},
        "additionalOperations": {"COPY": {"responses": OK}},
    }
    found = load(tmp_path, openapi("3.2.0", paths={"/a": item})).operations
    assert [o.id.method for o in found] == ["QUERY", "COPY"]


def test_path_parameters_are_overridden(tmp_path: Path) -> None:
    shared = {"name": "q", "in": "query", "schema": {"type": "string"}}
    own = {"name": "q", "in": "query", "schema": {"type": "integer"}, "required": True}
    item = {"parameters": [shared], "get": {"parameters": [own], "responses": OK}}
    (field,) = only(tmp_path, openapi(paths={"/a": item})).parameters
    assert (field.required, field.schema.types) == (True, ("integer",))


def test_security(tmp_path: Path) -> None:
    components = {"securitySchemes": {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "jwt": {"type": "http", "scheme": "bearer"},
    }}  # fmt: skip
    words = "Lists them. Available for **Staff and App tokens**."
    paths = {
        "/a": {"get": {"description": words, "responses": OK}},
        "/b": {"get": {"security": [], "responses": OK}},
        "/c": {"get": {"security": [{"jwt": [], "key": []}, {}], "responses": OK}},
    }
    document = openapi(paths=paths, components=components, security=[{"key": []}])
    a, b, c = (o.security for o in load(tmp_path, document).operations)
    assert (a.alternatives, a.protected, a.described) == ((("key",),), True, ("staff", "app"))
    assert a.location.pointer == "/security"
    assert (b.alternatives, b.protected) == ((), False)
    assert (c.alternatives, c.protected) == ((("jwt", "key"), ()), False)
    assert a.schemes["key"].parameter == "X-Key"


def test_yaml_statuses_are_strings(tmp_path: Path) -> None:
    text = """
swagger: "2.0"
info: {title: t, version: "1"}
paths:
  /a:
    get:
      responses:
        200: {description: fine}
        404: {description: on}
"""
    document = load(tmp_path, text, "api.yaml")
    assert [r.status for r in document.operations[0].responses] == ["200", "404"]
    assert not document.problems
