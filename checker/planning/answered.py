"""What an answer gives: identifiers, members by name, the status of what it shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from checker.domain.exchange import Response
from checker.domain.schema import MISSING
from checker.domain.workflow import LOCATION
from checker.planning.keyed import NAMES, is_keyed
from checker.planning.markup import content_of
from checker.planning.producers import IDENTIFIERS, coded_noun, noun_of
from checker.planning.routes import singular, unprefixed, words


def is_nothing(value: Any) -> bool:
    """Whether a member holds nothing: null, empty, or members that all hold nothing."""
    if isinstance(value, Mapping):
        return all(map(is_nothing, value.values()))
    return value is None or value == "" or value == []


def _spelled(leaf: str, noun: str, resource: str) -> list[str]:
    """The names that an identifier may have in an answer, the likeliest first."""
    wanted: list[str] = [leaf, *unprefixed(leaf, resource)]
    tail = [w for w in words(leaf) if w in IDENTIFIERS]
    if tail:
        wanted.append(tail[-1].removesuffix("s"))
    if coded_noun(leaf):
        wanted.append(words(leaf)[-1])
    for each in dict.fromkeys((noun, resource)):
        wanted += [f"{each}_id", f"{each}_uid", f"{each}Id", f"{each}Uid"] if each else []
    return wanted


def find_identifier(body: Any, name: str, resource: str = "") -> tuple[str, Any] | None:
    """Where an answer holds the identifier `name`: its JSONPath and value, shallowest first.

    The very name comes first, then what it says beside the resource's (`kind` for `thing_kind`),
    then `<noun>.id`, then a plain `id`, then what the resource calls its own (`userId` for an
    `ownerId`), then other usual names.
    """
    leaf = name.rpartition(".")[2].removesuffix("[]")
    noun = noun_of(leaf) or resource
    wanted = _spelled(leaf, noun, resource)
    known = list(members(body))
    spellings = [(c, False) for c in wanted[:1]] + [(c, True) for c in wanted]
    others = [(n, True) for n in NAMES if n not in wanted]
    return _called_in(known, spellings, noun) or _key_in(body) or _called_in(known, others, noun)


def _called_in(
    known: Sequence[tuple[str, str, Any]], wanted: Iterable[tuple[str, bool]], noun: str
) -> tuple[str, Any] | None:
    """The member with the first of the wanted names (each with whether its spelling is free):
    inside what is called as the noun, then the shallowest."""
    for candidate, folded in wanted:
        hits = [(p, v) for p, n, v in known if _usable(v) and _called(n, candidate, folded)]
        if hits:
            inside = [h for h in hits if noun and noun in [singular(w) for w in words(h[0])]]
            return min(inside or hits, key=lambda h: (h[0].count("."), h[0].count("[")))
    return None


def _key_in(body: Any, path: str = "$", depth: int = 2) -> tuple[str, Any] | None:
    """The first key of a map of things by their identifiers, or the first of a list of texts."""
    if isinstance(body, list):
        return (f"{path}[0]", body[0]) if path == "$" and body and _usable(body[0]) else None
    if is_keyed(body):
        return f"{path}.~", next(iter(body))
    if isinstance(body, Mapping) and depth > 0:
        inner = (_key_in(v, path + _step(str(n)), depth - 1) for n, v in body.items())
        return next((found for found in inner if found is not None), None)
    return None


def _called(name: str, wanted: str, folded: bool) -> bool:
    """Whether a member has a name; `folded`: in whatever spelling (`orderNo` for `order_no`), and
    of one thing or of many: a plural that looks like a singular can't be told (`species`)."""
    return name == wanted or (folded and _singulars(name) == _singulars(wanted) != [])


def _singulars(name: str) -> list[str]:
    return [singular(word) for word in words(name)]


def located(response: Response) -> str | None:
    """The identifier at the end of the address that an answer's Location header names."""
    for name, value in response.headers.items():
        if name.lower() == "location":
            return unquote(urlsplit(value).path.rstrip("/").rpartition("/")[2]) or None
    return None


def placed_at(response: Response) -> str:
    """The path of what a 201 says that it has made (RFC 9110, 15.3.2); empty where it doesn't."""
    found = (v for n, v in response.headers.items() if n.lower() == "location")
    where = next(found, "") if response.status == 201 else ""
    return urlsplit(where).path.rstrip("/")


def identifier_of(response: Response, name: str, resource: str = "") -> tuple[str, Any] | None:
    """`find_identifier` in an answer's body; failing that, what its Location header names."""
    hit = find_identifier(content_of(response), name, resource)
    if hit is not None:
        return hit
    there = located(response)
    return None if there is None else (LOCATION, there)


def _usable(value: Any) -> bool:
    return (isinstance(value, str) and 0 < len(value) < 200) or (
        isinstance(value, int) and not isinstance(value, bool)
    )


def members(node: Any, path: str = "$", depth: int = 0) -> Iterator[tuple[str, str, Any]]:
    """JSONPath, name and value of an answer's members; of lists, and of maps of things by their
    identifiers, the first entry's."""
    if depth > 6:
        return
    if is_keyed(node):
        yield from members(next(iter(node.values())), f"{path}.*", depth + 1)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            text = str(name)
            yield path + _step(text), text, value
            yield from members(value, path + _step(text), depth + 1)
    elif isinstance(node, list) and node:
        yield from members(node[0], path + "[0]", depth + 1)


def _step(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_]\w*", name) else f"['{name}']"


def status_of(body: Any) -> str | None:
    """The shallowest status-like word in an answer."""
    hits = [
        (p.count(".") + p.count("["), p, v)
        for p, n, v in members(body)
        if n.lower() in ("status", "state", "stage", "phase") and isinstance(v, str)
    ]
    deep = [h for h in hits if h[0] > 1] or hits
    return min(deep)[2] if deep else None


def value_at(body: Any, name: str) -> Any:
    """The shallowest member called `name` in an answer, or MISSING."""
    hits = [(p.count(".") + p.count("["), p, v) for p, n, v in members(body) if n == name]
    return min(hits, key=lambda h: h[:2])[2] if hits else MISSING
