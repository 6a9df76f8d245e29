"""Mistakes that meta-schemas let pass: schemas that nothing can follow, names that don't exist.

What makes every value invalid, or breaks a rule that the specification states in words, is an
error like any other; what tools quietly ignore is a minor one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from checker.documents.converting import converted
from checker.documents.nodes import Place, pointer
from checker.documents.operations import Context, join
from checker.documents.subjects import operation_at, subject
from checker.domain.location import Location
from checker.domain.nodes import each_of
from checker.domain.numbers import is_number
from checker.domain.pointer import tokens_of
from checker.domain.portal import Problem
from checker.domain.schema import JSON_TYPES, json_type

_COMPOSED = frozenset({"allOf", "anyOf", "oneOf", "$ref", "not", "if"})
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_MAX_VALUES = 500
MAX_CHANGES = 200
"""More small changes than that are no patch for one finding."""


def schema_mistakes(
    context: Context, place: Place, node: Mapping[str, Any], *, parameter: bool = False
) -> Iterator[Problem]:
    """Mistakes of one schema; `parameter`: of a Swagger 2.0 parameter, which is one itself."""
    if "enum" in node:
        yield from _enum(context, pointer(place), node)
    for low, high in _BOUNDS:
        if low in node and high in node:
            yield from _bounds(context, pointer(place), node, low, high)
    if node.get("type") == "array" and "items" not in node and context.dialect in ("2.0", "3.0"):
        yield from _items(context, place, node, parameter)


def problem(context: Context, at: str, message: str, mend: str, **more: Any) -> Problem:
    """A problem at a pointer of the document, with the operation it belongs to."""
    operation = operation_at(tokens_of(at), lambda p: join(context.info.base_path, p))
    return Problem(message, mend, Location(context.info.file, at), operation=operation, **more)


def _name(context: Context, at: str) -> str:
    return subject(context.root.value, tokens_of(at))


def _types(node: Mapping[str, Any]) -> list[str]:
    said = node.get("type")
    listed = each_of(said)
    known = [t for t in listed if isinstance(t, str) and t in JSON_TYPES]
    return known if len(known) == len(listed) else []


def _fits(value: Any, types: Sequence[str]) -> bool:
    kind = json_type(value)
    return value is None or kind in types or (kind == "integer" and "number" in types)


def _enum(context: Context, at: str, node: Mapping[str, Any]) -> Iterator[Problem]:
    values, types = node["enum"], _types(node)
    if not isinstance(values, list) or not 0 < len(values) <= _MAX_VALUES:
        return
    wrong = [value for value in values if types and not _fits(value, types)]
    if wrong:
        yield _mistyped(context, at, node, wrong, types)
    if context.dialect == "2.0":
        return  # its meta-schema sees doubled values
    yield from _repeated(context, at, values)


def _counted(values: list[Any], several: list[list[int]]) -> str:
    """Each value that stands there several times, and how often."""
    counted = [f"{_shown(values[found[0]])} {_times(len(found))}" for found in several]
    return ", ".join(counted[:5]) + (", …" if len(counted) > 5 else "")


def _repeated(context: Context, at: str, values: list[Any]) -> Iterator[Problem]:
    """Values that stand in an enum several times: one problem for all of them."""
    places: dict[str, list[int]] = {}
    for index, value in enumerate(values):
        places.setdefault(json.dumps(value, sort_keys=True, default=str), []).append(index)
    several = [found for found in places.values() if len(found) > 1]
    if not several:
        return
    listed = _counted(values, several)
    extra = sorted((index for found in several for index in found[1:]), reverse=True)
    patch = tuple({"op": "remove", "path": f"{at}/enum/{index}"} for index in extra)
    mend = "Delete one of the two." if len(extra) == 1 else "Keep each once."
    message = f"{_name(context, at)}: `enum` has {listed}."
    place = f"{at}/enum/{extra[-1]}"
    shown = patch if len(patch) <= MAX_CHANGES else ()
    yield problem(context, place, message, mend, minor=True, patch=shown)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _mistyped(
    context: Context, at: str, node: Mapping[str, Any], wrong: list[Any], types: list[str]
) -> Problem:
    values = node["enum"]
    listed = ", ".join(_shown(v) for v in wrong[:5]) + (", …" if len(wrong) > 5 else "")
    verb = "is" if len(wrong) == 1 else "are"
    message = f"{_name(context, at)}: `enum` has {listed}, which {verb} not of its type "
    message += f"{' or '.join(types)}, so nothing can be that."
    items = node.get("items")
    if types == ["array"] and isinstance(items, Mapping) and len(wrong) == len(values):
        kinds = _types(items)
        if kinds and "enum" not in items and all(_fits(v, kinds) for v in values):
            moved = {"op": "add", "path": f"{at}/items/enum", "value": values}
            gone = {"op": "remove", "path": f"{at}/enum"}
            mend = "Move it into `items`: it lists what the items can be."
            return problem(context, f"{at}/enum", message, mend, patch=(moved, gone))
    fixed = [v if _fits(v, types) else converted(v, types) for v in values]
    if all(v is not None or old is None for v, old in zip(fixed, values, strict=True)):
        patch = ({"op": "replace", "path": f"{at}/enum", "value": fixed},)
        mend = "Write " + ", ".join(_shown(v) for v in fixed[:8])
        mend += ", …." if len(fixed) > 8 else "."
        return problem(context, f"{at}/enum", message, mend, patch=patch)
    return problem(context, f"{at}/enum", message, "Correct the values or the type.")


def _bounds(
    context: Context, at: str, node: Mapping[str, Any], low: str, high: str
) -> Iterator[Problem]:
    least, most = node[low], node[high]
    numbers = all(is_number(n) for n in (least, most))
    if numbers and least > most:
        message = f"{_name(context, at)}: its {low} {least} is above its {high} {most}, "
        message += "so nothing fits."
        yield problem(context, f"{at}/{low}", message, "Correct one of the two.")


def _items(
    context: Context, place: Place, node: Mapping[str, Any], parameter: bool
) -> Iterator[Problem]:
    if not _COMPOSED.isdisjoint(node) or _branch(place):
        return
    at = pointer(place)
    loose = context.dialect == "2.0" and not parameter
    patch = () if parameter else ({"op": "add", "path": f"{at}/items", "value": {}},)
    message = f"{_name(context, at)} is an array without `items`."
    mend = "Add `items` with the schema of the array's items."
    yield problem(context, at, message, mend, minor=loose, patch=patch)


def _branch(place: Place) -> bool:
    """Whether a schema is one branch of a composition."""
    holder = place[0] if place is not None else None
    return bool(holder is not None and holder[1] in _COMPOSED) or (
        place is not None and place[1] in ("not", "if", "then", "else")
    )


class Required:
    """Required names that an object doesn't define, once the whole document has been seen.

    A schema that takes part in a composition may require what another part defines, so only
    those that stand alone are judged.
    """

    def __init__(self) -> None:
        self._open: list[tuple[str, Mapping[str, Any]]] = []
        self._composed: set[str] = set()

    def see(self, place: Place, node: Mapping[str, Any]) -> None:
        """One schema of the walk."""
        for word in ("allOf", "anyOf", "oneOf"):
            group = node.get(word)
            if isinstance(group, list):
                self._composed.update(
                    str(b["$ref"]) for b in group if isinstance(b, Mapping) and "$ref" in b
                )
        if (
            isinstance(node.get("required"), list)
            and isinstance(node.get("properties"), Mapping)
            and node["properties"]
            and _COMPOSED.isdisjoint(node)
            and node.get("additionalProperties") in (None, False)
            and "patternProperties" not in node
            and not _branch(place)
        ):
            names = node["properties"]
            if any(isinstance(n, str) and n not in names for n in node["required"]):
                self._open.append((pointer(place), node))

    def problems(self, context: Context) -> Iterator[Problem]:
        for at, node in self._open:
            if f"#{at}" in self._composed:
                continue
            properties, required = node["properties"], node["required"]
            for index, name in enumerate(required):
                if not isinstance(name, str) or name in properties:
                    continue
                yield self._problem(context, at, name, index, properties, required)

    def _problem(
        self,
        context: Context,
        at: str,
        name: str,
        index: int,
        properties: Mapping[str, Any],
        required: list[Any],
    ) -> Problem:
        message = f'{_name(context, at)} requires "{name}", which it doesn\'t define.'
        mend = "Define it under `properties`, or take it out of `required`."
        patch: tuple[Mapping[str, Any], ...] = ()
        free = [str(p) for p in properties if p not in required]
        close = get_close_matches(name, free[:_MAX_VALUES], 1, 0.8)
        if close:
            mend = f'Did you mean "{close[0]}"? Else define it under `properties`.'
            patch = ({"op": "replace", "path": f"{at}/required/{index}", "value": close[0]},)
        place = f"{at}/required/{index}"
        return problem(context, place, message, mend, minor=True, patch=patch)


class Nullable:
    """`nullable: true` in OpenAPI 3.1, which ignores it: one problem for the whole document."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._patch: list[Mapping[str, Any]] = []

    def see(self, place: Place, node: Mapping[str, Any]) -> None:
        """One schema of the walk."""
        if node.get("nullable") is not True:
            return
        said = node.get("type")
        if isinstance(said, list) and "null" in said:
            return
        self._places.append(place)
        if not isinstance(said, str):
            return
        at = pointer(place)
        self._patch.append({"op": "replace", "path": f"{at}/type", "value": [said, "null"]})
        self._patch.append({"op": "remove", "path": f"{at}/nullable"})
        values = node.get("enum")
        if isinstance(values, list) and None not in values:
            self._patch.append({"op": "add", "path": f"{at}/enum/-", "value": None})

    def problems(self, context: Context) -> Iterator[Problem]:
        if not self._places or context.dialect not in ("3.1", "3.2"):
            return
        at, more = pointer(self._places[0]), len(self._places) - 1
        message = f"{_name(context, at)} has `nullable: true`, which OpenAPI {context.dialect} "
        message += "ignores"
        message += f" (and the same at {more} more places)." if more else "."
        mend = 'Put "null" into the list of types instead: `type: ["string", "null"]`.'
        patch = tuple(self._patch) if len(self._patch) <= MAX_CHANGES else ()
        yield problem(context, f"{at}/nullable", message, mend, minor=True, patch=patch)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "…"
