"""Patterns that are compiled when a text may have what they look for.

A run reads a few hundred texts with some two thousand patterns in a dozen languages, and most of
them can't be in any: each has *needles*, texts of which one is in whatever it matches. They are
worked out beforehand (`python -m checker.lexicon.needles`) and kept by the pattern's own text, so
that a pattern that was changed since is searched for always.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

NEEDLES = "needles.json"
FOREIGN = "\x80"
"""The needle of a pattern that needs a character beyond ASCII."""
ALIKE = {"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k"}
"""What an ASCII letter may be written as where the case doesn't count."""
_ALIKE = str.maketrans(ALIKE)


def digest(pattern: str) -> str:
    """By what a pattern's needles are kept."""
    return hashlib.sha256(pattern.encode()).hexdigest()[:16]


def plain_of(text: str) -> str:
    """A text as needles are looked for in it."""
    return text.lower() if text.isascii() else text.translate(_ALIKE).lower() + FOREIGN


@cache
def _known() -> Mapping[str, list[str]]:
    known: Mapping[str, list[str]] = json.loads(
        files(__package__).joinpath(NEEDLES).read_text(encoding="utf-8")
    )
    return known


class Pattern:
    """See the module. The case of letters doesn't count."""

    __slots__ = ("_compiled", "_needles", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._needles = _known().get(digest(pattern))
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str, plain: str | None = None) -> re.Match[str] | None:
        """The first match; `plain` is `plain_of` the text, where the caller has it."""
        return self.compiled().search(text) if self._may_be_in(text, plain) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches."""
        return self.compiled().finditer(text) if self._may_be_in(text) else iter(())

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """What stands right where it is to start."""
        return self.compiled().match(text, start) if self._may_be_in(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match that is the whole text."""
        return self.compiled().fullmatch(text) if self._may_be_in(text) else None

    def check(self) -> None:
        """Raises re.error where the pattern is none; one with needles was read before."""
        if self._needles is None:
            self.compiled()

    def compiled(self) -> re.Pattern[str]:
        """The pattern itself; raises re.error where it is none."""
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, re.IGNORECASE)
        return self._compiled

    def _may_be_in(self, text: str, plain: str | None = None) -> bool:
        if self._needles is None:
            return True
        plain = plain_of(text) if plain is None else plain
        return any(map(plain.__contains__, self._needles))
