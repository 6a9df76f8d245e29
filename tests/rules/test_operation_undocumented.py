"""`operation-undocumented`: the patch describes the operation by what was sent and answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi, swagger2
from valid_documents import errors

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Finding, Verdict
from checker.domain.location import Location
from checker.domain.observation import ObservedContract
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.domain.workflow import Record
from checker.drift.rule import Case
from checker.drift.rules.operation_undocumented import OperationUndocumented
from checker.fixing import fix_text

PATCH = OperationId("PATCH", "/api/pets/{pet_id}")
JSON = {"Content-Type": "application/json"}
ID = {"in": "path", "name": "pet_id", "required": True, "description": "Which pet."}


def answer(sent: Any, status: int, body: Any) -> Exchange:
    content = json.dumps(sent).encode()
    request = Request("PATCH", "/api/pets/7", content=content, media_type="application/json")
    return Exchange(request, Response(status, JSON, body, json.dumps(body)))


SEEN = (
    (answer({"name": "Ada", "age": 3}, 200, {"id": 7, "name": "Ada"}), Verdict.ACCEPTED),
    (answer({"name": "Bo"}, 200, {"id": 7, "name": "Bo"}), Verdict.ACCEPTED),
    (answer({"name": 1}, 422, {"error": "name"}), Verdict.REJECTED),
)


def found(folder: Path, content: dict[str, Any]) -> tuple[Finding, dict[str, Any]]:
    """What is told, and the document as its patch leaves it."""
    document = load(folder, content)
    case = Case(
        PATCH,
        ObservedContract(PATCH, exchanges=SEEN),
        records=(Record("change_a_pet.md", PATCH),),
        portal=Portal((document,)),
    )
    (told,) = OperationUndocumented().check(case)
    file = document.info.file
    fixed = fix_text(file, Path(file).read_text(), [told] if told.patch else [])
    assert errors(fixed.after) == errors(fixed.before) == set()
    return told, json.loads(fixed.after)


def test_it_is_written_beside_its_neighbours(tmp_path: Path) -> None:
    get = {
        "tags": ["pets"],
        "operationId": "getPet",
        "summary": "A pet",
        "security": [{"key": []}],
        "parameters": [{**ID, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "fine"}},
    }
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    paths = {"/pets/{id_of_pet}": {"get": {**get, "operationId": "other"}}}
    paths = {"/pets/{pet_id}": {"get": get}}
    content = openapi(
        paths=paths, servers=[{"url": "/api"}], components={"securitySchemes": {"key": key}}
    )
    told, after = found(tmp_path, content)
    made = after["paths"]["/pets/{pet_id}"]["patch"]
    assert told.source == Location(told.source.file, "/paths/~1pets~1{pet_id}/patch")
    assert told.related[0].file == "change_a_pet.md"
    assert made["tags"] == ["pets"] and made["security"] == [{"key": []}]
    assert made["summary"] == "Change a pet" and made["operationId"] == "changePet"
    assert made["parameters"] == get["parameters"]
    text = {"type": "string"}
    body = made["requestBody"]
    assert body["required"]
    sent = body["content"]["application/json"]["schema"]["properties"]
    assert sent == {"name": text, "age": {"type": "integer"}}
    assert made["responses"]["200"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": text},
    }
    assert made["responses"]["422"]["description"] == "Unprocessable Entity"


def test_in_swagger_2_and_on_a_new_path(tmp_path: Path) -> None:
    get = {"responses": {"200": {"description": "fine"}}}
    told, after = found(tmp_path, swagger2(basePath="/api", paths={"/pets": {"get": get}}))
    made = after["paths"]["/pets/{pet_id}"]["patch"]
    assert told.patch[-1]["path"] == "/paths/~1pets~1{pet_id}"
    assert [p["in"] for p in made["parameters"]] == ["path", "body"]
    assert "operationId" not in made and "tags" not in made and "security" not in made
    assert made["responses"]["200"]["schema"]["type"] == "object"


PET: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string", "maxLength": 9}},
}
AGED = {**PET, "properties": {**PET["properties"], "age": {"type": "integer"}}}
NAMELESS = {**PET, "properties": {"id": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "status", "taken"),
    [
        (PET, "200", True),
        (AGED, "200", True),
        (PET, "201", True),
        (NAMELESS, "200", False),
        ({"type": "object"}, "404", False),
    ],
)
def test_an_answer_is_described_as_that_of_the_same_thing(
    tmp_path: Path, schema: dict[str, Any], status: str, taken: bool
) -> None:
    """Where that has all that came; what most answers are called, it is called, too."""
    media = {"application/json": {"schema": schema, "example": {"id": 1}}}
    get = {
        "parameters": [{**ID, "schema": {"type": "string"}}],
        "responses": {status: {"description": "The pet.", "content": media}},
    }
    done = {"responses": {"200": {"description": "Done."}}}
    paths = {"/pets/{pet_id}": {"get": get}, "/a": {"get": done}, "/b": {"get": done}}
    _, after = found(tmp_path, openapi(paths=paths, servers=[{"url": "/api"}]))
    made = after["paths"]["/pets/{pet_id}"]["patch"]["responses"]["200"]
    assert made["description"] == ("The pet." if taken and status == "200" else "Done.")
    got = made["content"]["application/json"]
    assert (got == {"schema": schema}) is taken


@pytest.mark.parametrize(("name", "taken"), [("name", True), ("title", False)])
def test_things_within_an_answer_are_the_shared_ones(
    tmp_path: Path, name: str, taken: bool
) -> None:
    """Where all that came is in the shared schema; a wrapper of its own is described."""
    pet = {"type": "object", "properties": {"id": {"type": "integer"}, name: {"type": "string"}}}
    ref = {"$ref": "#/components/schemas/Pet"}
    listed = {"type": "object", "properties": {"pets": {"type": "array", "items": ref}}}
    answers = {"200": {"description": "ok", "content": {"application/json": {"schema": listed}}}}
    content = openapi(
        paths={"/pets": {"get": {"responses": answers}}},
        servers=[{"url": "/api"}],
        components={"schemas": {"Pet": pet}},
    )
    _, after = found(tmp_path, content)
    made = after["paths"]["/pets/{pet_id}"]["patch"]["responses"]["200"]["content"]
    assert (made["application/json"]["schema"] == ref) is taken


def test_a_member_that_is_sent_is_described_as_beside_it(tmp_path: Path) -> None:
    """And of the same type; what another request demands of it isn't known of this one."""
    name = {"type": "string", "description": "What it is called."}
    sent = {**PET, "properties": {"name": {**name, "maxLength": 9}, "colour": {"type": "string"}}}
    post = {
        "requestBody": {"content": {"application/json": {"schema": sent}}},
        "responses": {"201": {"description": "made"}},
    }
    _, after = found(tmp_path, openapi(paths={"/pets": {"post": post}}, servers=[{"url": "/api"}]))
    body = after["paths"]["/pets/{pet_id}"]["patch"]["requestBody"]["content"]
    properties = {"name": name, "age": {"type": "integer"}}
    assert body["application/json"]["schema"] == {"type": "object", "properties": properties}


@pytest.mark.parametrize("base", ["/other", "/ap"])
def test_a_document_of_another_base_path_is_not_its_home(tmp_path: Path, base: str) -> None:
    get = {"responses": {"200": {"description": "fine"}}}
    told, _ = found(tmp_path, swagger2(basePath=base, paths={"/pets": {"get": get}}))
    assert told.patch == () and told.source == Location("change_a_pet.md")
