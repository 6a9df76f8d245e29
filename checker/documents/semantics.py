"""Errors that no meta-schema can see: what refers to what, what stands twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from checker.documents.defaults import default_problem
from checker.documents.mistakes import Nullable, Required, schema_mistakes
from checker.documents.nodes import place_of, pointer, walk
from checker.documents.operations import METHODS, Context, join, parameters
from checker.documents.operations import found_operations as every_operation
from checker.documents.pointing import Node
from checker.documents.promises import file_uploads, server_variables, undeclared_scopes
from checker.documents.subjects import operation_at, subject
from checker.domain.location import Location
from checker.domain.nodes import list_of, mapping_of, member_of, text_of
from checker.domain.pointer import tokens_of
from checker.domain.portal import Problem

_PARAMETER = re.compile(r"\{([^{}]*)\}")


def semantic_problems(context: Context) -> list[Problem]:
    """All of them, in the order of the document."""
    found: list[Problem] = []
    found += _tags(context)
    found += _paths(context)
    found += _operations(context)
    found += _security(context)
    found += _schemas(context)
    return found


def _problem(context: Context, at: str, message: str, mend: str, **more: Any) -> Problem:
    path = tokens_of(at)
    return Problem(
        message,
        mend,
        Location(context.info.file, at),
        operation=operation_at(path, lambda p: join(context.info.base_path, p)),
        **more,
    )


def _tags(context: Context) -> Iterator[Problem]:
    listed = member_of(context.root.value, "tags")
    if not isinstance(listed, list):
        return
    names = [member_of(tag, "name") for tag in listed]
    seen: set[str] = set()
    for index, name in enumerate(names):
        if not isinstance(name, str):
            continue
        if name in seen:
            at = f"/tags/{index}"
            patch = ({"op": "remove", "path": at},)
            message = f'The tag "{name}" is declared twice.'
            yield _problem(context, at, message, "Delete one of the two.", patch=patch)
        seen.add(name)
    if context.dialect != "3.2":
        return
    parents = {
        tag["name"]: tag["parent"]
        for tag in listed
        if isinstance(member_of(tag, "name"), str) and isinstance(tag.get("parent"), str)
    }
    reported: set[str] = set()
    for index, tag in enumerate(listed):
        name, at = member_of(tag, "name"), f"/tags/{index}/parent"
        parent = parents.get(name) if isinstance(name, str) else None
        if parent is None:
            continue
        if parent not in seen:
            message = f'The tag "{name}" has the parent "{parent}", which isn\'t declared.'
            yield _problem(context, at, message, f'Declare the tag "{parent}".')
        trail = [str(name)]
        while parent in parents and parent not in trail:
            trail.append(str(parent))
            parent = parents[str(parent)]
        if parent == name and not reported.intersection(trail):
            reported.update(trail)
            message = f"The tags {', '.join(trail)} are parents of each other."
            yield _problem(context, at, message, "Delete one of the `parent`s.")


def _template(context: Context, path: str, at: str) -> Iterator[Problem]:
    """What a path alone has wrong."""
    if "?" in path or "#" in path:
        message = f"Path {path} has a query string or fragment; a path can't."
        mend = "Declare what follows the ? as query parameters, and cut it from the path."
        yield _problem(context, at, message, mend)
    for name, count in Counter(_PARAMETER.findall(path)).items():
        if count > 1:
            message = f'Path {path} has the parameter "{name}" {count} times.'
            yield _problem(context, at, message, "Give each one a name of its own.")


def _paths(context: Context) -> Iterator[Problem]:
    shapes: dict[str, str] = {}
    holder = context.root.child("paths")
    for path, item in mapping_of(holder.value).items():
        if not isinstance(path, str) or not path.startswith("/"):
            continue
        at = holder.child(path).pointer
        if _broken(path):
            what = "a brace without its counterpart or an empty name"
            message = f"Path {path} is outside the grammar of path templates: {what}."
            yield _problem(context, at, message, "Write each parameter as {name}.")
            continue
        yield from _template(context, path, at)
        shape = _PARAMETER.sub("{}", path)
        if shape in shapes and any(m in mapping_of(item) for m in METHODS):
            message = f"Paths {shapes[shape]} and {path} differ only in parameter names."
            yield _problem(context, at, message, "Make them one path.")
        shapes.setdefault(shape, path)


def _broken(path: str) -> bool:
    bare = _PARAMETER.sub("", path)
    return "{" in bare or "}" in bare or "{}" in path


def _operations(context: Context) -> Iterator[Problem]:
    identifiers: dict[str, str] = {}
    shared: set[str] = set()
    for found in every_operation(context):
        value = mapping_of(found.node.value)
        name = f"{found.method} {found.path}"
        identifier = value.get("operationId")
        if isinstance(identifier, str):
            at = found.node.child("operationId").pointer
            if identifier in identifiers:
                other = identifiers[identifier]
                message = f'The operationId "{identifier}" of {name} is also that of {other}.'
                yield _problem(context, at, message, "Give one of them another operationId.")
            identifiers.setdefault(identifier, name)
        if found.item.pointer not in shared:
            shared.add(found.item.pointer)
            yield from _doubled(context, found.item, f"path {found.path}")
        yield from _doubled(context, found.node, name)
        every = parameters(context, found)
        if not _broken(found.path):
            yield from _path_parameters(context, found, every, name)
        if context.dialect == "2.0":
            yield from _bodies(context, found.node, every, name)
            yield from file_uploads(context, found, name)


def _doubled(context: Context, holder: Node, name: str) -> Iterator[Problem]:
    listed = holder.child("parameters")
    if not isinstance(listed.value, list):
        return
    seen: set[tuple[str, str]] = set()
    for index in range(len(listed.value)):
        node, _ = context.follow(listed.child(index))
        value = mapping_of(node.value)
        key = (text_of(value.get("name")), text_of(value.get("in")))
        if key in seen and key[0]:
            at = listed.child(index).pointer
            message = f'{name} declares the {key[1]} parameter "{key[0]}" twice.'
            patch = ({"op": "remove", "path": at},)
            message = message[:1].upper() + message[1:]
            yield _problem(context, at, message, "Delete one of the two.", patch=patch)
        seen.add(key)


def _path_parameters(
    context: Context, found: Any, every: list[Node], name: str
) -> Iterator[Problem]:
    wanted = list(dict.fromkeys(n.split("!")[0].split(":")[0] for n in _names(found.path)))
    declared = {
        text_of(member_of(p.value, "name")): p for p in every if member_of(p.value, "in") == "path"
    }
    missing = [n for n in wanted if n not in declared]
    unused = [n for n in declared if n and n not in wanted]
    if len(missing) == len(unused) == 1 and _alike(missing[0], unused[0]):
        yield _misnamed(context, found, declared[unused[0]], missing[0], unused[0], name)
        return
    for parameter in wanted:
        if parameter not in declared:
            schema: dict[str, Any] = {"type": "string"}
            added: dict[str, Any] = {"name": parameter, "in": "path", "required": True}
            added |= schema if context.dialect == "2.0" else {"schema": schema}
            has = isinstance(member_of(found.node.value, "parameters"), list)
            at = found.node.pointer + "/parameters"
            operation: dict[str, Any] = {"op": "add", "path": at, "value": [added]}
            if has:
                operation = {"op": "add", "path": at + "/-", "value": added}
            message = f'{name} has "{{{parameter}}}" in its path, but declares no such parameter.'
            mend = f'Add a path parameter "{parameter}" with required: true.'
            yield _problem(context, found.node.pointer, message, mend, patch=(operation,))
    for parameter, node in declared.items():
        if parameter and parameter not in wanted:
            message = f'{name} declares the path parameter "{parameter}", which isn\'t in its path.'
            mend = f'Delete it, put "{{{parameter}}}" into the path, or correct its name.'
            at = node.pointer
            own = node.source is context.root.source and at.startswith(found.item.pointer)
            yield _problem(context, at if own else found.node.pointer, message, mend)


def _alike(one: str, two: str) -> bool:
    """Whether two names are one with a slip: case, separators, a letter."""
    bare = [re.sub(r"[^a-z0-9]", "", n.lower()) for n in (one, two)]
    return bare[0] == bare[1] or bool(get_close_matches(bare[0], [bare[1]], 1, 0.85))


def _misnamed(
    context: Context, found: Any, node: Node, wanted: str, written: str, name: str
) -> Problem:
    """A path parameter that is declared under another name than the path has."""
    message = f'{name} has "{{{wanted}}}" in its path, but declares the parameter "{written}".'
    own = node.source is context.root.source and node.pointer.startswith(found.item.pointer)
    if not own:
        mend = f'Write "{{{written}}}" in the path, or declare "{wanted}".'
        return _problem(context, found.node.pointer, message, mend)
    patch = ({"op": "replace", "path": f"{node.pointer}/name", "value": wanted},)
    return _problem(context, f"{node.pointer}/name", message, f'Write "{wanted}".', patch=patch)


def _names(path: str) -> list[str]:
    return [n for n in _PARAMETER.findall(path) if n]


def _bodies(context: Context, node: Node, every: list[Node], name: str) -> Iterator[Problem]:
    places = [text_of(member_of(p.value, "in")) for p in every]
    listed = member_of(node.value, "parameters")
    own = [member_of(p, "in") for p in listed] if isinstance(listed, list) else []
    if own.count("body") > 1:
        message = f"{name} has {own.count('body')} body parameters; there can be one."
        mend = "Make them properties of one body schema."
        yield _problem(context, node.child("parameters").pointer, message, mend)
    if "body" in places and "formData" in places:
        message = f"{name} has both a body and formData parameters; they exclude each other."
        mend = "Make the body's properties formData parameters, or the other way round."
        yield _problem(context, node.child("parameters").pointer, message, mend)


def _security(context: Context) -> Iterator[Problem]:
    known = set(context.schemes)
    scopes: set[tuple[str, str]] = set()
    holders: list[Node] = [context.root, *(f.node for f in every_operation(context))]
    for holder in holders:
        yield from undeclared_scopes(context, holder, scopes)
        if context.dialect != "2.0":
            yield from server_variables(context, holder)
        yield from _undeclared_schemes(context, holder, known)


def _undeclared_schemes(context: Context, holder: Node, known: set[str]) -> Iterator[Problem]:
    """Schemes that a requirement names and that aren't `known`; each is known from then on."""
    word = "securityDefinitions" if context.dialect == "2.0" else "components.securitySchemes"
    for index, one in enumerate(list_of(member_of(holder.value, "security"))):
        for scheme in mapping_of(one):
            uri = context.dialect == "3.2" and not {"/", "#"}.isdisjoint(str(scheme))
            if scheme in known or uri:
                continue
            known.add(scheme)
            at = holder.child("security").child(index).child(scheme).pointer
            message = f'The security scheme "{scheme}" is used but not declared.'
            yield _problem(context, at, message, f"Declare it in {word}.")


def _schemas(context: Context) -> Iterator[Problem]:
    tops = ("/components/schemas/", "/definitions/")
    required, nullable = Required(), Nullable()
    for kind, place, node in walk(context.root.value):
        if kind != "schema":
            continue
        required.see(place, node)
        nullable.see(place, node)
        yield from schema_mistakes(context, place, node)
        if "allOf" in node and isinstance(node.get("required"), list):
            at = pointer(place)
            top = at.endswith("/schema") or (
                at.startswith(tops[0]) and at.count("/") == 3 and context.dialect != "2.0"
            )
            if top:
                yield from _undefined(context, node, at)
        if context.dialect == "2.0" and isinstance(node.get("items"), list):
            at = pointer(place)
            message = f"{subject(context.root.value, tokens_of(at))} has a list as its `items`."
            mend = "Describe every item by one schema."
            yield _problem(context, at + "/items", message, mend)
        if "default" in node:
            yield from default_problem(context, pointer(place), node)
    yield from required.problems(context)
    yield from nullable.problems(context)
    if context.dialect == "2.0":
        for found in every_operation(context):
            for parameter in parameters(context, found):
                value = mapping_of(parameter.value)
                if parameter.source is not context.root.source or "schema" in value:
                    continue
                if "default" in value:
                    yield from default_problem(context, parameter.pointer, value)
                inner: Any = value
                place = place_of(parameter.pointer)
                while isinstance(inner, Mapping) and len(pointer(place)) < 500:
                    yield from schema_mistakes(context, place, inner, parameter=True)
                    inner, place = inner.get("items"), (place, "items")


def _undefined(context: Context, node: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """Required names that no branch of an `allOf` defines."""
    known = _property_names(context, Node(node, context.root.source, at), set())
    unknown = [n for n in node["required"] if isinstance(n, str) and n not in known]
    if unknown:
        listed = ", ".join(f'"{n}"' for n in unknown)
        message = f"{subject(context.root.value, tokens_of(at))} requires {listed}, which "
        message += "neither it nor its `allOf` defines."
        mend = "Define it under `properties`, or take it out of `required`."
        yield _problem(context, at + "/required", message, mend)


def _property_names(context: Context, node: Node, seen: set[tuple[int, str]]) -> set[str]:
    node, _ = context.follow(node)
    mark = (id(node.source), node.pointer)
    if mark in seen:
        return set()
    seen.add(mark)
    value = mapping_of(node.value)
    names = {str(k) for k in mapping_of(value.get("properties"))}
    for word in ("allOf", "anyOf", "oneOf"):
        group = node.child(word)
        if isinstance(group.value, list):
            for index in range(len(group.value)):
                names |= _property_names(context, group.child(index), seen)
    for word in ("items", "not"):
        if isinstance(value.get(word), Mapping):
            names |= _property_names(context, node.child(word), seen)
    return names
