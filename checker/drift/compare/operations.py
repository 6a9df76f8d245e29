"""What two documents say differently of one operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.domain.location import Location
from checker.domain.operation import (
    DocumentedResponse,
    Field,
    FieldKey,
    Operation,
    Place,
    Security,
)
from checker.domain.portal import Document
from checker.domain.schema import Schema
from checker.drift.compare.change import REQUEST, RESPONSE, Change, Direction
from checker.drift.compare.paths import parameter_names
from checker.drift.compare.sameness import Sameness
from checker.drift.compare.view import view
from checker.drift.compare.walk import SchemaWalk, join
from checker.drift.compare.words import sentence


class Comparison:
    """Compares the operations of one pair of documents; schema levels are compared once.

    `sameness` is None where the two documents' raw nodes can't be compared (another dialect).
    """

    def __init__(self, old: Document, new: Document, sameness: Sameness | None = None) -> None:
        files = old.info.file, new.info.file
        self._files = files
        self._walk = SchemaWalk(files, (old.raw, new.raw), sameness)
        # In Swagger 2.0 media types stand elsewhere: a response's node doesn't say everything.
        self._sameness = sameness if old.info.dialect != "2.0" else None

    def operation(self, old: Operation, new: Operation) -> Iterator[Change]:
        """Every change of one operation, in document order."""
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._responses(old, new)
        yield from security(old, new)
        if old.deprecated != new.deprecated:
            kind = "deprecated" if new.deprecated else "undeprecated"
            yield _change(
                kind, "", False, old, new, "operation", "", old.deprecated, new.deprecated
            )

    # Parameters

    def _parameters(self, old: Operation, new: Operation) -> Iterator[Change]:
        before, after = _by_key(old), _by_key(new)
        moved = _moved(before, after, old, new)
        for key, field in before.items():
            other = after.get(key)
            if other is not None:
                yield from self._parameter(old, new, field, other)
            elif key in moved:
                target = after.get(moved[key])
                yield _change(
                    "location-changed",
                    REQUEST,
                    True,
                    old,
                    new,
                    field.key.place.value,
                    field.key.name,
                    field.key.place.value,
                    moved[key][0],
                    field.location,
                    target.location if target else new.location,
                )
            else:
                yield _change(
                    "parameter-removed",
                    REQUEST,
                    True,
                    old,
                    new,
                    field.key.place.value,
                    field.key.name,
                    _described(field),
                    None,
                    field.location,
                    new.location,
                )
        arrived = set(moved.values())
        for key, field in after.items():
            if key not in before and key not in arrived:
                yield _change(
                    "parameter-added",
                    REQUEST,
                    field.required,
                    old,
                    new,
                    field.key.place.value,
                    field.key.name,
                    None,
                    _described(field),
                    old.location,
                    field.location,
                )

    def _parameter(
        self, old: Operation, new: Operation, one: Field, two: Field
    ) -> Iterator[Change]:
        place, name = one.key.place.value, two.key.name
        if one.required != two.required and one.key.place is not Place.PATH:
            kind = "required-added" if two.required else "required-removed"
            yield _change(
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
            yield _change(
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
        yield from self._schemas(old, new, one.schema, two.schema, REQUEST, place, name)

    # Bodies

    def _body(self, old: Operation, new: Operation) -> Iterator[Change]:
        if bool(old.body) != bool(new.body):
            kind = "body-added" if new.body else "body-removed"
            breaking = new.body_required if new.body else True
            at = old.body_location if old.body else old.location
            to = new.body_location if new.body else new.location
            sides = (sorted(old.body) or None, sorted(new.body) or None)
            yield _change(kind, REQUEST, breaking, old, new, "body", "", *sides, at, to)
            return
        places = old.body_location, new.body_location
        if not old.body or self._unchanged(*places):
            return
        if old.body_required != new.body_required:
            kind = "required-added" if new.body_required else "required-removed"
            sides_ = (old.body_required, new.body_required)
            breaking = new.body_required
            yield _change(kind, REQUEST, breaking, old, new, "body", "", *sides_, *places)
        yield from self._content(old, new, old.body, new.body, REQUEST, places)

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
        before, after = _media(one), _media(two)
        place = "body" if direction == REQUEST else "response"
        bare = not any(before.values()) and not any(after.values())
        if not (bare and (not before or not after)):
            for name in before:
                if name not in after:
                    yield _change(
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
                    yield _change(
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
        for name, schema, other in _paired(before, after):
            if schema is not None and other is not None:
                yield from self._schemas(
                    old, new, schema, other, direction, place, "", status, name
                )
            elif (schema is None) != (other is None):
                kind = "schema-added" if other is not None else "schema-removed"
                breaking = (direction == REQUEST) == (other is not None)
                given = schema if schema is not None else other
                assert given is not None
                yield _change(
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
            yield _change(
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
                yield _change(
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
        for key in [*before, *(k for k in after if k not in before)]:
            if (key in before) == (key in after):
                continue
            gone = key in before
            name = before[key] if gone else after[key]
            yield _change(
                "header-removed" if gone else "header-added",
                RESPONSE,
                gone,
                old,
                new,
                "response",
                f"header {name}",
                name if gone else None,
                None if gone else name,
                *places,
                status=one.status,
            )

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
        for path, fact in self._walk.changes(one, two, direction):
            full = join(name, f".{path}" if path and not path.startswith("[") else path)
            yield _change(
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
            )


def security(old: Operation, new: Operation) -> Iterator[Change]:
    """Changes in what a client needs to be let in."""
    one, two = _alternatives(old.security), _alternatives(new.security)
    before, after = set(one), set(two)
    places = _security_place(old), _security_place(new)
    anonymous: frozenset[str] = frozenset()
    if anonymous in after and anonymous not in before:
        shown = [one[a] for a in one]
        yield _change("security-removed", "", False, old, new, "token", "", shown, None, *places)
    elif anonymous in before and anonymous not in after:
        shown = [two[a] for a in two]
        yield _change("security-added", "", True, old, new, "token", "", None, shown, *places)
    elif before and after and not before & after and len(before) == len(after) == 1:
        had_one, has_one = next(iter(one.values())), next(iter(two.values()))
        yield _change(
            "security-changed", "", True, old, new, "token", has_one, had_one, has_one, *places
        )
    else:
        for key in one:
            if key not in after and key:
                name = one[key]
                yield _change(
                    "security-alternative-removed",
                    "",
                    True,
                    old,
                    new,
                    "token",
                    name,
                    name,
                    None,
                    *places,
                )
        for key in two:
            if key not in before and key:
                name = two[key]
                yield _change(
                    "security-alternative-added",
                    "",
                    False,
                    old,
                    new,
                    "token",
                    name,
                    None,
                    name,
                    *places,
                )
    had, has = old.security.described, new.security.described
    if had and has:
        for name in had:
            if name not in has:
                yield _change(
                    "token-removed", "", True, old, new, "token", name, name, None, *places
                )
        for name in has:
            if name not in had:
                yield _change(
                    "token-added", "", False, old, new, "token", name, None, name, *places
                )


def _security_place(operation: Operation) -> Location:
    return operation.security.location if operation.security.location.file else operation.location


def _alternatives(security: Security) -> dict[frozenset[str], str]:
    """What each alternative demands → the names it is written with."""
    found: dict[frozenset[str], str] = {}
    for names in security.alternatives or ((),):
        parts = []
        for name in names:
            scheme = security.schemes.get(name)
            if scheme is None:
                parts.append(name)
            elif scheme.type == "basic" or (
                scheme.type == "http" and scheme.scheme.lower() == "basic"
            ):
                parts.append("http basic")
            else:
                described = (scheme.type, scheme.place, scheme.parameter, scheme.scheme.lower())
                parts.append(" ".join(part for part in described if part))
        found[frozenset(parts)] = " and ".join(names)
    return found


def _media(content: Mapping[str, Schema | None]) -> dict[str, Schema | None]:
    found: dict[str, Schema | None] = {}
    for name, schema in content.items():
        bare = ";".join(
            part.strip().lower()
            for part in name.split(";")
            if not part.strip().lower().startswith("charset")
        )
        found.setdefault(bare, schema)
    return found


def _paired(
    one: Mapping[str, Schema | None], two: Mapping[str, Schema | None]
) -> Iterator[tuple[str, Schema | None, Schema | None]]:
    """Bodies by media type; the only leftover of each side is compared all the same."""
    for name in one:
        if name in two:
            yield name, one[name], two[name]
    left = [name for name in one if name not in two]
    right = [name for name in two if name not in one]
    if len(left) == 1 == len(right):
        yield right[0], one[left[0]], two[right[0]]


def _by_key(operation: Operation) -> dict[tuple[str, str], Field]:
    """Parameters by place and name; path parameters by their position, headers in lower case.

    Members that are flattened beside the object they belong to are left out: the object's own
    schema has them.
    """
    order = {name: str(n) for n, name in enumerate(parameter_names(operation.id.path))}
    objects = {f.key for f in operation.parameters if f.schema.properties}
    found: dict[tuple[str, str], Field] = {}
    for field in operation.parameters:
        if _enclosed(field.key, objects):
            continue
        place, name = field.key.place, field.key.name
        if place is Place.PATH:
            name = order.get(name, name)
        elif place is Place.HEADER:
            name = name.lower()
        found.setdefault((place.value, name), field)
    return found


def _enclosed(key: FieldKey, objects: Iterable[FieldKey]) -> bool:
    return any(
        key.place is other.place
        and key.name != other.name
        and key.name.startswith((other.name + ".", other.name + "["))
        for other in objects
    )


def _moved(
    before: Mapping[tuple[str, str], Field],
    after: Mapping[tuple[str, str], Field],
    old: Operation,
    new: Operation,
) -> dict[tuple[str, str], tuple[str, str]]:
    """Parameters that are sent in another place now: old key → new key."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for key in before:
        if key in after or key[0] == "path":
            continue
        targets = [
            other
            for other in after
            if other not in before and other[0] != "path" and other[1].lower() == key[1].lower()
        ]
        if len(targets) == 1:
            found[key] = targets[0]
    return found


def _described(field: Field) -> dict[str, Any]:
    types = view(field.schema).types
    shown = types[0] if len(types) == 1 else list(types) or None
    return {"type": shown, "required": field.required}


def _change(
    kind: str,
    direction: Direction,
    breaking: bool,
    old: Operation,
    new: Operation,
    place: str,
    name: str,
    before: Any,
    after: Any,
    old_location: Location | None = None,
    new_location: Location | None = None,
    *,
    status: str = "",
    media_type: str = "",
    whole: tuple[Any, Any] | None = None,
) -> Change:
    change = Change(
        kind=kind,
        direction=direction,
        breaking=breaking,
        operation=new.id,
        place=place,
        name=name,
        old=before,
        new=after,
        old_location=old_location or old.location,
        new_location=new_location or new.location,
        status=status,
        media_type=media_type,
        operations=(new.id,),
        whole=whole,
    )
    return change.with_(text=sentence(change))
