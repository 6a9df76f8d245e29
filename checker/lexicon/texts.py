"""Texts as patterns see them: accents folded, names split into words. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PART = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？])|\n\s*\n")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def folded(text: str) -> str:
    """The text in lower case, without accents, white space and quotes folded."""
    if text.isascii():  # the same in a tenth of the time
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", kept).replace("’", "'").split())


@lru_cache(maxsize=8192)
def as_word(text: str, *, any_case: bool = False) -> re.Pattern[str]:
    """Finds a text where it stands by itself, and not as a part of a longer word or number."""
    flags = re.IGNORECASE if any_case else re.NOFLAG
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", flags)


def sentences_of(text: str, most: int) -> list[str]:
    """The first sentences of a text, and parts between semicolons and empty lines."""
    return _SENTENCE.split(text.strip())[:most]


@lru_cache(maxsize=8192)
def name_words(name: str) -> str:
    """The words of a snake, kebab, camel or dotted name, folded, separated by blanks."""
    return " ".join(folded(w) for w in _PART.findall(_CAMEL.sub(" ", name)))


def folded_names(text: str) -> str:
    """Prose, folded, with the words of camel-case names apart."""
    return folded(_CAMEL.sub(" ", text))


def operation_line(method: str, path: str, prose: str = "") -> str:
    """An operation as one line: "post users / {} / change password | change the own password".

    Path parameters are `{}`; of the prose, folded, everything counts that is given.
    """
    segments = [s.strip() for s in path.split("?")[0].split("/") if s.strip()]
    shown = [
        "{}" if s.startswith("{") and s.endswith("}") else name_words(re.sub(r"\{.*?\}", " ", s))
        for s in segments
    ]
    return f"{method.lower()} {' / '.join(s for s in shown if s)} | {folded(prose)}"


def line_of(text: str) -> str:
    """`operation_line` of "METHOD /path | words", the form of the cases."""
    head, _, prose = text.partition("|")
    method, _, path = head.strip().partition(" ")
    return operation_line(method, path.strip(), prose)
