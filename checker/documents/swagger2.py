"""Swagger 2.0 → operations."""

from __future__ import annotations

from typing import Any

from checker.documents.lazy import LazyMap, LazySchema
from checker.documents.operations import (
    OPERATION_WORDS,
    WORDS,
    Context,
    Found,
    extensions,
    found_operations,
    media_types,
    operation_id,
    parameter_fields,
    parameters,
    remaining,
    security,
    told_of,
)
from checker.documents.pointing import Node
from checker.domain.location import Location
from checker.domain.nodes import mapping_of, member_of, strings_of, text_of
from checker.domain.operation import DocumentedResponse, Field, Operation, Place
from checker.domain.schema import Schema

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_PLACES = {"query": Place.QUERY, "path": Place.PATH, "header": Place.HEADER}
_STYLES = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}

_SEPARATORS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}


def operations(context: Context) -> tuple[Operation, ...]:
    """Every operation of the document."""
    return tuple(_operation(context, found) for found in found_operations(context))


def _sorted_parameters(
    context: Context, found: Found
) -> tuple[list[Field], list[Node], Node | None]:
    """(the fields of path, query and headers, the parameters of a form, the body)."""
    fields: list[Field] = []
    form: list[Node] = []
    body: Node | None = None
    for parameter in parameters(context, found):
        place = text_of(member_of(parameter.value, "in"))
        if place == "body":
            body = parameter
        elif place == "formData":
            form.append(parameter)
        elif place in _PLACES:
            fields += _fields(context, parameter, _PLACES[place])
    return fields, form, body


def _operation(context: Context, found: Found) -> Operation:
    node = found.node
    value = mapping_of(node.value)
    root = mapping_of(context.root.value)
    fields, form, body = _sorted_parameters(context, found)
    consumes = media_types(value.get("consumes"), root.get("consumes"), (JSON,))
    bodies: dict[str, Schema | None] = {}
    location, required = Location(""), False
    if body is not None:
        schema = context.builder.build(body.child("schema")) if "schema" in body.value else None
        types = [t for t in consumes if t not in (FORM, MULTIPART)] or consumes or (JSON,)
        bodies = dict.fromkeys(types, schema)
        location, required = body.location, body.value.get("required") is True
    elif form:
        bodies = dict.fromkeys(_form_types(form, consumes), _form(context, form, node))
        location = node.child("parameters").location
        required = any(p.value.get("required") is True for p in form)
    words = told_of(value)
    return Operation(
        id=operation_id(context, found, context.info.base_path),
        document=context.info,
        location=node.location,
        path_template=found.path,
        summary=text_of(value.get("summary")),
        description=text_of(value.get("description")),
        operation_id=text_of(value.get("operationId")),
        tags=strings_of(value.get("tags")),
        parameters=tuple(fields),
        body=bodies,
        body_required=required,
        body_location=location,
        body_separators={} if body is not None else _separators(form),
        body_examples=_body_examples(body),
        body_rest=_body_rest(body, form, bodies),
        responses=_responses(context, node, root),
        security=security(context, found, words),
        deprecated=value.get("deprecated") is True,
        extensions=extensions(value),
        rest=remaining(value, OPERATION_WORDS),
    )


def _fields(context: Context, parameter: Node, place: Place) -> list[Field]:
    style, explode = _STYLES.get(
        text_of(member_of(parameter.value, "collectionFormat")), _STYLES["csv"]
    )
    if place is not Place.QUERY and style == "form":
        style, explode = "simple", False
    schema = context.builder.build(_own_schema(parameter))
    value = mapping_of(parameter.value)
    rest = {word: value[word] for word in ("allowEmptyValue",) if word in value}
    return list(parameter_fields(context, parameter, schema, place, style, explode, rest))


def _own_schema(parameter: Node) -> Node:
    """A parameter as a schema: without the parameter's own `required` flag."""
    value = mapping_of(parameter.value)
    if isinstance(value.get("schema"), dict) and "type" not in value:
        return parameter.child("schema")
    own = {k: v for k, v in value.items() if k not in ("required", "collectionFormat")}
    return Node(own, *_place(parameter))


def _place(node: Node) -> tuple[Any, str]:
    return node.source, node.pointer


def _form(context: Context, form: list[Node], operation: Node) -> Schema:
    nodes = {text_of(p.value.get("name")): _own_schema(p) for p in form}
    return LazySchema(
        location=operation.child("parameters").location,
        raw={"type": "object"},
        types=("object",),
        properties=LazyMap(list(nodes), lambda name: context.builder.build(nodes[name])),
        required=tuple(
            text_of(p.value.get("name")) for p in form if p.value.get("required") is True
        ),
    )


def _separators(form: list[Node]) -> dict[str, str]:
    """What stands between the items of a form's lists; `multi` ones go item by item."""
    found: dict[str, str] = {}
    for parameter in form:
        value = mapping_of(parameter.value)
        if value.get("type") == "array":
            style = text_of(value.get("collectionFormat")) or "csv"
            found[text_of(value.get("name"))] = _SEPARATORS.get(style, "")
    return {name: separator for name, separator in found.items() if separator}


def _form_types(form: list[Node], consumes: tuple[str, ...]) -> tuple[str, ...]:
    named = tuple(t for t in consumes if t in (FORM, MULTIPART))
    files = any(p.value.get("type") == "file" for p in form)
    if files:
        return (MULTIPART,)
    return named or (FORM,)


def _body_examples(body: Node | None) -> tuple[Any, ...]:
    value = mapping_of(body.value) if body is not None else {}
    found: list[Any] = [value[w] for w in ("example", "x-example") if w in value]
    for word in ("examples", "x-examples"):
        named = value.get(word)
        if isinstance(named, dict):
            found += named.values()
    return tuple(found)


def _responses(context: Context, node: Node, root: Any) -> tuple[DocumentedResponse, ...]:
    holder = context.within(node, "responses")
    produces = media_types(member_of(node.value, "produces"), root.get("produces"), (JSON,))
    found = []
    for status in mapping_of(holder.value):
        if str(status).startswith("x-") or status == "$ref":
            continue
        response = context.within(holder, status)
        value = mapping_of(response.value)
        headers = context.within(response, "headers")
        content: dict[str, Schema | None] = {}
        if "schema" in value:
            made = LazyMap(produces or (JSON,), _maker(context, response))
            content = made  # type: ignore[assignment]
        found.append(
            DocumentedResponse(
                status=normal_status(status),
                location=holder.child(status).location,
                description=text_of(value.get("description")),
                content=content,
                headers=LazyMap(
                    [str(k) for k in mapping_of(headers.value)],
                    lambda name, at=headers: context.builder.build(at.child(name)),  # type: ignore[misc]
                ),
                examples=mapping_of(value.get("examples")),
                rest=remaining(value, WORDS | {"schema", "headers"}),
            )
        )
    return tuple(found)


def _maker(context: Context, response: Node) -> Any:
    made: list[Schema] = []

    def make(_: str) -> Schema:
        if not made:
            made.append(context.builder.build(response.child("schema")))
        return made[0]

    return make


def normal_status(status: Any) -> str:
    """ "200", "4XX" or "default", whatever the case or type it was written in."""
    written = str(status).strip()
    return "default" if written.lower() == "default" else written.upper()


def _body_rest(
    body: Node | None, form: list[Node], bodies: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """How the lists of a form are written, as OpenAPI 3 has it: by field; and what isn't a flag
    where one belongs."""
    encoding: dict[str, Any] = {}
    for parameter in form if body is None else ():
        value = mapping_of(parameter.value)
        said = {k: value[k] for k in ("collectionFormat", "allowEmptyValue") if k in value}
        if not isinstance(value.get("required", False), bool):
            said["required"] = value["required"]
        if said:
            encoding[text_of(value.get("name"))] = said
    return {name: {"encoding": encoding} if encoding else {} for name in bodies}
