"""What an API's documents show of its collections and of actions on their things. Pure.

Not by the words of an operation but by the others: what has paths below it, what others ask the
identifiers of, what a sibling makes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from checker.domain.operation import Field, FieldKey, Operation, OperationId, Place
from checker.domain.schema import Schema
from checker.lexicon import read
from checker.planning.meant import described_resource
from checker.planning.producers import IDENTIFIERS, noun_of, shape
from checker.planning.recipe import match_path
from checker.planning.routes import CREATE, act_of, has_verb, resource_of, singular, words

_SCALARS = {"string", "integer", "null"}
KEPT_BESIDE = 2
"""Members that come back beside a proof, where a needed one is missing from what comes back."""


def above_parameters(shapes: Iterable[str]) -> frozenset[str]:
    """The paths, with `{}` for parameters, below which a parameter stands anywhere: what has
    items with paths of their own, be it only for what is done to them."""
    found: set[str] = set()
    for each in shapes:
        segments = each.split("/")
        found |= {"/".join(segments[:n]) for n, s in enumerate(segments) if s == "{}"}
    return frozenset(found)


def on_items(operation: Operation, routes: Mapping[tuple[str, str], Operation]) -> frozenset[str]:
    """The methods of the paths of single items right below an operation's path. `routes` are all
    operations by method and shape of their path."""
    item = f"{shape(operation.id.path)}/{{}}"
    return frozenset(method for method, path in routes if path == item)


def one_addressed(
    operation: Operation,
    key: FieldKey | None,
    routes: Mapping[tuple[str, str], Operation],
) -> FieldKey | None:
    """The field `key`, by which an operation seems to address one thing, where it does; None where
    it is about all of a collection, which the field only narrows: a server that doesn't know such
    a filter takes everything for meant. An optional one of the query does no more where the items
    have paths of their own."""
    if key is None or key.place is not Place.QUERY or operation.fields[key].required:
        return key
    return None if on_items(operation, routes) else key


def asked_for(operations: Iterable[Operation]) -> frozenset[str]:
    """The resources whose identifiers an operation asks for, by a field's name or its words."""
    operations = tuple(operations)
    made = {resource_of(o.id.path) for o in operations if act_of(o.id) == CREATE} - {""}
    return frozenset(n for o in operations for k, f in o.fields.items() if (n := _asks(k, f, made)))


def _asks(key: FieldKey, field: Field, made: set[str]) -> str:
    parts = words(key.leaf)
    if len(parts) > 1 and parts[-1] in IDENTIFIERS:
        return noun_of(key.leaf)
    return described_resource(field.description or field.schema.description, made)


def is_plural(path: str) -> bool:
    """Whether a path ends with a plural: the name of a collection."""
    parts = words(path.rstrip("/").rpartition("/")[2])
    return bool(parts) and "{" not in path.rpartition("/")[2] and singular(parts[-1]) != parts[-1]


def names_things(operation: OperationId, routes: Mapping[tuple[str, str], Operation]) -> bool:
    """Whether a path that is read is a collection that is listed and whose items are read one by
    one, or such an item: `/pay-invoices` is the name of things then, and no deed."""
    collection = operation.path.rstrip("/")
    if collection.endswith("}"):
        collection = collection.rpartition("/")[0]
    listing = routes.get(("GET", shape(collection)))
    items = ("GET", f"{shape(collection)}/{{}}") in routes
    listed = listing is not None and lists(listing)
    return operation.safe and items and listed and is_plural(collection)


def made_by_verb(operations: Iterable[Operation]) -> frozenset[str]:
    """What an API makes by paths that say so: `parcel` where it has `/createParcel`."""
    return frozenset(
        resource_of(o.id.path) for o in operations if has_verb(o.id.path) and act_of(o.id) == CREATE
    )


def acted_on(operation: Operation, made: frozenset[str]) -> tuple[FieldKey, str] | None:
    """The field that names the one thing an operation acts on, and what such a thing is called.

    Its path says a verb, known or not, and a thing that a sibling makes (`/loadParcel` beside
    `/createParcel`, `/boat_moor.php` beside `/boat_new.php`), and it needs the identifier of one.
    """
    last = operation.id.path.rstrip("/").rpartition("/")[2]
    parts = words(last.partition(".")[0])
    for noun in made:
        named = noun.split("_")
        if len(parts) <= len(named) or named not in (parts[-len(named) :], parts[: len(named)]):
            continue
        if parts[: len(named)] == named and "." not in last:
            continue  # `/parcel_events` are things of their own
        key = _identifier_field(operation, noun)
        if key is not None:
            return key, noun
    return None


def _identifier_field(operation: Operation, noun: str) -> FieldKey | None:
    for key, field in operation.fields.items():
        if not field.required or key.place not in (Place.QUERY, Place.BODY) or "." in key.name:
            continue
        types = set(field.schema.types)
        if types and types <= _SCALARS and not field.schema.enum and noun_of(key.leaf) == noun:
            return key
    return None


def identifies(operation: Operation) -> bool:
    """Whether an answer has an identifier that the request doesn't bring in the same place."""
    bodies = [s for s in operation.body.values() if s is not None]
    brought = {n for s in bodies for inner in _wrapped(s) for n in inner.properties}
    brought |= {k.leaf for k in operation.fields if k.place is not Place.BODY}
    return any(
        read("identifiers", name) and name not in brought
        for answer in successes(operation)
        for inner in (answer, *answer.properties.values())
        for name in inner.properties
    )


def _wrapped(schema: Schema) -> Iterator[Schema]:
    """A schema, and what its only member is where that wraps it."""
    yield schema
    if len(schema.properties) == 1:
        yield from schema.properties.values()


def successes(operation: Operation) -> Iterator[Schema]:
    """The documented schemas of an operation's accepted answers."""
    for response in operation.responses:
        if response.status.startswith("2"):
            yield from (s for s in response.content.values() if s is not None)


def gives_back(operation: Operation, told: Collection[str]) -> bool:
    """Whether an accepted answer is documented to have everything that the body needs, under the
    same names: what comes back was kept, and not only compared.

    A document may lack one of them; the members `told` must all be there then, and enough of the
    rest: a sign-in may name the account in its answer, and hardly more of what it took.
    """
    fields = [f for f in operation.fields.values() if f.key.place is Place.BODY]
    top = {f.key.leaf: f.required for f in fields if f.key.parent is None}
    needed = {name for name, required in top.items() if required} or set(top)
    shown = [names for s in successes(operation) for names in _object_names(s, 0)]
    return bool(needed) and any(_kept(needed, set(told), names) for names in shown)


def _kept(needed: set[str], told: set[str], shown: set[str]) -> bool:
    if needed <= shown:
        return True
    rest = (needed - told) & shown
    return bool(told) and told <= shown and len(needed - shown) == 1 and len(rest) >= KEPT_BESIDE


def _object_names(schema: Schema, depth: int) -> Iterator[set[str]]:
    """The names of the members of an object and of those around which it is a wrapping."""
    yield set(schema.properties)
    if depth < 2:
        for child in schema.properties.values():
            yield from _object_names(child, depth + 1)


def lists(operation: Operation) -> bool:
    """Whether an answer is a list of things, or has one; or nothing is documented of it."""
    schemas = list(successes(operation))
    return not schemas or any(_holds_list(s, 0) for s in schemas)


def _holds_list(schema: Schema, depth: int) -> bool:
    if schema.items is not None or "array" in schema.types:
        return True
    if depth >= 2:
        return False
    return any(_holds_list(child, depth + 1) for child in schema.properties.values())


def inner_names(schema: Schema) -> set[str]:
    """The names of an object's members, of its only member's where that wraps them."""
    names = set(schema.properties)
    if len(names) == 1:
        (inner,) = schema.properties.values()
        return set(inner.properties) or names
    return names


def item_names(schema: Schema, depth: int = 0) -> Iterator[set[str]]:
    """The names of the members of each list's items."""
    if schema.items is not None and schema.items.properties:
        yield set(schema.items.properties)
    if depth < 2:
        for child in schema.properties.values():
            yield from item_names(child, depth + 1)


def takes_things(operation: Operation) -> bool:
    """Whether the body has a list: of things to make, or of identifiers to act on."""
    return any(s is not None and _holds_list(s, 0) for s in operation.body.values())


def members(operation: Operation) -> frozenset[str]:
    """The names of an answer's members and of its items'."""
    found: set[str] = set()
    for schema in successes(operation):
        for name, child in schema.properties.items():
            found.add(name)
            if child.items is not None:
                found |= {f"{name}.{inner}" for inner in child.items.properties}
        if schema.items is not None:
            found |= {f"[].{inner}" for inner in schema.items.properties}
    return frozenset(found)


def alike(path: str, method: str, operations: Iterable[OperationId]) -> Iterator[str]:
    """The concrete paths of a method's operations whose last segment is the singular or the
    plural of a concrete path's."""
    above, _, last = path.rstrip("/").rpartition("/")
    for operation in operations:
        other = operation.path.rstrip("/").rpartition("/")[2]
        if operation.method != method or other == last or singular(other) != singular(last):
            continue
        if match_path(operation.path, f"{above}/{other}") is not None:
            yield f"{above}/{other}"
