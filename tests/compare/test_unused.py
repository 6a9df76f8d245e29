"""Notes about what a document declares and never uses, or uses and never declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from checker.documents.portal import load_portal
from checker.domain.portal import Portal
from checker.drift.notes import document_notes
from checker.settings import Settings


def portal(folder: Path, *documents: dict[str, Any]) -> Portal:
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    return load_portal((folder,), Settings())


def document(schemas: dict[str, Any], reference: str = "", **more: Any) -> dict[str, Any]:
    schema = {"$ref": reference} if reference else {"type": "object"}
    answer = {"description": "x", "content": {"application/json": {"schema": schema}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"tags": ["one", "two"], "responses": {"200": answer}}}},
        "components": {"schemas": schemas},
        **more,
    }


LOCAL = "#/components/schemas/"


def test_a_schema_that_nothing_refers_to(tmp_path: Path) -> None:
    schemas = {
        "Used": {"properties": {"a": {"$ref": LOCAL + "Inner"}}},
        "Inner": {"type": "object"},
        "Own": {"properties": {"next": {"$ref": LOCAL + "Own"}}},
        "Lost": {"type": "object"},
    }
    (note,) = document_notes(portal(tmp_path, document(schemas, LOCAL + "Used")))
    assert note.endswith("0.json: nothing refers to the schemas `Own`, `Lost`.")


def test_branches_of_a_discriminator_are_used(tmp_path: Path) -> None:
    pet = {"type": "object", "discriminator": {"propertyName": "kind"}}
    schemas = {
        "Pet": pet,
        "Cat": {"allOf": [{"$ref": LOCAL + "Pet"}, {"type": "object"}]},
        "Dog": {"type": "object"},
    }
    pet["discriminator"] = {"propertyName": "kind", "mapping": {"dog": LOCAL + "Dog"}}
    assert document_notes(portal(tmp_path, document(schemas, LOCAL + "Pet"))) == ()


def test_another_file_may_use_a_schema(tmp_path: Path) -> None:
    shared = document({"Thing": {"type": "object"}})
    user = document({}, "0.json" + LOCAL + "Thing")
    assert document_notes(portal(tmp_path, shared, user)) == ()


def test_a_library_without_operations_has_no_leftovers(tmp_path: Path) -> None:
    library = document({"Thing": {"type": "object"}})
    library["paths"] = {}
    assert document_notes(portal(tmp_path, library)) == ()


def test_tags_that_are_not_declared(tmp_path: Path) -> None:
    (note,) = document_notes(portal(tmp_path, document({}, tags=[{"name": "one"}])))
    assert note.endswith("0.json: its `tags` don't declare the tag `two`.")


def test_schemas_that_stand_in_another_file_as_a_whole(tmp_path: Path) -> None:
    whole = document({"$ref": "schemas.yaml"})
    (tmp_path / "schemas.yaml").write_text("Thing: {type: object}\n")
    assert document_notes(portal(tmp_path, whole)) == ()
