"""OpenAPI 3.0, 3.1 and 3.2 → operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from checker.documents.lazy import LazyMap
from checker.documents.operations import (
    OPERATION_WORDS,
    PARAMETER_WORDS,
    WORDS,
    Context,
    Found,
    extensions,
    found_operations,
    operation_id,
    operations_of,
    parameter_fields,
    parameters,
    remaining,
    security,
    server_path,
    told_of,
)
from checker.documents.pointing import Node
from checker.documents.swagger2 import normal_status
from checker.domain.location import Location
from checker.domain.nodes import each_of, mapping_of, member_of, strings_of, text_of
from checker.domain.operation import DocumentedResponse, Field, Operation, OperationId, Place
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


def webhooks(context: Context) -> tuple[Operation, ...]:
    """Every operation that the API calls at its clients; the name stands for the path."""
    holder = context.within(context.root, "webhooks")
    names = [name for name in mapping_of(holder.value) if str(name)[:2] != "x-"]
    return tuple(o for name in names for o in _inbound(context, holder, name, str(name), "webhook"))


def _callbacks(context: Context, node: Node, path: str) -> tuple[Operation, ...]:
    """The same of an operation's callbacks; name and address stand for the path."""
    holder = context.within(node, "callbacks")
    found: list[Operation] = []
    for name in mapping_of(holder.value):
        callback = context.within(holder, name)
        for address in mapping_of(callback.value):
            if str(address)[:2] != "x-":
                found += _inbound(
                    context, callback, address, f"{name} {address}", f"{path} callback"
                )
    return tuple(found)


def _inbound(context: Context, holder: Node, key: str, name: str, what: str) -> Iterator[Operation]:
    item = context.within(holder, key)
    for found in operations_of(context, name, item):
        yield replace(_operation(context, found), id=OperationId(found.method, f"{what} {name}"))


def base_path(root: Any) -> str:
    """The path of the first server of a document, path item or operation."""
    servers = member_of(root, "servers")
    return server_path(servers[0]) if isinstance(servers, list) and servers else ""


def _base(context: Context, found: Found) -> str:
    for holder in (found.node, found.item):
        if member_of(holder.value, "servers"):
            return base_path(holder.value)
    return context.info.base_path


def _operation(context: Context, found: Found) -> Operation:
    node = found.node
    value = mapping_of(node.value)
    fields: list[Field] = []
    for parameter in parameters(context, found):
        place = _PLACES.get(text_of(member_of(parameter.value, "in")))
        if place is not None:
            fields += context.once("fields", parameter, partial(_fields, context, parameter, place))
    body: Mapping[str, Schema | None] = {}
    location, required, examples = Location(""), False, ()
    separators: dict[str, str] = {}
    body_rest: dict[str, Mapping[str, Any]] = {}
    if isinstance(value.get("requestBody"), Mapping):
        request = context.within(node, "requestBody")
        content = context.within(request, "content")
        body = _content(context, content)
        body_rest = _media_rest(context, content)
        separators = _separators(content.value)
        location = node.child("requestBody").location
        required = member_of(request.value, "required") is True
        examples = tuple(_media_examples(context, content).values())
    words = told_of(value)
    responses, links = _responses(context, node)
    return Operation(
        id=operation_id(context, found, _base(context, found)),
        document=context.info,
        location=node.location,
        path_template=found.path,
        summary=text_of(value.get("summary")),
        description=text_of(value.get("description")),
        operation_id=text_of(value.get("operationId")),
        tags=strings_of(value.get("tags")),
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
        rest=_rest(found),
        body_rest=body_rest,
        callbacks=_callbacks(context, node, found.path) if "callbacks" in value else (),
    )


def _rest(found: Found) -> dict[str, Any]:
    """What the operation says besides, and the servers that its path has for all operations."""
    rest = remaining(found.node.value, OPERATION_WORDS)
    if "servers" not in rest and "servers" in mapping_of(found.item.value):
        rest["servers"] = found.item.value["servers"]
    if "servers" in rest:
        rest["servers"] = addresses(rest["servers"])
    return rest


def addresses(servers: Any) -> list[Any]:
    """Servers without their words."""
    listed = each_of(servers)
    found: list[Any] = []
    for server in listed:
        said = remaining(server, WORDS)
        variables = mapping_of(said.get("variables"))
        if variables:
            said["variables"] = {n: remaining(v, WORDS) for n, v in variables.items()}
        found.append(said)
    return found


def _media_rest(context: Context, content: Node) -> dict[str, Mapping[str, Any]]:
    known = WORDS | {"schema", "itemSchema"}
    found: dict[str, Mapping[str, Any]] = {}
    for name in mapping_of(content.value):
        if str(name)[:2] != "x-":
            found[str(name)] = remaining(context.within(content, name).value, known)
    return found


def _fields(context: Context, parameter: Node, place: Place) -> list[Field]:
    value = mapping_of(parameter.value)
    default = "form" if place in (Place.QUERY, Place.COOKIE) else "simple"
    style = text_of(value.get("style")) or default
    explode = value.get("explode")
    exploded = explode if isinstance(explode, bool) else style == "form"
    examples = tuple(_examples(context, parameter).values())
    node = parameter.child("schema")
    if not isinstance(node.value, (Mapping, bool)):
        content = context.within(parameter, "content")
        for media_type in mapping_of(content.value):
            node = context.within(content, media_type).child("schema")
            style = "content"
            examples += tuple(_media_examples(context, content).values())
            break
    schema = context.builder.build(node, examples=examples)
    rest = remaining(value, PARAMETER_WORDS)
    if "content" in rest:
        rest["content"] = sorted(mapping_of(rest["content"]))
    return list(parameter_fields(context, parameter, schema, place, style, exploded, rest))


def _separators(content: Any) -> dict[str, str]:
    """What stands between the items of a form's lists that go as one text (`explode: false`)."""
    found: dict[str, str] = {}
    for media in mapping_of(content).values():
        for name, encoding in mapping_of(member_of(media, "encoding")).items():
            value = mapping_of(encoding)
            style = text_of(value.get("style"))
            exploded = value.get("explode", style in ("", "form"))
            if exploded is False and (style or "explode" in value):
                found[str(name)] = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
    return found


def _content(context: Context, content: Node) -> Mapping[str, Schema | None]:
    """Media type → schema, built on access."""

    def make(media_type: str) -> Schema | None:
        media = context.within(content, media_type)
        node = media.child("schema")
        if node.value is None:
            # 3.2: a stream of items
            node = media.child("itemSchema")
        return context.builder.build(node) if node.value is not None else None

    names = [str(k) for k in mapping_of(content.value) if not str(k).startswith("x-")]
    return LazyMap(names, make) if names else {}


def _examples(context: Context, node: Node) -> dict[str, Any]:
    """`example` (under "") and `examples` (by name) of a parameter, header or media type."""
    value = mapping_of(node.value)
    found: dict[str, Any] = {}
    if "example" in value:
        found[""] = value["example"]
    holder = context.within(node, "examples")
    for name in mapping_of(holder.value):
        example = context.within(holder, name)
        for word in ("value", "dataValue"):
            if word in mapping_of(example.value):
                found.setdefault(str(name), example.value[word])
    return found


def _media_examples(context: Context, content: Node) -> dict[str, Any]:
    """Media type ("type#name" for a named one) → example."""
    found: dict[str, Any] = {}
    for media_type in mapping_of(content.value):
        media = context.within(content, media_type)
        for name, example in _examples(context, media).items():
            found[f"{media_type}#{name}" if name else str(media_type)] = example
    return found


def _responses(
    context: Context, node: Node
) -> tuple[tuple[DocumentedResponse, ...], tuple[Mapping[str, Any], ...]]:
    holder = context.within(node, "responses")
    found: list[DocumentedResponse] = []
    links: list[Mapping[str, Any]] = []
    for status in mapping_of(holder.value):
        if str(status).startswith("x-") or status == "$ref":
            continue
        response = context.within(holder, status)
        said = context.once("response", response, partial(_response, context, response))
        location = holder.child(status).location
        found.append(replace(said, status=normal_status(status), location=location))
        linked = context.within(response, "links")
        for name in mapping_of(linked.value):
            link = context.within(linked, name)
            links.append({**mapping_of(link.value), "name": name, "status": normal_status(status)})
    return tuple(found), tuple(links)


def _response(context: Context, response: Node) -> DocumentedResponse:
    """What a response says wherever it is referred to."""
    value = mapping_of(response.value)
    content, headers = context.within(response, "content"), context.within(response, "headers")
    return DocumentedResponse(
        status="",
        location=response.location,
        description=text_of(value.get("description")),
        content=_content(context, content),
        headers=_headers(context, headers),
        rest=_response_rest(context, value, content),
        header_rest=_header_rest(context, headers),
        examples=_media_examples(context, content),
    )


def _headers(context: Context, headers: Node) -> Mapping[str, Schema]:
    def make(name: str) -> Schema:
        header = context.within(headers, name)
        words = text_of(member_of(header.value, "description"))
        return context.builder.build(header.child("schema"), words=words)

    names = [str(k) for k in mapping_of(headers.value)]
    return LazyMap(names, make) if names else {}


def _response_rest(context: Context, value: Mapping[str, Any], content: Node) -> dict[str, Any]:
    rest = remaining(value, WORDS | {"content", "headers", "links"})
    for name, said in _media_rest(context, content).items():
        rest |= {f"{name} {word}": what for word, what in said.items()}
    return rest


def _header_rest(context: Context, headers: Node) -> dict[str, Mapping[str, Any]]:
    known = WORDS | {"schema", "content"}
    found: dict[str, Mapping[str, Any]] = {}
    for name in mapping_of(headers.value):
        found[str(name)] = remaining(context.within(headers, name).value, known)
    return found
