"""What two documents say differently of one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, Field, Operation, Place
from checker.domain.portal import Document
from checker.domain.schema import Schema
from checker.drift.compare.change import REQUEST, RESPONSE, Change, Direction
from checker.drift.compare.leftovers import (
    links,
    of_body,
    of_operation,
    of_parameter,
    of_response,
    went,
)
from checker.drift.compare.made import changed
from checker.drift.compare.matching import by_key, described, media, moved_parameters, paired
from checker.drift.compare.sameness import Sameness
from checker.drift.compare.security import security
from checker.drift.compare.walk import SchemaWalk, join

Sides = tuple[str, str | None, str | None, Location, Location]


class Comparison:
    """Compares the operations of one pair of documents; schema levels are compared once.

    `inbound` operations are those that the API calls at its clients (webhooks, callbacks).
    `sameness` is None where the two documents' raw nodes can't be compared (another dialect).
    """

    def __init__(
        self,
        old: Document,
        new: Document,
        sameness: Sameness | None = None,
        *,
        inbound: bool = False,
    ) -> None:
        files = old.info.file, new.info.file
        self._files = files
        self._inbound = inbound
        self._walk = SchemaWalk(files, (old.raw, new.raw), sameness)
        # In Swagger 2.0 media types stand elsewhere: a response's node doesn't say everything.
        self._sameness = sameness if old.info.dialect != "2.0" else None

    def operation(self, old: Operation, new: Operation) -> Iterator[Change]:
        """Every change of one operation, in document order."""
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._responses(old, new)
        yield from security(old, new)
        yield from of_operation(old, new)
        yield from links(old, new)
        if old.deprecated != new.deprecated:
            kind = "deprecated" if new.deprecated else "undeprecated"
            yield changed(
                kind, "", False, old, new, "operation", "", old.deprecated, new.deprecated
            )

    # Parameters

    def _parameters(self, old: Operation, new: Operation) -> Iterator[Change]:
        before, after = by_key(old), by_key(new)
        moved = moved_parameters(before, after, old, new)
        for key, field in before.items():
            other = after.get(key)
            if other is not None:
                yield from self._parameter(old, new, field, other)
            elif key in moved:
                target = after[moved[key]]
                yield went(old, new, field, target)
                yield from self._parameter(old, new, field, target)
            else:
                yield changed(
                    "parameter-removed",
                    REQUEST,
                    True,
                    old,
                    new,
                    field.key.place.value,
                    field.key.name,
                    described(field),
                    None,
                    field.location,
                    new.location,
                )
        arrived = set(moved.values())
        for key, field in after.items():
            if key not in before and key not in arrived:
                yield changed(
                    "parameter-added",
                    REQUEST,
                    field.required,
                    old,
                    new,
                    field.key.place.value,
                    field.key.name,
                    None,
                    described(field),
                    old.location,
                    field.location,
                )

    def _parameter(
        self, old: Operation, new: Operation, one: Field, two: Field
    ) -> Iterator[Change]:
        place, name = one.key.place.value, two.key.name
        if one.required != two.required and one.key.place is not Place.PATH:
            kind = "required-added" if two.required else "required-removed"
            yield changed(
                kind,
                REQUEST,
                two.required,
                old,
                new,
                place,
                name,
                one.required,
                two.required,
                one.location,
                two.location,
            )
        array = any("array" in f.schema.types or "object" in f.schema.types for f in (one, two))
        if array and (one.style, one.explode) != (two.style, two.explode):
            yield changed(
                "style-changed",
                REQUEST,
                True,
                old,
                new,
                place,
                name,
                {"style": one.style, "explode": one.explode},
                {"style": two.style, "explode": two.explode},
                one.location,
                two.location,
            )
        yield from of_parameter(old, new, one, two)
        yield from self._schemas(old, new, one.schema, two.schema, REQUEST, place, name)

    # Bodies

    def _body(self, old: Operation, new: Operation) -> Iterator[Change]:
        if bool(old.body) != bool(new.body):
            yield _whole_body(old, new)
            return
        places = old.body_location, new.body_location
        if not old.body or self._unchanged(*places):
            return
        if old.body_required != new.body_required:
            kind = "required-added" if new.body_required else "required-removed"
            sides_ = (old.body_required, new.body_required)
            breaking = new.body_required
            yield changed(kind, REQUEST, breaking, old, new, "body", "", *sides_, *places)
        yield from self._content(old, new, old.body, new.body, REQUEST, places)
        yield from of_body(old, new)

    def _content(
        self,
        old: Operation,
        new: Operation,
        one: Mapping[str, Schema | None],
        two: Mapping[str, Schema | None],
        direction: Direction,
        places: tuple[Location, Location],
        status: str = "",
    ) -> Iterator[Change]:
        before, after = media(one), media(two)
        place = "body" if direction == REQUEST else "response"
        bare = not any(before.values()) and not any(after.values())
        if not (bare and (not before or not after)):
            for name in before:
                if name not in after:
                    yield changed(
                        "media-type-removed",
                        direction,
                        True,
                        old,
                        new,
                        place,
                        name,
                        name,
                        None,
                        *places,
                        status=status,
                        media_type=name,
                    )
            for name in after:
                if name not in before:
                    yield changed(
                        "media-type-added",
                        direction,
                        False,
                        old,
                        new,
                        place,
                        name,
                        None,
                        name,
                        *places,
                        status=status,
                        media_type=name,
                    )
        for name, schema, other in paired(before, after):
            if schema is not None and other is not None:
                yield from self._schemas(
                    old, new, schema, other, direction, place, "", status, name
                )
            elif (schema is None) != (other is None):
                kind = "schema-added" if other is not None else "schema-removed"
                breaking = (direction == REQUEST) == (other is not None)
                given = schema if schema is not None else other
                assert given is not None
                yield changed(
                    kind,
                    direction,
                    breaking,
                    old,
                    new,
                    place,
                    "",
                    schema is not None,
                    other is not None,
                    schema.location if schema is not None else places[0],
                    other.location if other is not None else places[1],
                    status=status,
                    media_type=name,
                )

    # Responses

    def _responses(self, old: Operation, new: Operation) -> Iterator[Change]:
        before = {r.status.upper(): r for r in old.responses}
        after = {r.status.upper(): r for r in new.responses}
        for status, response in before.items():
            if status in after:
                yield from self._response(old, new, response, after[status])
                continue
            yield changed(
                "status-removed",
                RESPONSE,
                status[:1] == "2",
                old,
                new,
                "response",
                "",
                response.status,
                None,
                response.location,
                new.location.child("responses"),
                status=response.status,
            )
        for status, response in after.items():
            if status not in before:
                yield changed(
                    "status-added",
                    RESPONSE,
                    False,
                    old,
                    new,
                    "response",
                    "",
                    None,
                    response.status,
                    old.location.child("responses"),
                    response.location,
                    status=response.status,
                )

    def _response(
        self, old: Operation, new: Operation, one: DocumentedResponse, two: DocumentedResponse
    ) -> Iterator[Change]:
        places = one.location, two.location
        if self._unchanged(*places):
            return
        yield from self._content(old, new, one.content, two.content, RESPONSE, places, one.status)
        yield from of_response(old, new, one, two)
        before = {name.lower(): name for name in one.headers}
        after = {name.lower(): name for name in two.headers}
        for key, name in before.items():
            if key in after:
                yield from self._schemas(
                    old,
                    new,
                    one.headers[name],
                    two.headers[after[key]],
                    RESPONSE,
                    "response",
                    f"header {name}",
                    one.status,
                )
        for name in [name for key, name in before.items() if key not in after]:
            sides = (f"header {name}", name, None, *places)
            yield _header("removed", old, new, sides, one.status)
        for name in [name for key, name in after.items() if key not in before]:
            sides_ = (f"header {name}", None, name, *places)
            yield _header("added", old, new, sides_, one.status)

    def _unchanged(self, old: Location, new: Location) -> bool:
        """Whether a body or response is certainly the same, before its schemas are built."""
        return (
            self._sameness is not None
            and (old.file, new.file) == self._files
            and bool(old.pointer and new.pointer)
            and self._sameness.at(old.pointer, new.pointer)
        )

    # Schemas

    def _schemas(
        self,
        old: Operation,
        new: Operation,
        one: Schema,
        two: Schema,
        direction: Direction,
        place: str,
        name: str = "",
        status: str = "",
        media_type: str = "",
    ) -> Iterator[Change]:
        # What the API sends to its clients, they receive: the other way round.
        seen = direction if not self._inbound else RESPONSE if direction == REQUEST else REQUEST
        for path, fact in self._walk.changes(one, two, seen):
            full = join(name, f".{path}" if path and not path.startswith("[") else path)
            yield changed(
                fact.kind,
                direction,
                fact.breaking,
                old,
                new,
                place,
                full,
                fact.old,
                fact.new,
                fact.old_location,
                fact.new_location,
                status=status,
                media_type=media_type,
                whole=fact.whole,
                hidden=fact.hidden,
            )


def _whole_body(old: Operation, new: Operation) -> Change:
    """A body that only one side documents."""
    kind = "body-added" if new.body else "body-removed"
    breaking = new.body_required or not new.body
    at, to = (o.body_location if o.body else o.location for o in (old, new))
    sides = (sorted(old.body) or None, sorted(new.body) or None)
    return changed(kind, REQUEST, breaking, old, new, "body", "", *sides, at, to)


def _header(what: str, old: Operation, new: Operation, sides: Sides, status: str) -> Change:
    """A response header that only one side documents."""
    kind, breaking = f"header-{what}", what == "removed"
    return changed(kind, RESPONSE, breaking, old, new, "response", *sides, status=status)
