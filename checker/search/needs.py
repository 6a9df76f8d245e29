"""What an operation takes of others, which of them may give it, and what may be it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, Place
from checker.domain.schema import Schema
from checker.planning import edits
from checker.planning.encoding import path_parameters
from checker.planning.producers import shape, wanted_noun
from checker.planning.recipe import Recipe
from checker.planning.routes import CREATE, LIST, act_of
from checker.planning.values import looks_like_identifier
from checker.planning.variation import fits

MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Need:
    """A field of an operation that takes what other operations give, at a depth of the search.

    `meant` is the resource where the name doesn't say it. `related`: only creations count. `own`:
    made for the operation, wherever it can be, also where it only reads. `strictly`: the
    identifiers have to be what is documented of the field.
    """

    key: FieldKey
    operation: Operation
    depth: int
    meant: str = ""
    related: bool = False
    own: bool = False
    strictly: bool = False

    @property
    def field(self) -> Field | None:
        return self.operation.fields.get(self.key)

    @property
    def required(self) -> bool:
        return self.field is None or self.field.required

    @property
    def noun(self) -> str:
        """What the field refers to; empty where nothing says it."""
        return self.meant or wanted_noun(self.key, self.operation.id, self.required)


def unbound(operation: Operation, bound: Mapping[FieldKey, Any]) -> set[FieldKey]:
    """The path parameters whose values nothing gives."""
    return {FieldKey(Place.PATH, n) for n in path_parameters(operation.id.path)} - set(bound)


def given_for(key: FieldKey, field: Field, variables: Mapping[str, Any]) -> str:
    """The variable of the user's that a parameter takes, empty where it takes none: a header or
    cookie of its name, whose letters' case says nothing in a header, or what a query needs."""
    if key.place is Place.BODY or (key.place is Place.QUERY and not field.required):
        return ""
    folded = str.lower if key.place is Place.HEADER else str
    return next((name for name in variables if folded(name) == folded(key.name)), "")


def with_creators(
    found: list[Operation], consumer: Operation, operations: Sequence[Operation], first: bool
) -> list[Operation]:
    """The producers, each list beside the creation in it: own things come `first`, or where
    the list is empty."""
    out: list[Operation] = []
    for producer in found:
        pair = [producer]
        if act_of(producer.id) == LIST:
            makers = [
                o
                for o in operations
                if act_of(o.id) == CREATE
                and shape(o.id.path) == shape(producer.id.path)
                and o.id != consumer.id
            ]
            pair = [*makers, producer] if first else [producer, *makers]
        out += [o for o in pair if o not in out]
    return out


def chosen_by_clients(key: FieldKey, producer: Operation, operations: Sequence[Operation]) -> bool:
    """Whether who creates the resource names it: its paths have the very member."""
    if act_of(producer.id) != CREATE:
        return False
    item = producer.id.path.rstrip("/") + "/{" + key.leaf + "}"
    return any(o.id.path.startswith(item) for o in operations)


def share_prefix(
    need: Need, producer: Operation, recipe: Recipe, bound: dict[FieldKey, Any]
) -> None:
    """Parameters that both paths begin with are the same resources."""
    ours = need.operation.id.path.split("/")
    theirs = producer.id.path.split("/")
    for mine, other in zip(ours, theirs, strict=False):
        names, others = path_parameters(mine), path_parameters(other)
        if not names and mine != other:
            break
        if names and others and others[0] in recipe.call.path:
            bound.setdefault(FieldKey(Place.PATH, names[0]), recipe.call.path[others[0]])


def can_be(key: FieldKey, field: Field | None, value: Any, *, strictly: bool = False) -> bool:
    """Whether what is documented of a field without an identifier's name allows the value, or a
    list of it; `strictly`: of any field. Identifiers are often documented as another type."""
    if field is None or (
        not strictly and (key.place is Place.PATH or looks_like_identifier(key.leaf))
    ):
        return True
    schema = field.schema
    if schema.items is not None and "array" in schema.types:
        schema = schema.items
    types = schema.types
    if types and isinstance(value, str) and not value.isdigit() and "string" not in types:
        return False  # a number of things is no number of one
    return fits(schema, value)


def may_hold_one(schema: Schema, depth: int = 0) -> bool:
    """Whether the documents leave room for an identifier, or a list of them, in a field: an
    object with members of its own is none, whatever it is called (`id: {any_: [..]}` filters)."""
    if schema.variants and depth < MAX_DEPTH:
        return any(may_hold_one(v, depth + 1) for v in schema.variants if set(v.types) != {"null"})
    if schema.items is not None and depth < MAX_DEPTH and schema.types == ("array",):
        return may_hold_one(schema.items, depth + 1)
    return not (schema.properties and set(schema.types) <= {"object", "null"})


def sent_as(call: Call, leaf: str) -> list[Any]:
    """The literal values that a call sends in fields of a name."""
    return [edits.get(call, key) for key in edits.present_fields(call) if key.leaf == leaf]
