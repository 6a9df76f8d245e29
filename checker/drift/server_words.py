"""Whether words say that a field is the server's own, or that it isn't looked at. Pure."""

from __future__ import annotations

import re

from checker.lexicon.statements import says
from checker.lexicon.texts import as_word

_OTHERS = re.compile(
    r"\b(?:all|any|every)?\s*(?:the )?other (?:field|propert|attribute|parameter|member|key)\w*"
    r"[^.]{0,60}\bignored\b",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\bonly\b[^.]{0,80}\b(?:can|may) be (?:modified|changed|updated|set|edited)\b[^.]{0,400}",
    re.IGNORECASE,
)


def others_ignored(text: str, name: str) -> bool:
    """Whether the words name the fields that count, and this isn't one of them."""
    match = _ONLY.search(text) or _OTHERS.search(text)
    if match is None:
        return False
    before = text[: match.end()]
    return as_word(name).search(before) is None


_CONSTANT = re.compile(
    r"""\W*(?:(?:is )?always |set to )(?:set to )?[`"'“‘][^`"'”’]{1,60}[`"'”’]\W*""", re.IGNORECASE
)
"""The whole of a description: one value and nothing about when to send it."""


def documents_own(text: str, *, update: bool = False) -> bool:
    """Whether a field's own description says that the server sets it: read-only, assigned by the
    server, always one value; for an `update`, that it can't be changed."""
    if says(text, "the server's own") or _CONSTANT.fullmatch(text.strip()):
        return True
    return update and says(text, "fixed")
