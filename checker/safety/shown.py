"""What an answer shows: the things in it and what identifies each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any
from urllib.parse import unquote, urlsplit

from checker.domain.exchange import Response
from checker.domain.nodes import list_of, mapping_of, text_of
from checker.lexicon import read
from checker.lexicon.texts import folded, name_words
from checker.planning.answered import located
from checker.planning.keyed import is_keyed
from checker.planning.markup import content_of
from checker.planning.producers import noun_of, only_wraps
from checker.planning.routes import resource_of
from checker.safety.brought import texts_of
from checker.safety.listings import ListedThing
from checker.safety.references import roles
from checker.safety.things import OWN_KEYS

MAX_DEPTH = 7
LONGEST, LONGEST_MADE = 200, 8_000
"""Longer texts identify nothing: in any answer, and in one to a creation, which may have been
given a very long name."""


@lru_cache(maxsize=20_000)
def is_identifier(name: str) -> bool:
    """Whether a member is named as what identifies the thing it stands in."""
    return bool(read("identifiers", name))


@lru_cache(maxsize=20_000)
def is_title(name: str) -> bool:
    """Whether a member is named as that by which people know the thing it stands in."""
    return bool(read("titles", name))


def identifying(member: Mapping[Any, Any], noun: str, longest: int = LONGEST) -> dict[str, str]:
    """The members of an object that identify it, with their values as text; no longer ones than
    `longest`."""
    found: dict[str, str] = {}
    for name, value in member.items():
        text = _identifier_text(value, longest)
        if text and (is_identifier(str(name)) or (noun and _of_noun(str(name), noun))):
            found[str(name)] = text
    links = next((v for n, v in member.items() if _are_links(str(n), v, noun)), None)
    if links is not None:
        found["_links.self"] = _linked(links, noun)
    return {k: v for k, v in found.items() if v}


def _linked(links: Mapping[str, Any], noun: str) -> str:
    """The last segment of the address that an object gives of itself."""
    address = links.get("self", links)
    href = text_of(address.get("href") if isinstance(address, Mapping) else address)
    # What leads to the collection itself, as the envelope of a list does, names nothing in it.
    if not href or (noun and resource_of(urlsplit(href).path) == noun):
        return ""
    return _last_segment(href)


def _called(member: Mapping[Any, Any], noun: str, longest: int = LONGEST) -> dict[str, str]:
    """An object's identifiers and what it calls each: of several members with the same one its own
    `id`, if that has it."""
    found = identifying(member, noun, longest)
    called = {value: name for name, value in found.items()}
    return called | {value: name for name, value in found.items() if name.lower() in OWN_KEYS}


def _are_links(name: str, value: Any, noun: str) -> bool:
    """Whether a member holds where an object's neighbours are, and no things itself."""
    return name in ("_links", "links") and isinstance(value, Mapping) and noun != "link"


def _of_noun(name: str, noun: str) -> bool:
    return noun_of(name) == noun or name_words(name).replace(" ", "_") == noun


def _identifier_text(value: Any, longest: int = LONGEST) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    if text.startswith("/") or "://" in text:
        return _last_segment(text)
    return text if len(text) <= longest else ""


def _last_segment(address: str) -> str:
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class Shown:
    """An object that an answer to a creation shows: its identifiers and what it calls each.

    `plain`: no member around it is named as another kind of thing.
    """

    node: Mapping[Any, Any]
    names: dict[str, str]
    plain: bool


def named_in(response: Response, noun: str) -> Iterator[Shown]:
    """The things that an answer to a creation shows, and their identifiers."""
    body = content_of(response)
    there = located(response) if _leads_to_one(response, noun) else None
    found = [
        Shown(m, _called(m, noun, LONGEST_MADE), plain)
        for m, plain in _shallowest_placed(body, noun, LONGEST_MADE)
    ]
    if there:
        if len(found) == 1:
            found[0].names.setdefault(there, "Location")
        elif not found:
            found = [Shown(mapping_of(body), {there: "Location"}, True)]
    yield from (shown for shown in found if shown.names)


def _leads_to_one(response: Response, noun: str) -> bool:
    """Whether the address that an answer names may be that of a thing of the noun: a redirect may
    lead anywhere else, to the page where callers sign in, say."""
    if response.status < 300:
        return True
    address = next((v for n, v in response.headers.items() if n.lower() == "location"), "")
    return resource_of(urlsplit(address).path.rstrip("/").rpartition("/")[0]) == noun


def listed(response: Response, path: str) -> list[ListedThing]:
    """What an answer to the reading of a collection shows; `path` is the operation's."""
    noun, body = resource_of(path), content_of(response)
    things = list(keyed(body).items()) or [("", m) for m in _shallowest(body, noun)]
    return [
        ListedThing(
            {**_called(m, noun), **({key: ""} if key else {})},
            frozenset(texts_of(m)),
            frozenset(folded(v) for n, v in m.items() if isinstance(v, str) and is_title(str(n))),
            frozenset(roles(m)),
        )
        for key, m in things
    ]


def keyed(body: Any, depth: int = 1) -> dict[str, Mapping[Any, Any]]:
    """The things of a map that is keyed by their identifiers; empty where there is none."""
    if not isinstance(body, Mapping):
        return {}
    if is_keyed(body):
        return {str(key): value for key, value in body.items()}
    inner = (keyed(value, depth - 1) for value in body.values()) if depth > 0 else iter(())
    return next((things for things in inner if things), {})


def _shallowest(body: Any, noun: str) -> list[Mapping[Any, Any]]:
    """The objects of least depth that identify themselves: the things an answer is about."""
    return [node for node, _ in _shallowest_placed(body, noun)]


def _shallowest_placed(
    body: Any, noun: str, longest: int = LONGEST
) -> list[tuple[Mapping[Any, Any], bool]]:
    """As `_shallowest`, each with whether nothing around it is named as another kind."""
    level: list[tuple[Any, bool]] = [(body, True)]
    for _ in range(MAX_DEPTH):
        found = [
            (n, p) for n, p in level if isinstance(n, Mapping) and identifying(n, noun, longest)
        ]
        if found:
            return found
        level = [
            (child, plain and (not name or _may_hold(name, noun)))
            for node, plain in level
            for name, child in _members_of(node)
            if not _are_links(name, child, noun)
        ]
        if not level:
            break
    return []


def _members_of(node: Any) -> Iterable[tuple[str, Any]]:
    """A node's children with the names of members; those of a list have none."""
    if isinstance(node, Mapping):
        return ((str(name), child) for name, child in node.items())
    return (("", child) for child in node) if isinstance(node, list) else ()


def _may_hold(name: str, noun: str) -> bool:
    """Whether a member of this name holds the thing itself: it is named so, or only wraps it."""
    inner = noun_of(name)
    return not inner or inner == noun or inner.endswith(f"_{noun}") or only_wraps(inner)


def identifiers(body: Any, noun: str) -> Iterator[tuple[str, str]]:
    """(noun, value) of all identifiers in an answer: of its own things by the operation's noun,
    of what stands in them by the members' names."""
    yield from ((noun, key) for key in keyed(body))
    for member in _shallowest(body, noun):
        for value in identifying(member, noun).values():
            yield noun, value
        yield from _nested(member, MAX_DEPTH)


def _nested(node: Any, depth: int, noun: str = "") -> Iterator[tuple[str, str]]:
    if depth <= 0:
        return
    for item in list_of(node):
        if isinstance(item, (str, int)) and noun:
            yield noun, _identifier_text(item)
        yield from _nested(item, depth - 1, noun)
    members = mapping_of(node)
    if members and noun:
        yield from zip(repeat(noun), identifying(members, noun).values(), strict=False)
    for name, value in members.items():
        inner = noun_of(str(name))
        text = _identifier_text(value)
        if inner and text:
            yield inner, text
        yield from _nested(value, depth - 1, inner)
