"""Errors of documents: each one, once, in words, as openapi-spec-validator judges."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, load, openapi, shared, swagger2

from checker.documents.meta import meta_schema

P = "/paths/~1a/get"


def get(**more: Any) -> dict[str, Any]:
    return {"/a": {"get": {"responses": OK, **more}}}


def parameter(**more: Any) -> dict[str, Any]:
    return get(parameters=[{"name": "p", "in": "query", **more}])


def schemas(**more: Any) -> dict[str, Any]:
    return {"components": {"schemas": more}}


def answer(node: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": node}}
    return get(responses={"200": {"description": "", "content": content}})


# name, document, [(pointer, part of the message, part of the mend)]
CASES: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("version as a number", {**openapi(), "openapi": 3.0}, [("/openapi", "string", '"3.0.0"')]),
    ("swagger as a number", {**swagger2(), "swagger": 2.0}, [("/swagger", "string", '"2.0"')]),
    ("both", {**swagger2(), "openapi": "3.0.0"}, [("/openapi", "both", "Delete")]),
    (
        "components in 2.0",
        swagger2(components={"schemas": {}}),
        [("/components", "`components`", "definitions")],
    ),
    ("no responses", openapi(paths={"/a": {"get": {}}}), [(P, "no `responses`", "Add")]),
    (
        "empty responses in 2.0",
        swagger2(paths=get(responses={})),
        [(P + "/responses", "no responses", "at least one")],
    ),
    (
        "type file in a query parameter",
        swagger2(paths=parameter(type="file")),
        [(P + "/parameters/0/type", "type: file", "binary")],
    ),
    (
        "type file in 3.0",
        openapi(paths=parameter(schema={"type": "file"})),
        [(P + "/parameters/0/schema/type", 'Parameter "p" of GET /a', "binary")],
    ),
    (
        "null examples",
        swagger2(
            paths=get(responses={"200": {"description": "", "examples": None}}),
        ),
        [(P + "/responses/200/examples", "not null", "Delete")],
    ),
    (
        "null parameters",
        openapi(paths=get(parameters=None)),
        [(P + "/parameters", "not null", "Delete")],
    ),
    (
        "required as a flag",
        openapi(**schemas(A={"properties": {"x": {"type": "string", "required": True}}})),
        [("/components/schemas/A/properties/x/required", "list of", '"x"')],
    ),
    (
        "required as a flag in 3.1",
        openapi("3.1.0", **schemas(A={"properties": {"x": {"required": True}}})),
        [("/components/schemas/A/properties/x/required", "list of", '"x"')],
    ),
    (
        "unknown type",
        openapi(**schemas(A={"type": "int"})),
        [("/components/schemas/A/type", '"int"', '"integer"')],
    ),
    (
        "unknown type in 3.1",
        openapi("3.1.0", **schemas(A={"type": "strin"})),
        [("/components/schemas/A/type", '"strin"', '"string"')],
    ),
    (
        "list of types in 3.0",
        openapi(**schemas(A={"type": ["string", "null"]})),
        [("/components/schemas/A/type", "list", "nullable")],
    ),
    (
        "a number as exclusiveMinimum in 3.0",
        openapi(**schemas(A={"exclusiveMinimum": 3})),
        [("/components/schemas/A/exclusiveMinimum", "boolean", "`minimum: 3`")],
    ),
    (
        "type beside the schema",
        openapi(paths=parameter(type="string")),
        [(P + "/parameters/0", "`type` itself", "Move")],
    ),
    (
        "schema in a 2.0 parameter",
        swagger2(paths=parameter(schema={"type": "string"})),
        [(P + "/parameters/0/schema", "Swagger 2.0", "directly")],
    ),
    (
        "wrong place of a parameter",
        openapi(paths=get(parameters=[{"name": "p", "in": "querry", "schema": {}}])),
        [(P + "/parameters/0/in", "`in`", '"query"')],
    ),
    (
        "upper-case method",
        openapi(paths={"/a": {"GET": {"responses": OK}}}),
        [("/paths/~1a/GET", "`GET`", "get")],
    ),
    (
        "path without a slash",
        openapi(paths={"a": {"get": {"responses": OK}}}),
        [("/paths/a", "slash", '"/a"')],
    ),
    (
        "undeclared path parameter",
        openapi(paths={"/a/{id}": {"get": {"responses": OK}}}),
        [("/paths/~1a~1{id}/get", '"{id}"', "Add")],
    ),
    (
        "path parameter that isn't in the path",
        openapi(
            paths=get(
                parameters=[{"name": "x", "in": "path", "required": True, "schema": {}}],
            )
        ),
        [(P + "/parameters/0", "isn't in its path", "Delete")],
    ),
    (
        "path parameter that isn't required",
        openapi(
            paths={
                "/a/{x}": {
                    "get": {
                        "responses": OK,
                        "parameters": [{"name": "x", "in": "path", "schema": {}}],
                    }
                }
            }
        ),
        [("/paths/~1a~1{x}/get/parameters/0", "`required`", "required: true")],
    ),
    (
        "doubled parameter",
        openapi(
            paths=get(
                parameters=[
                    {"name": "p", "in": "query", "schema": {}},
                    {"name": "p", "in": "query", "schema": {"type": "string"}},
                ]
            )
        ),
        [(P + "/parameters/1", "twice", "Delete")],
    ),
    (
        "doubled operationId",
        openapi(
            paths={
                **get(operationId="x"),
                "/b": {"get": {"operationId": "x", "responses": OK}},
            }
        ),
        [("/paths/~1b/get/operationId", "GET /a", "another")],
    ),
    (
        "doubled tag",
        openapi(tags=[{"name": "a"}, {"name": "a", "description": "x"}]),
        [("/tags/1", '"a"', "Delete")],
    ),
    (
        "default of another type",
        openapi(**schemas(A={"type": "integer", "default": "5"})),
        [("/components/schemas/A/default", "not an integer", "Write 5.")],
    ),
    (
        "default outside the enum",
        swagger2(paths=parameter(type="string", enum=["a", "b"], default="c")),
        [(P + "/parameters/0/default", "enum", "enum")],
    ),
    (
        "required of nothing in an allOf",
        openapi(**schemas(A={"allOf": [{"properties": {"x": {}}}], "required": ["x", "y"]})),
        [("/components/schemas/A/required", '"y"', "Define")],
    ),
    (
        "list as items in 2.0",
        swagger2(
            paths=get(
                responses={
                    "200": {
                        "description": "",
                        "schema": {"type": "array", "items": [{"type": "string"}]},
                    }
                }
            )
        ),
        [(P + "/responses/200/schema/items", "list", "one schema")],
    ),
    ("no title", {"openapi": "3.0.0", "info": {"version": "1"}, "paths": {}},
     [("/info", "`title`", "Add")]),
    ("version of the API as a number",
     {"openapi": "3.1.0", "info": {"title": "t", "version": 1}, "paths": {}},
     [("/info/version", "string", '"1"')]),
    ("unknown field", openapi("3.1.0", paths=get(foo=1)), [(P + "/foo", "`foo`", "x-foo")]),
    ("unknown field with a near name", openapi(paths=get(sumary="x")),
     [(P + "/sumary", "`sumary`", "`summary`")]),
    ("no status", openapi(paths=get(responses={"ok": {"description": ""}})),
     [(P + "/responses/ok", "no status", "default")]),
    ("tag with an unknown parent",
     openapi("3.2.0", tags=[{"name": "a", "parent": "b"}]),
     [("/tags/0/parent", '"b"', "Declare")]),
]  # fmt: skip
# True errors by the specification that the validator itself doesn't look for.
OURS: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("no version", {"info": {"title": "t", "version": "1"}, "paths": get()},
     [("", "version key", '"openapi"')]),
    ("broken template", openapi(paths={"/a/{x": {"get": {"responses": OK}}}),
     [("/paths/~1a~1{x", "grammar", "{name}")]),
    ("query string in a path", openapi(paths={"/a?b=1": {"get": {"responses": OK}}}),
     [("/paths/~1a?b=1", "query string", "query parameters")]),
    ("undeclared scheme", openapi(paths=get(security=[{"k": []}])),
     [(P + "/security/0/k", '"k"', "components.securitySchemes")]),
    ("two bodies", swagger2(paths=get(parameters=[
        {"name": "a", "in": "body", "schema": {}}, {"name": "b", "in": "body", "schema": {}}])),
     [(P + "/parameters", "2 body", "one body")]),
    ("same path twice", openapi(paths={
        f"/a/{{{n}}}": {"get": {"responses": OK, "parameters": [
            {"name": n, "in": "path", "required": True, "schema": {}}]}} for n in "xy"}),
     [("/paths/~1a~1{y}", "differ only", "one path")]),
    ("path parameter under a wrong name", openapi(paths={"/a/{user_id}": {"get": {
        "responses": OK, "parameters": [
            {"name": "userId", "in": "path", "required": True, "schema": {"type": "string"}}]}}}),
     [("/paths/~1a~1{user_id}/get/parameters/0/name", '"userId"', 'Write "user_id"')]),
    ("object in a 2.0 query", swagger2(paths=parameter(type="object")),
     [(P + "/parameters/0/type", "can't have the type object", "string")]),
    ("place of a key", openapi(components={"securitySchemes": {
        "k": {"type": "apiKey", "name": "x", "in": "body"}}}),
     [("/components/securitySchemes/k/in", '"header"', "Choose")]),
    ("scheme left out", openapi(components={"securitySchemes": {"k": {"type": "http"}}}),
     [("/components/securitySchemes/k", "no `scheme`", "Add")]),
    ("body parameter without schema", swagger2(paths=get(parameters=[
        {"name": "b", "in": "body", "type": "string"}])),
     [(P + "/parameters/0", "a body parameter", "Move")]),
    ("name instead of a requirement", openapi(paths=get(security=["k"]), components={
        "securitySchemes": {"k": {"type": "http", "scheme": "basic"}}}),
     [(P + "/security/0", "item 1 of `security`", '{"k": []}')]),
    ("security schemes of 3.x in 2.0", swagger2(components={"securitySchemes": {
        "k": {"type": "http", "scheme": "bearer"}}}),
     [("/components", "`components`", "securityDefinitions")]),
    ("value of another type in an enum", openapi(**schemas(A={"type": "integer", "enum": ["1"]})),
     [("/components/schemas/A/enum", "nothing can be that", "Write 1")]),
    ("enum of the items at the array", openapi(**schemas(A={
        "type": "array", "items": {"type": "string"}, "enum": ["a", "b"]})),
     [("/components/schemas/A/enum", "array", "`items`")]),
    ("value twice in an enum", openapi(**schemas(A={"type": "string", "enum": ["a", "a"]})),
     [("/components/schemas/A/enum/1", "twice", "Delete")]),
    ("crossed bounds", openapi(**schemas(A={"type": "string", "minLength": 5, "maxLength": 1})),
     [("/components/schemas/A/minLength", "nothing fits", "Correct")]),
    ("array without items", openapi(**schemas(A={"type": "array"})),
     [("/components/schemas/A", "without `items`", "Add")]),
    ("2.0 array parameter without items", swagger2(paths=parameter(type="array")),
     [(P + "/parameters/0", "without `items`", "Add")]),
    ("nullable in 3.1", openapi("3.1.0", **schemas(
        A={"type": "string", "nullable": True, "enum": ["a"]},
        B={"type": "object", "properties": {"x": {"type": "integer", "nullable": True}}})),
     [("/components/schemas/A/nullable", "ignores (and the same at 1 more", '"null"')]),
    ("required without a property", openapi(**schemas(
        A={"type": "object", "properties": {"client_id": {}}, "required": ["clientId"]})),
     [("/components/schemas/A/required/0", '"clientId"', '"client_id"')]),
    ("scope undeclared", openapi(paths=get(security=[{"o": ["write"]}]), components={
        "securitySchemes": {"o": {"type": "oauth2", "flows": {"clientCredentials": {
            "tokenUrl": "https://example.com", "scopes": {"read": ""}}}}}}),
     [(P + "/security/0/o", 'scope "write"', "Declare")]),
    ("server variable undeclared", openapi(servers=[{"url": "https://{region}.example.com"}]),
     [("/servers/0/url", '"{region}"', "variables")]),
    ("discriminator to nowhere", openapi(**schemas(A={
        "oneOf": [{"type": "object"}], "discriminator": {
            "propertyName": "k", "mapping": {"x": "#/components/schemas/X"}}})),
     [("/components/schemas/A/discriminator/mapping/x", "isn't there", "Add")]),
    ("file without a form", swagger2(paths=get(parameters=[
        {"name": "f", "in": "formData", "type": "file"}], consumes=["application/json"])),
     [(P + "/consumes", "takes a file", "multipart")]),
    ("reference to nowhere", openapi(paths=answer({"$ref": "#/components/schemas/X"})),
     [(P + "/responses/200/content/application~1json/schema/$ref", "isn't there", "Add")]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "wanted"), [c[1:] for c in CASES + OURS],
                         ids=[c[0] for c in CASES + OURS])  # fmt: skip
def test_each_error_once_in_words(
    tmp_path: Path, document: dict[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    problems = load(tmp_path, document).problems
    assert [p.location.pointer for p in problems] == [w[0] for w in wanted]
    for problem, (_, message, mend) in zip(problems, wanted, strict=True):
        assert message in problem.message
        assert mend in problem.mend
        assert problem.message.endswith(".")
        assert problem.location.line


def patched(document: Any, patch: Any) -> Any:
    """A JSON Patch applied: the four operations that problems use."""
    document = copy.deepcopy(document)
    for step in patch:
        *path, last = [t.replace("~1", "/").replace("~0", "~") for t in step["path"].split("/")[1:]]
        holder: Any = document
        for token in path:
            holder = holder[int(token)] if isinstance(holder, list) else holder[token]
        key: Any = int(last) if isinstance(holder, list) and last != "-" else last
        value = step.get("value")
        if step["op"] == "move":
            *source, name = [
                t.replace("~1", "/").replace("~0", "~") for t in step["from"].split("/")[1:]
            ]
            origin: Any = document
            for token in source:
                origin = origin[int(token)] if isinstance(origin, list) else origin[token]
            value = origin.pop(name)
        if step["op"] == "remove":
            del holder[key]
        elif isinstance(holder, list) and step["op"] == "add":
            holder.append(value) if last == "-" else holder.insert(key, value)
        else:
            holder[key] = value
    return document


@pytest.mark.parametrize(("document", "wanted"), [c[1:] for c in CASES + OURS],
                         ids=[c[0] for c in CASES + OURS])  # fmt: skip
def test_patches_mend(tmp_path: Path, document: dict[str, Any], wanted: Any) -> None:
    (problem,) = load(tmp_path, document).problems
    if not problem.patch:
        pytest.skip("no one-value mend")
    assert not load(tmp_path, patched(document, problem.patch)).problems


def judged(document: dict[str, Any], dialect: str) -> list[str] | None:
    """openapi-spec-validator's errors; None where it crashes."""
    import openapi_spec_validator as judge

    validators = {
        "2.0": judge.OpenAPIV2SpecValidator,
        "3.0": judge.OpenAPIV30SpecValidator,
        "3.1": judge.OpenAPIV31SpecValidator,
        "3.2": judge.OpenAPIV32SpecValidator,
    }
    try:
        found = [str(e.message) for e in validators[dialect](document).iter_errors()]
    except Exception:
        return None
    # It refuses the file responses that Swagger 2.0 has (and its own meta-schema allows).
    return [message for message in found if not message.startswith("'file' is not valid")]


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_the_validator_finds_an_error_in_the_same_documents(tmp_path: Path, case: Any) -> None:
    dialect = load(tmp_path, case[1]).info.dialect
    found = judged(case[1], dialect)
    assert found is None or found


@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1", "3.2"])
def test_a_rich_valid_document_is_valid(tmp_path: Path, version: str) -> None:
    document = rich(version)
    assert judged(document, version) == []
    assert load(tmp_path, document).problems == ()


def rich(version: str) -> dict[str, Any]:
    """A valid document with much in it."""
    thing = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "default": "x"},
            "properties": {"type": "object", "properties": {"default": {"type": "string"}}},
            "$ref": {"type": "string"},
            "example": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            "count": {"type": "integer", "format": "int32", "minimum": 0, "default": 3},
        },
        "x-anything": {"$ref": "#/nowhere", "type": "file"},
        "example": {"$ref": "#/nowhere either", "name": "n"},
    }
    if version == "2.0":
        return swagger2(
            basePath="/v1",
            definitions={"Thing": thing, "Two": {"allOf": [{"$ref": "#/definitions/Thing"}]}},
            securityDefinitions={"key": {"type": "apiKey", "in": "header", "name": "k"}},
            security=[{"key": []}],
            parameters={"Page": {"name": "page", "in": "query", "type": "integer", "default": 1}},
            responses={"Gone": {"description": "gone"}},
            paths={
                "/things/{id}": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "type": "string"}
                    ],
                    "get": {
                        "parameters": [{"$ref": "#/parameters/Page"}],
                        "responses": {
                            "200": {"description": "", "schema": {"$ref": "#/definitions/Two"}},
                            "410": {"$ref": "#/responses/Gone"},
                            "default": {"description": "", "schema": {"type": "file"}},
                        },
                    },
                    "put": {
                        "operationId": "put",
                        "parameters": [
                            {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Thing"}}
                        ],
                        "responses": {"204": {"description": "done"}},
                    },
                }
            },
        )
    reference = {"$ref": "#/components/schemas/Thing"}
    return openapi(
        version + ".0",
        servers=[{"url": "https://example.com/v1"}],
        components={
            "schemas": {"Thing": thing, "Two": {"allOf": [reference], "required": ["name"]}},
            "parameters": {"default": {"name": "page", "in": "query", "schema": {"default": 1}}},
            "examples": {"e": {"value": {"$ref": "#/nowhere"}}},
            "securitySchemes": {"jwt": {"type": "http", "scheme": "bearer"}},
        },
        security=[{"jwt": []}, {}],
        tags=[{"name": "a"}],
        paths={
            "/things/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "post": {
                    "parameters": [{"$ref": "#/components/parameters/default"}],
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {"oneOf": [reference, {"type": "string"}]},
                                "examples": {"x": {"$ref": "#/components/examples/e"}},
                            }
                        }
                    },
                    "responses": {
                        "200": {
                            "description": "",
                            "headers": {"example": {"schema": {"type": "string"}}},
                            "content": {"application/json": {"schema": reference}},
                        },
                        "default": {"description": ""},
                    },
                    "callbacks": {"c": {"{$request.body#/u}": {"post": {"responses": OK}}}},
                },
            }
        },
    )


@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1", "3.2"])
def test_same_verdict_as_the_validator_on_mutations(tmp_path: Path, version: str) -> None:
    """Every node of a rich document removed or replaced: where the validator finds an error,
    so do we; where it finds none, we only name what it doesn't look for."""
    document = rich(version)
    beyond = ("reference", "security scheme", "version", "openapi", "swagger", "differ only",
              "query string", "default", "items",
              # mistakes that meta-schemas let pass
              "nothing can be that", "nothing fits", "twice", "doesn't define", "ignores",
              "declares no such variable", "The scope", "discriminator maps", "takes a file",
              # schemas that the validator passes over in 3.1 and 3.2
              "Header ", "request body")  # fmt: skip
    checked = 0
    for number, mutated in enumerate(mutations(document)):
        if number % 5:
            continue
        verdict = judged(mutated, version)
        problems = load(tmp_path, mutated).problems
        if verdict is None:
            assert problems, mutated
        elif verdict:
            assert problems, (verdict, mutated)
        else:
            strange = [p.message for p in problems if not any(b in p.message for b in beyond)]
            assert not strange, (strange, mutated)
        checked += 1
    assert checked > 50


def mutations(document: Any) -> Any:
    """Copies with one node removed or replaced by something of another type."""
    places: list[list[Any]] = []
    pending: list[list[Any]] = [[]]
    while pending:
        path = pending.pop()
        node = document
        for token in path:
            node = node[token]
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(
            node, list) else []  # fmt: skip
        for key in keys:
            if isinstance(key, str) and (key[:2] == "x-" or key in ("swagger", "openapi")):
                continue
            places.append([*path, key])
            pending.append([*path, key])
    for path in places:
        for value in (None, 5, "x", [], {}, True, ...):
            copied = copy.deepcopy(document)
            node = copied
            for token in path[:-1]:
                node = node[token]
            if value is ...:
                del node[path[-1]]
            else:
                node[path[-1]] = value
            yield copied


@pytest.mark.parametrize(
    "node",
    [
        {"allOf": [{"$ref": "#/components/schemas/B"}, {"required": ["x"], "properties": {}}]},
        {"allOf": [{"required": ["x"], "properties": {"y": {}}}]},
        {"anyOf": [{"required": ["x"], "properties": {"z": {}}}]},
        {"required": ["x"], "properties": {"z": {}}, "additionalProperties": {"type": "string"}},
        {"type": "array", "allOf": [{"items": {}}]},
        {"type": "string", "nullable": True, "enum": ["a", None]},
        {"type": "number", "enum": [1, 1.5]},
        {"type": "string", "pattern": "[\\w- ]+"},
        {"type": "string", "minLength": 2, "maxLength": 2},
    ],
)  # fmt: skip
def test_what_is_no_mistake(tmp_path: Path, node: dict[str, Any]) -> None:
    known = {"type": "object", "properties": {"x": {}}}
    assert not load(tmp_path, openapi(**schemas(A=node, B=known))).problems


def test_a_base_of_others_may_require_what_they_define(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"kind": {}}, "required": ["x"]}
    child = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"x": {}}}]}
    assert not load(tmp_path, openapi(**schemas(Base=base, Child=child))).problems


def test_the_meta_schemas_are_there() -> None:
    for dialect in ("2.0", "3.0", "3.1", "3.2"):
        assert meta_schema(dialect)["$schema"]


def test_pathological_patterns_take_no_time(tmp_path: Path) -> None:
    node = {"type": "string", "pattern": "^(a+)+$", "default": "a" * 40 + "b"}
    problems = load(tmp_path, openapi(**schemas(A=node))).problems
    assert all("crash" not in p.message for p in problems)


def test_the_validator_agrees_on_real_documents() -> None:
    """Each real document that the validator can judge gets the same verdict."""
    from checker.documents.loader import load_document
    from checker.documents.parse import parse

    folder = shared()
    files = sorted(folder.glob("corpus/*/swagger/**/*.json")) + sorted(
        folder.glob("targets/*/*.yaml")
    )
    compared = 0
    for file in files:
        document = load_document(file)
        data = parse(file.read_text("utf-8"), file.suffix[1:]).data
        verdict = judged(data, document.info.dialect)
        if verdict is not None:
            compared += 1
            # What tools quietly ignore (`nullable` in 3.1) is no error to a validator.
            errors = [p for p in document.problems if not p.minor]
            assert bool(verdict) == bool(errors), (file, verdict, errors)
    assert compared
