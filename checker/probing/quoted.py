"""Does a refusal repeat a value that the request brought? Then it is about that value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from checker.domain.exchange import Request, Response
from checker.domain.operation import FieldKey, Operation, Place

LEAST = 4
"""Shorter texts may stand in a message by chance."""


def quotes_a_value(response: Response, request: Request, documented: Operation | None) -> bool:
    """Whether an answer repeats a text that the request has in a field of its own: in the body,
    the query, a header, or a choice of its path. What else is in a path names a thing."""
    own = {*_outside(request), *_choices(request, documented)}
    things = set(_segments(request.url_path)) - own
    return any(
        len(text) >= LEAST
        and text not in things
        and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", response.text[:4000])
        for text in own
    )


def _outside(request: Request) -> Iterator[str]:
    yield from (value for _, value in request.query)
    yield from (value for _, value in request.headers)
    try:
        body = json.loads(request.content or b"null")
    except ValueError:
        return
    yield from _texts(body)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _texts(inner)


def _choices(request: Request, documented: Operation | None) -> Iterator[str]:
    """The values of parameters in the path that are documented as one of a few."""
    if documented is None:
        return
    names = [s for s in documented.id.path.split("/") if s]
    for name, value in zip(names, _segments(request.url_path), strict=False):
        field = documented.field(FieldKey(Place.PATH, name.strip("{}")))
        if name.startswith("{") and field is not None and field.schema.enum:
            yield value


def _segments(path: str) -> list[str]:
    return [unquote(s) for s in path.split("/") if s]
