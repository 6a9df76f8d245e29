"""The documentation of a response from the answers that were seen of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.domain.exchange import Exchange
from checker.domain.operation import DocumentedResponse, Operation
from checker.domain.schema import MISSING, Schema, json_type, shown_type
from checker.drift.json_schema import violations
from checker.drift.responses import schema_of
from checker.inference.answered_by import bare, has_body, is_json
from checker.inference.bodies import read_body

MAX_DEPTH = 4
MAX_MEMBERS = 40
MAX_BODIES = 20


@dataclass(frozen=True, slots=True)
class SeenContent:
    """What the answers of one status carried: media type → bodies (MISSING for what is no JSON).

    Empty where they carried nothing.
    """

    bodies: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, exchanges: Iterable[Exchange], status: int) -> SeenContent:
        """The content of the answers of `status`."""
        found: dict[str, list[Any]] = {}
        for exchange in exchanges:
            response = exchange.response
            if response is None or response.status != status or not has_body(exchange, response):
                continue
            media = bare(response.media_type or "")
            body = response.body if is_json(media) else MISSING
            found.setdefault(media, []).append(body)
        return cls({media: bodies[:MAX_BODIES] for media, bodies in found.items()})

    def fits(self, documented: DocumentedResponse) -> bool:
        """Whether a documented response with content describes all that was seen."""
        written = {bare(media): schema for media, schema in documented.content.items()}
        return bool(self.bodies) and all(
            media in written and _follows(written[media], bodies)
            for media, bodies in self.bodies.items()
        )

    def response(self, operation: Operation, description: str) -> dict[str, Any]:
        """A response object in the document's dialect that says what was seen."""
        made: dict[str, Any] = {"description": description}
        schemas = {m: self._schema(operation, bodies) for m, bodies in self.bodies.items() if m}
        if operation.document.dialect == "2.0":
            told = [s for m, s in schemas.items() if is_json(m)]
            return {**made, "schema": told[0]} if len(schemas) == 1 and told else made
        if schemas:
            made["content"] = {media: {"schema": schema} for media, schema in schemas.items()}
        return made

    def words(self) -> str:
        """ "without content", "with `application/json`"."""
        named = [f"`{media}`" for media in self.bodies if media]
        return f"with what was seen ({' and '.join(named)})" if named else "without content"

    @staticmethod
    def _schema(operation: Operation, bodies: Sequence[Any]) -> dict[str, Any]:
        if any(body is MISSING for body in bodies):
            return {"type": "string"}
        for known in _known(operation):
            if _follows(known, bodies, strict=True):
                return {"$ref": known.reference}
        return inferred(bodies, operation, shared=tuple(_shared(operation)))


def inferred(
    values: Sequence[Any], operation: Operation, depth: int = 0, shared: Sequence[Schema] = ()
) -> dict[str, Any]:
    """A schema that JSON values follow, in the document's dialect.

    Members are those that every object has: names that come and go may be data. Objects are those
    of a `shared` schema that has all that is in them.
    """
    for known in shared if values else ():
        if all(_is_whole(known, v) for v in values):
            return {"$ref": known.reference}
    kinds = sorted({shown_type(v) for v in values})
    made = schema_of(kinds, operation) if kinds != ["null"] else {}
    objects = [v for v in values if isinstance(v, Mapping)]
    if objects and made.get("type") == "object" and depth < MAX_DEPTH:
        names = [n for n in objects[0] if all(n in o for o in objects)]
        if names and len(names) <= MAX_MEMBERS:
            made["properties"] = {
                str(n): inferred([o[n] for o in objects], operation, depth + 1, shared)
                for n in names
            }
    items = [item for v in values if isinstance(v, list) for item in v][:MAX_BODIES]
    if items and made.get("type") == "array":
        made["items"] = inferred(items, operation, depth + 1, shared)
    return made


def _known(operation: Operation) -> Iterator[Schema]:
    """The shared schemas that an operation names in its request and its answers."""
    successes = (r.content for r in operation.responses if r.status[:1] == "2")
    for content in (*successes, operation.body):
        for schema in content.values():
            if schema is not None and schema.reference == f"#{schema.location.pointer}":
                yield schema


def _is_whole(schema: Schema, value: Any) -> bool:
    """Whether a value is an object of a schema: all that it has, and most of what there may be."""
    if not isinstance(value, Mapping) or 2 * len(value) < len(schema.properties):
        return False
    return bool(value) and not read_body(schema, value).mismatches


def _shared(operation: Operation) -> Iterator[Schema]:
    """The shared schemas of objects in the successes of an operation, at any depth."""
    pending = [s for r in operation.responses if r.status[:1] == "2" for s in r.content.values()]
    for _ in range(MAX_DEPTH):
        below: list[Schema | None] = []
        for one in (s for s in pending if s is not None):
            if one.properties and one.reference == f"#{one.location.pointer}":
                yield one
            below += [*one.properties.values(), one.items]
        pending = below


def _follows(schema: Schema | None, bodies: Sequence[Any], strict: bool = False) -> bool:
    """Whether bodies follow a schema and are spoken of by it: it has most of their members, and
    with `strict` has to have some."""
    if schema is None:
        return not strict
    return all(_is_spoken_of(schema, body, strict) for body in bodies)


def _is_spoken_of(schema: Schema, body: Any, strict: bool) -> bool:
    if body is MISSING:
        return not strict and schema.allows_type("string")
    if not schema.allows_type(json_type(body)) or violations(schema, body):
        return False
    if not isinstance(body, Mapping) or not body:
        return not strict
    known = sum(name in schema.properties for name in body)
    return 2 * known >= len(body) if schema.properties else not strict
