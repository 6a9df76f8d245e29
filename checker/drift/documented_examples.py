"""The examples that a document gives of an operation's values, with their schemas. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.domain.finding import FindingField
from checker.domain.location import Location
from checker.domain.names import member_name
from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.operation import DocumentedResponse, FieldKey, Operation
from checker.domain.portal import Document
from checker.domain.schema import MISSING, Schema
from checker.drift.compare.patches import Patch
from checker.drift.compare.sameness import lookup
from checker.drift.json_schema import violations

_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Example:
    """A documented example value, where it stands and the schema it belongs to."""

    value: Any
    location: Location
    schema: Schema
    field: FindingField


def examples(operation: Operation, document: Document) -> Iterator[Example]:
    """Every example of an operation with its schema, those of shared schemas included."""
    for field in operation.parameters:
        place = FindingField(field.key.place.value, field.key.name)
        if field.location.file == operation.location.file:
            node = lookup(document.content(field.location.file), field.location.pointer)
            yield from _beside(node, field.location, field.schema, place)
        yield from _in_schema(field.schema, document, place.place, field.key.name, None)
    body = operation.body_location
    content = _content(document.content(body.file), body)
    for media_type, schema in operation.body.items():
        if schema is None:
            continue
        if media_type in content and _checkable(media_type):
            node, location = content[media_type]
            yield from _beside(node, location, schema, FindingField("body"))
        yield from _in_schema(schema, document, "body", "", None)
    for response in operation.responses:
        yield from _of_response(response, document)


def _of_response(response: DocumentedResponse, document: Document) -> Iterator[Example]:
    raw = document.content(response.location.file)
    status = int(response.status) if response.status.isdigit() else None
    place = FindingField("response", "", status)
    content = _content(raw, response.location)
    node = lookup(raw, response.location.pointer)
    old_style = member_of(node, "examples")
    for media_type, schema in response.content.items():
        if schema is None:
            continue
        if _checkable(media_type):
            if media_type in content:
                yield from _beside(*content[media_type], schema, place)
            if isinstance(old_style, Mapping) and media_type in old_style:
                value, at = old_style[media_type], response.location.child("examples", media_type)
                if _usable(value):
                    yield Example(value, at, schema, place)
        yield from _in_schema(schema, document, "response", "", status)


def _content(
    raw: Mapping[str, Any], location: Location
) -> dict[str, tuple[Mapping[str, Any], Location]]:
    """The media type objects of a body or response node (OpenAPI 3)."""
    node = lookup(raw, location.pointer) if location.pointer else None
    content = member_of(node, "content")
    if not isinstance(content, Mapping):
        return {}
    return {
        str(name): (value, location.child("content", name))
        for name, value in content.items()
        if isinstance(value, Mapping)
    }


def _beside(
    node: Any, location: Location, schema: Schema, place: FindingField
) -> Iterator[Example]:
    """`example` and `examples` of a parameter or media type object."""
    if not isinstance(node, Mapping) or schema.location == location:
        return
    if "example" in node and _usable(node["example"]):
        yield Example(node["example"], location.child("example"), schema, place)
    several = node.get("examples")
    if isinstance(several, Mapping):
        for name, entry in several.items():
            if isinstance(entry, Mapping) and "value" in entry and _usable(entry["value"]):
                at = location.child("examples", name, "value")
                yield Example(entry["value"], at, schema, place)


def _in_schema(
    schema: Schema, document: Document, place: str, name: str, status: int | None
) -> Iterator[Example]:
    """Examples inside a schema, at any depth, each schema once."""
    seen: set[tuple[Location, int]] = set()
    stack = [(schema, name, 0)]
    while stack:
        node, dotted, depth = stack.pop()
        key = node.location, len(node.properties)
        if key in seen or depth > _MAX_DEPTH:
            continue
        seen.add(key)
        where = FindingField(place, dotted, status)
        raw = _own_node(node, document)
        if "example" in raw and _usable(raw["example"]):
            yield Example(raw["example"], node.location.child("example"), node, where)
        for number, value in enumerate(list_of(raw.get("examples"))):
            if _usable(value):
                yield Example(value, node.location.child("examples", number), node, where)
        yield from _in_parts(node, document, where)
        stack += [(child, inner, depth + 1) for child, inner in reversed(_below(node, dotted))]


def _below(schema: Schema, dotted: str) -> list[tuple[Schema, str]]:
    """The schemas of a value's parts, with their names, and its branches."""
    below = [(child, member_name(dotted, name)) for name, child in schema.properties.items()]
    if schema.items is not None:
        below.append((schema.items, dotted + "[]"))
    return [*below, *((branch, dotted) for branch in schema.variants)]


def _in_parts(schema: Schema, document: Document, place: FindingField) -> Iterator[Example]:
    """Examples of what was merged into a schema (an envelope around a thing): each belongs to
    its own part."""
    for part in schema.parts:
        node = lookup(document.content(part.location.file), part.location.pointer)
        own = part.location != schema.location and isinstance(node, Mapping)
        if own and "example" in node and _usable(node["example"]):
            yield Example(node["example"], part.location.child("example"), part, place)


def _own_node(schema: Schema, document: Document) -> Mapping[str, Any]:
    """The node at the schema's location; in another file only where it is the whole schema."""
    if schema.location.file == document.info.file:
        node = lookup(document.raw, schema.location.pointer)
        return mapping_of(node)
    properties = schema.raw.get("properties")
    whole = set(mapping_of(properties)) == set(schema.properties)
    return schema.raw if whole else {}


def _usable(value: Any) -> bool:
    """Not null (a file's own mistake) and not a reference to an example elsewhere."""
    if isinstance(value, Mapping):
        return not ({"$ref", "externalValue"} & set(value))
    return value is not None


def _checkable(media_type: str) -> bool:
    bare = media_type.split(";")[0].strip().lower()
    forms = ("application/x-www-form-urlencoded", "multipart/form-data")
    return bare.endswith(("/json", "+json")) or bare in ("*/*", "application/*", *forms)


def replaced_examples(
    operation: Operation, document: Document, key: FieldKey, old: Any, new: Any
) -> Patch:
    """A JSON Patch that writes another value wherever an operation gives `old` as an example of a
    field: beside it, and within examples of the whole body; where its schema allows that."""
    steps: dict[str, Mapping[str, Any]] = {}
    for example in examples(operation, document):
        if example.field.place != key.place.value or example.location.file != document.info.file:
            continue
        place, schema = example.location, example.schema
        if example.field.name == key.name and example.value == old:
            if violations(schema, new):
                continue
        elif not example.field.name and _member(example.value, key) == old:
            place = place.child(*key.name.split("."))
        else:
            continue
        steps[place.pointer] = {"op": "replace", "path": place.pointer, "value": new}
    return tuple(steps.values())


def _member(example: Any, key: FieldKey) -> Any:
    """What an example of the whole body has of a field, or MISSING."""
    for part in key.name.split("."):
        example = example.get(part, MISSING) if isinstance(example, Mapping) else MISSING
    return example
