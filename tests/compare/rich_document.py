"""A document in which every kind of fact stands once, and conditions to add to its schemas."""

from __future__ import annotations

import copy
from typing import Any

CONDITIONS: dict[str, Any] = {
    "minProperties": 1, "maxProperties": 9, "not": {"enum": ["zz"]},
    "patternProperties": {"^p-": {"type": "integer"}}, "propertyNames": {"maxLength": 5},
    "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {"required": ["b"]}},
    "if": {"required": ["a"]}, "contains": {"type": "string"}, "minContains": 2,
    "prefixItems": [{"type": "string"}], "unevaluatedProperties": False,
    "unevaluatedItems": False, "contentEncoding": "base16", "contentMediaType": "image/png",
    "contentSchema": {"type": "object"}, "readOnly": True, "writeOnly": True, "deprecated": True,
    "minLength": 3, "maxLength": 30, "pattern": "^z", "format": "uuid", "minimum": 2,
    "maximum": 200, "exclusiveMinimum": 1, "multipleOf": 3, "minItems": 1, "maxItems": 7,
    "uniqueItems": True, "enum": ["q", "r"], "const": "q", "default": "q",
    "additionalProperties": False, "x-extensible-enum": ["k"], "xml": {"name": "n"},
    "anyOf": [{"minLength": 1}, {"minimum": 3}], "oneOf": [{"minLength": 2}, {"minimum": 4}],
    "allOf": [{"maxLength": 2}], "required": ["a_new_name"], "discriminator": "kind",
}  # fmt: skip


def _schemas(prefix: str) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "Thing": {
            "type": "object",
            "required": ["name", "kind"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "integer", "format": "int64", "readOnly": True},
                "name": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": "^n"},
                "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
                "size": {"type": "number", "minimum": 1, "maximum": 10, "multipleOf": 2},
                "tags": {"type": "array", "items": text, "maxItems": 5, "uniqueItems": True},
                "owner": {"$ref": f"{prefix}Owner"},
                "free": {"type": "object", "additionalProperties": {"type": "integer"}},
            },
        },
        "Owner": {
            "allOf": [
                {"$ref": f"{prefix}Base"},
                {"type": "object", "properties": {"mail": {"type": "string", "format": "email"}}},
            ]
        },
        "Base": {"required": ["key"], "properties": {"key": text}},
        "Unused": {"type": "object", "properties": {"left": {"type": "string", "minLength": 2}}},
    }


def rich(dialect: str) -> dict[str, Any]:
    """The document in one dialect."""
    return _swagger() if dialect == "2.0" else _openapi(dialect)


def _swagger() -> dict[str, Any]:
    thing = {"$ref": "#/definitions/Thing"}
    return {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "host": "api.example.com",
        "basePath": "/v1",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {
            "o": {
                "type": "oauth2", "flow": "application", "tokenUrl": "https://a.example/t",
                "scopes": {"r": "read", "w": "write"},
            },
            "k": {"type": "apiKey", "in": "header", "name": "X-Key"},
        },
        "security": [{"o": ["r"]}],
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
                "put": {
                    "operationId": "putThing",
                    "security": [{"o": ["r", "w"]}, {"k": []}],
                    "parameters": [
                        {"name": "q", "in": "query", "type": "array", "items": {"type": "string"},
                         "collectionFormat": "multi"},
                        {"name": "X-Trace", "in": "header", "type": "string", "required": True},
                        {"name": "body", "in": "body", "required": True, "schema": thing},
                    ],
                    "responses": {
                        "200": {
                            "description": "ok", "schema": thing,
                            "headers": {"X-Rate": {"type": "integer", "maximum": 9}},
                        },
                        "404": {"description": "no"},
                    },
                },
                "post": {
                    "consumes": ["multipart/form-data"],
                    "parameters": [
                        {"name": "f", "in": "formData", "type": "file", "required": True},
                        {"name": "n", "in": "formData", "type": "string", "maxLength": 4},
                    ],
                    "responses": {"204": {"description": "ok"}},
                },
            }
        },
        "definitions": _schemas("#/definitions/"),
    }  # fmt: skip


def _openapi(dialect: str) -> dict[str, Any]:
    thing = {"$ref": "#/components/schemas/Thing"}
    event = {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": copy.deepcopy(thing)}}},
            "responses": {"200": {"description": "seen"}},
        }
    }
    schemas = _schemas("#/components/schemas/")
    schemas["Thing"]["properties"]["either"] = {
        "oneOf": [
            {"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"},
        ],
        "discriminator": {
            "propertyName": "pet",
            "mapping": {"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"},
        },
    }  # fmt: skip
    for name in ("Cat", "Dog"):
        schemas[name] = {
            "type": "object",
            "required": ["pet"],
            "properties": {"pet": {"type": "string"}, f"is{name}": {"type": "boolean"}},
        }
    document: dict[str, Any] = {
        "openapi": "3.0.3" if dialect == "3.0" else "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [
            {"url": "https://{where}.example.com/v1", "variables": {"where": {"default": "api"}}}
        ],
        "security": [{"o": ["r"]}],
        "paths": {
            "/things/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "put": {
                    "operationId": "putThing",
                    "security": [{"o": ["r", "w"]}, {"k": []}],
                    "x-sunset": "2030-01-01",
                    "parameters": [
                        {"name": "q", "in": "query", "style": "form", "explode": False,
                         "allowReserved": True,
                         "schema": {"type": "array", "items": {"type": "string"}}},
                        {"name": "X-Trace", "in": "header", "schema": {"type": "string"},
                         "required": True},
                    ],
                    "requestBody": {
                        "required": True, "content": {"application/json": {"schema": thing}}
                    },
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {"application/json": {"schema": thing}},
                            "headers": {"X-Rate": {"required": True,
                                                   "schema": {"type": "integer", "maximum": 9}}},
                            "links": {"next": {"operationId": "putThing",
                                               "parameters": {"id": "$response.body#/id"}}},
                        },
                        "404": {"description": "no"},
                    },
                    "callbacks": {"done": {"{$request.body#/url}": event}},
                },
                "post": {
                    "servers": [{"url": "https://up.example.com/v1"}],
                    "requestBody": {
                        "content": {
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"f": {"type": "string", "format": "binary"}},
                                },
                                "encoding": {"f": {"contentType": "image/png"}},
                            }
                        }
                    },
                    "responses": {"204": {"description": "ok"}},
                },
            }
        },
        "components": {
            "securitySchemes": {
                "o": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "https://a.example/t", "scopes": {"r": "r", "w": "w"}
                        }
                    },
                },
                "k": {"type": "apiKey", "in": "header", "name": "X-Key"},
            },
            "schemas": schemas,
        },
    }  # fmt: skip
    if dialect == "3.1":
        document["webhooks"] = {"changed": copy.deepcopy(event)}
    return document
