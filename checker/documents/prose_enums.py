"""Enum values that stand in words: "one of a, b or c", `a` | `b`, "- `a` - meaning"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from checker.lexicon.patterns import Pattern
from checker.lexicon.phrases import phrase, vocabulary

_MAX_TEXT = 20_000
_MAX_VALUES = 100

_ITEM = re.compile(
    r"\s*(?:`(?P<tick>[^`\n]{1,64})`|\"(?P<double>[^\"\n]{1,64})\"|'(?P<single>[^'\n]{1,64})'"
    r"|“(?P<curly>[^”\n]{1,64})”|(?P<bare>[A-Za-z0-9][\w.\-+]*(?:/[\w.\-+]+)*))"
)
_MEANING = re.compile(r"\s*\([^()\n]{0,200}\)|\s*\[[^\[\]\n]{0,200}\]")
_DASHED = re.compile(r"\s*(?:\s[-–—]\s|:\s)[^,;|\n`\"]{0,200}(?=[,;])")
_BULLET = re.compile(
    r"^[ \t>]*(?:[-*+•]|\d+[.)])?[ \t]*(?:\*\*)?(?:`([^`\n]{1,64})`|\"([^\"\n]{1,64})\")(?:\*\*)?"
    r"[ \t]*(?:[-–—:=(]|$)",
    re.MULTILINE,
)
_PARENTHESIS = re.compile(r"[(\[]([^()\[\]\n]{3,200})[)\]]")


def enum_candidates(text: str) -> tuple[str, ...]:
    """Values that the words may list, in order, each once; empty where no list is found.

    They are candidates to try, not facts: an example list looks like an enum.
    """
    text = text[:_MAX_TEXT]
    found: dict[str, None] = {}
    for run in _runs(text):
        if len(run) > 1:
            found.update(dict.fromkeys(run))
    return tuple(found)[:_MAX_VALUES]


def closed_lists(text: str) -> tuple[tuple[str, ...], ...]:
    """The lists of at least two values that the words call a choice ("one of", "values:")."""
    text = text[:_MAX_TEXT]
    lists = [tuple(dict.fromkeys(items)) for items in _after("choice", text, bare=True)]
    return tuple(items for items in lists if len(items) > 1)


def _runs(text: str) -> Iterator[list[str]]:
    yield from _after("choice", text, bare=True)
    yield from _after("perhaps a choice", text, bare=False)
    for match in _of("bare tail").finditer(text):
        yield _list(match.group(1), 0, bare=True)[0]
    yield [a or b for a, b in _BULLET.findall(text)]
    yield from _quoted_runs(text)
    for match in _PARENTHESIS.finditer(text):
        inner = _of("lead").compiled().sub("", match.group(1))
        items, end = _list(inner, 0, bare=True)
        if not inner[end:].strip(" .…") and all(_code_like(i) for i in items):
            yield items


def _after(cue: str, text: str, *, bare: bool) -> Iterator[list[str]]:
    for match in _of(cue).finditer(text):
        start = match.end()
        while start < len(text) and text[start] in " \t([":
            start += 1
        items, _ = _list(text, start, bare=bare)
        yield items


def _quoted_runs(text: str) -> Iterator[list[str]]:
    """`a`, `b` or `c` without any cue before it."""
    position = 0
    opener = re.compile(r"[`\"]")
    while (match := opener.search(text, position)) is not None:
        items, end = _list(text, match.start(), bare=False)
        if len(items) > 1:
            yield items
        position = max(end, match.end())


def _list(text: str, start: int, *, bare: bool) -> tuple[list[str], int]:
    """Items joined by commas, bars, "or", "and"; meanings in parentheses are passed over."""
    items: list[str] = []
    position = end = start
    joint = _of("joint").compiled()
    while len(items) < _MAX_VALUES:
        match = _ITEM.match(text, position)
        if match is None:
            break
        word = match["bare"]
        value = match["tick"] or match["double"] or match["single"] or match["curly"]
        if word is not None:
            word = word.rstrip(".")
            letter = len(word) == 1 and (items or joint.match(text, match.end()))
            shouted = len(word) > 1 and word.isupper()
            if word.lower() in _never_values() and not letter and not shouted:
                break
            if not (bare or _code_like(word, strict=True)):
                break
            pieces = word.split("/") if _alternatives(word) else [word]
        else:
            pieces = [value.strip()]
        after = match.end() - (len(match["bare"]) - len(word) if word is not None else 0)
        for skip in (_MEANING, _DASHED):
            if (meaning := skip.match(text, after)) is not None:
                after = meaning.end()
        glue = joint.match(text, after)
        phrase = word is not None and glue is None and _goes_on(text, after)
        if phrase and (not items or not _code_like(word or "", strict=True)):
            # The word begins a phrase: "active channels of the business" is no value, but
            # what was listed before it stays.
            break
        items += [piece for piece in pieces if piece]
        end = after
        if glue is None:
            break
        position = glue.end()
    return items, end


@cache
def _never_values() -> frozenset[str]:
    return frozenset(vocabulary("enumerations", "no value"))


def _of(meaning: str) -> Pattern:
    return phrase("enumerations", meaning)


def _goes_on(text: str, position: int) -> bool:
    return re.match(r"[ \t]+[A-Za-z]", text[position : position + 8]) is not None


def _alternatives(word: str) -> bool:
    """`a/b/c` is a list; `image/png` (a media type) is a value."""
    head = word.split("/")[0].lower()
    return "/" in word and head not in vocabulary("enumerations", "media")


def _code_like(word: str, *, strict: bool = False) -> bool:
    """Whether a bare word looks like a value rather than prose."""
    if not re.fullmatch(r"[\w.\-+/]+", word):
        return False
    if re.search(r"[_\d]|[a-z][A-Z]", word) or (len(word) > 1 and word.isupper()):
        return True
    return not strict and word.lower() not in _never_values()
