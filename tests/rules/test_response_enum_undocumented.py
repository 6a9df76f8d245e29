from __future__ import annotations

from typing import Any

import pytest
from response_cases import answer, json_response, operation, run

from checker.drift.rules.response_enum_undocumented import ResponseEnumUndocumented


def of(node: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"s": node}}


STATUS = of({"type": "string", "enum": ["active", "closed"]})
SPEAKS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "one answer is enough": (STATUS, ["pending"], ["pending"]),
    "all values in one finding": (
        STATUS,
        ["pending", "active", "error", "pending"],
        ["error", "pending"],
    ),
    "another case": (STATUS, ["ACTIVE"], ["ACTIVE"]),
    "no variant": (of({"anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]}), ["c"], ["c"]),
}
SILENT: dict[str, tuple[Any, list[Any]]] = {
    "inside": (STATUS, ["active", "closed"]),
    "a wrong type is told elsewhere": (STATUS, [5, 5]),
    "null where nullable": (of({"type": "string", "nullable": True, "enum": ["a"]}), [None]),
    "a variant has it": (of({"anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]}), ["b"]),
    "words name it": (
        of({"type": "string", "enum": ["a"], "description": "Also `pending`."}),
        ["pending"],
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    node, values, observed = SPEAKS[name]
    answers = [answer(200, {"s": v}) for v in values]
    found = run(ResponseEnumUndocumented(), operation(json_response(node)), answers)
    assert [f.observed for f in found] == [observed]
    assert found[0].field.name == "s"


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    node, values = SILENT[name]
    answers = [answer(200, {"s": v}) for v in values]
    assert run(ResponseEnumUndocumented(), operation(json_response(node)), answers) == []


def test_patch_goes_to_the_component() -> None:
    components = {"Status": {"type": "string", "enum": ["a"]}}
    documented = operation(
        json_response(of({"$ref": "#/components/schemas/Status"})), components=components
    )
    found = run(ResponseEnumUndocumented(), documented, [answer(200, {"s": "b"})])
    assert found[0].patch == (
        {"op": "add", "path": "/components/schemas/Status/enum/-", "value": "b"},
    )
