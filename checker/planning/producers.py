"""Which operation gives which identifier: by path nesting, names and documented responses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.domain.schema import Schema
from checker.lexicon.phrases import vocabulary
from checker.planning.encoding import path_parameters
from checker.planning.routes import (
    CREATE,
    LIST,
    READ,
    act_of,
    has_verb,
    mentions_path,
    name_given,
    resource_of,
    singular,
    unprefixed,
    words,
)
from checker.planning.values import looks_like_identifier

IDENTIFIERS = frozenset(vocabulary("endings", "identifier"))
_IDENTIFIER_FORMATS = {"uuid", "guid", "int32", "int64"}
_BARE = frozenset(vocabulary("endings", "bare identifier"))
_CODES = frozenset(vocabulary("endings", "code"))
"""What else a field may hold of a resource that the API lists."""
_ENVELOPES = frozenset(vocabulary("endings", "wrapper"))
"""Members that only wrap others: they name no resource."""
MAX_NESTED = 4
KNOWN_NAMES = 8_192
"""Names of which the noun is remembered: every answer has the same ones."""


@lru_cache(maxsize=KNOWN_NAMES)
def noun_of(name: str) -> str:
    """The resource that an identifier's name speaks of: `service` for `service_id`; or empty."""
    parts = words(name)
    while parts and parts[-1] in IDENTIFIERS:
        parts.pop()
    return "_".join([*parts[:-1], singular(parts[-1])]) if parts else ""


def only_wraps(noun: str) -> bool:
    """Whether a member of this name only wraps others, and names no resource."""
    return noun in _ENVELOPES


def coded_noun(name: str) -> str:
    """The resource whose code or number a name speaks of: `country` for `countryCode`; or empty."""
    parts = words(name)
    if len(parts) < 2 or parts[-1] not in _CODES:
        return ""
    return "_".join([*parts[:-2], singular(parts[-2])])


def names_resource(
    key: FieldKey, schema: Schema, operations: Sequence[Operation], consumer: OperationId
) -> bool:
    """Whether a field without an identifier's ending is named as a resource that the API creates
    or lists: `owner` beside `POST /owners`, `countryCode` beside `GET /countries`, where its
    documented type may be an identifier's; or, where it is a header or cookie, as what an
    operation answers with (`session` from `POST /login`). What the operation itself creates is
    not meant: its own code is made up.
    """
    if schema.items is not None and "array" in schema.types:
        schema = schema.items
    noun = noun_of(key.leaf)
    if key.place is Place.PATH or schema.enum:
        return False
    if schema.format and schema.format.lower() not in _IDENTIFIER_FORMATS:
        return False
    if schema.pattern and not (
        _says_existing(schema.description, noun)
        or any(
            noun == resource_of(o.id.path) and mentions_path(schema.description, o.id.path)
            for o in operations
        )
    ):
        return False
    if not schema.types or not {"integer", "string", "null"}.issuperset(schema.types):
        return False
    if noun and key.place in (Place.HEADER, Place.COOKIE):
        return any(o.id.method != "PUT" and _answers_with(o, key.leaf) for o in operations)
    own = resource_of(consumer.path) if act_of(consumer) == CREATE else ""
    created = {resource_of(o.id.path) for o in operations if act_of(o.id) == CREATE}
    listed = {resource_of(o.id.path) for o in operations if act_of(o.id) == LIST}
    known, coded = (created | listed) - {own, ""}, coded_noun(key.leaf)
    # A text that is called as what is listed may say what kind it is; an identifier's format
    # says that it names one.
    return noun in (known if schema.format else created - {own, ""}) or coded in known


def _says_existing(text: str, noun: str) -> bool:
    """Whether a description says that a value is one of a resource that is there already."""
    thing = re.escape(noun.replace("_", " "))
    return bool(noun) and bool(re.search(rf"\bexisting (?:\w+ )?{thing}", text, re.IGNORECASE))


def collection_of(path: str, parameter: str) -> str:
    """The path above a parameter: `/a/b` for `/a/b/{x}/c` and `x`."""
    return path.partition("{" + parameter + "}")[0].rstrip("/")


def wanted_noun(key: FieldKey, consumer: OperationId, required: bool = True) -> str:
    """The resource whose identifier a field holds.

    A bare `id` is that of the member around it (`customer.id`, `author.data.id`); at the top of
    the query or body of an operation on one item it is that item's.
    """
    noun = noun_of(key.leaf) or _enclosing_noun(key)
    if noun or key.place not in (Place.QUERY, Place.BODY) or path_parameters(consumer.path):
        return noun
    if "." in key.name or key.leaf.lower() not in _BARE:
        return ""
    return resource_of(consumer.path) if _is_about_one(consumer, required) else ""


def _is_about_one(consumer: OperationId, required: bool) -> bool:
    """Whether an operation is about one item, by its act and by whether it must be named."""
    act = act_of(consumer)
    return act != CREATE and (act != LIST or (required and consumer.method == "GET"))


def names_itself(key: FieldKey, consumer: OperationId) -> bool:
    """Whether a field of a creation holds the identifier of what it makes: a bare one at the top
    of its body or in what only wraps it."""
    bare = key.place is Place.BODY and key.leaf.lower() in _BARE and "[]" not in key.name
    return bare and act_of(consumer) == CREATE and not wanted_noun(key, consumer)


def _enclosing_noun(key: FieldKey) -> str:
    if key.place is not Place.BODY or key.leaf.lower() not in _BARE:
        return ""
    for name in reversed(key.name.split(".")[:-1]):
        noun = noun_of(name.replace("[]", ""))
        if noun and noun not in _ENVELOPES:
            return noun
    return ""


def producers(
    key: FieldKey,
    consumer: OperationId,
    operations: Iterable[Operation],
    required: bool = True,
    told: str = "",
    meant: str = "",
    related: bool = False,
) -> list[Operation]:
    """Operations whose answer may hold the identifier `key` of `consumer`, best first.

    `meant` is the resource where the name doesn't say it. Those that the field's description
    `told` names come first. Create comes before list; the collection above a path parameter
    before the same noun elsewhere, that before a PUT that names a new item itself, that before a
    documented response field of the same name (which, with what follows, is left out where they
    have to be `related`), and last come members of another resource (`tiers[].id`).
    """
    named = _operations_in(told)
    noun = meant or wanted_noun(key, consumer, required)
    above = collection_of(consumer.path, key.name) if key.place is Place.PATH else ""
    above_noun = resource_of(above) if above else ""
    wanted = {noun, coded_noun(key.leaf)} - {""}
    bare = key.leaf.lower() in _BARE  # whatever there is answers with one
    operations = tuple(operations)
    called = item_nouns(operations) if wanted else {}
    ranked: list[tuple[int, bool, int, str, Operation]] = []
    for operation in operations:
        if operation.id == consumer or operation.id.method not in ("GET", "POST", "PUT"):
            continue
        path = operation.id.path.rstrip("/")
        resource = resource_of(path)
        act = act_of(operation.id)
        many = act in (CREATE, LIST)
        fit: int | None = None
        if (operation.id.method, shape(path)) in named:
            fit = -1
        elif above and shape(path) == shape(above) and operation.id.method != "PUT":
            fit = 0
        elif many and not wanted.isdisjoint({resource, *called.get(shape(path), ())}):
            fit = 1
        elif noun and many and _last(resource) == _last(noun):
            fit = 2
        elif above_noun and resource == above_noun and act == CREATE:
            fit = 3
        elif above and _named_by_clients(operation, above, key.leaf):
            # Beside a PUT a POST makes something in what it is sent to.
            fit = 4 + (operation.id.method != "PUT")
        elif operation.id.method == "PUT" or related:
            pass
        elif (noun or _opaque(key.leaf)) and not bare and _answers_with(operation, key.leaf):
            fit = 6
        elif noun and not above and _answers_with_items(operation, noun):
            fit = 7
        if fit is None:
            continue
        depth = len(path_parameters(path))
        ranked.append((fit, act != CREATE, depth, str(operation.id), operation))
    ranked.sort(key=lambda r: r[:4])
    return [r[4] for r in ranked]


def item_nouns(operations: Iterable[Operation]) -> dict[str, set[str]]:
    """By the shape of a collection's path what the parameters of its items' paths call one of
    them: `species` for `/speciesList` beside `/speciesList/{speciesId}`. A bare `{name}` is of
    anything."""
    found: dict[str, set[str]] = {}
    for operation in operations:
        above, _, last = operation.id.path.rstrip("/").rpartition("/")
        names = path_parameters(last)
        if names and noun_of(names[0]) and words(names[0])[-1] in IDENTIFIERS:
            found.setdefault(shape(above), set()).add(noun_of(names[0]))
    return found


def kin(consumer: OperationId, operations: Iterable[Operation]) -> list[Operation]:
    """Operations that list or read the resource that another one writes: those of the same path
    and of the collection above it; by name where paths are verbs."""
    own = shape(consumer.path)
    above = own.removesuffix("/{}")
    resource = resource_of(consumer.path)
    return [
        o
        for o in operations
        if o.id != consumer
        and act_of(o.id) in (LIST, READ)
        and (
            (o.id.method == "GET" and shape(o.id.path) in (own, above))
            or (has_verb(o.id.path) and resource_of(o.id.path) == resource)
        )
    ]


_NAMED = re.compile(r"\b(GET|POST|PUT)\W{1,4}(/[\w./{}-]*[\w}])")


def _operations_in(text: str) -> set[tuple[str, str]]:
    """Methods and path shapes of the operations that a description names."""
    return {(method, shape(path)) for method, path in _NAMED.findall(text[:2000])}


def _named_by_clients(operation: Operation, above: str, leaf: str) -> bool:
    """Whether an operation names a new item in the collection `above` a parameter, or one of what
    the parameter is named after: `server_name` of a server, which may be made in any way."""
    path = operation.id.path.rstrip("/")
    names = name_given(operation) is not None
    if names and shape(path) == shape(f"{above}/{{}}"):
        return True
    many = act_of(operation.id) in (CREATE, LIST)
    return (names or many) and bool(unprefixed(leaf, resource_of(path)))


def _opaque(leaf: str) -> bool:
    """Whether a name without a noun is still no plain `id`: `sid`, that of a session."""
    return bool(leaf) and leaf.lower() not in _BARE and looks_like_identifier(leaf)


def _answers_with_items(operation: Operation, noun: str) -> bool:
    """Whether an answer has members of a kind that have identifiers of their own."""
    return any(
        schema is not None and _has_items(schema, _last(noun))
        for response in operation.responses
        if response.status[:1] == "2"
        for schema in response.content.values()
    )


def _has_items(schema: Schema, noun: str, depth: int = 0) -> bool:
    if schema.items is not None:
        return depth < MAX_NESTED and _has_items(schema.items, noun, depth + 1)
    for name, child in schema.properties.items():
        inner = child.items if child.items is not None else child
        parts = words(name)
        if parts and singular(parts[-1]) == noun and _BARE & set(inner.properties):
            return True
        if depth < MAX_NESTED and _has_items(child, noun, depth + 1):
            return True
    return False


def _last(name: str) -> str:
    return name.rpartition("_")[2]


def shape(path: str) -> str:
    """A path with its parameter names folded."""
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def _answers_with(operation: Operation, leaf: str) -> bool:
    for response in operation.responses:
        if response.status[:1] != "2":
            continue
        for schema in response.content.values():
            if schema is not None and leaf in _response_names(schema):
                return True
    return False


def _response_names(schema: Schema, depth: int = 0) -> set[str]:
    if depth > 4:
        return set()
    found = set(schema.properties)
    for child in schema.properties.values():
        found |= _response_names(child, depth + 1)
    if schema.items is not None:
        found |= _response_names(schema.items, depth + 1)
    return found


def transitions(resource_path: str, operations: Iterable[Operation]) -> list[Operation]:
    """Operations that may move a resource between states: actions below its item path.

    `resource_path` is the item's path template (`/x/{id}`): `POST|PUT /x/{id}/<verb>` without a
    further parameter, then `PUT|PATCH /x/{id}` that take a status-like field.
    """
    item = shape(resource_path)
    actions: list[Operation] = []
    updates: list[Operation] = []
    for operation in operations:
        own = shape(operation.id.path)
        head, _, last = own.rpartition("/")
        if head == item and last and "{" not in last and operation.id.method in ("POST", "PUT"):
            actions.append(operation)
        elif own == item and operation.id.method in ("PUT", "PATCH") and status_field(operation):
            updates.append(operation)
    key = lambda o: str(o.id)  # noqa: E731
    return sorted(actions, key=key) + sorted(updates, key=key)


def status_field(operation: Operation) -> tuple[FieldKey, tuple[Any, ...]] | None:
    """The status-like request field with a closed set of values, and those values."""
    for key, field in operation.fields.items():
        if key.leaf.lower() in vocabulary("endings", "status") and field.schema.enum:
            return key, tuple(v for v in field.schema.enum if v is not None)
    return None
