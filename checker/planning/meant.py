"""Which resource a field means whose own name is no identifier's: by paths and descriptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import Field, FieldKey, Operation, OperationId, Place
from checker.domain.schema import Schema
from checker.lexicon.phrases import vocabulary
from checker.lexicon.statements import identified_in
from checker.planning import edits
from checker.planning.answered import members
from checker.planning.encoding import path_parameters
from checker.planning.producers import collection_of, wanted_noun
from checker.planning.routes import CREATE, LIST, READ, act_of, resource_of, singular, words

MAX_BESIDE = 2
"""So deep may stand in an answer what is wanted again."""
_GENERAL = frozenset(vocabulary("endings", "general"))
"""Names of path parameters that say nothing by themselves."""
_SECRETS = frozenset(vocabulary("endings", "coined by the server"))
"""What servers make up and want to hear again."""


def meant_resource(
    key: FieldKey, field: Field, operations: Iterable[Operation], consumer: OperationId
) -> str:
    """The resource whose identifier a field of the query, header, cookie or body holds, though
    its name alone doesn't say so; empty where there is none.

    Either its name is the path parameter of that resource (`plate` beside `/cars/{plate}`), or
    it is a header named after it (`X-Depot`), or its description says so ("id of an existing
    depot"). What the operation itself creates is not meant.
    """
    schema = field.schema
    inner = schema.items if schema.items is not None and "array" in schema.types else schema
    if key.place is Place.PATH or inner.enum or not _may_be_identifier(inner.types):
        return ""
    operations = tuple(operations)
    own = resource_of(consumer.path) if act_of(consumer) == CREATE else ""
    made = {resource_of(o.id.path) for o in operations if act_of(o.id) in (CREATE, LIST)}
    made -= {own, ""}
    natural = natural_resource(key, operations)
    if natural and natural != own:
        return natural
    if key.place is Place.HEADER:
        noun = header_noun(key)
        if noun in made:
            return noun
    if inner.format or inner.pattern:
        return ""
    return described_resource(field.description or schema.description, made)


def _may_be_identifier(types: tuple[str, ...]) -> bool:
    return bool(types) and {"integer", "string", "null"}.issuperset(types)


def header_noun(key: FieldKey) -> str:
    """What a header is named after, its `X-` and what says "identifier" left out."""
    noun = wanted_noun(key, OperationId("GET", "/"))
    return noun.removeprefix("x_")


def natural_resource(key: FieldKey, operations: Iterable[Operation]) -> str:
    """The resource that paths identify by a parameter of the field's very name."""
    if key.leaf.lower() in _GENERAL:
        return ""
    for operation in operations:
        if act_of(operation.id) in (CREATE, LIST) or key.leaf not in path_parameters(
            operation.id.path
        ):
            continue
        above = collection_of(operation.id.path, key.leaf)
        item = above + "/{" + key.leaf + "}"
        if act_of(operation.id) == READ and operation.id.path.rstrip("/") == item:
            return resource_of(above)
    return ""


def told_resources(field: Field | None, operations: Iterable[Operation]) -> list[str]:
    """The resources made or listed that a field's description names, in its order."""
    text = "" if field is None else field.description or field.schema.description
    made = {resource_of(o.id.path) for o in operations if act_of(o.id) in (CREATE, LIST)}
    return [n for n in dict.fromkeys(singular(w) for w in words(text[:500])) if n in made]


def described_resource(description: str, resources: Iterable[str]) -> str:
    """The one of the resources whose identifier a description speaks of."""
    nouns = sorted(resources, key=lambda r: (-len(r), r))
    for named in identified_in(description[:500]):
        said = [singular(w) for w in words(named)]
        for noun in nouns:
            parts = noun.split("_")
            for start in range(len(said) - len(parts) + 1):
                if said[start : start + len(parts)] == parts:
                    return noun
    return ""


def is_secret(name: str) -> bool:
    """Whether a member's name is one of what servers make up and want to hear again."""
    parts = words(name)
    return bool(parts) and parts[-1] in _SECRETS and name not in ("code", "token")


def is_handed_out(key: FieldKey, operation: Operation) -> bool:
    """Whether a query parameter takes what an answer of the same operation gives beside its items,
    under a longer name that ends with the parameter's: `next_cursor` for `cursor`."""
    own = words(key.leaf)
    return key.place is Place.QUERY and any(
        len(named := words(name)) > len(own) and named[-len(own) :] == own
        for response in operation.responses
        if response.status[:1] == "2"
        for schema in response.content.values()
        if schema is not None
        for name in _beside_items(schema)
    )


def _beside_items(schema: Schema, depth: int = MAX_BESIDE) -> Iterator[str]:
    """The names of the texts of an answer that are in none of its lists."""
    for name, inner in schema.properties.items():
        if "string" in inner.types:
            yield str(name)
        elif depth:
            yield from _beside_items(inner, depth - 1)


def told_members(body: Any, sent: Call) -> list[tuple[str, str]]:
    """Names and JSONPaths of an answer's texts and numbers that the request didn't have."""
    ours = {key.leaf for key in edits.present_fields(sent)}
    return [
        (name, path)
        for path, name, value in members(body)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and name not in ours
    ]


def wanted_member(
    key: FieldKey,
    field: Field,
    told: Iterable[tuple[str, str]],
    beside: Collection[str] = (),
) -> tuple[str, str] | None:
    """The answer's member that a field wants to hear again: the one that its description names,
    or the same secret (`code` beside `confirmation_code`).

    `beside` are the names of the operation's other fields: of such a one a description says how
    it belongs to that ("unique for each `roomId`"), not that the field holds it.
    """
    schema = field.schema
    if schema.enum or schema.read_only or not _may_be_identifier(schema.types):
        return None
    text, own = field.description or schema.description, words(key.leaf)
    secret = own if own and own[-1] in _SECRETS else None
    for name, path in told:
        parts = words(name)
        spelled = len(parts) > 1 and name not in beside and _is_spelled(name, text)
        if spelled or parts[-len(own) :] == secret:
            return name, path
    return None


def _is_spelled(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", text) is not None
