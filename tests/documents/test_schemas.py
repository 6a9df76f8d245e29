"""Schema nodes of every dialect in one model."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from checker.documents.pointing import Node, Source
from checker.documents.references import Files
from checker.documents.schemas import Builder
from checker.domain.operation import flatten
from checker.domain.schema import MISSING, Schema


def build(node: Any, dialect: str = "3.0", **definitions: Any) -> Schema:
    source = Source("f.json", {"s": node, "definitions": definitions}, path=Path("f.json"))
    return Builder(Files(), dialect).build(Node(node, source, "/s"))


@pytest.mark.parametrize(
    ("dialect", "node", "types"),
    [
        ("3.0", {"type": "string", "nullable": True}, ("string", "null")),
        ("2.0", {"type": "string", "x-nullable": True}, ("string", "null")),
        ("2.0", {"type": "string", "nullable": True}, ("string",)),
        ("3.1", {"type": ["string", "null"]}, ("string", "null")),
        ("3.1", {"anyOf": [{"type": "string"}, {"type": "null"}]}, ("string", "null")),
        ("3.1", {"type": "string", "nullable": True}, ("string",)),
        ("2.0", {"type": "file"}, ("string",)),
        ("3.0", {"type": "strin"}, ()),
        ("3.0", {"type": 5}, ()),
        ("3.0", {"allOf": [{"type": "number"}, {"type": "integer"}]}, ("integer",)),
    ],
)
def test_types_and_nulls(dialect: str, node: Any, types: tuple[str, ...]) -> None:
    assert build(node, dialect).types == types


@pytest.mark.parametrize(
    ("dialect", "node", "minimum", "exclusive"),
    [
        ("3.0", {"minimum": 3}, 3, False),
        ("3.0", {"minimum": 3, "exclusiveMinimum": True}, 3, True),
        ("3.1", {"exclusiveMinimum": 3}, 3, True),
        ("3.1", {"exclusiveMinimum": 3, "minimum": 5}, 5, False),
        ("3.1", {"allOf": [{"minimum": 1}, {"exclusiveMinimum": 1}]}, 1, True),
        ("3.0", {"allOf": [{"minimum": 1}, {"minimum": 7}]}, 7, False),
        ("3.0", {"minimum": True}, None, False),
        ("3.0", {"minimum": "3"}, None, False),
    ],
)
def test_bounds(dialect: str, node: Any, minimum: float | None, exclusive: bool) -> None:
    schema = build(node, dialect)
    assert (schema.minimum, schema.exclusive_minimum) == (minimum, exclusive)


def test_all_of_is_merged() -> None:
    schema = build(
        {
            "required": ["a"],
            "properties": {"a": {"type": "string", "maxLength": 9}},
            "allOf": [
                {"$ref": "#/definitions/Base"},
                {"required": ["b", "a"], "properties": {"a": {"maxLength": 5}, "b": {}}},
            ],
        },
        Base={"properties": {"c": {"enum": [1, 2, 3]}, "a": {"minLength": 2}}},
    )
    assert schema.required == ("a", "b")
    assert list(schema.properties) == ["a", "c", "b"]
    a = schema.properties["a"]
    assert (a.types, a.min_length, a.max_length) == (("string",), 2, 5)
    places = {f.key.name: f.location.pointer for f in flatten(schema, schema.location)}
    assert places["c"] == "/definitions/Base/properties/c"
    assert places["b"] == "/s/allOf/1/properties/b"


def test_enums_intersect_and_const_is_one() -> None:
    node = {"allOf": [{"enum": ["a", "b", 1]}, {"enum": ["b", "c", True]}]}
    assert build(node).enum == ("b",)
    assert build({"const": 5}, "3.1").enum == (5,)
    assert build({"enum": "no list"}).enum is None


def test_equivalent_spellings_are_equal() -> None:
    inline = {"type": "object", "properties": {"x": {"type": "string"}}}
    spellings = [
        build(inline),
        build({"$ref": "#/definitions/T"}, T=inline),
        build({"allOf": [{"$ref": "#/definitions/T"}]}, T=inline),
        build({"oneOf": [inline]}),
    ]
    for schema in spellings:
        assert (schema.types, list(schema.properties), schema.variants) == (("object",), ["x"], ())
    assert spellings[1].reference == spellings[2].reference == "#/definitions/T"


def test_variants_and_discriminators() -> None:
    schema = build(
        {
            "oneOf": [{"$ref": "#/definitions/A"}, {"type": "string"}],
            "discriminator": {"propertyName": "kind"},
        },
        A={"type": "object", "title": "An A"},
    )
    assert (schema.variant_kind, len(schema.variants)) == ("oneOf", 2)
    assert schema.variants[0].title == "An A"
    assert schema.discriminator == "kind"
    assert build({"discriminator": "kind"}, "2.0").discriminator == "kind"


def test_defaults_examples_and_extensions() -> None:
    schema = build({"default": None, "example": 3, "x-a": {"b": 1}})
    assert schema.default is None
    assert schema.examples == (3,)
    assert schema.extensions == {"x-a": {"b": 1}}
    assert build({}).default is MISSING
    assert build({"examples": [1, 2]}, "3.1").examples == (1, 2)
    assert build({"examples": {"a": 1}}, "3.1").examples == ()


def test_additional_properties_and_items_are_lazy_but_behave() -> None:
    schema = build({"additionalProperties": {"type": "integer"}, "items": {"type": "string"}})
    assert isinstance(schema.additional, Schema)
    assert schema.additional.types == ("integer",)
    assert schema.items is not None
    copy = dataclasses.replace(schema, title="x")
    assert copy.items is schema.items
    assert build({"additionalProperties": False}).additional is False
    assert build({"additionalProperties": True}).additional is True
    assert build({}).additional is None


@pytest.mark.parametrize("node", [None, True, False, [], "x", 5, {"$ref": "#/nowhere"}])
def test_what_is_no_schema_allows_anything(node: Any) -> None:
    schema = build(node)
    assert schema.types == ()
    assert not list(flatten(schema, schema.location))


def test_wrong_nodes_are_left_out() -> None:
    schema = build(
        {
            "properties": {"a": None, "b": 5, "c": {"type": "string"}},
            "required": [1, "c", None],
            "items": 5,
            "oneOf": "x",
            "allOf": [None, 3, {"title": 5}],
            "maxLength": "5",
            "description": 7,
        }
    )
    assert schema.required == ("c",)
    assert schema.properties["c"].types == ("string",)
    assert schema.properties["a"].types == ()
    assert (schema.items, schema.variants, schema.max_length) == (None, (), None)
