"""What the search adds to an accepted request, on a real server that says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from open_gate import open_gate

from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.portal import Portal
from checker.drift.words import mentions_operation
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import Witness
from checker.search.solver import Solver
from checker.settings import Settings, Target

from .harness import Incoming, operation, serving

TEXT = {"type": "string"}
Body = Mapping[str, Any]


def grown(
    documented: Operation, accepts: Callable[[Incoming], bool | int], *others: Operation
) -> Any:
    """The body of the witness that a search ends with; `others` are documented, too."""

    async def go() -> Any:
        async with serving(accepts) as server:
            target = Target(base_url=server.url)
            async with Wire(target, open_gate(), max_requests=300) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                search = Solver(bench, [documented, *others], {}, Candidates(Portal()))
                found = await search.find(documented)
                assert isinstance(found, Witness), found
                return found.recipe.call.body

    return asyncio.run(go())


def things(**optional: Any) -> Operation:
    return operation(
        {"type": "object", "required": ["name"], "properties": {"name": TEXT, **optional}}
    )


def test_the_members_that_are_borne_are_kept() -> None:
    place = {"type": "object", "properties": {"street": TEXT, "mode": TEXT, "city": TEXT}}

    def accepts(request: Incoming) -> bool:
        place = request.body.get("place")
        if place is None:
            return True
        return "city" in place and place.get("mode", "near") in ("near", "far")

    assert set(grown(things(place=place), accepts)["place"]) == {"street", "city"}


def test_members_of_items_inside_items() -> None:
    option = {"type": "object", "properties": {"key": TEXT, "mode": TEXT}}
    item = {
        "type": "object",
        "required": ["sku"],
        "properties": {"sku": TEXT, "options": {"type": "array", "items": option}},
    }
    documented = operation(
        {
            "type": "object",
            "required": ["items"],
            "properties": {"items": {"type": "array", "items": item}},
        }
    )

    def accepts(request: Incoming) -> bool:
        options = [o for i in request.body["items"] for o in i.get("options", [])]
        return all("key" in o and o.get("mode", "add") == "add" for o in options)

    assert list(grown(documented, accepts)["items"][0]["options"][0]) == ["key"]


def test_a_key_in_the_body_does_not_stop_the_growth() -> None:
    given: dict[str, Any] = {}

    def accepts(request: Incoming) -> bool:
        key = request.body.get("name")
        fits = request.body.get("size", "s") in ("s", "m")
        return fits and given.setdefault(key, request.body) == request.body

    assert "note" in grown(things(size=TEXT, note=TEXT), accepts)


def test_what_a_request_uses_up_is_made_again() -> None:
    moved: set[str] = set()
    shown = {"type": "object", "properties": {"name": TEXT, "mode": TEXT, "note": TEXT}}
    rename = operation(shown, id=OperationId("PUT", "/things/{thing_id}"))

    def accepts(request: Incoming) -> bool | int:
        if request.method == "POST":
            return True
        if request.path in moved:
            return 404
        if "mode" in request.body:
            return False
        if "name" in request.body:
            moved.add(request.path)
        return True

    assert set(grown(rename, accepts, things())) == {"name", "note"}


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("a.b.c", "a.b"),
        ("a.b[]", "a.b"),
        ("a[].b", "a[]"),
        ("a[].b[].c", "a[].b[]"),
        ("a[].b[]", "a[].b"),
        ("a[][]", "a[]"),
    ],
)
def test_what_encloses_a_field(name: str, parent: str) -> None:
    assert FieldKey(Place.BODY, name).parent == FieldKey(Place.BODY, parent)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("As given by `POST /things`.", True),
        ("See POST /v1/things first.", True),
        ("From (POST: /api/v1/things)", True),
        ("POST /things/{id}/parts makes one.", False),
        ("GET /things lists them.", False),
        ("Post things here.", False),
    ],
)
def test_an_operation_named_in_a_text(text: str, said: bool) -> None:
    assert mentions_operation(text, "POST /api/v1/things") is said
