"""Allowed and exemplary values that a text lists, in whatever form. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from checker.search.wording import Quote, joint_of, quotes

MOST_VALUES = 60
_BRACKETS = re.compile(
    r"\[([^\[\]]{1,1500})\]|\(([^()]{1,1500})\)|\{([^{}]{1,1500})\}|<([^<>]{1,300})>"
)
_PIPED = re.compile(r"(?<![\w|^\\])[\w.\-+]{1,60}(?:\s*\|\s*[\w.\-+]{1,60})+(?![\w|])")
_SLASHED = re.compile(r"(?<![\w/.:])[^\W\d]\w*(?:/[^\W\d]\w*){2,}(?![\w/])")
_COLON = re.compile(r":\s*([^:;()\[\]{}]{1,600})$")
_BETWEEN = r"[\s,|/&\"'`´“”„«»‹›‘’‚]*"
_JOINT = re.compile(rf"{_BETWEEN}(?:\b\w{{1,4}}\b)?{_BETWEEN}")
_VALUE = re.compile(r"\w[\w.\-+:]*")
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
        parts = [p.strip().rstrip(".!") for p in behind.group(1).split(",")]
        if all(p and p.count(" ") < 3 for p in parts[:-1]):
            yield from map(literal, _without_joint(parts))
            return
    for sentence in re.split(r"(?<=[.!?])\s", text):
        parts = sentence.split(",")
        row = _row(parts)
        if len(row) > 1:
            yield from map(literal, row)
            return


def _row(parts: list[str]) -> list[str]:
    """The values of a row: the last word of the first part, the parts between, and the first
    word of the last one; a row of two has to end with it."""
    if len(parts) < 2:
        return []
    middle = [_one_word(p) for p in parts[1:-1]]
    first = parts[0].split()
    last = _last_words(parts[-1], len(parts) == 2)
    if not first or not last or not all(middle):
        return []
    words = [w.rstrip(".;!") for w in (first[-1], *middle, *last)]
    return words if all(_VALUE.fullmatch(w) for w in words) else []


def _one_word(part: str) -> str:
    words = part.split()
    if len(words) == 2 and joint_of(words[0]):
        words = words[1:]
    return words[0] if len(words) == 1 else ""


def _last_words(part: str, whole: bool) -> list[str]:
    words = part.split()
    if len(words) > 1 and joint_of(words[0]):
        words = words[1:]
    joined = len(words) > 2 and bool(joint_of(words[1]))
    joined = joined and (len(words) == 3 or joint_of(words[1]) == "or")
    if not words or (whole and not joined and len(words) > 2):
        return []
    return [words[0], words[2]] if joined else [words[0]]


def _without_joint(parts: list[str]) -> list[str]:
    """The parts, the last one's "b or c" taken apart."""
    words = parts[-1].split()
    if len(words) == 3 and joint_of(words[1]):
        return [*parts[:-1], words[0], words[2]]
    if len(words) > 1 and joint_of(words[0]):
        return [*parts[:-1], " ".join(words[1:])]
    return parts


def literal(text: str) -> Any:
    """A number or truth value that stands in a text without quotes; else the text."""
    if _LITERAL.fullmatch(text):
        return json.loads(text) if not re.match(r"-?0\d", text) else text
    return text
