from __future__ import annotations

from typing import Any

import pytest
from response_cases import answer, json_response, operation, run

from checker.drift.rules.response_field_undocumented import ResponseFieldUndocumented

ITEM = {"type": "object", "properties": {"id": {"type": "integer"}}}
LIST = {"type": "object", "properties": {"items": {"type": "array", "items": ITEM}}}
VARIANTS = {
    "oneOf": [
        {"type": "object", "properties": {"id": {"type": "integer"}, "bark": {"type": "string"}}},
        {"type": "object", "properties": {"id": {"type": "integer"}, "meow": {"type": "string"}}},
    ]
}
TREE: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "integer"}}}
TREE["properties"]["children"] = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}

BLANKS = {
    "type": "object",
    "properties": {"logo-*": {"type": "string"}, "title-<language>": {"type": "string"}},
}

SPEAKS: dict[str, tuple[Any, Any, list[str]]] = {
    "top": (ITEM, {"id": 1, "name": "x"}, ["name"]),
    "in items": (LIST, {"items": [{"id": 1, "name": "x"}]}, ["items[].name"]),
    "no variant has it": (VARIANTS, {"id": 1, "moo": "x"}, ["moo"]),
    "an object is told once": (ITEM, {"id": 1, "o": {"a": 1, "b": 2}}, ["o"]),
    "another name than the blank's": (BLANKS, {"logo-": "x", "logos": "x"}, ["logo-", "logos"]),
    "closed": ({**ITEM, "additionalProperties": False}, {"id": 1, "x": 1}, ["x"]),
}
SILENT: dict[str, tuple[Any, Any]] = {
    "documented": (ITEM, {"id": 1}),
    "open": ({**ITEM, "additionalProperties": True}, {"id": 1, "x": 1}),
    "a map": ({**ITEM, "additionalProperties": {"type": "integer"}}, {"id": 1, "x": 1}),
    "patternProperties": ({**ITEM, "patternProperties": {"^x": {}}}, {"id": 1, "x": 1}),
    "a name with a blank": (BLANKS, {"logo-32x32": "x", "logo-svg": "x", "title-de": "y"}),
    "a bare object": ({"type": "object"}, {"id": 1, "x": {"y": 1}}),
    "no schema": (None, {"id": 1}),
    "one variant has it": (VARIANTS, {"id": 1, "meow": "x"}),
    "an open variant": ({"anyOf": [ITEM, {"type": "object"}]}, {"id": 1, "x": 1}),
    "a wrong type isn't also this": (LIST, {"items": {"a": 1}}),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    node, body, expected = SPEAKS[name]
    found = run(
        ResponseFieldUndocumented(), operation(json_response(node)), [answer(200, body)] * 2
    )
    assert [f.field.name for f in found] == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    node, body = SILENT[name]
    documented = operation(json_response(node))
    assert run(ResponseFieldUndocumented(), documented, [answer(200, body)] * 2) == []


def test_seen_once_is_no_proof() -> None:
    answers = [answer(200, {"id": 1, "x": 1}), answer(200, {"id": 1})]
    assert run(ResponseFieldUndocumented(), operation(json_response(ITEM)), answers) == []


def test_undocumented_status_has_no_field_facts() -> None:
    answers = [answer(201, {"other": 1})] * 2
    assert run(ResponseFieldUndocumented(), operation(json_response(ITEM)), answers) == []


def test_recursive_schema_is_finite() -> None:
    documented = operation(
        json_response({"$ref": "#/components/schemas/Tree"}), components={"Tree": TREE}
    )
    body: Any = {"id": 1, "x": 1}
    for _ in range(200):
        body = {"id": 1, "children": [body]}
    answers = [answer(200, {"id": 1, "children": [{"id": 2, "y": 1}, body]})] * 2
    found = run(ResponseFieldUndocumented(), documented, answers)
    assert [f.field.name for f in found] == ["children[].y"]


def test_patch_adds_the_property() -> None:
    bodies = [{"id": 1, "n": None}, {"id": 1, "n": "x"}]
    answers = [answer(200, b) for b in bodies]
    found = run(ResponseFieldUndocumented(), operation(json_response(ITEM)), answers)
    assert found[0].patch[0]["path"].endswith("/schema/properties/n")
    assert found[0].patch[0]["value"] == {"type": "string", "nullable": True}
    assert found[0].observed == ["null", "string"]


def test_null_alone_is_no_type() -> None:
    """What comes when there is a value isn't known."""
    documented = operation(json_response(ITEM), dialect="3.1")
    found = run(ResponseFieldUndocumented(), documented, [answer(200, {"id": 1, "n": None})] * 2)
    assert found[0].patch[0]["value"] == {}


def test_media_type_decides_whether_it_is_read() -> None:
    documented = operation(json_response(ITEM))
    problem = [answer(200, {"title": "x"}, "application/problem+json")] * 2
    assert run(ResponseFieldUndocumented(), documented, problem) == []
    linked = [answer(200, {"id": 1, "x": 1}, "application/hal+json")] * 2
    assert [f.field.name for f in run(ResponseFieldUndocumented(), documented, linked)] == ["x"]
    labelled = [answer(200, {"id": 1, "x": 1}, "text/html")] * 2
    assert len(run(ResponseFieldUndocumented(), documented, labelled)) == 1
