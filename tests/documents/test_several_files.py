"""Documents in several files: everything that tools follow is read and judged where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import OK, openapi, write

from checker.documents.loader import load_document
from checker.documents.portal import load_portal
from checker.documents.references import Files
from checker.domain.operation import FieldKey, Place
from checker.domain.portal import Document, Portal
from checker.drift.compare import diff_portals
from checker.settings import Settings

HEADER = {"X-N": {"schema": {"type": "integer"}}}
THING = {"type": "object", "properties": {"a": {"type": "string"}}}
PARAMETER = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
ANSWER = {"description": "ok", "content": {"application/json": {"schema": THING}}}
OPERATION = {"parameters": [PARAMETER], "responses": {"200": ANSWER}}


def load(folder: Path, content: Any) -> Document:
    return load_document(write(folder, content, "api.json"), files=Files(roots=[folder]))


def paths(operation: Any) -> dict[str, Any]:
    return {"/x/{id}": {"get": operation}}


UNLISTED: dict[str, tuple[Any, Any]] = {
    "operation": (paths({"$ref": "part.json"}), OPERATION),
    "paths": ({"$ref": "part.json"}, paths(OPERATION)),
    "parameters": (paths(OPERATION | {"parameters": {"$ref": "part.json"}}), [PARAMETER]),
    "responses": (paths(OPERATION | {"responses": {"$ref": "part.json"}}), {"200": ANSWER}),
    "content": (
        paths(OPERATION | {"responses": {"200": ANSWER | {"content": {"$ref": "part.json"}}}}),
        ANSWER["content"],
    ),
    "media type": (
        paths(
            OPERATION
            | {
                "responses": {
                    "200": ANSWER | {"content": {"application/json": {"$ref": "part.json"}}}
                }
            }
        ),
        {"schema": THING},
    ),
}


@pytest.mark.parametrize("where", UNLISTED)
def test_references_where_none_are_listed(where: str, tmp_path: Path) -> None:
    whole, part = UNLISTED[where]
    write(tmp_path, part, "part.json")
    document = load(tmp_path, openapi(paths=whole))
    (operation,) = document.operations
    assert FieldKey(Place.PATH, "id") in operation.fields
    (answer,) = operation.responses
    schema = answer.content["application/json"]
    assert schema is not None and "a" in schema.properties
    assert [p.mistake for p in document.problems] == [
        "a reference where the specification lists none"
    ]


def test_properties_and_branches_behind_references(tmp_path: Path) -> None:
    write(tmp_path, {"props": {"n": {"type": "integer"}}, "all": [THING]}, "part.json")
    schema = {
        "type": "object",
        "properties": {"$ref": "part.json#/props"},
        "allOf": {"$ref": "part.json#/all"},
    }
    content = {"application/json": {"schema": schema}}
    document = load(
        tmp_path,
        openapi(paths={"/a": {"post": {"requestBody": {"content": content}, "responses": OK}}}),
    )
    assert {key.name for key in document.operations[0].fields} == {"n", "a"}


def test_pointers_lead_through_references(tmp_path: Path) -> None:
    write(tmp_path, {"Thing": THING}, "schemas.json")
    answer = {
        "description": "ok",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
    }
    document = load(
        tmp_path,
        openapi(
            paths={"/a": {"get": {"responses": {"200": answer}}}},
            components={"schemas": {"$ref": "schemas.json"}},
        ),
    )
    schema = document.operations[0].responses[0].content["application/json"]
    assert schema is not None and "a" in schema.properties
    assert [p.location.pointer for p in document.problems] == ["/components/schemas"]


def test_definitions_beside_an_identifier(tmp_path: Path) -> None:
    schema = {
        "$id": "https://ex.example/root",
        "$defs": {"q": {"type": "string", "$anchor": "Q"}},
        "type": "object",
        "properties": {
            "a": {"$ref": "#/$defs/q"},
            "b": {"$ref": "#Q"},
            "c": {"$ref": "https://ex.example/root#/$defs/q"},
        },
    }
    content = {"application/json": {"schema": schema}}
    whole = {"/a": {"post": {"requestBody": {"content": content}, "responses": OK}}}
    document = load(tmp_path, openapi(paths=whole) | {"openapi": "3.1.0"})
    fields = document.operations[0].fields
    assert {fields[FieldKey(Place.BODY, n)].schema.types for n in "abc"} == {("string",)}
    assert not document.problems


def test_flaws_behind_references_stand_in_their_file(tmp_path: Path) -> None:
    thing = {
        "type": "object",
        "required": ["a", "a"],
        "properties": {
            "a": {"type": "boolean", "default": "true"},
            "b": {"type": "strin"},
            "c": {"type": "array"},
            "self": {"$ref": "thing.json"},
        },
    }
    item = {
        "get": {
            "parameters": [
                {"name": "q", "in": "query", "schema": {"type": "integer", "default": "ten"}}
            ],
            "responses": {"299x": {"description": "bad"}},
        }
    }

    def whole(thing: Any, item: Any) -> Any:
        content = {"application/json": {"schema": thing}}
        answers = {"200": {"description": "ok", "content": content}}
        return openapi(paths={"/x": {"get": {"responses": answers}}, "/y": item})

    write(tmp_path, thing, "parts/thing.json")
    write(tmp_path, item, "parts/item.json")
    apart = load(tmp_path, whole({"$ref": "parts/thing.json"}, {"$ref": "parts/item.json"}))
    del thing["properties"]["self"]
    together = load(tmp_path / "inline", whole(thing, item))
    assert sorted(p.message for p in apart.problems) == sorted(p.message for p in together.problems)
    assert len(apart.problems) == 6
    files = {Path(p.location.file).name for p in apart.problems}
    assert files == {"thing.json", "item.json"}
    assert all(p.location.line for p in apart.problems)
    for problem in apart.problems:
        assert all(not step["path"].startswith("/paths") for step in problem.patch)


def test_a_difference_in_another_file_is_told(tmp_path: Path) -> None:
    sides = []
    for name, kind in (("one", "string"), ("two", "integer")):
        folder = tmp_path / name
        operation = {"responses": {"200": {"description": "ok"}}, "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": kind}}
        ]}  # fmt: skip
        write(folder, operation, "get.json")
        sides.append(Portal((load(folder, openapi(paths=paths({"$ref": "get.json"}))),)))
    (change,) = diff_portals(*sides)
    assert (change.kind, change.name) == ("type-changed", "id")
    assert change.new_location and Path(change.new_location.file).name == "get.json"


def test_within_a_checkout_all_visible_files_are_read(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"$ref": "../common/t.json"}}}
    hidden = {"application/json": {"schema": {"$ref": "../.private/t.json"}}}
    answers = {
        "200": {"description": "ok", "content": content},
        "201": {"description": "ok", "content": hidden},
    }
    whole = openapi(paths={"/x": {"get": {"responses": answers}}})
    path = write(tmp_path, whole, "svc/a.json")
    write(tmp_path, THING, "common/t.json")
    write(tmp_path, THING, ".private/t.json")
    (document,) = load_portal([path.parent], Settings()).documents
    assert len(document.problems) == 2
    assert all(p.minor and "nothing outside" in p.message for p in document.problems)
    (tmp_path / ".git").mkdir()
    (document,) = load_portal([path.parent], Settings()).documents
    (refused,) = document.problems
    assert ".private" in refused.message
    schema = document.operations[0].responses[0].content["application/json"]
    assert schema is not None and "a" in schema.properties


def test_parts_are_not_told_as_skipped_and_the_rest_of_a_folder_is_one_note(tmp_path: Path) -> None:
    write(tmp_path, openapi(paths=paths({"$ref": "parts/a.json"})), "api.json")
    write(tmp_path, OPERATION, "parts/a.json")
    for name in "bcdefgh":
        write(tmp_path, {"some": "list"}, f"parts/{name}.json")
    portal = load_portal([tmp_path], Settings())
    (note,) = portal.notes
    assert note.startswith(f"7 files in {tmp_path / 'parts'} (b.json, c.json, ")
    assert note.endswith("…) skipped: no API document in it.")


def behind_an_answer(folder: Path, schema: Any) -> Document:
    """A document whose answer stands in another file, with a schema."""
    answer = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    write(folder, answer, "parts/answer.json")
    write(folder, THING, "parts/thing.json")
    responses = {"200": {"$ref": "parts/answer.json"}}
    return load(folder, openapi(paths=paths({"parameters": [PARAMETER], "responses": responses})))


@pytest.mark.parametrize(("target", "found"), [("./thing.json", True), ("./other.json", False)])
def test_a_discriminator_leads_from_the_file_in_which_it_stands(
    target: str, found: bool, tmp_path: Path
) -> None:
    choice = {
        "oneOf": [{"$ref": "thing.json"}],
        "discriminator": {"propertyName": "a", "mapping": {"x": target}},
    }
    problems = behind_an_answer(tmp_path, choice).problems
    told = [p.location for p in problems if "discriminator maps" in p.message]
    assert [place.file for place in told] == [str(tmp_path / "parts/answer.json")] * (not found)


def test_what_a_part_refers_to_is_missed_in_that_part(tmp_path: Path) -> None:
    nested = {"type": "object", "properties": {"a": {"$ref": "other.json"}}}
    (problem,) = behind_an_answer(tmp_path, nested).problems
    assert problem.location.file == str(tmp_path / "parts/answer.json")
    assert problem.location.pointer.endswith("/schema/properties/a/$ref")
