"""What routes say: resource, act, verb, and the field that names an item."""

from __future__ import annotations

import pytest

from checker.domain.operation import OperationId
from checker.domain.templates import calls, match_path
from checker.planning.producers import noun_of
from checker.planning.routes import act_of, acts_on_item, resource_of, verb_of


@pytest.mark.parametrize(
    ("route", "resource", "act"),
    [
        ("POST /rooms", "room", "create"),
        ("GET /rooms", "room", "list"),
        ("GET /rooms/{id}", "room", "read"),
        ("PATCH /rooms/{id}", "room", "update"),
        ("POST /api/rooms.create", "room", "create"),
        ("GET /api/rooms.info", "room", "read"),
        ("POST /api/bookings.confirm", "booking", "action"),
        ("POST /api/chat.postMessage", "message", "create"),
        ("POST /v1/rooms:archive", "room", "action"),
        ("POST /createRoom", "room", "create"),
        ("GET /list-rooms", "room", "list"),
        ("POST /rooms/create", "room", "create"),
        ("GET /rooms/search", "room", "list"),
        ("GET /rooms.json", "room", "list"),
        ("POST /posts", "post", "create"),
        ("GET /price-list", "price_list", "list"),
        ("GET /v1.2/rooms", "room", "list"),
        ("POST /companies/{id}/addresses", "address", "create"),
    ],
)
def test_a_route_has_a_resource_and_an_act(route: str, resource: str, act: str) -> None:
    operation = OperationId.parse(route)
    assert (resource_of(operation.path), act_of(operation)) == (resource, act)


@pytest.mark.parametrize(
    ("route", "acts"),
    [
        ("POST /channels/{id}/activate", True),
        ("POST /channels/{id}/messages", False),
        ("POST /bookings.confirm", True),
        ("POST /bookings.create", False),
        ("POST /rooms", False),
        ("PUT /rooms/{id}", True),
        ("GET /rooms/{id}", False),
    ],
)
def test_acting_on_an_item_is_told_from_making_one(route: str, acts: bool) -> None:
    assert acts_on_item(OperationId.parse(route)) is acts


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        ("/channels/{id}/activate", "activate"),
        ("/bookings.confirm", "confirm"),
        ("/api/close_item", "close"),
        ("/{id}", ""),
    ],
)
def test_the_verb_of_a_path(path: str, verb: str) -> None:
    assert verb_of(path) == verb


@pytest.mark.parametrize(
    "name", ["exhibit_ref", "exhibits_refs", "exhibitsUids", "exhibit_ids", "exhibit_slugs"]
)
def test_identifiers_of_one_and_of_many_speak_of_the_same_resource(name: str) -> None:
    assert noun_of(name) == "exhibit"


@pytest.mark.parametrize(
    ("template", "path", "fits"),
    [
        ("/things/{id}", "/things/a%2Fb", True),
        ("/things/{id}", "/things/7?x=/y", True),
        ("/things/{id}", "/things/{id}", True),
        ("/things/{id}.json", "/things/7.json", True),
        ("/things/{id}.json", "/things/7.xml", False),
        ("/things/{id}", "/things", False),
        ("/things/{id}", "/others/7", False),
        ("/things", "/things/", True),
    ],
)
def test_a_path_is_called_where_it_has_values(template: str, path: str, fits: bool) -> None:
    assert calls(template, path) is (match_path(template, path) is not None) is fits
