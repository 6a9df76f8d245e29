"""Keywords that a `Schema` has no attribute for: nothing that a document says gets lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checker.documents.keywords import is_finite, not_null
from checker.documents.pointing import Node
from checker.domain.nodes import each_of
from checker.domain.schema import JSON_TYPES

Word = tuple[str, Node]


def _is_type(said: Any) -> bool:
    named = each_of(said)
    return all(isinstance(n, str) and (n in JSON_TYPES or n == "file") for n in named)


def _is_flag(said: Any) -> bool:
    return isinstance(said, bool)


def _is_text(said: Any) -> bool:
    return isinstance(said, str)


def _is_limit(said: Any) -> bool:
    return isinstance(said, bool) or is_finite(said)


def _any(_: Any) -> bool:
    return True


def _is_object(said: Any) -> bool:
    return isinstance(said, Mapping)


def _is_discriminator(said: Any) -> bool:
    return isinstance(said, (str, Mapping))


_NUMBERS = ("multipleOf", "minLength", "maxLength", "minItems", "maxItems")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_FLAGS = ("uniqueItems", "readOnly", "writeOnly", "deprecated", "nullable", "x-nullable")
_TEXTS = ("format", "pattern", "$ref")
_WORDS = (
    "title", "description", "summary", "example", "examples", "x-example", "externalDocs",
    "$comment", "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs",
    "definitions", "default", "const",
)  # fmt: skip
_PARAMETER = ("in", "name", "allowEmptyValue")
"""A Swagger 2.0 parameter is a schema, too; its own words are the field's."""

_MODELLED: Mapping[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "enum": lambda said: isinstance(said, list),
    "required": lambda said: isinstance(said, list) and all(isinstance(n, str) for n in said),
    "properties": _is_object,
    "items": _is_object,
    "additionalProperties": lambda said: isinstance(said, (bool, Mapping)),
    "discriminator": _is_discriminator,
    **dict.fromkeys(_NUMBERS, is_finite),
    **dict.fromkeys(_LIMITS, _is_limit),
    **dict.fromkeys(_FLAGS, _is_flag),
    **dict.fromkeys(_TEXTS, _is_text),
    **dict.fromkeys((*_WORDS, *_PARAMETER), _any),
}
"""What `Schema` says in attributes, or what describes and doesn't bind, and its right shape."""
TOLD_EXTENSIONS = frozenset({"x-extensible-enum"})
"""Vendor extensions of a schema that say which values there are."""
_SCHEMAS = frozenset(
    {
        "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties",
        "unevaluatedItems", "additionalItems", "contentSchema",
    }
)  # fmt: skip
_MAPS = frozenset({"patternProperties", "dependentSchemas"})
_GROUPS = ("allOf", "oneOf", "anyOf")


def unmodelled(parts: Sequence[Node]) -> tuple[dict[str, Any], dict[str, Node]]:
    """(plain words, schemas below further keywords) of all nodes that hold at once.

    A keyword that several nodes say differently is counted: `not`, `not (2)`. Schemas in maps
    and lists are named `patternProperties/^x-`, `prefixItems/0`.
    """
    plain: dict[str, Any] = {}
    below: dict[str, Node] = {}
    for part in parts:
        for word, said in part.value.items():
            right = _MODELLED.get(word)
            if (right is not None and right(said)) or not isinstance(word, str):
                continue
            for name, node in _schemas(word, said, part):
                _keep(below, name, node, lambda one, two: one.value == two.value)
            if not _held(word, said):
                _keep(plain, word, said, lambda one, two: one == two)
    for name, node in _left_out(parts):
        _keep(below, name, node, lambda one, two: one.value == two.value)
    return plain, below


def _keep(found: dict[str, Any], name: str, said: Any, same: Callable[[Any, Any], bool]) -> None:
    key, number = name, 1
    while key in found and not same(found[key], said):
        number += 1
        key = f"{name} ({number})"
    found[key] = said


def _schemas(word: str, said: Any, part: Node) -> Iterator[Word]:
    if word in _SCHEMAS and isinstance(said, Mapping):
        yield word, part.child(word)
    elif word in _MAPS and isinstance(said, Mapping):
        at = part.child(word)
        yield from ((f"{word}/{name}", at.child(name)) for name in said)
    elif word in ("prefixItems", "items") and isinstance(said, list):
        at = part.child(word)
        yield from ((f"prefixItems/{n}", at.child(n)) for n in range(len(said)))


def _held(word: str, said: Any) -> bool:
    """Whether a keyword's schemas say it all, or it says nothing that binds."""
    if word.startswith("x-"):
        return word not in TOLD_EXTENSIONS
    if word in _SCHEMAS or word in _MAPS:
        return isinstance(said, Mapping)
    if word in ("prefixItems", *_GROUPS):
        return isinstance(said, list)
    return word == "items" and (isinstance(said, list) or said is True)


def _left_out(parts: Sequence[Node]) -> Iterator[Word]:
    """Branches of further choices: a schema has the first choice only as its variants."""
    first = True
    for word in ("oneOf", "anyOf"):
        for part in parts:
            group = part.value.get(word)
            if not isinstance(group, list) or len(group) < 2 or not_null(group) is not None:
                continue
            if not first:
                at = part.child(word)
                yield from ((f"{word}/{n}", at.child(n)) for n in range(len(group)))
            first = False
