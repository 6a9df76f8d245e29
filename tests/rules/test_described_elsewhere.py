"""A property that is new in one place is described as it is elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi

from checker.domain.location import Location
from checker.domain.portal import Portal
from checker.drift.namesakes import like_its_namesake, seen_values

MADE = {"type": "string", "format": "date-time", "description": "When it was made."}
TEXT = {"type": "string"}
PLACE = "/components/schemas/Here/properties"
TIME = "2031-05-17T10:30:00Z"


def described(folder: Path, others: dict[str, Any], made: Any, values: list[Any]) -> Any:
    """What `made_at` is in `Here`, beside `id` and `name`, where other schemas are so."""
    here = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
    schemas = {"Here": here} | {
        name: {"type": "object", "properties": properties} for name, properties in others.items()
    }
    document = load(folder, openapi(components={"schemas": schemas}))
    place = Location(document.info.file, f"{PLACE}/made_at")
    return like_its_namesake(made, "made_at", values, place, Portal((document,)))


@pytest.mark.parametrize(
    ("others", "values", "wanted"),
    [
        ({"A": {"id": TEXT, "made_at": MADE}}, [TIME], MADE),
        ({"A": dict.fromkeys(("id", "a", "b", "c"), TEXT) | {"made_at": MADE}}, [TIME], MADE),
        ({"A": dict.fromkeys(("x", "a", "b", "c"), TEXT) | {"made_at": MADE}}, [TIME], TEXT),
        ({"A": {"made_at": MADE}, "B": {"made_at": MADE}}, [TIME], MADE),
        ({"A": {"made_at": MADE}}, [TIME], TEXT),
        (
            {"A": {"id": TEXT, "made_at": MADE}},
            ["soon"],
            {**TEXT, "description": "When it was made."},
        ),
        ({"A": {"id": TEXT, "made_at": MADE}}, [], {**TEXT, "description": "When it was made."}),
        ({"A": {"made_at": MADE}, "B": {"made_at": TEXT}}, [TIME], TEXT),
        ({"A": {"id": TEXT, "made_at": MADE}, "B": {"made_at": TEXT}}, [TIME], MADE),
        ({"A": {"made_at": {"type": "integer", "description": "x"}}}, [TIME], TEXT),
        ({"A": {"made_at": {"$ref": "#/components/schemas/B"}}, "B": {}}, [TIME], TEXT),
        ({"A": {"id": TEXT, "made_at": {**MADE, "enum": [TIME], "example": TIME}}}, [TIME], MADE),
        ({}, [TIME], TEXT),
    ],
)
def test_it_is_described_as_elsewhere(
    tmp_path: Path, others: dict[str, Any], values: list[Any], wanted: Any
) -> None:
    assert described(tmp_path, others, TEXT, values) == wanted


@pytest.mark.parametrize(
    ("described", "wanted"),
    [
        (3, {**TEXT, "description": "Opted in."}),
        (2, TEXT),
    ],
)
def test_where_everything_is_described_its_name_in_words_stands_in(
    tmp_path: Path, described: int, wanted: Any
) -> None:
    properties = {
        f"p{n}": {**TEXT, **({"description": "It."} if n < described else {})} for n in range(3)
    }
    schemas = {"Here": {"type": "object", "properties": properties}}
    document = load(tmp_path, openapi(components={"schemas": schemas}))
    place = Location(document.info.file, f"{PLACE}/optedIn")
    assert like_its_namesake(TEXT, "optedIn", ["a"], place, Portal((document,))) == wanted


def test_what_has_no_single_type_stays(tmp_path: Path) -> None:
    assert described(tmp_path, {"A": {"made_at": MADE}}, {}, [TIME]) == {}


def test_values_are_found_in_lists() -> None:
    body = [{"a": {"b": [{"c": 1}, {"c": 2}, {}]}}, {"a": 3}, {}]
    assert seen_values([body], "[].a.b[].c") == [1, 2]
    assert seen_values([body], "[].a") == [{"b": [{"c": 1}, {"c": 2}, {}]}, 3]
