"""What operations, parameters and answers say in words that the model has no attribute for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, Field, Operation
from checker.domain.schema import MISSING
from checker.drift.compare.change import REQUEST, RESPONSE, Change, Direction
from checker.drift.compare.constraints import UNCLASSIFIED
from checker.drift.compare.digest import canonical
from checker.drift.compare.made import changed

_SUNSET = ("x-sunset", "x-stability-level", "x-stability", "x-lifecycle")
TOLD_EXTENSIONS = frozenset(_SUNSET)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a word stands: what the report calls the place, and the two locations."""

    direction: Direction
    place: str
    name: str
    old: Location
    new: Location
    status: str = ""


def words(
    old: Operation, new: Operation, one: Mapping[str, Any], two: Mapping[str, Any], spot: Spot
) -> Iterator[Change]:
    """One change for every word that two nodes say differently."""
    for word in dict.fromkeys((*one, *two)):
        before, after = one.get(word, MISSING), two.get(word, MISSING)
        if canonical(before) == canonical(after):
            continue
        kind, breaking = _KINDS.get(word, (UNCLASSIFIED, False))
        if word == "deprecated":
            kind, breaking = ("deprecated" if after is True else "undeprecated"), False
        was, now = (None if said is MISSING else {word: said} for said in (before, after))
        yield changed(
            kind, spot.direction, breaking, old, new, spot.place, spot.name, was, now,
            spot.old, spot.new, status=spot.status,
        )  # fmt: skip


_KINDS: Mapping[str, tuple[str, bool]] = {
    **dict.fromkeys(_SUNSET, ("lifecycle-changed", False)),
    "encoding": ("encoding-changed", True),
    "content": ("serialisation-changed", True),
}


def of_operation(old: Operation, new: Operation) -> Iterator[Change]:
    """Words of the operation itself: identifier, servers, sunset, and whatever else it has."""
    spot = Spot("", "operation", "", old.location, new.location)
    one, two = _told(old), _told(new)
    yield from words(old, new, one, two, spot)
    if old.operation_id != new.operation_id:
        sides = old.operation_id or None, new.operation_id or None
        yield changed("operation-id-changed", "", False, old, new, "operation", "", *sides)


def _told(operation: Operation) -> dict[str, Any]:
    told = {k: v for k, v in operation.extensions.items() if k in TOLD_EXTENSIONS}
    return {**operation.rest, **told}


def of_parameter(old: Operation, new: Operation, one: Field, two: Field) -> Iterator[Change]:
    """Words of a parameter."""
    spot = Spot(REQUEST, one.key.place.value, two.key.name, one.location, two.location)
    yield from words(old, new, one.rest, two.rest, spot)


def went(old: Operation, new: Operation, field: Field, target: Field) -> Change:
    """A parameter that is sent in another place, or with its name in other letters."""
    place = field.key.place.value
    kind, sides = "location-changed", (place, target.key.place.value)
    if place == target.key.place.value:
        kind, sides = "parameter-renamed", (field.key.name, target.key.name)
    places = field.location, target.location
    return changed(kind, REQUEST, True, old, new, place, field.key.name, *sides, *places)


def of_body(old: Operation, new: Operation) -> Iterator[Change]:
    """How the parts of a request body are encoded, by media type and field."""
    places = old.body_location, new.body_location
    for media_type in old.body_rest:
        if media_type not in new.body_rest:
            continue
        one, two = old.body_rest[media_type], new.body_rest[media_type]
        spot = Spot(REQUEST, "body", "", *places)
        plain = [{k: v for k, v in side.items() if k != "encoding"} for side in (one, two)]
        yield from words(old, new, plain[0], plain[1], spot)
        before, after = one.get("encoding") or {}, two.get("encoding") or {}
        for name in dict.fromkeys((*before, *after)):
            sides = [{"encoding": e[name]} if name in e else {} for e in (before, after)]
            spot = Spot(REQUEST, "body", str(name), *places)
            yield from words(old, new, sides[0], sides[1], spot)


def of_response(
    old: Operation, new: Operation, one: DocumentedResponse, two: DocumentedResponse
) -> Iterator[Change]:
    """Words of an answer, and of its headers: whether they always come is one."""
    places = one.location, two.location
    spot = Spot(RESPONSE, "response", "", *places, one.status)
    yield from words(old, new, one.rest, two.rest, spot)
    after = {name.lower(): name for name in two.headers}
    for name in one.headers:
        other = after.get(name.lower())
        if other is None:
            continue
        before, now = dict(one.header_rest.get(name, {})), dict(two.header_rest.get(other, {}))
        was, is_ = before.pop("required", False) is True, now.pop("required", False) is True
        at = one.headers[name].location, two.headers[other].location  # one for all that share it
        spot = Spot(RESPONSE, "response", f"header {name}", *at, one.status)
        if was != is_:
            kind = "required-added" if is_ else "required-removed"
            yield changed(
                kind, RESPONSE, was, old, new, "response", spot.name, was, is_, *at,
                status=one.status,
            )  # fmt: skip
        yield from words(old, new, before, now, spot)


def links(old: Operation, new: Operation) -> Iterator[Change]:
    """Links of the answers, by status and name; descriptions don't count."""
    before, after = _links(old), _links(new)
    for key in dict.fromkeys((*before, *after)):
        one, two = before.get(key), after.get(key)
        if canonical(one) == canonical(two):
            continue
        kind = "link-changed" if one and two else "link-added" if two else "link-removed"
        breaking = two is None
        status, name = key
        yield changed(
            kind, RESPONSE, breaking, old, new, "response", f"link {name}", one, two,
            status=status,
        )  # fmt: skip


def _links(operation: Operation) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for link in operation.links:
        said = {k: v for k, v in link.items() if k not in ("name", "status", "description")}
        said = {k: v for k, v in said.items() if not k.startswith("x-")}
        found[str(link.get("status")), str(link.get("name"))] = said
    return found
