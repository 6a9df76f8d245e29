"""What an answer says, by members: its JSON, or its XML seen as such."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from checker.domain.exchange import Response
from checker.domain.schema import MISSING

_MAX_TEXT = 200_000
_MAX_DEPTH = 12
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(x0?[0-8bcefBCEF]|x1[0-9a-fA-F]|[0-8]);")
"""What no XML has and careless servers repeat."""
_DECLARATIONS = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def content_of(response: Response | None) -> Any:
    """An answer's JSON; else its XML as objects, lists (of repeated elements) and strings, below
    the name of its root; MISSING where it is neither."""
    if response is None or response.body is not MISSING:
        return MISSING if response is None else response.body
    text = _CONTROLS.sub("", response.text).strip()
    if not text.startswith("<") or "html" in response.media_type or len(text) > _MAX_TEXT:
        return MISSING
    if _DECLARATIONS.search(text):
        return MISSING  # a page, or entities that nobody should expand
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return MISSING
    return {_name(root): _value(root, 0)}


def _value(element: ElementTree.Element, depth: int) -> Any:
    if depth >= _MAX_DEPTH:
        return None
    members: dict[str, Any] = {_local(name): text for name, text in element.attrib.items()}
    for child in element:
        name, value = _name(child), _value(child, depth + 1)
        if name not in members:
            members[name] = value
        elif isinstance(members[name], list):
            members[name].append(value)
        else:
            members[name] = [members[name], value]
    if members:
        return members
    return (element.text or "").strip()


def _name(element: ElementTree.Element) -> str:
    return _local(element.tag) if isinstance(element.tag, str) else ""


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
