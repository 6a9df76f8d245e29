from __future__ import annotations

from typing import Any

import pytest
from response_cases import answer, json_response, operation, run

from checker.domain.schema import MISSING
from checker.drift.rules.response_field_missing import ResponseFieldMissing

USER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "integer"},
        "email": {"type": "string"},
        "boss": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        },
    },
}
LIST = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": USER}},
}
WRITE_ONLY = {
    "type": "object",
    "required": ["id", "password"],
    "properties": {"id": {"type": "integer"}, "password": {"type": "string", "writeOnly": True}},
}
CONDITIONAL = {
    "type": "object",
    "required": ["end"],
    "properties": {"end": {"type": "string", "description": "Only present for closed ones."}},
}

SPEAKS: dict[str, tuple[Any, list[Any], list[str]]] = {
    "missing": (USER, [{"id": 1}, {"id": 2}], ["email"]),
    "in array items": (LIST, [{"items": [{"id": 1}]}, {"items": [{"id": 2}]}], ["items[].email"]),
    "nested": (USER, [{"id": 1, "email": "e", "boss": {"name": "x"}}] * 2, ["boss.id"]),
    "a missing parent isn't its members too": (LIST, [{}, {}], ["items"]),
    "the whole body": (USER, [MISSING, MISSING], [""]),
}
SILENT: dict[str, tuple[Any, list[Any]]] = {
    "there": (USER, [{"id": 1, "email": "e"}] * 2),
    "seen once": (USER, [{"id": 1}, {"id": 1, "email": "e"}]),
    "writeOnly": (WRITE_ONLY, [{"id": 1}] * 2),
    "the enclosing object isn't there": (USER, [{"id": 1, "email": "e"}] * 3),
    "words say so": (CONDITIONAL, [{}, {}]),
    "another type": (USER, [[], []]),
    "empty list": (LIST, [{"items": []}] * 2),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    node, bodies, expected = SPEAKS[name]
    documented = operation(json_response(node))
    found = run(ResponseFieldMissing(), documented, [answer(200, b) for b in bodies])
    assert [f.field.name for f in found] == expected


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    node, bodies = SILENT[name]
    documented = operation(json_response(node))
    assert run(ResponseFieldMissing(), documented, [answer(200, b) for b in bodies]) == []


def test_share_counts_answers_with_the_enclosing_object() -> None:
    full = {"id": 1, "email": "e"}
    bodies: list[Any] = [
        full,
        {**full, "boss": {}},
        {**full, "boss": {}},
        {**full, "boss": {"id": 1}},
    ]
    documented = operation(json_response(USER))
    found = run(ResponseFieldMissing(), documented, [answer(200, b) for b in bodies])
    assert "in 2 of 3 responses seen (67%)" in found[0].issue
    assert found[0].field.name == "boss.id"


def test_no_body_where_none_can_be() -> None:
    documented = operation(
        {"204": json_response(USER)["200"], "200": json_response(USER)["200"]}, method="HEAD"
    )
    answers = [answer(204), answer(204), answer(200, method="HEAD"), answer(200, method="HEAD")]
    assert run(ResponseFieldMissing(), documented, answers) == []


def test_patch_drops_it_from_required() -> None:
    found = run(
        ResponseFieldMissing(), operation(json_response(USER)), [answer(200, {"id": 1})] * 2
    )
    assert found[0].patch[0]["op"] == "remove"
    assert found[0].patch[0]["path"].endswith("/schema/required/1")


def test_shared_component_has_its_own_place() -> None:
    components = {"User": USER}
    documented = operation(
        json_response({"$ref": "#/components/schemas/User"}), components=components
    )
    found = run(ResponseFieldMissing(), documented, [answer(200, {"id": 1})] * 2)
    assert found[0].source is not None
    assert found[0].source.pointer == "/components/schemas/User/properties/email"


def test_default_error_envelope_is_told_once() -> None:
    error = {"type": "object", "required": ["code"], "properties": {"code": {"type": "integer"}}}
    documented = operation(
        {
            "200": {"description": "OK"},
            "default": {"description": "Error", "content": {"application/json": error}},
        }
    )
    answers = [answer(s, {}) for s in (400, 404, 422)]
    found = run(ResponseFieldMissing(), documented, answers)
    assert len(found) == 1
    assert "400" in found[0].issue and "422" in found[0].issue
