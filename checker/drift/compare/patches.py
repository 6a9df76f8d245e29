"""JSON Patches for the differences that one small edit mends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.domain.location import Location
from checker.domain.nodes import list_of, member_of
from checker.domain.pointer import unescape
from checker.domain.schema import MISSING
from checker.drift.compare.sameness import lookup

Patch = tuple[Mapping[str, Any], ...]


def required_patch(
    raw: Mapping[str, Any], place: Location, name: str, body: bool, required: bool
) -> Patch:
    """Makes a parameter, or the property that stands at `…/properties/<name>`, required or not.

    Empty where the property stands elsewhere (behind a `$ref`, in another file).
    """
    node = lookup(raw, place.pointer)
    if node is MISSING:
        return ()
    if not body:
        return ({"op": "add", "path": f"{place.pointer}/required", "value": required},)
    leaf = name.rpartition(".")[2].removesuffix("[]")
    owner, _, tail = place.pointer.rpartition("/properties/")
    if unescape(tail) != leaf:
        return ()
    at, listed = f"{owner}/required", member_of(lookup(raw, owner), "required")
    if not required:
        return _unlisted(at, list_of(listed), leaf)
    if not isinstance(listed, list):
        return ({"op": "add", "path": at, "value": [leaf]},)
    return () if leaf in listed else ({"op": "add", "path": f"{at}/-", "value": leaf},)


def _unlisted(at: str, listed: list[Any], leaf: str) -> Patch:
    """Takes a name out of a list, and the list away that would be empty then."""
    if leaf not in listed:
        return ()
    if len(listed) == 1:
        return ({"op": "remove", "path": at},)
    return ({"op": "remove", "path": f"{at}/{listed.index(leaf)}"},)


def enum_patch(raw: Mapping[str, Any], place: Location, values: Any) -> Patch:
    """Sets or takes away the enum of a schema (or of a parameter's schema)."""
    pointer = _schema_pointer(raw, place)
    node = lookup(raw, pointer) if pointer is not None else MISSING
    if not isinstance(node, Mapping):
        return ()
    if isinstance(values, list):
        return ({"op": "add", "path": f"{pointer}/enum", "value": values},)
    return ({"op": "remove", "path": f"{pointer}/enum"},) if "enum" in node else ()


def type_patch(raw: Mapping[str, Any], place: Location, kind: Any) -> Patch:
    """Sets the type of a schema to a JSON type's name."""
    pointer = _schema_pointer(raw, place)
    if pointer is None or not isinstance(kind, str) or kind in ("array", "object"):
        return ()
    return ({"op": "add", "path": f"{pointer}/type", "value": kind},)


def _schema_pointer(raw: Mapping[str, Any], place: Location) -> str | None:
    node = lookup(raw, place.pointer)
    if not isinstance(node, Mapping) or "$ref" in node:
        return None
    if isinstance(node.get("schema"), Mapping):
        return None if "$ref" in node["schema"] else f"{place.pointer}/schema"
    return place.pointer
