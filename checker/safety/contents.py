"""What a request itself asks for: values that command, flags that act, identifiers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from checker.domain.exchange import Request
from checker.lexicon import operation_line, read
from checker.lexicon.texts import name_words
from checker.planning.producers import IDENTIFIERS
from checker.planning.restraint import spares
from checker.safety.brought import KNOWN_BODIES, body_in, body_of, scalar
from checker.safety.shown import is_identifier, is_title
from checker.safety.things import OWN_KEYS

MAX_DEPTH = 6
HARM = frozenset({"service", "account", "outward"})
_ACTS = HARM | {"changes"}
_YES = ("true", "1", "yes", "on")
_OVERRIDE = "method-override"
LONGEST_WORD = 60
_FIGURES = re.compile(r"(?=.*\d)[0-9a-fA-F-]{16,}")
"""What is random in hexadecimal figures, however much some of them look like a word."""


def named_scalars(request: Request, depth: int = MAX_DEPTH) -> Iterator[tuple[str, str]]:
    """(name, value) of all scalars in a request's query and body, down to a depth."""
    yield from request.query
    yield from _in_body(request, depth)


def _in_body(request: Request, depth: int) -> tuple[tuple[str, str], ...]:
    return _scalars_of(request.content, request.media_type, depth)


@lru_cache(maxsize=4 * KNOWN_BODIES)
def _scalars_of(
    content: bytes | None, media_type: str | None, depth: int
) -> tuple[tuple[str, str], ...]:
    return tuple(_scalars(body_in(content, media_type), "", depth))


def _scalars(node: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth < 0:
        return
    if isinstance(node, (str, int, float)):  # most nodes are; what is no scalar is asked then
        if name:
            yield name, str(node).lower() if isinstance(node, bool) else str(node)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _scalars(value, str(key), depth - 1)
    elif isinstance(node, list):
        for value in node:
            yield from _scalars(value, name, depth - 1)


@lru_cache(maxsize=20_000)
def speaks(word: str, *, acts: bool = False) -> bool:
    """Whether a word, as the only segment of a path, says something harmful; `acts`: or that it
    changes something."""
    if not word or len(word) > LONGEST_WORD or not word[0].isalpha():
        return False
    if _FIGURES.fullmatch(word):
        return False
    wanted = _ACTS if acts else HARM
    return any(e.means in wanted for e in read("effects", operation_line("POST", f"/{word}")))


@lru_cache(maxsize=5_000)
def _commands(name: str) -> bool:
    return bool(read("commands", name))


def commanded(request: Request) -> str:
    """The value of a member that commands (`action`, `cmd`, …) and that says something harmful;
    empty where there is none."""
    for name, value in named_scalars(request):
        if value.lstrip().lower().startswith("mutation"):
            return value[:40]
        if _commands(name) and any(speaks(part, acts=True) for part in _parts(value)):
            return value[:40]
    return ""


def _parts(value: str) -> Iterator[str]:
    yield value
    words = name_words(value).split()
    yield from words
    yield "-".join(words)


def flagged(request: Request) -> str:
    """The name of a flag that is set and says that reading does something; or empty."""
    for name, value in named_scalars(request, 2):
        if value.lower() in _YES and not spares(name):
            words = name_words(name).split()
            if speaks(name, acts=True) or (words and speaks(words[0], acts=True)):
                return name
    return ""


def is_caller(value: str) -> bool:
    """Whether an identifier stands for whoever calls: `me`, `self`, `current`."""
    return any(e.means == "caller" for e in read("callers", value))


def stands_for_many(value: str) -> bool:
    """Whether an identifier may stand for many things: `*`, `_all`."""
    return any(e.means == "many" for e in read("callers", value))


def keys_brought(request: Request) -> list[tuple[str, str]]:
    """The identifying members that a body gives the thing itself: at the top, in what wraps it, or
    in the items of a list."""
    return [(n, v) for n, v in _in_body(request, 3) if is_identifier(n)]


def titles_brought(request: Request) -> list[tuple[str, str]]:
    """The texts by which people are to know the thing that a body makes: at the top, in what
    wraps it, or in the items of a list."""
    return [(n, v) for n, v in _in_body(request, 2) if is_title(n)]


def own_keys(request: Request) -> list[str]:
    """The values of a body's own `id`, at the top or in what wraps it."""
    return [v for n, v in _in_body(request, 2) if n.lower() in OWN_KEYS]


def references(request: Request) -> list[tuple[str, str]]:
    """The members of a query and body that are named as identifiers of other things."""
    return [(n, v) for n, v in named_scalars(request) if _refers(n)]


@lru_cache(maxsize=5_000)
def _refers(name: str) -> bool:
    words = name_words(name).split()
    return bool(words) and words[-1] in IDENTIFIERS | {"id", "ids"}


def _overriding(request: Request) -> Iterator[tuple[str, str]]:
    """Names and values by which a request may ask for another method than its own."""
    yield from request.headers
    yield from request.query
    body = body_of(request)
    if isinstance(body, Mapping):
        yield from ((str(k), str(v)) for k, v in body.items() if scalar(v))


def overrides(request: Request) -> bool:
    """Whether a request asks for another method by a header, a parameter or a member."""
    for name, value in _overriding(request):
        asks = _asks_method(name)
        if asks and value.upper() != request.method:
            return True
    return False


@lru_cache(maxsize=20_000)
def _asks_method(name: str) -> bool:
    plain = name.lower().replace("_", "-")
    return plain.endswith(_OVERRIDE) or plain in ("-method", "x-http-method", "x-method")


def is_figure(value: str) -> bool:
    """Whether a scalar's text is a number or a truth value, which is a thing's name only where
    its member is called so."""
    return (
        value in ("true", "false")
        or re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value) is not None
    )
