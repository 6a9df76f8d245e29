"""A member that means all of others where it is left out is given, or nothing is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import SHOWN, body, said

from checker.domain.exchange import Call, Request
from checker.domain.operation import Operation
from checker.planning.restraint import gentle
from checker.safety.extras import extra
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy

TEXT: dict[str, Any] = {"type": "string", "minLength": 8, "maxLength": 40}
ALL = "Default: the whole store."


def of_all(words: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {**(TEXT if schema is None else schema), "description": words}


def operation_of(folder: Path, where: str, members: dict[str, Any]) -> Operation:
    method, _, path = where.partition(" ")
    item = {
        "requestBody": body({"type": "object", "properties": members}),
        "responses": said("201", SHOWN),
    }
    (found,) = load(folder, openapi(paths={path: {method.lower(): item}})).operations
    return found


def held(operation: Operation, given: Any, **policy: Any) -> str:
    gate = Gate(Policy(**policy), {operation.id: operation}, Ledger())
    content = json.dumps(given).encode()
    request = Request(
        operation.id.method, operation.id.path, content=content, media_type="application/json"
    )
    found = gate.held(request)
    return "" if found is None else found.reason


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prefix", ALL),
        ("products", "If it is omitted, the discount is for the whole catalogue."),
        ("selector", "Workloads that it is for. An empty selector selects all workloads."),
        ("principals", "Users and groups. An empty list stands for all."),
        ("customer_group", "All if empty."),
        ("produkte", "Fehlt die Angabe, gilt sie für alle Produkte."),
        ("produits", "Sans indication, tous les produits."),
        ("bienes", "Si falta, vale para todos los bienes."),
        ("beni", "Se manca, vale per tutti i beni."),
        ("wyroby", "Brak oznacza wszystkie wyroby."),
    ],
)
def test_what_would_be_about_all_of_others_is_made_with_a_bound(
    tmp_path: Path, name: str, words: str
) -> None:
    if name == "customer_group":
        words = f"Customers. {words}"
    operation = operation_of(tmp_path, "POST /rules", {"name": TEXT, name: of_all(words)})
    for given in ({}, {name: ""}, {name: None}, {name: []}, {name: "all"}, {name: ["*"]}):
        assert "all that others have" in held(operation, {"name": "kqzw vbnm", **given}), given
    made = gentle(Call(operation.id, body={"name": "kqzw vbnm"}), operation).body
    assert held(operation, made) == ""
    assert held(operation, {"name": "x"}, test_system=True) == ""
    assert held(operation, {"name": "x"}, allow=("POST /rules",)) == ""


@pytest.mark.parametrize(
    ("where", "members"),
    [
        ("POST /hours", {"days": of_all("All days if empty.")}),
        ("POST /hours", {"days": of_all("All if empty.")}),
        ("POST /events", {"stage": of_all("Default: now.")}),
        ("POST /reports", {"channels": of_all("Empty: every channel.")}),
        ("POST /rules/search", {"prefix": of_all(ALL)}),
        ("PATCH /rules", {"prefix": of_all(ALL)}),
        ("POST /joins", {"allow_from": of_all("Who may connect. Nobody, if empty.")}),
    ],
)
def test_what_is_only_about_itself_is_made_without(
    tmp_path: Path, where: str, members: dict[str, Any]
) -> None:
    operation = operation_of(tmp_path, where, {"title": TEXT, **members})
    assert "all that others have" not in held(operation, {"title": "kqzw vbnm"})
    given = Call(operation.id, body={"title": "kqzw vbnm"})
    assert gentle(given, operation).body == given.body


@pytest.mark.parametrize(
    ("schema", "given"),
    [
        ({"type": "array", "items": {"type": "integer"}}, None),
        ({"type": "string", "enum": ["gold", "silver"]}, None),
        ({"type": "string", "default": "everything", "minLength": 5}, str),
        ({"type": "array", "minItems": 2, "items": {"type": "string", "minLength": 5}}, list),
    ],
)
def test_only_what_nobody_has_is_given(
    tmp_path: Path, schema: dict[str, Any], given: type | None
) -> None:
    """A number may be somebody's, and each value of a closed set is."""
    operation = operation_of(tmp_path, "POST /rules", {"group": of_all(ALL, schema)})
    made = gentle(Call(operation.id, body={}), operation).body
    assert set(made) == ({"group"} if given else set())
    if given:
        assert isinstance(made["group"], given)
        assert made["group"] != "everything"
        assert len(made["group"]) >= 2
        assert held(operation, made) == ""


def test_a_change_without_it_leaves_it_and_an_empty_one_is_not_sent(tmp_path: Path) -> None:
    operation = operation_of(tmp_path, "PATCH /rules", {"name": TEXT, "prefix": of_all(ALL)})

    def asked(given: Any) -> str:
        content = json.dumps(given).encode()
        request = Request("PATCH", "/rules", content=content, media_type="application/json")
        return extra(request, operation)

    assert "all that others have" in asked({"prefix": ""})
    assert asked({"name": "kqzw vbnm"}) == ""
    changed = gentle(Call(operation.id, body={"prefix": ""}), operation).body
    assert changed["prefix"]
    assert asked(changed) == ""


def test_it_is_looked_for_in_what_is_there(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"selector": of_all(ALL), "name": TEXT}}
    operation = operation_of(tmp_path, "POST /rules", {"spec": inner, "title": TEXT})
    assert "all that others have" in held(operation, {"spec": {"name": "x"}})
    assert held(operation, {"title": "kqzw vbnm"}) == ""
    assert held(operation, {"spec": {"selector": "kqzw vbnm"}}) == ""


def test_what_bounds_it_is_nobody_elses(tmp_path: Path) -> None:
    """A rule that names something of others is about that."""
    numbers = {"type": "array", "items": {"type": "integer"}}
    operation = operation_of(
        tmp_path, "POST /rules", {"name": TEXT, "products": of_all(ALL, numbers), "sizes": numbers}
    )
    assert "isn't its own" in held(operation, {"name": "kqzw vbnm", "products": [1]})
    given = {"name": "kqzw vbnm", "products": ["zqxkjw kqzwvbnm"], "sizes": [1]}
    assert "isn't its own" not in held(operation, given)
