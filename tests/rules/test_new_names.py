"""What a new operation is called: as the others of its document are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi

from checker.domain.operation import OperationId
from checker.domain.portal import Document
from checker.drift.new_names import identifier_of, sentence_of, summary_of, tags_of

RESPONSES = {"200": {"description": "fine"}}
VERBS = {
    "GET /v1/pets": ("pets", "listPets"),
    "POST /v1/pets": ("pets", "createPet"),
    "GET /v1/pets/{pet_id}": ("pets", "getPet"),
    "GET /v1/owners": ("people", "listOwners"),
    "GET /v1/shops": ("shops", "listShops"),
}
ROUTES = {
    name: (tag, name.split()[0].lower() + "V1" + name.split("/")[2].capitalize())
    for name, (tag, _) in VERBS.items()
    if "{" not in name
}
SNAKES = {"GET /pets": ("Pet", "list_pets"), "GET /owners": ("Owner", "list_owners")}


def document(folder: Path, named: dict[str, tuple[str, str]]) -> Document:
    paths: dict[str, Any] = {}
    for name, (tag, identifier) in named.items():
        method, path = name.split()
        node = {"tags": [tag], "operationId": identifier, "responses": RESPONSES}
        paths.setdefault(path, {})[method.lower()] = node
    return load(folder, openapi(paths=paths))


@pytest.mark.parametrize(
    ("named", "operation", "tags", "identifier"),
    [
        (VERBS, "GET /v1/pets/{pet_id}/toys", ["pets"], "listToys"),
        (VERBS, "GET /v1/visits", ["visits"], "listVisits"),
        (VERBS, "DELETE /v1/shops/{shop_id}", ["shops"], "deleteShop"),
        (VERBS, "PUT /v1/pets/{pet_id}", ["pets"], "replacePet"),
        (ROUTES, "GET /v1/visits", ["visits"], "getV1Visits"),
        (SNAKES, "POST /pets", ["Pet"], "create_pet"),
    ],
)
def test_names(
    tmp_path: Path, named: dict[str, Any], operation: str, tags: list[str], identifier: str
) -> None:
    made, new = document(tmp_path, named), OperationId.parse(operation)
    kin = next(o for o in made.operations if str(o.id) in (operation, *named))
    assert tags_of(new, kin, made) == tags
    assert identifier_of(new, made) == identifier


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    made = document(tmp_path, {**VERBS, "GET /v2/pets": ("pets", "listPets2")})
    assert identifier_of(OperationId("GET", "/v3/pets"), made) == "listPets3"


@pytest.mark.parametrize(
    ("operation", "summary", "sentence"),
    [
        ("GET /pets", "List pets", "Lists pets."),
        ("POST /pets", "Create a pet", "Creates a pet."),
        ("POST /pets/search", "Search pets", "Searches pets."),
        ("POST /v1/payRuns.search", "Search pay runs", "Searches pay runs."),
        ("GET /pets/list", "List pets", "Lists pets."),
        ("PATCH /pets/{id}", "Change a pet", "Changes a pet."),
        ("POST /jobs/{id}/retry", "Retry a job", "Retries a job."),
    ],
)
def test_what_it_does(operation: str, summary: str, sentence: str) -> None:
    assert summary_of(OperationId.parse(operation)) == summary
    assert sentence_of(OperationId.parse(operation)) == sentence
