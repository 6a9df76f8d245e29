"""A text and what is asked of it for every secret, made once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from checker.redaction.spellings import BREAK, Spelling

GRAM = 3
"""Characters; every spelling's run has as many."""
_BREAKS = re.compile(BREAK[: -len("?")])
_BREAK_SIGNS = "\\&%"
"""One of them is in every break that isn't white space alone."""


def gram_of(run: str) -> str:
    """What is in the grams of every text that has the run."""
    return run[:GRAM].lower()


class Text:
    """See the module."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def unbroken(self) -> str:
        """Without line breaks and blanks; a backslash and an n may be a break, or not."""
        flat = "".join(self.text.split())
        if not any(sign in self.text for sign in _BREAK_SIGNS):
            return flat
        return "".join(_BREAKS.sub("", self.text).split()) + " " + flat

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    @cached_property
    def unbroken_lower(self) -> str:
        return self.unbroken.lower()

    def grams_of(self, grams: Mapping[str, object]) -> list[str]:
        """Those of these rows of three characters in lower case that it has, as it is or
        unbroken."""
        # No row has the line break: none is found in both parts together.
        text = self.lower if self.text.isalnum() else f"{self.lower}\n{self.unbroken_lower}"
        if len(grams) < len(text):
            return [gram for gram in grams if gram in text]
        own = {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}
        return [gram for gram in own if gram in grams]

    def may_have(self, spelling: Spelling) -> bool:
        """False only where the spelling can't be found."""
        run = spelling.run
        if run is None:
            return True
        if spelling.any_case:
            return run.lower() in self.lower or run.lower() in self.unbroken_lower
        return run in self.text or run in self.unbroken
