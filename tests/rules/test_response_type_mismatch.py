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
