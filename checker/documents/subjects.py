"""Places in a document in the words of its owner: `parameter "limit" of GET /users`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.domain.nodes import member_of
from checker.domain.operation import OperationId

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"})
SECTIONS = {
    "schemas": "schema",
    "definitions": "schema",
    "parameters": "parameter",
    "responses": "response",
    "requestBodies": "request body",
    "headers": "header",
    "examples": "example",
    "securitySchemes": "security scheme",
    "securityDefinitions": "security scheme",
    "links": "link",
    "callbacks": "callback",
    "pathItems": "path item",
}


def value_at(root: Any, path: Sequence[Any]) -> Any:
    """The value at tokens, None where there is none."""
    for token in path:
        if isinstance(root, dict):
            root = root.get(token, root.get(str(token)))
        elif isinstance(root, list) and str(token).isdecimal() and int(token) < len(root):
            root = root[int(token)]
        else:
            return None
    return root


def operation_at(path: Sequence[str], join: Any) -> OperationId | None:
    """The operation a place belongs to; `join` makes the full path of a template."""
    if len(path) >= 3 and path[0] == "paths" and path[2] in METHODS:
        return OperationId(path[2].upper(), join(path[1]))
    return None


def subject(root: Any, path: Sequence[str]) -> str:
    """What the node at `path` is, to begin a sentence with."""
    owner, rest, start = "", list(path), 0
    if path[:1] == ["paths"] and len(path) >= 2:
        owner, start = f"path {path[1]}", 2
        if len(path) >= 3 and path[2] in METHODS:
            owner, start = f"{path[2].upper()} {path[1]}", 3
    elif path[:1] == ["components"] and len(path) >= 3 and path[1] in SECTIONS:
        owner, start = f'{SECTIONS[path[1]]} "{path[2]}"', 3
    elif len(path) >= 2 and path[0] in SECTIONS:
        owner, start = f'{SECTIONS[path[0]]} "{path[1]}"', 2
    elif path[:1] == ["servers"] and len(path) >= 2 and path[1].isdecimal():
        owner, start = f"server {int(path[1]) + 1}", 2
    elif path:
        owner, start = f"`{path[0]}`", 1
    rest = list(path[start:])
    inner = ""
    names: list[str] = []
    at = start
    while rest:
        token, following = rest[0], rest[1] if len(rest) > 1 else None
        if token == "parameters" and following is not None:
            node = value_at(root, path[: at + 2])
            name = member_of(node, "name")
            label = (
                f'"{name}"'
                if isinstance(name, str)
                else f"number {int(following) + 1}"
                if (following.isdecimal())
                else following
            )
            inner, names = f"parameter {label}", []
        elif token == "responses" and following is not None:
            inner, names = f"response {following}", []
        elif token == "headers" and following is not None:
            inner, names = f'header "{following}"' + (f" of {inner}" if inner else ""), []
        elif token == "requestBody":
            inner, names = "the request body", []
            rest, at = rest[1:], at + 1
            continue
        elif token == "content" and len(rest) == 2:
            inner = f'media type "{following}"' + (f" of {inner}" if inner else "")
        elif token == "variables" and owner.startswith("server"):
            inner = f'variable "{following}"'
        elif token == "properties" and following is not None:
            names.append(following)
        elif token == "items":
            if names:
                names[-1] += "[]"
            rest, at = rest[1:], at + 1
            continue
        else:
            rest, at = rest[1:], at + 1
            continue
        rest, at = rest[2:], at + 2
    parts = [f'property "{".".join(names)}"'] if names else []
    parts += [p for p in (inner, owner) if p]
    words = " of ".join(parts) or "the document"
    return words[:1].upper() + words[1:] if not words.startswith("`") else words
