"""Allowed and exemplary values that a text lists, in whatever form. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from checker.search.wording import Quote, quotes

MOST_VALUES = 60
_BRACKETS = re.compile(
    r"\[([^\[\]]{1,1500})\]|\(([^()]{1,1500})\)|\{([^{}]{1,1500})\}|<([^<>]{1,300})>"
)
_PIPED = re.compile(r"(?<![\w|^\\])[\w.\-+]{1,60}(?:\s*\|\s*[\w.\-+]{1,60})+(?![\w|])")
_SLASHED = re.compile(r"(?<![\w/.:])[^\W\d]\w*(?:/[^\W\d]\w*){2,}(?![\w/])")
_BARE = re.compile(
    r"(?<![\w,])[\w.\-+:]*\w(?:, ?[\w.\-+:]*\w)+(?:,? (?:\w{1,4}|&) [\w.\-+:]*\w(?=[\s.;)]*$))?"
)
_COLON = re.compile(r":\s*([^:;()\[\]{}]{1,600})$")
_JOINT = re.compile(r"[\s,|/&]*(?:\b\w{1,4}\b)?[\s,|/&]*")
_ITEM = re.compile(r"[^,;|]{1,60}")
_LAST = re.compile(r",? \w{1,4} (?=\S+$)")
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?|true|false")
Refuses = Callable[[str], bool]
"""Whether a text is no value: the name of a field, or what was sent."""


def values_in(text: str, refuses: Refuses) -> tuple[Any, ...]:
    """The values that a text allows, in order; empty where it lists none.

    The surest form that the text has counts: quoted ones, a list in brackets, `a|b|c`, words
    between commas.
    """
    for form in (_quoted, _bracketed, _piped, _slashed, _listed):
        found = [v for v in form(text) if not (isinstance(v, str) and (not v or refuses(v)))]
        if found:
            return tuple({repr(v): v for v in found[:MOST_VALUES]}.values())
    return ()


def single_in(text: str, refuses: Refuses) -> tuple[str, ...]:
    """The one quoted value at the end of a text, where it isn't what `refuses` refuses."""
    found = list(quotes(text))
    if not found or refuses(found[-1].text):
        return ()
    tail = text[found[-1].end + 1 :]
    return (found[-1].text,) if not any(c.isalnum() for c in tail) else ()


def _quoted(text: str) -> Iterator[str]:
    """The longest row of quoted texts with nothing but a joint between them."""
    best: list[Quote] = []
    row: list[Quote] = []
    for quote in quotes(text):
        if row and not _JOINT.fullmatch(text[row[-1].end + 1 : quote.start - 1]):
            row = []
        row.append(quote)
        if len(row) > max(1, len(best)):
            best = list(row)
    yield from (q.text for q in best)


def _bracketed(text: str) -> Iterator[Any]:
    for match in _BRACKETS.finditer(text):
        inner = next(g for g in match.groups() if g is not None).strip()
        square = match.group(1) is not None
        listed = _json_list(inner) if square else None
        if listed is not None:
            yield from listed
            return
        parts = [p.strip().strip("'\"`") for p in re.split(r"[,|;/]", inner)]
        plain = all(0 < len(p) <= 60 and p.count(" ") < 4 for p in parts)
        if plain and (len(parts) > 1 or (square and _is_value(inner))):
            yield from map(literal, _without_joint(parts))
            return


def _is_value(text: str) -> bool:
    return re.fullmatch(r"[^\W\d][\w\-]*", text) is not None


def _json_list(inner: str) -> list[Any] | None:
    try:
        found = json.loads(f"[{inner}]")
    except (ValueError, RecursionError):
        return None
    scalar = all(isinstance(v, str | int | float) for v in found)
    return found if scalar and (len(found) > 1 or isinstance(found[0], str)) else None


def _piped(text: str) -> Iterator[Any]:
    match = _PIPED.search(text)
    if match:
        yield from (literal(p.strip()) for p in match.group().split("|"))


def _slashed(text: str) -> Iterator[Any]:
    match = _SLASHED.search(text)
    if match:
        yield from match.group().split("/")


def _listed(text: str) -> Iterator[Any]:
    """Words between commas: behind a colon several in one item, else one each and the last one
    up to the end or the next word."""
    behind = _COLON.search(text)
    if behind and "," in behind.group(1):
        parts = [p.strip().rstrip(".!") for p in _ITEM.findall(behind.group(1))]
        if len(parts) > 1 and all(p and p.count(" ") < 3 for p in parts[:-1]):
            yield from map(literal, _without_joint(parts))
            return
    match = _BARE.search(text)
    if match:
        parts = [p.strip() for p in match.group().split(",")]
        yield from map(literal, _without_joint(parts))


def _without_joint(parts: list[str]) -> list[str]:
    """The parts, the last one's "b or c" taken apart."""
    last = parts[-1]
    pieces = re.split(r"\s+\w{1,4}\s+", last)
    if len(pieces) == 2 and all(" " not in p for p in pieces):
        return [*parts[:-1], *pieces]
    opening = re.match(r"\w{1,4}\s+(?=\S+$)", last)
    return [*parts[:-1], last[opening.end() :]] if opening and len(parts) > 1 else parts


def literal(text: str) -> Any:
    """A number or truth value that stands in a text without quotes; else the text."""
    if _LITERAL.fullmatch(text):
        return json.loads(text) if not re.match(r"-?0\d", text) else text
    return text
