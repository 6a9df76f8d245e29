"""What names, descriptions and answers mean: operations are called rightly without help."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import driftcheck

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

from chains import serving  # noqa: E402
from meant import Channels, Desk, Plans, Tools, Yard  # noqa: E402

Document = dict[str, Any]
LABEL = {"type": "string", "minLength": 1, "maxLength": 40}
SCHEMES = {"securitySchemes": {"main": {"type": "http", "scheme": "bearer"}}}


def operation(
    said: str,
    statuses: str,
    fields: Document | None = None,
    parameters: list[Document] | None = None,
) -> Document:
    schema: Document = {"type": "object"}
    media = ["application/json", "application/problem+json"]
    answers = {
        s: {"description": "d", "content": {media[int(s) >= 400]: {"schema": schema}}}
        for s in statuses.split()
    }
    made: Document = {
        "description": f"{said} Available for main tokens.",
        "security": [{"main": []}],
        "responses": answers,
        "parameters": parameters or [],
    }
    if fields is not None:
        schema = {"type": "object", "required": list(fields), "properties": fields}
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return made


def parameter(name: str, place: str, words: str = "") -> Document:
    schema = {"type": "string"}
    return {"name": name, "in": place, "required": True, "description": words, "schema": schema}


def yard() -> Document:
    plate = {"type": "string", "pattern": "^[A-Z]{2}[0-9]{4}$", "description": "Must be unique."}
    known = {"type": "string", "description": "Plate of a registered car."}
    fuel = {"type": "string", "enum": ["gas", "power"]}
    header = parameter("X-Depot", "header", "Id of an existing depot.")
    at = parameter("at", "query", "Id of an existing depot.")
    return {
        "/depots": {"post": operation("", "200", {"label": LABEL})},
        "/cars": {"post": operation("", "200", {"plate": plate, "fuel": fuel})},
        "/cars/{plate}": {"get": operation("", "200", None, [parameter("plate", "path")])},
        "/stays": {"post": operation("", "200", {"plate": known}, [header])},
        "/free": {"get": operation("", "200", None, [at])},
    }


def channels() -> Document:
    code = {"type": "string", "pattern": "^[0-9]{6}$", "description": "The confirmation_code."}
    channel = {"type": "string", "description": "Id of an active channel (confirm it first)."}
    several = {"type": "string", "description": "Id of an existing list that has members."}
    refused = "400 401 409"
    return {
        "/channels": {
            "post": operation(
                "A new channel is pending until confirmed.", "201 400 401", {"sender": LABEL}
            )
        },
        "/channels/{channel_id}/confirm": {
            "post": operation(
                "Only a pending channel can be confirmed.",
                "201 404 " + refused,
                {"code": code},
                [parameter("channel_id", "path")],
            )
        },
        "/lists": {"post": operation("", "201 400 401", {"title": LABEL})},
        "/lists/{list_id}/members": {
            "post": operation(
                "", "201 404 " + refused, {"address": LABEL}, [parameter("list_id", "path")]
            )
        },
        "/posts": {
            "post": operation(
                "The channel must be active, and the list must have members.",
                "201 " + refused,
                {"channel_id": channel, "list_id": several, "words": LABEL},
            )
        },
    }


def desk() -> Document:
    kind = {"type": "string", "enum": ["call", "visit"]}
    count = {"type": "integer", "minimum": 1}
    shown = {"title": LABEL, "kind": kind, "minutes": count}
    hours = {"type": "object", "properties": {n: {"type": "integer"} for n in ("open", "close")}}
    state = {"type": "string", "enum": ["new", "closed"]}
    ticket = {**shown, "id": {"type": "string"}, "hours": hours, "state": state}
    note = {"id": {"type": "integer"}, "words": LABEL, "colour": {"type": "string"}}
    tenant = parameter("X-Tenant", "header")
    tenant["schema"] = {"type": "string", "enum": ["north", "south"]}
    tenant["required"] = False
    item = [parameter("id", "path")]
    paths = {
        "/tickets": {"post": operation("", "201 400 401 403", shown, [tenant])},
        "/tickets/{id}": {"get": operation("", "200 401 404", None, item)},
        "/tickets/{id}/close": {"post": operation("", "204 401 404", None, item)},
        "/notes": {
            "post": operation("", "201 400 401", {"words": LABEL, "colour": {"type": "string"}}),
            "get": operation("", "200 401"),
        },
    }
    whole = {"type": "object", "properties": ticket}
    listed = {"type": "array", "items": {"type": "object", "properties": note}}
    for path, method, status, schema in (
        ("/tickets", "post", "201", whole),
        ("/tickets/{id}", "get", "200", whole),
        ("/notes", "get", "200", {"type": "object", "properties": {"notes": listed}}),
    ):
        answer = paths[path][method]["responses"][status]
        answer["content"]["application/json"]["schema"] = schema
    required = paths["/tickets"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    required["required"] = ["title", "kind"]
    wanted = paths["/notes"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    wanted["required"] = ["words"]
    del paths["/tickets/{id}/close"]["post"]["responses"]["204"]["content"]
    return paths


def tools(truthful: bool = True) -> Document:
    def branch(kind: str, required: str, **fields: Document) -> Document:
        told = {"kind": {"type": "string", "enum": [kind]}, "name": LABEL, **fields}
        return {
            "type": "object",
            "required": ["kind", "name", *required.split()],
            "properties": told,
        }

    turns = {"type": "integer", "minimum": 10, "maximum": 3000 if truthful else 5000}
    chuck = {"type": "string", "enum": ["keyed", "keyless"]}
    lamp = branch("lamp", "lumen", lumen={"type": "integer", "minimum": 1, "maximum": 9000})
    drill = branch("drill", "turns chuck" if truthful else "turns", turns=turns, chuck=chuck)
    made = operation("", "201 400 401", {})
    made["requestBody"]["content"]["application/json"]["schema"] = {
        "oneOf": [lamp, drill],
        "discriminator": {"propertyName": "kind"},
    }
    return {"/tools": {"post": made}}


def plans() -> Document:
    step = {"$ref": "#/components/schemas/Step"}
    return {"/plans": {"post": operation("", "201 400 401", {"root": step})}}


STEP = {
    "type": "object",
    "required": ["act", "minutes"],
    "properties": {
        "act": {"type": "string", "enum": ["heat", "rest"]},
        "minutes": {"type": "integer", "minimum": 1, "maximum": 60},
        "celsius": {
            "type": "integer",
            "minimum": 20,
            "maximum": 300,
            "description": "Required when act is heat.",
        },
        "steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
    },
}


def test_fields_of_other_variants_are_examined(tmp_path: Path) -> None:
    found = check(Tools, lambda: tools(truthful=False), tmp_path)["findings"]
    assert {(f["rule"], f["field"]["name"]) for f in found} == {
        ("required-undocumented", "chuck"),
        ("bound-mismatch", "turns"),
    }


def check(api: Any, paths: Any, folder: Path) -> Document:
    """The report of a run with the document against a fresh server."""
    info = {"title": "t", "version": "1"}
    parts = {**SCHEMES, "schemas": {"Step": STEP}}
    document = {"openapi": "3.0.3", "info": info, "paths": paths(), "components": parts}
    (folder / "docs").mkdir()
    (folder / "docs" / "api.json").write_text(json.dumps(document), encoding="utf-8")
    with serving(api()) as url:
        options = ["--base-url", url, "--token", "main=main-token", "--no-fuzz"]
        options += ["--effects", "unknown"]  # nothing is listed, no answer is described
        done = driftcheck("docs", *options, "--out", "out", cwd=folder, status=None)
    path = folder / "out" / "report.json"
    assert path.exists(), done.stderr
    report: Document = json.loads(path.read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize(
    ("api", "paths"), [(Yard, yard), (Channels, channels), (Tools, tools), (Plans, plans)]
)
def test_everything_is_called_and_nothing_is_claimed(api: Any, paths: Any, tmp_path: Path) -> None:
    report = check(api, paths, tmp_path)
    statuses = {o["path"]: o["status"] for o in report["operations"]}
    assert statuses == dict.fromkeys(paths(), "probed")
    assert [f["issue"] for f in report["findings"]] == []


def test_what_a_write_does_is_seen_wherever_it_shows(tmp_path: Path) -> None:
    """A header missed with 403, a state that only reading shows, a list that shows the item, an
    object nobody documented; a field that counts for one kind alone is not ignored."""
    found = check(Desk, desk, tmp_path)["findings"]
    told = {(f["rule"], f["operation"], (f["field"] or {}).get("name", "")) for f in found}
    assert {t for t in told if t[0] != "status-undocumented"} == {
        ("required-undocumented", "POST /tickets", "X-Tenant"),
        ("field-undocumented", "POST /tickets", "hours"),
        ("lifecycle-undocumented", "POST /tickets/{id}/close", "ticket"),
        ("field-ignored", "POST /notes", "colour"),
    }
