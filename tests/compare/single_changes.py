"""Single changes as data: two edits of one base document and the one change that is expected.

A place is written `{alias}/rest`; the aliases stand for the same thing in every dialect (see
`ALIASES`). A value of `DROP` takes the member away.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

DROP = object()
DIALECTS = ("2.0", "3.0", "3.1")
OPEN_API = ("3.0", "3.1")


@dataclass(frozen=True)
class Single:
    """`old` and `new` are edits on the base document (place → value)."""

    name: str
    kind: str
    direction: str
    breaking: bool
    place: str
    field: str
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    dialects: tuple[str, ...] = DIALECTS


def schema(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": schema("string"),
        "note": schema("string"),
        "count": schema("integer"),
        "kind": schema("string", enum=["a", "b"]),
        "tags": {"type": "array", "items": schema("string")},
        "owner": {
            "type": "object",
            "required": ["email"],
            "properties": {"email": schema("string"), "phone": schema("string")},
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": schema("integer"),
        "state": schema("string", enum=["on", "off"]),
        "title": schema("string"),
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"sku": schema("string")}},
        },
    },
}

ALIASES = {
    "2.0": {
        "op": "/paths/~1items/post",
        "body": "/paths/~1items/post/parameters/3/schema",
        "bodyobject": "/paths/~1items/post/parameters/3",
        "limit": "/paths/~1items/post/parameters/0",
        "limitparam": "/paths/~1items/post/parameters/0",
        "trace": "/paths/~1items/post/parameters/1",
        "order": "/paths/~1items/post/parameters/2",
        "ok": "/paths/~1items/post/responses/200/schema",
        "oks": "/paths/~1items/post/responses/200",
    },
    "3.0": {
        "op": "/paths/~1items/post",
        "body": "/paths/~1items/post/requestBody/content/application~1json/schema",
        "bodyobject": "/paths/~1items/post/requestBody",
        "limit": "/paths/~1items/post/parameters/0/schema",
        "limitparam": "/paths/~1items/post/parameters/0",
        "trace": "/paths/~1items/post/parameters/1",
        "order": "/paths/~1items/post/parameters/2/schema",
        "ok": "/paths/~1items/post/responses/200/content/application~1json/schema",
        "oks": "/paths/~1items/post/responses/200",
    },
}
ALIASES["3.1"] = ALIASES["3.0"]


def base(dialect: str) -> dict[str, Any]:
    """The document that all cases start from, in one dialect."""
    body, answer = copy.deepcopy(BODY), copy.deepcopy(ANSWER)
    parameters = [
        ("limit", "query", schema("integer", default=20)),
        ("X-Trace", "header", schema("string")),
        ("order", "query", schema("string", enum=["asc", "desc"])),
    ]
    identifier = ("id", "path", schema("string"))
    if dialect == "2.0":
        made = [{"name": n, "in": place, **s} for n, place, s in parameters]
        made.append({"name": "payload", "in": "body", "required": True, "schema": body})
        one = {"name": "id", "in": "path", "required": True, **identifier[2]}
        return {
            "swagger": "2.0",
            "info": {"title": "Items", "version": "1"},
            "basePath": "/api",
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "securityDefinitions": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "login": {"type": "basic"},
            },
            "security": [{"key": []}],
            "paths": {
                "/items": {
                    "post": {
                        "parameters": made,
                        "responses": {
                            "200": {"description": "ok", "schema": answer},
                            "404": {"description": "no"},
                        },
                    }
                },
                "/items/{id}": {
                    "get": {"parameters": [one], "responses": {"200": {"description": "ok"}}}
                },
            },
        }
    made = [{"name": n, "in": place, "schema": s} for n, place, s in parameters]
    one = {"name": "id", "in": "path", "required": True, "schema": identifier[2]}
    return {
        "openapi": "3.0.3" if dialect == "3.0" else "3.1.0",
        "info": {"title": "Items", "version": "1"},
        "servers": [{"url": "https://example.com/api"}],
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "login": {"type": "http", "scheme": "basic"},
            }
        },
        "security": [{"key": []}],
        "paths": {
            "/items": {
                "post": {
                    "parameters": made,
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": body}},
                    },
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {"application/json": {"schema": answer}},
                        },
                        "404": {"description": "no"},
                    },
                }
            },
            "/items/{id}": {
                "get": {"parameters": [one], "responses": {"200": {"description": "ok"}}}
            },
        },
    }


def document(dialect: str, edits: dict[str, Any]) -> dict[str, Any]:
    """The base document after some edits."""
    made = base(dialect)
    for place, value in edits.items():
        pointer = place.format(**ALIASES[dialect])
        *way, last = [p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:]]
        node: Any = made
        for part in way:
            node = node[int(part)] if isinstance(node, list) else node[part]
        if isinstance(node, list):
            node.append(copy.deepcopy(value)) if last == "-" else node.pop(int(last))
        elif value is DROP:
            node.pop(last, None)
        else:
            node[last] = copy.deepcopy(value)
    return made


def query(name: str, required: bool, dialect: str) -> dict[str, Any]:
    head = {"name": name, "in": "query", "required": required}
    return {**head, "type": "string"} if dialect == "2.0" else {**head, "schema": schema("string")}


def pair(
    name: str,
    kind: str,
    at: str,
    values: tuple[Any, Any],
    breaking: tuple[bool, bool],
    where: tuple[str, str, str],
    **more: Any,
) -> list[Single]:
    """A change and its reverse; `breaking` is (forth, back)."""
    direction, place, label = where
    kinds = kind.split("|") if "|" in kind else [kind, kind]
    one, two = ({at: v} if v is not None else {} for v in values)
    return [
        Single(f"{name}", kinds[0], direction, breaking[0], place, label, one, two, **more),
        Single(f"{name}, back", kinds[1], direction, breaking[1], place, label, two, one, **more),
    ]


REQ = ("request", "body", "note")
RES = ("response", "response", "title")
LIM = ("request", "query", "limit")
NOTE, TITLE, COUNT = "{body}/properties/note", "{ok}/properties/title", "{body}/properties/count"
RESPONSE = {"description": "made"}

SINGLES: list[Single] = [
    # Operations
    *pair("operation", "operation-added|operation-removed", "/paths/~1items~1{{id}}/delete",
          (None, {"responses": {"204": {"description": "gone"}}}), (False, True),
          ("", "operation", "")),
    *pair("operation deprecated", "deprecated|undeprecated", "{op}/deprecated",
          (None, True), (False, False), ("", "operation", "")),
    # Required
    *pair("field required", "required-added|required-removed", "{body}/required",
          (["name"], ["name", "note"]), (True, False), REQ),
    *pair("nested field required", "required-removed|required-added",
          "{body}/properties/owner/required", (["email"], []), (False, True),
          ("request", "body", "owner.email")),
    *pair("response field required", "required-added|required-removed", "{ok}/required",
          (["id"], ["id", "title"]), (False, True), RES),
    *pair("parameter required", "required-added|required-removed", "{limitparam}/required",
          (None, True), (True, False), LIM),
    *pair("header required", "required-added|required-removed", "{trace}/required",
          (None, True), (True, False), ("request", "header", "X-Trace")),
    *pair("body required", "required-removed|required-added", "{bodyobject}/required",
          (True, False), (False, True), ("request", "body", "")),
    # Fields
    *pair("optional field", "field-added|field-removed", "{body}/properties/extra",
          (None, schema("string")), (False, True), ("request", "body", "extra")),
    *pair("nested field", "field-added|field-removed", "{body}/properties/owner/properties/fax",
          (None, schema("string")), (False, True), ("request", "body", "owner.fax")),
    *pair("response field", "field-added|field-removed", "{ok}/properties/extra",
          (None, schema("string")), (False, True), ("response", "response", "extra")),
    *pair("field of response items", "field-added|field-removed",
          "{ok}/properties/lines/items/properties/price", (None, schema("number")),
          (False, True), ("response", "response", "lines[].price")),
    # Types
    *pair("type", "type-changed", NOTE, (schema("string"), schema("boolean")), (True, True), REQ),
    *pair("type integer to number", "type-changed", COUNT, (schema("integer"), schema("number")),
          (False, True), ("request", "body", "count")),
    *pair("response type integer to number", "type-changed", "{ok}/properties/id",
          (schema("integer"), schema("number")), (True, False), ("response", "response", "id")),
    *pair("string to array", "type-changed", NOTE,
          (schema("string"), {"type": "array", "items": schema("string")}), (True, True), REQ),
    *pair("item type", "type-changed", "{body}/properties/tags/items",
          (schema("string"), schema("integer")), (True, True), ("request", "body", "tags[]")),
    *pair("nullable 3.0", "nullable-added|nullable-removed", NOTE,
          (schema("string"), schema("string", nullable=True)), (False, True), REQ,
          dialects=("3.0",)),
    *pair("nullable 3.1", "nullable-added|nullable-removed", TITLE,
          (schema("string"), {"type": ["string", "null"]}), (True, False), RES,
          dialects=("3.1",)),
    # Enums
    *pair("enum value", "enum-value-added|enum-value-removed", "{body}/properties/kind/enum",
          (["a", "b"], ["a", "b", "c"]), (False, True), ("request", "body", "kind")),
    *pair("response enum value", "enum-value-added|enum-value-removed",
          "{ok}/properties/state/enum", (["on", "off"], ["on", "off", "idle"]), (True, False),
          ("response", "response", "state")),
    *pair("parameter enum value", "enum-value-removed|enum-value-added", "{order}/enum",
          (["asc", "desc"], ["asc"]), (True, False), ("request", "query", "order")),
    *pair("enum", "enum-added|enum-removed", NOTE,
          (schema("string"), schema("string", enum=["x", "y"])), (True, False), REQ),
    *pair("response enum", "enum-added|enum-removed", TITLE,
          (schema("string"), schema("string", enum=["x", "y"])), (False, True), RES),
    # Formats, patterns, bounds, defaults
    *pair("format", "format-changed", NOTE, (schema("string"), schema("string", format="uuid")),
          (True, False), REQ),
    *pair("format to another", "format-changed", NOTE,
          (schema("string", format="date"), schema("string", format="date-time")),
          (True, True), REQ),
    *pair("response format", "format-changed", TITLE,
          (schema("string"), schema("string", format="email")), (False, True), RES),
    *pair("integer format", "format-changed", COUNT,
          (schema("integer", format="int32"), schema("integer", format="int64")),
          (False, True), ("request", "body", "count")),
    *pair("pattern", "pattern-changed", NOTE,
          (schema("string"), schema("string", pattern="^[a-z]+$")), (True, False), REQ),
    *pair("maxLength", "bound-changed", NOTE,
          (schema("string", maxLength=10), schema("string", maxLength=5)), (True, False), REQ),
    *pair("minLength", "bound-changed", NOTE,
          (schema("string"), schema("string", minLength=2)), (True, False), REQ),
    *pair("response maxLength", "bound-changed", TITLE,
          (schema("string", maxLength=10), schema("string", maxLength=20)), (True, False), RES),
    *pair("maximum", "bound-changed", "{limit}/maximum", (100, 50), (True, False), LIM),
    *pair("minimum", "bound-changed", COUNT,
          (schema("integer"), schema("integer", minimum=1)), (True, False),
          ("request", "body", "count")),
    *pair("exclusive minimum 3.0", "bound-changed", COUNT,
          (schema("number", minimum=1), schema("number", minimum=1, exclusiveMinimum=True)),
          (True, False), ("request", "body", "count"), dialects=("2.0", "3.0")),
    *pair("exclusive minimum 3.1", "bound-changed", COUNT,
          (schema("number", minimum=1), schema("number", exclusiveMinimum=1)),
          (True, False), ("request", "body", "count"), dialects=("3.1",)),
    *pair("maxItems", "bound-changed", "{body}/properties/tags",
          ({"type": "array", "items": schema("string")},
           {"type": "array", "items": schema("string"), "maxItems": 3}),
          (True, False), ("request", "body", "tags")),
    *pair("uniqueItems", "bound-changed", "{body}/properties/tags",
          ({"type": "array", "items": schema("string")},
           {"type": "array", "items": schema("string"), "uniqueItems": True}),
          (True, False), ("request", "body", "tags")),
    *pair("multipleOf", "bound-changed", COUNT,
          (schema("integer"), schema("integer", multipleOf=5)), (True, False),
          ("request", "body", "count")),
    *pair("default of a parameter", "default-changed", "{limit}/default", (20, 50),
          (True, True), LIM),
    *pair("default of a field", "default-changed", NOTE,
          (schema("string"), schema("string", default="x")), (False, True), REQ),
    *pair("closed object", "additional-properties-closed|additional-properties-opened",
          "{body}/additionalProperties", (None, False), (True, False), ("request", "body", "")),
    *pair("read-only", "read-only-added|read-only-removed", NOTE,
          (schema("string"), schema("string", readOnly=True)), (True, False), REQ),
    *pair("deprecated field", "deprecated|undeprecated", NOTE,
          (schema("string"), schema("string", deprecated=True)), (False, False), REQ,
          dialects=OPEN_API),
    # Responses
    *pair("success status", "status-added|status-removed", "{op}/responses/201",
          (None, RESPONSE), (False, True), ("response", "response", "")),
    *pair("error status", "status-added|status-removed", "{op}/responses/422",
          (None, {"description": "bad"}), (False, False), ("response", "response", "")),
    *pair("response header 2.0", "header-added|header-removed", "{oks}/headers",
          (None, {"X-Rate": schema("integer")}), (False, True),
          ("response", "response", "header X-Rate"), dialects=("2.0",)),
    *pair("response header 3", "header-added|header-removed", "{oks}/headers",
          (None, {"X-Rate": {"schema": schema("integer")}}), (False, True),
          ("response", "response", "header X-Rate"), dialects=OPEN_API),
    # Media types
    *pair("request media type 2.0", "media-type-added|media-type-removed", "{op}/consumes",
          (["application/json"], ["application/json", "application/xml"]), (False, True),
          ("request", "body", "application/xml"), dialects=("2.0",)),
    *pair("response media type 2.0", "media-type-added|media-type-removed", "{op}/produces",
          (["application/json"], ["application/json", "text/csv"]), (False, True),
          ("response", "response", "text/csv"), dialects=("2.0",)),
    *pair("request media type 3", "media-type-added|media-type-removed",
          "{bodyobject}/content/application~1xml", (None, {"schema": BODY}), (False, True),
          ("request", "body", "application/xml"), dialects=OPEN_API),
    *pair("response media type 3", "media-type-added|media-type-removed",
          "{oks}/content/application~1xml", (None, {"schema": ANSWER}), (False, True),
          ("response", "response", "application/xml"), dialects=OPEN_API),
    # Tokens
    *pair("security alternative", "security-alternative-added|security-alternative-removed",
          "{op}/security", ([{"key": []}], [{"key": []}, {"login": []}]), (False, True),
          ("", "token", "login")),
    *pair("no security", "security-removed|security-added", "{op}/security",
          (None, []), (False, True), ("", "token", "")),
    Single("other security", "security-changed", "", True, "token", "login",
           {"{op}/security": [{"key": []}]}, {"{op}/security": [{"login": []}]}),
    *pair("token types in words", "token-added|token-removed", "{op}/description",
          ("Available for **Staff tokens**.", "Available for **Staff and Directory tokens**."),
          (False, True), ("", "token", "directory")),
    # Choices
    *pair("alternative of a choice", "variant-added|variant-removed", "{body}/properties/pick",
          ({"oneOf": [schema("object", title="One"), schema("array", title="Two")]},
           {"oneOf": [schema("object", title="One"), schema("array", title="Two"),
                      schema("object", title="Three")]}),
          (False, True), ("request", "body", "pick"), dialects=OPEN_API),
]  # fmt: skip

BASE_PATH = {
    "2.0": ("/basePath", "/other"),
    "3.0": ("/servers", [{"url": "https://example.com/other"}]),
    "3.1": ("/servers", [{"url": "https://example.com/other"}]),
}


def moved(dialect: str, parts: dict[str, str]) -> dict[str, Any]:
    """The base document with paths renamed."""
    made = base(dialect)
    made["paths"] = {parts.get(path, path): item for path, item in made["paths"].items()}
    return made
