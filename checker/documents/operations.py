"""What the dialects share: path items, parameters, security, paths, texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from checker.documents.pointing import Node, Unresolved, refers
from checker.documents.references import Files
from checker.documents.schemas import Builder
from checker.documents.security_words import token_types
from checker.domain.location import Location
from checker.domain.nodes import mapping_of, strings_of, text_of
from checker.domain.operation import (
    DocumentInfo,
    Field,
    FieldKey,
    OperationId,
    Place,
    Security,
    SecurityScheme,
)
from checker.domain.schema import Schema

_T = TypeVar("_T")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MAX_MEMBER_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Context:
    """A document that is being read: its root node, how to build schemas, what it is."""

    root: Node
    files: Files
    builder: Builder
    info: DocumentInfo
    schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    _made: dict[tuple[str, int, str], Any] = field(default_factory=dict, compare=False)

    def once(self, what: str, node: Node, make: Callable[[], _T]) -> _T:
        """What is made of a node, the same each time that it is referred to."""
        key = (what, id(node.source), node.pointer)
        if key not in self._made:
            self._made[key] = make()
        made: _T = self._made[key]
        return made

    @property
    def dialect(self) -> str:
        return self.builder.dialect

    def follow(self, node: Node) -> tuple[Node, str | None]:
        """A node behind its references; the node itself where they lead nowhere."""
        found = self.files.follow(node)
        return (node, None) if isinstance(found, Unresolved) else found

    def within(self, node: Node, *tokens: str | int) -> Node:
        """A member at any depth. References are followed at every step, in places where the
        specification doesn't list them too: tools do so."""
        if refers(node.value):
            node, _ = self.follow(node)
        for token in tokens:
            node = node.child(token)
            if refers(node.value):
                node, _ = self.follow(node)
        return node


@dataclass(frozen=True, slots=True)
class Found:
    """An operation's node with its path item's."""

    method: str
    path: str
    node: Node
    item: Node


def extensions(value: Mapping[str, Any]) -> dict[str, Any]:
    """The vendor extensions of a node."""
    return {k: v for k, v in value.items() if isinstance(k, str) and k[:2] == "x-"}


def remaining(value: Any, known: frozenset[str]) -> dict[str, Any]:
    """The words of a node that the model has no attribute for; vendor extensions left out."""
    return {k: v for k, v in mapping_of(value).items() if k not in known and str(k)[:2] != "x-"}


def told_of(value: Mapping[str, Any]) -> str:
    """An operation's summary and description, one after the other."""
    told = text_of(value.get("summary")), text_of(value.get("description"))
    return "\n".join(text for text in told if text)


WORDS = frozenset({"description", "summary", "example", "examples", "externalDocs", "$ref"})
"""What describes, and what stands in for the node itself."""
OPERATION_WORDS = WORDS | {
    "tags", "operationId", "parameters", "requestBody", "responses", "callbacks", "deprecated",
    "security", "consumes", "produces",
}  # fmt: skip
PARAMETER_WORDS = WORDS | {"name", "in", "required", "schema", "style", "explode"}


def found_operations(context: Context) -> Iterator[Found]:
    """Every operation of the document, in document order."""
    paths = context.within(context.root, "paths")
    for path in mapping_of(paths.value):
        if isinstance(path, str) and not path.startswith("x-"):
            yield from operations_of(context, path, context.within(paths, path))


def operations_of(context: Context, path: str, item: Node) -> Iterator[Found]:
    """The operations of one path item, whose references have been followed."""
    for name in mapping_of(item.value):
        known = name in METHODS or (name == "query" and context.dialect == "3.2")
        if known and isinstance(item.value[name], Mapping):
            yield Found(name.upper(), path, context.within(item, name), item)
    if context.dialect == "3.2":
        more = context.within(item, "additionalOperations")
        for name, value in mapping_of(more.value).items():
            if isinstance(value, Mapping):
                yield Found(str(name).upper(), path, context.within(more, name), item)


def parameters(context: Context, found: Found) -> list[Node]:
    """The operation's parameter nodes, references followed; its own override the path's."""
    merged: dict[tuple[str, str], Node] = {}
    for holder in (found.item, found.node):
        for node in listed_parameters(context, holder):
            value = mapping_of(node.value)
            name, place = text_of(value.get("name")), text_of(value.get("in"))
            if name or place == "body":
                merged[("" if place == "body" else name, place)] = node
    return list(merged.values())


def listed_parameters(context: Context, holder: Node) -> Iterator[Node]:
    """The parameters that a path item or an operation lists itself, references followed; one
    that leads to a list stands for all in it."""
    listed = context.within(holder, "parameters")
    for index in range(len(listed.value) if isinstance(listed.value, list) else 0):
        node = context.within(listed, index)
        if isinstance(node.value, list):
            yield from (context.within(node, inner) for inner in range(len(node.value)))
        else:
            yield node


def join(base: str, path: str) -> str:
    """Base path and template with exactly one slash between."""
    return "/" + "/".join(part for part in (base.strip("/"), path.lstrip("/")) if part)


def clean_base(base: str) -> str:
    """A base path with one slash in front and none behind; empty for the root."""
    bare = re.sub(r"/{2,}", "/", base.split("?")[0].split("#")[0]).strip("/ ")
    return "/" + bare if bare else ""


def server_path(server: Any) -> str:
    """The path of a server object's URL, its variables at their defaults."""
    value = mapping_of(server)
    url = text_of(value.get("url")).strip()
    for name, variable in mapping_of(value.get("variables")).items():
        url = url.replace("{" + str(name) + "}", str(mapping_of(variable).get("default", "")))
    try:
        if "://" in url or url.startswith("//"):
            return clean_base(urlsplit(url).path)
    except ValueError:
        return ""
    first, _, rest = url.lstrip("./").partition("/")
    if not url.startswith(("/", ".")) and ("." in first or ":" in first or "{" in first):
        return clean_base(rest)
    return clean_base(url.removeprefix("."))


def parameter_fields(
    context: Context,
    node: Node,
    schema: Schema,
    place: Place,
    style: str,
    explode: bool,
    rest: Mapping[str, Any] | None = None,
) -> Iterator[Field]:
    """A parameter's field, and the members of an object one beside it (dotted names)."""
    value = mapping_of(node.value)
    name = text_of(value.get("name"))
    key = FieldKey(place, name)
    if key.client_header:
        return
    rest = dict(rest or {})
    said = value.get("required")
    if said is not True if place is Place.PATH else not isinstance(said, bool | None):
        rest["required"] = said
    yield Field(
        key=key,
        required=said is True or place is Place.PATH,
        schema=schema,
        location=node.location,
        owner=node.location,
        description=text_of(value.get("description")) or schema.description,
        style=style,
        explode=explode,
        rest=rest,
    )
    if style in ("deepObject", "form") and place is Place.QUERY and schema.properties:
        yield from _members(schema, name, place, style, explode, 1, (schema.location,))


def _members(
    schema: Schema,
    prefix: str,
    place: Place,
    style: str,
    explode: bool,
    depth: int,
    trail: tuple[Location, ...],
) -> Iterator[Field]:
    for name, child in schema.properties.items():
        dotted = f"{prefix}.{name}"
        own = schema.location.child("properties", name)
        yield Field(
            key=FieldKey(place, dotted),
            required=name in schema.required,
            schema=child,
            location=own if child.reference is not None else child.location,
            owner=schema.location,
            description=child.description,
            style=style,
            explode=explode,
        )
        if depth < MAX_MEMBER_DEPTH and child.location not in trail:
            below = (*trail, child.location)
            yield from _members(child, dotted, place, style, explode, depth + 1, below)


def security(context: Context, found: Found, words: str) -> Security:
    """What holds for an operation: its own requirement, else the document's."""
    for holder in (found.node, context.root):
        listed = context.within(holder, "security")
        if isinstance(listed.value, list):
            required = [
                mapping_of(context.within(listed, i).value) for i in range(len(listed.value))
            ]
            alternatives = tuple(tuple(str(k) for k in one) for one in required)
            scopes = tuple({str(k): strings_of(v) for k, v in one.items()} for one in required)
            location = holder.child("security").location
            return Security(alternatives, context.schemes, token_types(words), location, scopes)
    return Security(None, context.schemes, token_types(words), found.node.location)


def schemes(files: Files, holder: Node) -> dict[str, SecurityScheme]:
    """The security schemes of `securityDefinitions` or `components.securitySchemes`."""
    found: dict[str, SecurityScheme] = {}
    behind = files.follow(holder)
    holder = behind[0] if isinstance(behind, tuple) else holder
    for name in mapping_of(holder.value):
        node = holder.child(name)
        followed = files.follow(node)
        value = (
            mapping_of(followed[0].value) if isinstance(followed, tuple) else mapping_of(node.value)
        )
        kind = text_of(value.get("type"))
        found[str(name)] = SecurityScheme(
            name=str(name),
            type="http" if kind == "basic" else kind,
            place=text_of(value.get("in")),
            parameter=text_of(value.get("name")),
            scheme="basic" if kind == "basic" else text_of(value.get("scheme")),
            location=node.location,
        )
    return found


def operation_id(context: Context, found: Found, base: str) -> OperationId:
    """The operation's identity: method and full path."""
    return OperationId(found.method, join(base, found.path))


def media_types(own: Any, document: Any, default: Sequence[str]) -> tuple[str, ...]:
    """Swagger 2.0's `consumes` or `produces`: the operation's, else the document's."""
    for listed in (own, document):
        if isinstance(listed, list):
            return strings_of(listed)
    return tuple(default)
