"""A base path that the base URL doesn't serve is told from one that it does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from checker.domain.exchange import Failure, Response
from checker.domain.location import Location
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.probing.base_paths import unserved


def operation(path: str, base: str, method: str = "GET") -> Operation:
    info = DocumentInfo("api.json", "2.0", base_path=base)
    return Operation(OperationId(method, base + path), info, Location("api.json"), path)


def found(
    statuses: Mapping[str, int],
    operations: list[Operation],
    otherwise: int = 404,
    media_type: str = "text/plain",
) -> dict[str, str]:
    async def look(path: str) -> Response | Failure:
        return Response(statuses.get(path, otherwise), {"Content-Type": media_type}, text="no")

    return asyncio.run(unserved(look, operations))


PETS = [operation("/pets", "/api", "POST"), operation("/pets/{id}", "/api")]


def test_bare_paths_that_are_there() -> None:
    told = found({"/pets": 405, "/pets/1": 200}, PETS)
    assert list(told) == ["/api"]
    assert "404 with it and 405 without it" in told["/api"]


@pytest.mark.parametrize(
    ("statuses", "otherwise"),
    [
        ({"/api/pets": 405, "/api/pets/1": 404}, 404),  # served, one item isn't there
        ({"/api/pets/1": 200, "/pets": 200}, 404),  # one path that is there is enough
        ({}, 404),  # nothing is anywhere
        ({}, 401),  # a guard before everything
        ({"/pets": 200}, 401),
    ],
)
def test_base_paths_that_stay(statuses: Mapping[str, int], otherwise: int) -> None:
    assert found(statuses, PETS, otherwise) == {}


def test_a_page_for_people_at_the_bare_path() -> None:
    assert found({"/pets": 200}, PETS, media_type="text/html; charset=utf-8") == {}


def test_no_base_path_is_nothing_to_ask() -> None:
    assert found({"/pets": 200}, [operation("/pets", "")]) == {}
