"""Schemas that several nodes make up: nothing is taken for the same that isn't, and all ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.documents.loader import load_document
from checker.domain.portal import Portal
from checker.drift.compare import Change, diff_portals

TEXT = {"type": "string"}


def ref(name: str, **more: Any) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", **more}


def document(body: Any, version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": body}}},
                    "responses": {"200": {"description": "x"}},
                }
            }
        },
        "components": {"schemas": schemas},
    }


def differences(tmp_path: Path, old: Any, new: Any) -> tuple[Change, ...]:
    portals = []
    for name, content in (("old", old), ("new", new)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        portals.append(Portal((load_document(path, validate=False),)))
    return diff_portals(*portals)


def test_a_keyword_beside_a_reference(tmp_path: Path) -> None:
    old = document({"type": "object", "properties": {"p": ref("X", minLength=1)}}, X=TEXT)
    new = document({"type": "object", "properties": {"p": ref("X", minLength=2)}}, X=TEXT)
    (change,) = differences(tmp_path, old, new)
    assert (change.kind, change.name, change.new) == ("bound-changed", "p", {"minLength": 2})


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_property_in_two_branches(version: str, tmp_path: Path) -> None:
    """The base's own property is unchanged; what the other branch adds to it isn't."""
    base = {"type": "object", "properties": {"p": TEXT}}
    documents = [
        document(
            {
                "type": "object",
                "properties": {
                    "plain": ref("Base"),
                    "grown": {"allOf": [ref("Base"), {"properties": {"p": {"maxLength": limit}}}]},
                },
            },
            version,
            Base=base,
        )
        for limit in (5, 9)
    ]
    (change,) = differences(tmp_path, *documents)
    assert (change.kind, change.name) == ("bound-changed", "grown.p")
    assert (change.old, change.new) == ({"maxLength": 5}, {"maxLength": 9})


def test_recursion_through_merged_schemas_ends(tmp_path: Path) -> None:
    """Every child is a merge that leads back: two ways at every level."""
    documents = []
    for kind in ("string", "integer"):
        again = {"allOf": [ref("Node"), {"properties": {"more": TEXT}}]}
        node = {
            "allOf": [
                {"type": "object", "properties": {"label": {"type": kind}}},
                {"properties": {"left": again, "right": again}},
            ]
        }
        documents.append(document(ref("Node"), Node=node))
    changes = differences(tmp_path, *documents)
    assert [(c.kind, c.name) for c in changes] == [("type-changed", "label")]


def test_what_stands_in_another_file(tmp_path: Path) -> None:
    for name, kind in (("one", "string"), ("two", "integer")):
        thing = {"type": "object", "properties": {"n": {"type": kind}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(thing))
    old, new = document({"$ref": "one.json"}), document({"$ref": "two.json"})
    (change,) = differences(tmp_path, old, new)
    assert (change.kind, change.name) == ("type-changed", "n")
    assert change.new_location is not None and change.new_location.file.endswith("two.json")


def test_a_reference_to_another_file_is_compared_though_its_text_is_the_same(
    tmp_path: Path,
) -> None:
    portals = []
    for folder, kind in (("old", "string"), ("new", "integer")):
        place = tmp_path / folder
        place.mkdir()
        thing = {"type": "object", "properties": {"n": {"type": kind}}}
        (place / "thing.json").write_text(json.dumps(thing))
        (place / "api.json").write_text(json.dumps(document({"$ref": "thing.json"})))
        portals.append(Portal((load_document(place / "api.json", validate=False),)))
    (change,) = diff_portals(*portals)
    assert (change.kind, change.name) == ("type-changed", "n")
