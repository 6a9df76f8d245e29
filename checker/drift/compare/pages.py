"""What prose pages speak of: the operations and fields of the spec that a fact names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.domain.location import Location
from checker.domain.operation import (
    MAX_DEPTH,
    DocumentedResponse,
    Field,
    FieldKey,
    Operation,
    OperationId,
    Place,
    flatten,
)
from checker.domain.portal import Portal, ProseFact
from checker.domain.schema import Schema
from checker.drift.compare.paths import normalise, parameter_names
from checker.drift.compare.view import view

_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Entity:
    """A schema that documents give a name: of a page about the thing itself."""

    name: str
    schema: Schema

    @property
    def location(self) -> Location:
        return self.schema.location


@dataclass(frozen=True, slots=True)
class Found:
    """A documented field that a prose fact speaks of."""

    operation: Operation | Entity
    place: str
    name: str
    required: bool
    schema: Schema
    location: Location
    status: int | None = None
    description: str = ""


class Specs:
    """The portal's operations by method and path, with or without the base path."""

    def __init__(self, portal: Portal) -> None:
        self._index: dict[tuple[str, str], list[Operation]] = {}
        for legacy in (False, True):
            for operation in portal.operations(legacy=legacy):
                for path in {operation.id.path, operation.path_template}:
                    key = (operation.id.method, normalise(path))
                    self._index.setdefault(key, []).append(operation)
        self.any = bool(self._index)
        self.any = self.any or bool(portal.entities)
        self.documents = {d.info.file: d for d in portal.documents}
        self._entities = _entities(portal)

    def find(self, operation: OperationId) -> list[Operation]:
        """Documented operations that are meant: the path as it is, or below a gateway prefix."""
        method, path = operation.method, normalise(operation.path)
        exact = self._index.get((method, path))
        if exact:
            return exact
        return [
            o
            for (m, known), operations in self._index.items()
            if m == method
            and known != "/"
            and (path.endswith(known) or (path != "/" and known.endswith(path)))
            for o in operations
        ]

    def entity(self, texts: Sequence[str]) -> Entity | None:
        """The schema whose name is one of the texts or a word of it, the first that there is;
        None where several are called so."""
        for text in texts:
            words = [word for word in re.findall(r"\w+", text) if len(word) >= _SHORTEST_NAME]
            named = [self._entities.get(_folded(text), [])]
            named += [[e for e in self._entities.get(_folded(w), []) if e.name == w] for w in words]
            found = {e.location: e for ones in named for e in ones}
            if found:
                return next(iter(found.values())) if len(found) == 1 else None
        return None

    def calls_it_so(self, fact: ProseFact, name: str) -> bool:
        """Whether an operation of a fact's scope has a path parameter of that name: a page may
        call it otherwise, which is nobody's business."""
        return any(name in parameter_names(o.id.path) for o in self.scope(fact))

    def scope(self, fact: ProseFact) -> list[Operation]:
        """The operations a fact belongs to; of each the current document's."""
        found: dict[OperationId, Operation] = {}
        for operation in fact.scope:
            matches = self.find(operation)
            if matches and len({m.id for m in matches}) == 1:
                found.setdefault(matches[0].id, matches[0])
        return list(found.values())


def _entities(portal: Portal) -> dict[str, list[Entity]]:
    """Every named schema by its name, those of legacy documents only where no other is called so;
    a schema in a file of its own is the one that is meant."""
    found: dict[str, list[Entity]] = {}
    for name, schema in portal.entities:
        found.setdefault(_folded(name), []).append(Entity(name, schema))
    for legacy in (False, True):
        level: dict[str, list[Entity]] = {}
        for document in portal.documents:
            if document.info.legacy is legacy:
                for name, schema in document.schemas.items():
                    level.setdefault(_folded(name), []).append(Entity(name, schema))
        for key, ones in level.items():
            found.setdefault(key, ones)
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _named_fields(operation: Operation, name: str) -> list[Field]:
    """The fields of a request with a name as written, else those whose last name it is."""
    named = {key: f for key, f in operation.fields.items() if not f.variant}
    exact = [f for key, f in named.items() if _same(key.name, name)]
    if not exact and "." not in name:
        exact = [f for key, f in named.items() if _same(key.leaf, name)]
    return exact


def find_field(operation: Operation | Entity, fact: ProseFact) -> Found | None:
    """The operation's field of that name: as written, else the only one with that last name."""
    name = str(fact.value["name"] if isinstance(fact.value, Mapping) else fact.name)
    if isinstance(operation, Entity):
        return _member(operation, name)
    if fact.direction == "response":
        return _response_field(operation, name)
    exact = _named_fields(operation, name)
    if len(exact) != 1:
        return None
    one = exact[0]
    return Found(
        operation,
        one.key.place.value,
        one.key.name,
        one.required,
        one.schema,
        one.location,
        description=one.description or one.schema.description,
    )


def _member(entity: Entity, name: str) -> Found | None:
    fields = flatten(entity.schema, entity.location, depth=MAX_DEPTH - 4)
    for f in fields:
        if not f.variant and _same(f.key.name, name):
            words = f.description or f.schema.description
            return Found(
                entity, "document", f.key.name, f.required, f.schema, f.location, description=words
            )
    return None


def _response_field(operation: Operation, name: str) -> Found | None:
    exact: list[Found] = []
    leaves: list[Found] = []
    for response in operation.responses:
        if response.status[:1] != "2":
            continue
        for found in _fields_of(operation, response):
            if _same(found.name, name):
                exact.append(found)
            elif "." not in name and _same(found.name.rpartition(".")[2], name):
                leaves.append(found)
    chosen = exact or leaves
    return chosen[0] if len({(f.name, f.location) for f in chosen}) == 1 else None


def _fields_of(operation: Operation, response: DocumentedResponse) -> Iterator[Found]:
    status = int(response.status) if response.status.isdigit() else None
    for schema in response.content.values():
        if schema is None:
            continue
        for f in flatten(schema, response.location, depth=MAX_DEPTH - 4):
            if not f.variant:
                yield Found(
                    operation,
                    "response",
                    f.key.name,
                    f.required,
                    f.schema,
                    f.location,
                    status,
                    f.description,
                )


def agrees_elsewhere(operation: Operation | Entity, fact: ProseFact, told: set[str]) -> bool:
    """Whether the field of the same name in the other direction has just these values: which
    of the two a page means is a guess.
    """
    other = "response" if fact.direction == "request" else "request"
    one = find_field(operation, replace(fact, direction=other))
    enum = enum_of(one.schema) if one is not None else None
    return enum is not None and {str(value) for value in enum} == told


def explained(one: Found, told: set[str]) -> bool:
    """Whether the field's own description speaks of all these values (those of the answer beside
    those of a filter, say): then the spec knows them, and there is nothing to tell.
    """
    return all(
        re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", one.description) for value in told
    )


def closed_to(operation: Operation | Entity, fact: ProseFact) -> bool:
    """Whether the spec describes fields of that kind and has none of that name, so that its
    silence is a statement.
    """
    name = str(fact.value["name"])
    if isinstance(operation, Entity):
        fields = list(flatten(operation.schema, operation.location, depth=MAX_DEPTH - 4))
        leaf = name.rpartition(".")[2]
        open_ = operation.schema.variants or any(f.variant for f in fields)
        return "*" not in name and not open_ and not any(_same(f.key.leaf, leaf) for f in fields)
    if fact.direction != "request" or "*" in name or _is_technical(operation, name):
        return False
    schemas = [s for s in operation.body.values() if s is not None]
    described = any(s.properties or s.items is not None for s in schemas)
    known = operation.fields.values()
    variants = any(s.variants for s in schemas) or any(f.schema.variants for f in known)
    if not described or variants:
        return False
    leaf = name.rpartition(".")[2]
    return not any(_same(f.key.leaf, leaf) for f in known)


def _is_technical(operation: Operation, name: str) -> bool:
    """Whether a name is a header's, or that of a credential, which documents have elsewhere."""
    credentials = {s.parameter.lower() for s in operation.security.schemes.values()}
    header = "-" in name or FieldKey(Place.HEADER, name).client_header
    return header or name.lower() in credentials


def _same(one: str, two: str) -> bool:
    return one.replace("[]", "").lower() == two.replace("[]", "").lower()


def enum_of(schema: Schema) -> list[Any] | None:
    values = view(schema).enum
    if values is None and schema.items is not None:
        values = view(schema.items).enum
    return list(values) if values else None
