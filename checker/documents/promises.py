"""What a document uses and never declares: scopes, server variables, media types for files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checker.documents.mistakes import problem
from checker.documents.operations import Context, Found, parameters
from checker.documents.pointing import Node
from checker.domain.nodes import list_of, mapping_of, member_of, strings_of, text_of
from checker.domain.pointer import tokens_of
from checker.domain.portal import Problem

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def undeclared_scopes(
    context: Context, holder: Node, reported: set[tuple[str, str]]
) -> Iterator[Problem]:
    """Scopes of a `security` requirement that its scheme doesn't have."""
    listed = member_of(holder.value, "security")
    for index, one in enumerate(list_of(listed)):
        for name, scopes in mapping_of(one).items():
            known = _scopes(context, str(name))
            if known is None or not isinstance(scopes, list):
                continue
            for scope in scopes:
                if not isinstance(scope, str) or scope in known or (name, scope) in reported:
                    continue
                reported.add((name, scope))
                at = holder.child("security").child(index).child(name).pointer
                message = f'The scope "{scope}" of the security scheme "{name}" is used but '
                message += "not declared."
                mend = f'Declare it in the `scopes` of "{name}", or correct its name.'
                yield problem(context, at, message, mend, minor=True)


def _scopes(context: Context, name: str) -> set[str] | None:
    """The scopes of an OAuth 2 scheme; None for any other."""
    scheme = context.schemes.get(name)
    if scheme is None or scheme.type != "oauth2":
        return None
    node = context.root
    for token in tokens_of(scheme.location.pointer):
        node = node.child(token)
    followed, _ = context.follow(node)
    value = mapping_of(followed.value)
    flows = [value, *(mapping_of(f) for f in mapping_of(value.get("flows")).values())]
    found = {str(s) for flow in flows for s in mapping_of(flow.get("scopes"))}
    return found or None


def server_variables(context: Context, holder: Node) -> Iterator[Problem]:
    """Variables in a server's URL that it doesn't declare."""
    servers = holder.child("servers")
    if not isinstance(servers.value, list):
        return
    for index in range(len(servers.value)):
        server = servers.child(index)
        declared = mapping_of(member_of(server.value, "variables"))
        url = text_of(member_of(server.value, "url"))
        for name in dict.fromkeys(_VARIABLE.findall(url)):
            if name not in declared:
                message = f'The URL of server {index + 1} has "{{{name}}}", but the server '
                message += "declares no such variable."
                mend = f'Declare it under `variables`, with a default: "{name}".'
                yield problem(context, server.child("url").pointer, message, mend, minor=True)
        for name, variable in declared.items():
            if _default_outside(mapping_of(variable)):
                message = f'The variable "{name}" of server {index + 1} has the default '
                message += f'"{variable["default"]}", which its enum lacks.'
                mend = "Choose a value of the enum, or add the default to it."
                at = server.child("variables").child(name).child("default").pointer
                yield problem(context, at, message, mend, minor=True)


def _default_outside(variable: Mapping[str, Any]) -> bool:
    values = list_of(variable.get("enum"))
    return bool(values) and "default" in variable and variable["default"] not in values


def file_uploads(context: Context, found: Found, name: str) -> Iterator[Problem]:
    """Swagger 2.0: files travel in forms only, so `consumes` has to name a form."""
    every = [mapping_of(p.value) for p in parameters(context, found)]
    if not any(p.get("type") == "file" and p.get("in") == "formData" for p in every):
        return
    root: Mapping[str, Any] = mapping_of(context.root.value)
    own = member_of(found.node.value, "consumes")
    consumes = strings_of(own if isinstance(own, list) else root.get("consumes"))
    if any(t.split(";")[0].strip().lower() in _FORMS for t in consumes):
        return
    message = f"{name} takes a file, but doesn't consume multipart/form-data."
    mend = 'Write `consumes: ["multipart/form-data"]`.'
    place = found.node.pointer + "/consumes"
    word = "replace" if isinstance(own, list) else "add"
    patch = ({"op": word, "path": place, "value": ["multipart/form-data"]},)
    at = place if isinstance(own, list) else found.node.pointer
    yield problem(context, at, message, mend, patch=patch)
