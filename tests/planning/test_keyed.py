"""Identifiers that the keys of a map show, names that a client chooses, what may be neither."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checker.documents.portal import load_portal
from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.planning.answered import find_identifier
from checker.planning.keyed import is_keyed
from checker.planning.producers import names_itself, producers
from checker.planning.routes import name_given
from checker.probing.steps import find
from checker.search.needs import can_be
from checker.settings import Settings

ONE, OTHER = "6f1c2a9e-0d1b-4c55-9f3e-2b7a4c1d8e90", "7a2d2a9e-0d1b-4c55-9f3e-2b7a4c1d8e90"


@pytest.mark.parametrize(
    ("body", "name", "path", "value"),
    [
        ({ONE: {"hull": "oak", "name": "Anne"}, OTHER: {"hull": "elm"}}, "boat", "$.~", ONE),
        ({"boats": {ONE: {"hull": "oak"}}}, "boat_id", "$.boats.~", ONE),
        ({ONE: {"uuid": ONE, "hull": "oak"}}, "uuid", "$.*.uuid", ONE),
        ({"17": {"hull": "oak"}}, "number", "$.~", "17"),
        ({"staff": {"name": "staff"}}, "name", "$.*.name", "staff"),
    ],
)
def test_a_maps_keys_identify_what_is_in_it(body: Any, name: str, path: str, value: str) -> None:
    assert find_identifier(body, name, "boat") == (path, value)
    assert find(path, body) == value, "it finds the first of whatever is there then"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request": {"type": "request"}},
        {ONE: "a"},
        {"low": {"unit": "m"}, "high": {"unit": "m"}},
    ],
)
def test_members_of_a_thing_are_no_identifiers(body: Any) -> None:
    assert not is_keyed(body)


def operations(folder: Path, *routes: str) -> dict[str, Operation]:
    """Operations by method and path; each route has its summary behind a bar."""
    paths: dict[str, Any] = {}
    for route in routes:
        (method, path), summary = route.split(" | ")[0].split(), route.split(" | ")[1]
        taken = [
            {"name": s[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
            for s in path.split("/")
            if s.startswith("{")
        ]
        answers = {"200": {"description": "Done."}}
        made = {"summary": summary, "parameters": taken, "responses": answers}
        paths.setdefault(path, {})[method.lower()] = made
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(document), encoding="utf-8")
    found = load_portal((folder,), Settings()).operations()
    return {str(o.id): o for o in found}


@pytest.mark.parametrize(
    ("route", "named"),
    [
        ("PUT /clubs/{club} | Update a club", "club"),
        ("POST /clubs/{club} | Create a club", "club"),
        ("POST /skippers/{name}/berths/{berth_name} | Start a skipper's named berth", "berth_name"),
        ("POST /clubs/{club} | Approve a club", None),
        ("POST /codes/{owner}/{berth_name} | Issue a code", None),
        ("POST /clubs/{club}/notes | Create a note", None),
    ],
)
def test_what_a_client_names_itself(tmp_path: Path, route: str, named: str | None) -> None:
    (operation,) = operations(tmp_path, route).values()
    key = name_given(operation)
    assert (key.name if key is not None else None) == named


def test_what_a_parameter_is_named_after_gives_it(tmp_path: Path) -> None:
    makes = "POST /skippers/{name}/berths/{berth_name}"
    wants = "GET /leases/{owner}/{berth_name}"
    every = operations(tmp_path, f"{makes} | Start a skipper's berth", f"{wants} | Get a lease")
    found = producers(FieldKey(Place.PATH, "berth_name"), every[wants].id, every.values())
    assert [str(o.id) for o in found] == [makes]
    assert producers(FieldKey(Place.PATH, "owner"), every[wants].id, every.values()) == []


def test_a_field_of_numbers_takes_no_text_as_an_identifier(tmp_path: Path) -> None:
    (operation,) = operations(tmp_path, "PUT /clubs/{club} | Update a club").values()
    documented, key = operation.fields[FieldKey(Place.PATH, "club")], FieldKey(Place.BODY, "most")

    def taken(value: Any, *types: str) -> bool:
        schema = replace(documented.schema, types=types)
        return can_be(key, replace(documented, key=key, schema=schema), value)

    assert not taken(ONE, "integer", "null")
    assert taken("17", "integer")
    assert taken(ONE, "string")
    assert taken(ONE)


@pytest.mark.parametrize(
    ("name", "route", "own"),
    [
        ("id", "POST /clubs", True),
        ("data.id", "POST /clubs", True),
        ("data.attributes.uuid", "POST /clubs", True),
        ("owner.id", "POST /clubs", False),
        ("data.owner.id", "POST /clubs", False),
        ("owner_id", "POST /clubs", False),
        ("data[].id", "POST /clubs", False),
        ("id", "PUT /clubs/{club}", False),
    ],
)
def test_what_a_creation_calls_what_it_makes(name: str, route: str, own: bool) -> None:
    """It is called as nothing else is: no identifier that some answer has shown is offered."""
    method, _, path = route.partition(" ")
    assert names_itself(FieldKey(Place.BODY, name), OperationId(method, path)) is own
