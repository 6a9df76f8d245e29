"""OpenAPI 3.0, 3.1 and 3.2 → operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.documents.lazy import LazyMap
from checker.documents.operations import (
    Context,
    Found,
    extensions,
    found_operations,
    mapping,
    operation_id,
    parameter_fields,
    parameters,
    security,
    server_path,
    strings,
    text,
)
from checker.documents.references import Node
from checker.documents.swagger2 import normal_status
from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, Field, Operation, Place
from checker.domain.schema import Schema

_PLACES = {
    "query": Place.QUERY,
    "path": Place.PATH,
    "header": Place.HEADER,
    "cookie": Place.COOKIE,
}


def operations(context: Context) -> tuple[Operation, ...]:
    """Every operation of the document."""
    return tuple(_operation(context, found) for found in found_operations(context))


def base_path(root: Any) -> str:
    """The path of the first server of a document, path item or operation."""
    servers = mapping(root).get("servers")
    return server_path(servers[0]) if isinstance(servers, list) and servers else ""


def _base(context: Context, found: Found) -> str:
    for holder in (found.node, found.item):
        if mapping(holder.value).get("servers"):
            return base_path(holder.value)
    return context.info.base_path


def _operation(context: Context, found: Found) -> Operation:
    node = found.node
    value = mapping(node.value)
    fields: list[Field] = []
    for parameter in parameters(context, found):
        place = _PLACES.get(text(mapping(parameter.value).get("in")))
        if place is not None:
            fields += _fields(context, parameter, place)
    body: Mapping[str, Schema | None] = {}
    location, required, examples = Location(""), False, ()
    separators: dict[str, str] = {}
    if isinstance(value.get("requestBody"), Mapping):
        request, _ = context.follow(node.child("requestBody"))
        content = request.child("content")
        body = _content(context, content)
        separators = _separators(content.value)
        location = node.child("requestBody").location
        required = mapping(request.value).get("required") is True
        examples = tuple(_media_examples(context, content).values())
    words = "\n".join(t for t in (text(value.get("summary")), text(value.get("description"))) if t)
    responses, links = _responses(context, node)
    return Operation(
        id=operation_id(context, found, _base(context, found)),
        document=context.info,
        location=node.location,
        path_template=found.path,
        summary=text(value.get("summary")),
        description=text(value.get("description")),
        operation_id=text(value.get("operationId")),
        tags=strings(value.get("tags")),
        parameters=tuple(fields),
        body=body,
        body_required=required,
        body_location=location,
        body_separators=separators,
        body_examples=examples,
        responses=responses,
        security=security(context, found, words),
        deprecated=value.get("deprecated") is True,
        extensions=extensions(value),
        links=links,
    )


def _fields(context: Context, parameter: Node, place: Place) -> list[Field]:
    value = mapping(parameter.value)
    default = "form" if place in (Place.QUERY, Place.COOKIE) else "simple"
    style = text(value.get("style")) or default
    explode = value.get("explode")
    exploded = explode if isinstance(explode, bool) else style == "form"
    examples = tuple(_examples(context, parameter).values())
    node = parameter.child("schema")
    if not isinstance(node.value, (Mapping, bool)):
        content = parameter.child("content")
        for media_type in mapping(content.value):
            node = content.child(media_type).child("schema")
            style = "content"
            examples += tuple(_media_examples(context, content).values())
            break
    schema = context.builder.build(node, examples=examples)
    return list(parameter_fields(context, parameter, schema, place, style, exploded))


def _separators(content: Any) -> dict[str, str]:
    """What stands between the items of a form's lists that go as one text (`explode: false`)."""
    found: dict[str, str] = {}
    for media in mapping(content).values():
        for name, encoding in mapping(mapping(media).get("encoding")).items():
            value = mapping(encoding)
            style = text(value.get("style"))
            exploded = value.get("explode", style in ("", "form"))
            if exploded is False and (style or "explode" in value):
                found[str(name)] = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
    return found


def _content(context: Context, content: Node) -> Mapping[str, Schema | None]:
    """Media type → schema, built on access."""

    def make(media_type: str) -> Schema | None:
        media, _ = context.follow(content.child(media_type))
        node = media.child("schema")
        if node.value is None:
            # 3.2: a stream of items
            node = media.child("itemSchema")
        return context.builder.build(node) if node.value is not None else None

    names = [str(k) for k in mapping(content.value) if not str(k).startswith("x-")]
    return LazyMap(names, make) if names else {}


def _examples(context: Context, node: Node) -> dict[str, Any]:
    """`example` (under "") and `examples` (by name) of a parameter, header or media type."""
    value = mapping(node.value)
    found: dict[str, Any] = {}
    if "example" in value:
        found[""] = value["example"]
    holder = node.child("examples")
    for name in mapping(holder.value):
        example, _ = context.follow(holder.child(name))
        for word in ("value", "dataValue"):
            if word in mapping(example.value):
                found.setdefault(str(name), example.value[word])
    return found


def _media_examples(context: Context, content: Node) -> dict[str, Any]:
    """Media type ("type#name" for a named one) → example."""
    found: dict[str, Any] = {}
    for media_type in mapping(content.value):
        media, _ = context.follow(content.child(media_type))
        for name, example in _examples(context, media).items():
            found[f"{media_type}#{name}" if name else str(media_type)] = example
    return found


def _responses(
    context: Context, node: Node
) -> tuple[tuple[DocumentedResponse, ...], tuple[Mapping[str, Any], ...]]:
    holder = node.child("responses")
    found: list[DocumentedResponse] = []
    links: list[Mapping[str, Any]] = []
    for status in mapping(holder.value):
        if str(status).startswith("x-"):
            continue
        response, _ = context.follow(holder.child(status))
        value = mapping(response.value)
        content, headers = response.child("content"), response.child("headers")
        found.append(
            DocumentedResponse(
                status=normal_status(status),
                location=holder.child(status).location,
                description=text(value.get("description")),
                content=_content(context, content),
                headers=_headers(context, headers),
                examples=_media_examples(context, content),
            )
        )
        linked = response.child("links")
        for name in mapping(linked.value):
            link, _ = context.follow(linked.child(name))
            links.append({**mapping(link.value), "name": name, "status": normal_status(status)})
    return tuple(found), tuple(links)


def _headers(context: Context, headers: Node) -> Mapping[str, Schema]:
    def make(name: str) -> Schema:
        header, _ = context.follow(headers.child(name))
        words = text(mapping(header.value).get("description"))
        return context.builder.build(header.child("schema"), words=words)

    names = [str(k) for k in mapping(headers.value)]
    return LazyMap(names, make) if names else {}
