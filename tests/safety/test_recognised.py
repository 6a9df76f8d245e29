"""Creations and actions that only the other operations of an API tell, through the real loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import body

from checker.domain.operation import FieldKey, OperationId, Place
from checker.safety.assessor import Assessor
from checker.safety.effects import Assessment, Effect

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def taking(*, needed: bool = True, **fields: Any) -> dict[str, Any]:
    """A POST with a body that has (and needs) these fields, whose answer nothing is said of."""
    schema: dict[str, Any] = {"type": "object", "properties": fields}
    if needed:
        schema["required"] = list(fields)
    return {"post": {"requestBody": body(schema), "responses": {"200": {"description": "d"}}}}


def answering(status: str, schema: dict[str, Any], **fields: Any) -> dict[str, Any]:
    made = taking(**fields)
    content = {"application/json": {"schema": schema}}
    made["post"]["responses"] = {status: {"description": "d", "content": content}}
    return made


def thing(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def acting(*names: str) -> dict[str, Any]:
    made = taking()
    made["post"]["parameters"] = [
        {"name": n, "in": "path", "required": True, "schema": TEXT} for n in names
    ]
    return made


def assess(folder: Path, name: str, **paths: Any) -> Assessment:
    operations = load(folder, openapi(paths={f"/{p}": v for p, v in paths.items()})).operations
    wanted = OperationId.parse(f"POST {name}")
    return Assessor(operations).assess(next(o for o in operations if o.id == wanted))


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("/boats", {"boats": taking(name=TEXT), "boats/{id}/moor": acting("id")}),
        ("/boats", {"boats": taking(name=TEXT), "trips": taking(boat_id=NUMBER)}),
        (
            "/boats",
            {
                "boats": taking(name=TEXT),
                "trips": taking(at={**TEXT, "description": "Id of an existing boat."}),
            },
        ),
        ("/boats", {"boats": answering("200", thing(id=NUMBER, name=TEXT), name=TEXT)}),
        (
            "/boats",
            {
                "boats": answering(
                    "201", thing(data=thing(id=TEXT)), data=thing(pier=thing(id=TEXT))
                )
            },
        ),
    ],
    ids=["acted on", "asked for", "asked for in words", "new identifier", "in an envelope"],
)
def test_a_creation_is_told_by_the_others(tmp_path: Path, name: str, paths: dict[str, Any]) -> None:
    assert assess(tmp_path, name, **paths).effect is Effect.CREATES


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("/boats", {"boats": taking(name=TEXT)}),
        ("/reckoning", {"reckoning": taking(), "trips": taking(reckoning_id=NUMBER)}),
        ("/boats", {"boats": taking(name=TEXT), "trips": taking(boats=NUMBER)}),
        ("/boats", {"boats": answering("201", thing(id=NUMBER), id=NUMBER)}),
        (
            "/boats",
            {
                "boats": answering(
                    "201", thing(boat=thing(id=NUMBER)), boat=thing(id=NUMBER, name=TEXT)
                )
            },
        ),
        ("/weighing", {"weighing": answering("200", thing(id=NUMBER), name=TEXT)}),
    ],
    ids=["nothing", "no plural", "no identifier", "its own identifier", "wrapped", "one of a kind"],
)
def test_what_nothing_tells_is_unknown(tmp_path: Path, name: str, paths: dict[str, Any]) -> None:
    assert assess(tmp_path, name, **paths).effect is Effect.UNKNOWN


@pytest.mark.parametrize(
    ("name", "paths", "field"),
    [
        ("/loadBoat", {"loadBoat": taking(boatId=TEXT), "createBoat": taking(name=TEXT)}, "boatId"),
        (
            "/v1/load_boat",
            {"v1/load_boat": taking(boat_id=TEXT), "v1/create_boat": taking(name=TEXT)},
            "boat_id",
        ),
        (
            "/boat_load.php",
            {"boat_load.php": taking(boat=TEXT), "boat_new.php": taking(name=TEXT)},
            "boat",
        ),
    ],
)
def test_a_verb_nobody_knows_acts_on_what_a_sibling_makes(
    tmp_path: Path, name: str, paths: dict[str, Any], field: str
) -> None:
    found = assess(tmp_path, name, **paths)
    assert (found.effect, found.noun) == (Effect.CHANGES, "boat")
    assert found.addressed == FieldKey(Place.BODY, field)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("/loadBoat", {"loadBoat": taking(boatId=TEXT), "createCar": taking(name=TEXT)}),
        ("/loadBoat", {"loadBoat": taking(when=TEXT), "createBoat": taking(name=TEXT)}),
        (
            "/loadBoat",
            {"loadBoat": taking(needed=False, boatId=TEXT), "createBoat": taking(name=TEXT)},
        ),
        ("/boat_logs", {"boat_logs": taking(boat_id=TEXT), "create_boat": taking(name=TEXT)}),
        (
            "/loadBoat",
            {"loadBoat": taking(boatId={"type": "array", "items": TEXT}), "createBoat": taking()},
        ),
    ],
    ids=["another thing", "no identifier", "not needed", "things of their own", "many"],
)
def test_a_verb_that_names_no_one_thing_is_unknown(
    tmp_path: Path, name: str, paths: dict[str, Any]
) -> None:
    assert assess(tmp_path, name, **paths).effect is Effect.UNKNOWN


def test_harmful_words_count_more(tmp_path: Path) -> None:
    found = assess(
        tmp_path, "/notifyBoat", notifyBoat=taking(boatId=TEXT), createBoat=taking(name=TEXT)
    )
    assert found.effect is Effect.OUTWARD
