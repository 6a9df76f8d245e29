"""A description in which values are replaced by what the schema says. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any


def restated(text: str, words: Any, schema: Any) -> str:
    """The text with the value, or the list of values, that it names replaced by the schema's;
    empty where that isn't plainly one place."""
    if isinstance(words, (list, tuple)) and isinstance(schema, (list, tuple)):
        return _relisted(text, [str(v) for v in words], [str(v) for v in schema])
    return _replaced(text, _spoken(words), _spoken(schema))


def _spoken(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _replaced(text: str, old: str, new: str) -> str:
    found = list(_word(old).finditer(text))
    if len(found) != 1:
        return ""
    return text[: found[0].start()] + new + text[found[0].end() :]


def _word(value: str) -> re.Pattern[str]:
    """A value that is no part of a longer one; a full stop behind it ends a sentence."""
    return re.compile(rf"(?<![\w.-]){re.escape(value)}(?![\w-]|\.\w)")


def _relisted(text: str, words: Sequence[str], schema: Sequence[str]) -> str:
    """Values that the list has no more are taken out of it, new ones put in behind the first, all
    in the quotes that it has."""
    for old in words:
        if old not in schema:
            text = _without(text, old)
    kept = [value for value in words if value in schema]
    new = [value for value in schema if value not in words]
    for value in reversed(new):
        found = _quoted(kept[0]).search(text) if kept and text else None
        if found is None:
            return ""
        quote = found[1]
        text = f"{text[: found.end()]}, {quote}{value}{quote}{text[found.end() :]}"
    return text


def _quoted(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])([`'\"*]*){re.escape(value)}\1(?![\w-])")


def _without(text: str, value: str) -> str:
    """The text without one value of a list of three or more; empty where it isn't one."""
    item = _quoted(value).pattern
    ways = (rf"{item},\s+", rf"(?:,\s+){item}(?=,|[^\w\s,]|$)")
    found = [m for way in ways for m in re.finditer(way, text)]
    if not found or any(m.start() > found[0].end() for m in found):
        return ""
    return text[: found[0].start()] + text[found[0].end() :]
