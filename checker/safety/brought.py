"""What a request brings: its body, the texts and values in it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from checker.domain.exchange import Request
from checker.domain.nodes import list_of, mapping_of

MAX_DEPTH = 7
KNOWN_BODIES = 64
"""Bodies that are remembered: each request is asked about a dozen times."""
LONGEST_GIVEN = 200
_PARTS = re.compile(r"\r\n\r\n(.*?)\r\n--", re.DOTALL)
_FILES = re.compile(r'; filename="([^"]*)"')


def body_of(request: Request) -> Any:
    """A request's body as JSON; of a form, its fields and the names of its
    files; else its text. Not to be changed: whoever asks next gets the same."""
    return body_in(request.content, request.media_type)


def body_in(content: bytes | None, media_type: str | None) -> Any:
    """The body of a request with this content, as `body_of` has it."""
    return _body(content or b"", (media_type or "").lower())


@lru_cache(maxsize=KNOWN_BODIES)
def _body(content: bytes, kind: str) -> Any:
    text = content.decode("utf-8", "replace")
    if "form-urlencoded" in kind:
        return dict(parse_qsl(text, keep_blank_values=True))
    if "multipart" in kind:
        return dict(enumerate((*_PARTS.findall(text), *_FILES.findall(text))))
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def brought_texts(request: Request) -> Iterator[str]:
    """The texts that a request brings: in its body and query; of a list that is sent as one text
    its items, too."""
    texts = [v for _, v in request.query]
    texts += (text for _, text in _named_texts(body_of(request)))
    yield from texts
    yield from (item.strip() for text in texts if "," in text for item in text.split(","))


def texts_of(node: Any) -> Iterator[str]:
    """All texts in a JSON value."""
    return (text for _, text in _named_texts(node))


def _named_texts(node: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts in a JSON value with the name of the member that has them."""
    if isinstance(node, str):
        yield name, node
    elif depth < MAX_DEPTH + 3:
        if isinstance(node, Mapping):
            for key, value in node.items():
                yield from _named_texts(value, str(key), depth + 1)
        elif isinstance(node, list):
            for value in node:
                yield from _named_texts(value, name, depth + 1)


def canonical(body: Any) -> bytes:
    """A body as JSON in one spelling, a form's fields too: to be compared."""
    text = json.dumps(body, default=str, sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "replace")


def objects_at(request: Request, name: str) -> Iterator[Mapping[Any, Any]]:
    """The objects that a request's body has in members of a name, or in lists there."""
    nodes: list[tuple[str, Any]] = [("", body_of(request))]
    while nodes:
        inside, node = nodes.pop()
        if isinstance(node, Mapping):
            if inside == name:
                yield node
            nodes += [(str(member), child) for member, child in node.items()]
        elif isinstance(node, list):
            nodes += [(inside, child) for child in node]


def values_at(request: Request, names: Iterable[str]) -> list[str]:
    """The scalar values of a request's query and body members of some names, as text; of all
    where no name is given."""
    wanted = set(names)
    found = [v for n, v in request.query if not wanted or n in wanted]
    return [*found, *_values_at(body_of(request), wanted, "", 0)]


def _values_at(node: Any, wanted: set[str], name: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _values_at(value, wanted, str(key), depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _values_at(value, wanted, name, depth + 1)
    elif scalar(node) and (not wanted or name in wanted):
        yield str(node)


def scalar(node: Any) -> bool:
    """Whether a JSON value is a text or a whole number."""
    return isinstance(node, (str, int)) and not isinstance(node, bool)


def names_in(request: Request) -> frozenset[str]:
    """The names of all members of a request's body."""
    return _names(request.content, request.media_type)


@lru_cache(maxsize=KNOWN_BODIES)
def _names(content: bytes | None, media_type: str | None) -> frozenset[str]:
    found: set[str] = set()
    nodes: list[Any] = [body_in(content, media_type)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Mapping):
            found |= {str(name) for name in node}
        nodes.extend(children(node))
    return frozenset(found)


def children(node: Any) -> Iterable[Any]:
    """The members of an object, or the items of a list; none of anything else."""
    if isinstance(node, str):  # most are
        return ()
    if isinstance(node, Mapping):
        return node.values()
    return list_of(node)


def given_by(request: Request) -> dict[str, str]:
    """The scalars of a request's query, headers and top of the body, by name in lower case."""
    body = body_of(request)
    top = mapping_of(body).items()
    found = {str(k).lower(): str(v) for k, v in top if scalar(v) and len(str(v)) <= LONGEST_GIVEN}
    return found | {k.lower(): v for k, v in (*request.query, *request.headers)}
