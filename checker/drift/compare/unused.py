"""What a document declares and nothing uses, and what it uses and never declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.domain.nodes import list_of, mapping_of, member_of
from checker.domain.pointer import unescape
from checker.domain.portal import Document, Portal

_HOLDERS = ("/schemas/", "/definitions/")


def unused_schemas(portal: Portal) -> Iterator[tuple[Document, list[str]]]:
    """The named schemas of each document with operations that no reference of any document leads
    to, their own apart. What an `allOf` builds on a schema with a discriminator is used by it.
    """
    used = {document.info.file: set(_used(document.raw)) for document in portal.documents}
    for document in portal.documents:
        own = used[document.info.file]
        others = {
            name for file, names in used.items() if file != document.info.file for name in names
        }
        names = [
            name
            for name, node in _schemas(document.raw).items()
            if not (name in others or own & {name} or _is_branch(node, document.raw))
        ]
        if names and document.operations:
            yield document, names


def undeclared_tags(document: Document) -> list[str]:
    """Tags of operations that a document which declares tags doesn't declare."""
    declared = document.info.tags
    used = dict.fromkeys(tag for o in document.operations for tag in o.tags)
    return [tag for tag in used if tag not in declared] if declared else []


def _schemas(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document's named schemas; none where they stand in another file as a whole."""
    components = raw.get("components")
    holder = member_of(components, "schemas")
    found = holder if holder is not None else raw.get("definitions")
    return found if isinstance(found, Mapping) and "$ref" not in found else {}


def _used(raw: Mapping[str, Any]) -> Iterator[str]:
    """The names of schemas that references lead to; one's own references don't count."""
    own = {id(node): str(name) for name, node in _schemas(raw).items()}
    stack: list[tuple[Any, str]] = [(raw, "")]
    while stack:
        node, inside = stack.pop()
        inside = own.get(id(node), inside)
        if isinstance(node, Mapping):
            for key, value in node.items():
                yield from (name for name in _names_in(key, value) if name != inside)
                stack.append((value, inside))
        elif isinstance(node, list):
            stack.extend((item, inside) for item in node)


def _names_in(key: Any, value: Any) -> Iterator[str]:
    """The names that a member refers to by itself."""
    if isinstance(value, str):
        yield from filter(None, [_named(key, value)])
    elif key == "mapping":
        yield from (str(v).rpartition("/")[2] for v in mapping_of(value).values())


def _named(key: Any, value: str) -> str:
    """The schema that a text refers to, where it is a reference."""
    if key not in ("$ref", "$dynamicRef"):
        return ""
    holder = next((h for h in _HOLDERS if h in value), "")
    tail = value.rpartition(holder)[2] if holder else ""
    return unescape(tail.split("/")[0])


def _is_branch(node: Any, raw: Mapping[str, Any]) -> bool:
    branches = member_of(node, "allOf")
    for branch in list_of(branches):
        name = _named("$ref", str(branch.get("$ref"))) if isinstance(branch, Mapping) else ""
        parent = _schemas(raw).get(name)
        if isinstance(parent, Mapping) and "discriminator" in parent:
            return True
    return False
