"""Every single change is named exactly, with its direction and whether it breaks clients."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from single_changes import BASE_PATH, DIALECTS, SINGLES, Single, base, document, moved, query

from checker.documents.loader import load_document
from checker.domain.portal import Portal
from checker.drift.compare import Change, diff_portals


def differences(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, ...]:
    portals = []
    for name, content in (("old", old), ("new", new)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        portals.append(Portal((load_document(path, validate=False),)))
    return diff_portals(*portals)


CASES = [
    pytest.param(case, dialect, id=f"{case.name} ({dialect})")
    for case in SINGLES
    for dialect in case.dialects
]


@pytest.mark.parametrize(("case", "dialect"), CASES)
def test_single_change(case: Single, dialect: str, tmp_path: Path) -> None:
    found = differences(tmp_path, document(dialect, case.old), document(dialect, case.new))
    expected = (case.kind, case.direction, case.breaking, case.place, case.field)
    assert [(c.kind, c.direction, c.breaking, c.place, c.name) for c in found] == [expected]
    assert found[0].text
    assert found[0].old_location or found[0].new_location


def test_the_table_is_large() -> None:
    assert len(SINGLES) >= 60
    assert {d for case in SINGLES for d in case.dialects} == set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("required", [True, False])
def test_parameters(dialect: str, required: bool, tmp_path: Path) -> None:
    more = base(dialect)
    more["paths"]["/items/{id}"]["get"]["parameters"].append(query("q", required, dialect))
    (added,) = differences(tmp_path, base(dialect), more)
    assert (added.kind, added.breaking, added.name) == ("parameter-added", required, "q")
    (removed,) = differences(tmp_path, more, base(dialect))
    assert (removed.kind, removed.breaking, removed.name) == ("parameter-removed", True, "q")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_parameter_goes_elsewhere(dialect: str, tmp_path: Path) -> None:
    other = base(dialect)
    other["paths"]["/items"]["post"]["parameters"][0]["in"] = "header"
    (change,) = differences(tmp_path, base(dialect), other)
    assert (change.kind, change.breaking, change.old, change.new) == (
        "location-changed", True, "query", "header"
    )  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_required_field_added(dialect: str, tmp_path: Path) -> None:
    edits = {"{body}/properties/extra": {"type": "string"}, "{body}/required": ["name", "extra"]}
    (change,) = differences(tmp_path, base(dialect), document(dialect, edits))
    assert (change.kind, change.breaking, change.name) == ("field-added", True, "extra")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_base_path(dialect: str, tmp_path: Path) -> None:
    place, value = BASE_PATH[dialect]
    (change,) = differences(tmp_path, base(dialect), document(dialect, {place: value}))
    assert (change.kind, change.breaking) == ("base-path-changed", True)
    assert (change.old, change.new, len(change.operations)) == ("/api", "/other", 2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_version_prefix(dialect: str, tmp_path: Path) -> None:
    old = moved(dialect, {"/items": "/v1/items"})
    new = moved(dialect, {"/items": "/v2/items"})
    (change,) = differences(tmp_path, old, new)
    assert (change.kind, change.old, change.new) == ("version-changed", "v1", "v2")
    assert str(change.operation) == "POST /api/v2/items"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_parameter_names_do_not_matter(dialect: str, tmp_path: Path) -> None:
    other = moved(dialect, {"/items/{id}": "/items/{item_id}"})
    other["paths"]["/items/{item_id}"]["get"]["parameters"][0]["name"] = "item_id"
    assert differences(tmp_path, base(dialect), other) == ()


@pytest.mark.parametrize("old", DIALECTS)
@pytest.mark.parametrize("new", DIALECTS)
def test_dialects_say_the_same(old: str, new: str, tmp_path: Path) -> None:
    assert differences(tmp_path, base(old), base(new)) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_order_does_not_matter(dialect: str, tmp_path: Path) -> None:
    edits = {
        "{body}/required": ["note", "name"],
        "{body}/properties/kind/enum": ["b", "a"],
    }
    old = document(dialect, {"{body}/required": ["name", "note"]})
    new = document(dialect, edits)
    new = json.loads(json.dumps(new, sort_keys=True))
    new["paths"]["/items"]["post"]["parameters"].reverse()
    assert differences(tmp_path, old, new) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("spelling", ["reference", "allOf of one", "allOf of two", "nested"])
def test_spellings(dialect: str, spelling: str, tmp_path: Path) -> None:
    """An inline schema, a reference, and allOf say the same."""
    old = base(dialect)
    new = copy.deepcopy(old)
    home = new.setdefault("definitions", {}) if dialect == "2.0" else (
        new["components"].setdefault("schemas", {})
    )  # fmt: skip
    prefix = "#/definitions/" if dialect == "2.0" else "#/components/schemas/"
    post = new["paths"]["/items"]["post"]
    holder = (
        post["parameters"][3]
        if dialect == "2.0"
        else post["requestBody"]["content"]["application/json"]
    )
    body = holder["schema"]
    reference = {"$ref": f"{prefix}Body"}
    home["Body"] = body
    if spelling == "reference":
        holder["schema"] = reference
    elif spelling == "allOf of one":
        holder["schema"] = {"allOf": [reference]}
    elif spelling == "allOf of two":
        kind = body["properties"].pop("kind")
        rest = {"type": "object", "properties": {"kind": kind}}
        holder["schema"] = {"allOf": [reference, rest]}
    else:
        home["Owner"] = body["properties"]["owner"]
        body["properties"]["owner"] = {"$ref": f"{prefix}Owner"}
    assert differences(tmp_path, old, new) == ()


def test_spellings_of_null(tmp_path: Path) -> None:
    old = document("3.0", {"{body}/properties/note": {"type": "string", "nullable": True}})
    for spelling in (
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"type": "string"}]},
    ):
        new = document("3.1", {"{body}/properties/note": spelling})
        assert differences(tmp_path, old, new) == (), spelling


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_shared_schema_is_one_change_for_all_its_operations(dialect: str, tmp_path: Path) -> None:
    documents = []
    for values in (["a"], ["a", "b"]):
        made = base(dialect)
        shared = {"type": "object", "properties": {"x": {"type": "string", "enum": values}}}
        if dialect == "2.0":
            made["definitions"] = {"Thing": shared}
            answer: dict[str, Any] = {"schema": {"$ref": "#/definitions/Thing"}}
        else:
            made["components"]["schemas"] = {"Thing": shared}
            reference = {"$ref": "#/components/schemas/Thing"}
            answer = {"content": {"application/json": {"schema": reference}}}
        for path, method in (("/items", "post"), ("/items/{id}", "get")):
            response = made["paths"][path][method]["responses"]["200"]
            for key in ("schema", "content"):
                response.pop(key, None)
            response.update(answer)
        documents.append(made)
    (change,) = differences(tmp_path, *documents)
    assert (change.kind, change.new, len(change.operations)) == ("enum-value-added", ["b"], 2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_recursive_schemas_end(dialect: str, tmp_path: Path) -> None:
    documents = []
    for kind in ("string", "integer"):
        made = base(dialect)
        prefix = "#/definitions/" if dialect == "2.0" else "#/components/schemas/"
        node = {
            "type": "object",
            "properties": {"label": {"type": kind}, "next": {"$ref": f"{prefix}Node"}},
        }
        if dialect == "2.0":
            made["definitions"] = {"Node": node}
        else:
            made["components"]["schemas"] = {"Node": node}
        holder = made["paths"]["/items"]["post"]
        target = (
            holder["parameters"][3]
            if dialect == "2.0"
            else holder["requestBody"]["content"]["application/json"]
        )
        target["schema"] = {"$ref": f"{prefix}Node"}
        documents.append(made)
    (change,) = differences(tmp_path, *documents)
    assert (change.kind, change.name) == ("type-changed", "label")


def test_a_header_that_many_answers_share_is_one_change(tmp_path: Path) -> None:
    sides = []
    for required in (False, True):
        made = base("3.0")
        header = {"required": required, "schema": {"type": "string"}}
        made["components"]["headers"] = {"Trace": header}
        for item in made["paths"].values():
            for operation in item.values():
                for answer in operation["responses"].values():
                    answer["headers"] = {"X-Trace": {"$ref": "#/components/headers/Trace"}}
        sides.append(made)
    (change,) = differences(tmp_path, *sides)
    assert (change.kind, change.name, len(change.operations)) == (
        "required-added", "header X-Trace", 2
    )  # fmt: skip
