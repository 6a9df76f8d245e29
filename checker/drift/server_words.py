"""Whether words say that a field is the server's own, or that it isn't looked at. Pure."""

from __future__ import annotations

import re

from checker.lexicon.statements import introduces, says
from checker.lexicon.texts import as_word, sentences_of

MAX_SENTENCES = 40
_VALUE = re.compile(r"""[`"'“‘][^`"'”’]{1,60}[`"'”’]\W*""")


def others_ignored(text: str, name: str) -> bool:
    """Whether the words name the fields that count, and this isn't one of them."""
    sentences = sentences_of(text, MAX_SENTENCES)
    told = [n for n, s in enumerate(sentences) if says(s, "others ignored")]
    if not told:
        return False
    return as_word(name).search(" ".join(sentences[: told[0] + 1])) is None


def documents_own(text: str, *, update: bool = False) -> bool:
    """Whether a field's own description says that the server sets it: read-only, assigned by the
    server, always one value; for an `update`, that it can't be changed."""
    if says(text, "the server's own") or _is_constant(text):
        return True
    return update and says(text, "fixed")


def _is_constant(text: str) -> bool:
    """Whether the whole of a description is one value, and nothing about when to send it."""
    found = _VALUE.search(text)
    return (
        found is not None
        and found.end() == len(text)
        and introduces(text[: found.start()], "constant")
    )
