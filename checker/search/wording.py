"""Words, names and quotes of a text, whatever its language and spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from checker.lexicon import folded, read

LONGEST_TEXT = 4_000
LONGEST_READ = 800
_PART = re.compile(r"[^\W\d_]+|\d+")
_FRAME = re.compile(r"[\w>]\.\w{1,5}[\"')]*[:,(]\s*(?:\w+ )?\d+")
"""A file and a line of it."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PAIRS = ('""', "``", "“”", "„“", "„”", "«»", "»«", "‹›", "‘’", "‚‘", "「」", "『』", "””", "´´")
_QUOTED = re.compile(
    "|".join(
        [
            *(f"{re.escape(p[0])}([^{re.escape(p)}\\n]{{1,200}}){re.escape(p[1])}" for p in _PAIRS),
            r"(?<!\w)'([^'\n]{1,200})'(?!\w)",
        ]
    )
)
_IDENTIFIER = re.compile(r"[^\W\d]\w*(?:[-.]\w+)*(?:\[\d*\])?")
_JOINED = re.compile(r"[^\W\d]\w*_\w+|[^\W\d_A-Z]+[^\W\d_A-Z]*[A-Z]\w*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, folded, and where it stands; camel case is taken apart."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What stands between two quotes; `start` and `end` are the content's, without them."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text in order, numbers too."""
    found: list[Token] = []
    for part in _PART.finditer(text):
        begin = part.start()
        for piece in _CAMEL.split(part.group()):
            found.append(Token(_folded(piece), begin, begin + len(piece)))
            begin += len(piece)
    return found


@lru_cache(maxsize=8_192)
def _folded(word: str) -> str:
    return folded(word)


@lru_cache(maxsize=8_192)
def squashed(name: str) -> str:
    """A name in the one spelling that all its spellings have: `birth_date`, `birthDate` and
    "Birth date" are `birthdate`."""
    return "".join(token.word for token in tokens(name[:200]))


def quotes(text: str) -> Iterator[Quote]:
    """What a text has in quotes of any kind, in order, without blanks around it."""
    for match in _QUOTED.finditer(text):
        text, start = match.group(match.lastindex or 0), match.start(match.lastindex or 0)
        plain = text.strip()
        if plain:
            start += len(text) - len(text.lstrip())
            yield Quote(plain, start, start + len(plain))


@lru_cache(maxsize=8_192)
def means(topic: str, text: str) -> tuple[str, ...]:
    """What the entries of a topic of the lexicon that speak in a text mean, in their order."""
    return tuple(entry.means for entry in read(topic, text[:LONGEST_READ]))


def joint_of(word: str) -> str:
    """What a word joins: "and", "or", or "" where it is none that joins names or clauses."""
    found = means("joints", word) if len(word) <= 10 else ()
    return found[0] if found else ""


def is_identifier(text: str) -> bool:
    """Whether a text can be a member's name: one word, letters first."""
    return len(text) <= 80 and _IDENTIFIER.fullmatch(text) is not None


def joined_word(text: str) -> str | None:
    """The first word of a text that is written as only names are: `tax_code`, `taxCode`."""
    words = (w for w in re.findall(r"[\w.]*\w", text) if len(w) <= 80)
    return next((w for w in words if _JOINED.fullmatch(w)), None)


def is_sentence(text: str) -> bool:
    """Whether a text is more than a name or a code: it has a blank between words."""
    return len(text.split(None, 2)) > 1


def capped(text: str) -> str:
    """The text as far as it is read: escaped quotes made plain, lines of a stack left out."""
    plain = text[:LONGEST_TEXT].replace('\\"', '"')
    lines = plain.splitlines()
    if len(lines) < 2:
        return plain
    return "\n".join(line for line in lines if not _FRAME.search(line))
