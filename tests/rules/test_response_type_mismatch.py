from __future__ import annotations

from typing import Any

import pytest
from response_cases import answer, json_response, operation, run

from checker.drift.rules.response_type_mismatch import ResponseTypeMismatch


def of(node: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"f": node}}


STRING = of({"type": "string"})
SPEAKS: dict[str, tuple[Any, Any, str, Any]] = {
    "null": (STRING, {"f": None}, "f", "null"),
    "integer for string": (STRING, {"f": 5}, "f", "integer"),
    "number for integer": (of({"type": "integer"}), {"f": 1.5}, "f", "number"),
    "a whole number with a point": (STRING, {"f": 32768.0}, "f", "number"),
    "array for object": (STRING, [], "", "array"),
    "no variant": (
        of({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        {"f": []},
        "f",
        "array",
    ),
    "implied object": ({"properties": {"f": {"properties": {"a": {}}}}}, {"f": "x"}, "f", "string"),
    "best variant": (
        of({"anyOf": [of({"type": "string"}), {"type": "null"}]}),
        {"f": {"f": 1}},
        "f.f",
        "integer",
    ),
    "once for all items": (
        of({"type": "array", "items": {"type": "string"}}),
        {"f": [1, 2, 3]},
        "f[]",
        "integer",
    ),
}
SILENT: dict[str, tuple[Any, Any]] = {
    "fits": (STRING, {"f": "x"}),
    "integer is a number": (of({"type": "number"}), {"f": 1}),
    "1.0 is an integer": (of({"type": "integer"}), {"f": 1.0}),
    "nullable": (of({"type": "string", "nullable": True}), {"f": None}),
    "x-nullable": (of({"type": "string", "x-nullable": True}), {"f": None}),
    "type list": (of({"type": ["string", "null"]}), {"f": None}),
    "null variant": (of({"anyOf": [{"type": "string"}, {"type": "null"}]}), {"f": None}),
    "words": (of({"type": "string", "description": "The name, or null."}), {"f": None}),
    "no type": (of({}), {"f": None}),
    "nullable enum": (of({"type": "string", "nullable": True, "enum": ["a"]}), {"f": None}),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    node, body, field, observed = SPEAKS[name]
    found = run(ResponseTypeMismatch(), operation(json_response(node)), [answer(200, body)] * 2)
    assert [(f.field.name, f.observed) for f in found] == [(field, observed)]


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    node, body = SILENT[name]
    documented = operation(json_response(node))
    assert run(ResponseTypeMismatch(), documented, [answer(200, body)] * 2) == []


def test_plain_text_that_parses_is_no_number() -> None:
    documented = operation({"200": {"content": {"text/plain": {"type": "string"}}}})
    assert run(ResponseTypeMismatch(), documented, [answer(200, 5, "text/plain")] * 2) == []


@pytest.mark.parametrize(
    ("dialect", "patch"),
    [
        ("2.0", {"op": "add", "path": "/x-nullable", "value": True}),
        ("3.0", {"op": "add", "path": "/nullable", "value": True}),
        ("3.1", {"op": "replace", "path": "/type", "value": ["string", "null"]}),
    ],
)
def test_null_in_each_dialect(dialect: str, patch: dict[str, Any]) -> None:
    documented = operation(json_response(STRING), dialect=dialect)
    found = run(ResponseTypeMismatch(), documented, [answer(200, {"f": None})] * 2)
    place = found[0].patch[0]["path"].rpartition("/")
    assert {**found[0].patch[0], "path": "/" + place[2]} == patch
    assert place[0].endswith("/properties/f")


def test_null_at_a_reference_stays_out_of_the_component() -> None:
    node = of({"$ref": "#/components/schemas/User"})
    components = {"User": {"type": "object", "properties": {}}}
    base = "/paths/~1things/get/responses/200/content/application~1json/schema"
    raw = {
        "paths": {
            "/things": {
                "get": {"responses": {"200": {"content": {"application/json": {"schema": node}}}}}
            }
        }
    }
    documented = operation(json_response(node), components=components)
    found = run(ResponseTypeMismatch(), documented, [answer(200, {"f": None})] * 2, raw)
    assert found[0].source is not None and found[0].source.pointer == f"{base}/properties/f"
    assert found[0].patch[0]["value"] == {
        "allOf": [{"$ref": "#/components/schemas/User"}],
        "nullable": True,
    }


def test_scalar_patch_only_where_it_always_came() -> None:
    documented = operation(json_response(STRING))
    always = run(ResponseTypeMismatch(), documented, [answer(200, {"f": 1})] * 2)
    assert always[0].patch[0]["value"] == "integer"
    mixed = [answer(200, {"f": 1}), answer(200, {"f": 2}), answer(200, {"f": "x"})]
    assert run(ResponseTypeMismatch(), operation(json_response(STRING)), mixed)[0].patch == ()


def test_a_value_of_both_types_is_documented_as_both() -> None:
    mixed = [answer(200, {"f": [1]}), answer(200, {"f": [2]}), answer(200, {"f": "x"})]
    for dialect, told in [("2.0", "in its description"), ("3.0", "with `oneOf`")]:
        documented = operation(json_response(STRING), dialect=dialect)
        (found,) = run(ResponseTypeMismatch(), documented, mixed)
        assert f"may be `string` or `array`: {told}" in found.suggested_fix
        assert found.patch == ()
    (found,) = run(ResponseTypeMismatch(), operation(json_response(STRING), dialect="3.1"), mixed)
    assert found.suggested_fix.endswith('`type: ["string", "array"]`.')
    assert found.patch[0]["value"] == ["string", "array"]


def test_some_numbers_that_are_not_whole_are_numbers() -> None:
    documented = operation(json_response(of({"type": "integer"})))
    mixed = [answer(200, {"f": n}) for n in (1.5, 2.5, 3)]
    (found,) = run(ResponseTypeMismatch(), documented, mixed)
    assert found.patch[0]["value"] == "number"


def test_null_beside_another_type_says_nothing_of_the_documented_one() -> None:
    documented = operation(json_response(of({"type": "object"})))
    mixed = [answer(200, {"f": value}) for value in (None, None, 1.5, 2.5)]
    found = run(ResponseTypeMismatch(), documented, mixed)
    fixes = {f.suggested_fix for f in found}
    told = "Change the type of `f` to `number`, and document that it may be null: `nullable: true`."
    assert len(found) == 2 and fixes == {told}
    assert all(f.patch == () for f in found)


@pytest.mark.parametrize("dialect", ["2.0", "3.0", "3.1"])
def test_null_is_one_of_the_values_too(dialect: str) -> None:
    documented = operation(
        json_response(of({"type": "string", "enum": ["a", "b"]})), dialect=dialect
    )
    (found,) = run(ResponseTypeMismatch(), documented, [answer(200, {"f": None})] * 2)
    assert found.patch[-1]["path"].endswith("/properties/f/enum/-")
    assert found.patch[-1]["value"] is None
    assert found.suggested_fix.endswith("and add `null` to its `enum`.")


def test_an_example_of_the_old_type_goes_with_it() -> None:
    documented = operation(json_response(of({"type": "boolean", "example": False})))
    (found,) = run(ResponseTypeMismatch(), documented, [answer(200, {"f": "no"})] * 2)
    assert [step["path"].rpartition("/")[2] for step in found.patch] == ["type", "example"]


def test_a_list_of_the_documented_thing() -> None:
    node = {"$ref": "#/components/schemas/User"}
    user = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    content = {"content": {"application/json": {"schema": node}}}
    raw = {"paths": {"/things": {"get": {"responses": {"200": content}}}}}
    documented = operation(json_response(node), components={"User": user})
    (found,) = run(ResponseTypeMismatch(), documented, [answer(200, [{"id": 1}])] * 2, raw)
    assert found.patch[0]["value"] == {"type": "array", "items": node}
    (found,) = run(ResponseTypeMismatch(), documented, [answer(200, [{"name": "x"}])] * 2, raw)
    assert found.patch == ()
