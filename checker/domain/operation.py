"""The documented contract of one operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Any

from checker.domain.location import Location
from checker.domain.names import member_name
from checker.domain.schema import Schema, told_by_branches

MAX_DEPTH = 8
MAX_FIELDS = 5_000
MAX_VISITS = 20_000
UNKNOWN_NAME = "zq_unknown_field"
"""A field name that no API has."""
INVENTED_NAMES = frozenset({UNKNOWN_NAME, "zq", "zqx"})
"""Names that only probes use: where one comes back, it was stored."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CLIENT_HEADERS = frozenset({"accept", "content-type", "authorization"})


class Place(StrEnum):
    """Where a request field travels."""

    BODY = "body"
    QUERY = "query"
    PATH = "path"
    HEADER = "header"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True, order=True)
class OperationId:
    """Method (upper case) and full path template, the document's base path included."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def safe(self) -> bool:
        return self.method in SAFE_METHODS

    @classmethod
    def parse(cls, text: str) -> OperationId:
        """From "METHOD /path"; raises ValueError where it isn't of that form."""
        method, _, path = text.strip().partition(" ")
        if not path.strip().startswith("/"):
            raise ValueError(f"{text!r} is not METHOD /path")
        return cls(method.upper(), path.strip())


@dataclass(frozen=True, slots=True, order=True)
class FieldKey:
    """A request field's identity: place and dotted name, `[]` for array items."""

    place: Place
    name: str

    def __str__(self) -> str:
        return f"{self.place.value} {self.name}"

    @property
    def parent(self) -> FieldKey | None:
        """What encloses the field: `a.b` for `a.b.c` and for `a.b[]`, `a[]` for `a[].b`; None at
        the top."""
        if self.name.endswith("[]"):
            return FieldKey(self.place, self.name[:-2])
        head, dot, _ = self.name.rpartition(".")
        return FieldKey(self.place, head) if dot else None

    def sibling(self, name: str) -> FieldKey:
        """The field `name` in the same object."""
        head, dot, _ = self.name.rpartition(".")
        return FieldKey(self.place, f"{head}{dot}{name}")

    @property
    def leaf(self) -> str:
        """The last name, without `[]`."""
        return self.name.rpartition(".")[2].removesuffix("[]")

    @property
    def client_header(self) -> bool:
        """Whether it is a header that every client sets by itself: no field of an operation."""
        return self.place is Place.HEADER and self.name.lower() in _CLIENT_HEADERS


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A documented request field: one parameter or one body property at any depth.

    `required` is meant relative to the enclosing object. `owner` is the schema (or operation)
    whose `required` list rules it, where the patch goes.
    """

    key: FieldKey
    required: bool
    schema: Schema
    location: Location
    owner: Location
    description: str = ""
    style: str = "simple"
    """OpenAPI parameter style; `deepObject`, `form`, `pipeDelimited`, `spaceDelimited`, … ."""
    explode: bool = False
    rest: Mapping[str, Any] = field(default_factory=dict)
    """What the parameter says in words that have no attribute here."""
    variant: str = ""
    """The `oneOf`/`anyOf` branch the field belongs to; empty where it always applies."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentedResponse:
    """One documented response. `status` is "200", "4XX" or "default"."""

    status: str
    location: Location
    description: str = ""
    content: Mapping[str, Schema | None] = field(default_factory=dict)
    """Media type → schema (None where none is given). Empty: no body documented."""
    headers: Mapping[str, Schema] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)
    """What it says in words that have no attribute here."""
    header_rest: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The same of each header; `required` is one of them."""


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A documented way to authenticate: OpenAPI `type`, and where the credential travels."""

    name: str
    type: str
    place: str = ""
    parameter: str = ""
    scheme: str = ""
    location: Location = Location("")


@dataclass(frozen=True, slots=True)
class Security:
    """What a document says about tokens.

    `alternatives` are the `security` requirement's scheme names; None where neither operation
    nor document has one, and an empty alternative means anonymous access. `described` are the
    token types read from words, lower case.
    """

    alternatives: tuple[tuple[str, ...], ...] | None = None
    schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    described: tuple[str, ...] = ()
    location: Location = Location("")
    scopes: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    """Of each alternative, the scopes that each of its schemes must have granted."""

    def carries_credential(self, key: FieldKey) -> bool:
        """Whether a credential travels in this field, which then is the token's, not ours."""
        names = {scheme.parameter.lower() for scheme in self.schemes.values()}
        return key.place is Place.HEADER and key.name.lower() in names

    @property
    def protected(self) -> bool:
        """Whether the document says that a credential is needed."""
        if self.alternatives is not None:
            return bool(self.alternatives) and all(self.alternatives)
        return bool(self.described)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """The file an operation stands in."""

    file: str
    dialect: str
    """"2.0", "3.0", "3.1", "3.2", or "prose"."""
    legacy: bool = False
    domain: str = ""
    title: str = ""
    base_path: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What the document says of each tag."""


@dataclass(frozen=True, eq=False)
class Operation:
    """The documented contract of one operation in one document."""

    id: OperationId
    document: DocumentInfo
    location: Location
    path_template: str
    """As written in the document, without the base path."""
    summary: str = ""
    description: str = ""
    operation_id: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Field, ...] = ()
    """Query, path, header and cookie parameters (deep-object members flattened beside them)."""
    body: Mapping[str, Schema | None] = field(default_factory=dict)
    """Media type → schema of the request body; empty where none is documented."""
    body_required: bool = False
    body_location: Location = Location("")
    body_separators: Mapping[str, str] = field(default_factory=dict)
    """Form field → what stands between its items, where a list goes as one text."""
    body_examples: tuple[Any, ...] = ()
    responses: tuple[DocumentedResponse, ...] = ()
    security: Security = Security()
    deprecated: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Mapping[str, Any], ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)
    """What the operation says in words that have no attribute here."""
    body_rest: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The same of each media type of the body: the encoding of its parts is one of them."""
    callbacks: tuple[Operation, ...] = ()
    """What the API calls at the client's address."""
    found: tuple[Field, ...] = ()
    """Fields as experiments have shown them, where no document has them, or another way."""

    @cached_property
    def fields(self) -> Mapping[FieldKey, Field]:
        """Every request field, body properties flattened, in document order."""
        found = {f.key: f for f in self.parameters}
        for schema in self.body.values():
            if schema is not None:
                for f in islice(flatten(schema, self.body_location), MAX_FIELDS):
                    found.setdefault(f.key, f)
        found.update((f.key, f) for f in self.found)
        return {k: f if not f.schema.variants else _told(f) for k, f in found.items()}

    def field(self, key: FieldKey) -> Field | None:
        """The documented field of a key; the items of an array of scalars under its own key with
        `[]` are one too, and the members of a schema that contains itself at any depth."""
        found = self.fields.get(key)
        if found is not None or key.place is not Place.BODY:
            return found
        if not key.name.endswith("[]"):
            return self._member(key)
        array = self.field(key.parent) if key.parent is not None and key.parent.name else None
        return _of_scalars(key, array.schema) if array is not None else None

    def _member(self, key: FieldKey) -> Field | None:
        """A member of a schema that `fields` doesn't unroll again, looked up in what holds it."""
        stem, _, leaf = key.name.rpartition(".")
        bare = stem.rstrip("[]")
        holder = self.field(FieldKey(Place.BODY, bare)) if bare else None
        owner = holder.schema if holder is not None else None
        for _ in range((len(stem) - len(bare)) // 2):
            owner = owner.items if owner is not None else None
        if owner is None or leaf not in owner.properties:
            return None
        child = owner.properties[leaf]
        required = leaf in owner.required
        return Field(key, required, child, child.location, owner.location, child.description)

    @property
    def text(self) -> str:
        """All words of the operation that can document a requirement."""
        return "\n".join(t for t in (self.summary, self.description) if t)


def _of_scalars(key: FieldKey, array: Schema) -> Field | None:
    """The items of an array as a field; None where they have parts themselves."""
    items = array.items
    if items is None or items.properties or items.items is not None:
        return None
    return Field(key, False, items, items.location, array.location, items.description)


def _told(field_: Field) -> Field:
    schema = told_by_branches(field_.schema)
    return field_ if schema is field_.schema else replace(field_, schema=schema)


def flatten(schema: Schema, owner: Location, depth: int = 0) -> Iterator[Field]:
    """Body fields of `schema` in document order, from `depth` to MAX_DEPTH; `[]` marks array
    items.

    A schema that contains itself is unrolled once. What leads twice to the same place under the
    same name, as branches that refer to the same schema do, is walked once.
    """
    yield from _Flattening().walk(schema, "", depth, "", frozenset())


class _Flattening:
    """One walk over a schema; `reached` says how near the top each part was met."""

    def __init__(self) -> None:
        self.reached: dict[tuple[Location, str], int] = {}
        self.visits = 0

    def walk(
        self, schema: Schema, prefix: str, depth: int, variant: str, trail: frozenset[Location]
    ) -> Iterator[Field]:
        """The fields below a schema; `trail` are the schemas around it."""
        if depth > MAX_DEPTH or (schema.reference is not None and schema.location in trail):
            return
        mark = (schema.location, prefix)
        self.visits += 1
        if self.reached.get(mark, MAX_DEPTH + 1) <= depth or self.visits > MAX_VISITS:
            return
        self.reached[mark] = depth
        trail = trail | {schema.location}
        if schema.items is not None:
            yield from self.walk(schema.items, prefix + "[]", depth + 1, variant, trail)
        for name, child in schema.properties.items():
            dotted = member_name(prefix, name)
            yield Field(
                key=FieldKey(Place.BODY, dotted),
                required=name in schema.required,
                schema=child,
                location=child.location if child.reference is None else _own(schema, name),
                owner=schema.location,
                description=child.description,
                variant=variant,
            )
            yield from self.walk(child, dotted, depth + 1, variant, trail)
        for number, branch in enumerate(schema.variants):
            label = branch.title or (branch.reference or "").rpartition("/")[2] or str(number)
            yield from self.walk(branch, prefix, depth + 1, variant or label, trail)


def _own(schema: Schema, name: str) -> Location:
    """Where a property itself stands: a merged one in the `allOf` branch that has it."""
    places = getattr(schema.properties, "places", None)
    if places is not None and name in places:
        place: Location = places[name]
        return place
    return schema.location.child("properties", name)


def known_fields(current: Operation, legacy: Iterable[Operation]) -> dict[FieldKey, Field]:
    """The fields that the current document and legacy ones know; paths are the current one's."""
    known = dict(current.fields)
    for other in legacy:
        for key, field_ in other.fields.items():
            if key.place is not Place.PATH:
                known.setdefault(key, field_)
    return known
