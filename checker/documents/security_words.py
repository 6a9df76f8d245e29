"""Token types that a description names: "Available for **Staff, App and Directory tokens**".

Nothing is known of any vendor's types: a token type is the word (or the list of words) before
"token(s)", in a sentence that says what a caller needs or may use.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from checker.lexicon.patterns import Pattern
from checker.lexicon.phrases import phrase, vocabulary

_EMPHASIS = re.compile(r"[*`_]{1,3}(?=\w)|(?<=[\w.,)])[*`_]{1,3}|</?\w+[^>]{0,80}>|[*]{2}")
_SENTENCE = re.compile(r"(?<=[a-z0-9)][.!?])\s+|\n+|\s+[–—]\s+|\s-\s|;\s")
_WRITTEN = re.compile(r"(?<=[.!?])\s+|\n+")
_A_BEFORE = re.compile(r"(?<!\w)([Aa])n?(\s+)\Z")
MAX_TEXT = 20_000
NEAR = 400
"""How many characters around a list of types can say what they are for."""


def token_types(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """The token types that `text` says are allowed, in lower case, in order, each once.

    `known` are types that there are for sure, in lower case: "API tokens" names one only then.
    """
    if not text or not _of("about tokens").search(text[:MAX_TEXT]):
        return ()
    found: list[str] = []
    refused: set[str] = set()
    heading = ""
    for sentence in _sentences(text[:MAX_TEXT]):
        if not _of("about tokens").search(sentence):
            heading = sentence if len(sentence) < 60 else ""
            continue
        allowed, denied = _read(sentence, heading, known)
        found += allowed
        refused |= denied
    return tuple(dict.fromkeys(t for t in found if t not in refused))


def restated(text: str, types: Sequence[str]) -> str:
    """The text with other token types in its list of them, written as the list is; empty where
    it names them in several places, or the text wouldn't say just that."""
    sure = {t.lower() for t in types}
    known = token_types(text, sure)
    label = _of("label")
    found = [*_of("marked list").finditer(text), *_of("list").finditer(text)]
    found += label.finditer(text)
    lists = [m for m in found if set(known) <= set(_names(_plain(m.group("list")), known))]
    if len(lists) != 1 or not known or not types:
        return ""
    start, end = lists[0].span("list")
    old = text[start:end]
    mark = lists[0].groupdict().get("mark") or ""
    upper = old.removeprefix(mark)[:1].isupper()
    shown = [mark + (t.capitalize() if upper and t.islower() else t) + mark for t in types]
    last = _last_joint(old, is_field=lists[0].re is label.compiled())
    if len(shown) < 3 and last.strip() != ",":
        last = last.removeprefix(",")
    new = ", ".join(shown[:-1]) + last + shown[-1] if len(shown) > 1 else shown[0]
    vowel = "n" if types[0][:1].lower() in "aeiou" else ""
    before = _A_BEFORE.sub(lambda m: m.group(1) + vowel + m.group(2), text[:start])
    made = before + new + text[end:]
    return made if set(token_types(made, sure)) == sure else ""


def _last_joint(old: str, *, is_field: bool) -> str:
    """What stands before the last one of a list, as in the list that there is: a mere comma where
    it has no word there, or where it is the value of a label ("Token types: staff")."""
    word = _of("joint").search(old)
    if word is not None:
        return f"{word.group(1)} {word.group(2).lower()} "
    return ", " if is_field or "," in old else " and "


def sentence_like(text: str, types: Sequence[str]) -> str:
    """The sentence of a text that names token types, with other types in it; empty where none
    does."""
    for sentence in _WRITTEN.split(text):
        made = restated(sentence.strip(), types)
        if made:
            return made
    return ""


def _plain(text: str) -> str:
    return _EMPHASIS.sub("", text)


def _sentences(text: str) -> list[str]:
    plain = _EMPHASIS.sub("", text.replace("\\n", "\n"))
    return [s.strip(" #>-|\t") for s in _SENTENCE.split(plain) if s and s.strip(" #>-|\t")]


def _read(sentence: str, heading: str, known: Collection[str]) -> tuple[list[str], set[str]]:
    if _of("only some").match(sentence):
        return [], set()  # "For client tokens, the id is derived": says nothing of access
    allowed: list[str] = []
    denied: set[str] = set()
    field = _of("label").search(sentence)
    if field:
        allowed += _names(field.group("list"), known)
    matches = list(_of("list").finditer(sentence))
    for match in matches:
        kind = (match.group("kind") or "").lower()
        names = _names(match.group("list"), known) or [k for k in [kind] if k in known]
        if not names:
            continue
        start, end = match.span()
        before, after = sentence[max(0, start - NEAR) : start], sentence[end : end + NEAR]
        if _negated(before, after):
            denied.update(names)
        elif _grants(before, after, heading, sentence):
            allowed += names
    return allowed, denied


def _names(listed: str, known: Collection[str]) -> list[str]:
    words = [w for part in _of("divider").compiled().split(listed) for w in part.split()]
    lowered = [w.lower().strip("-_") for w in words if w]
    never = _never_types()
    return [w for w in lowered if w in known or (w and w not in never and not w.endswith("ing"))]


@cache
def _never_types() -> frozenset[str]:
    return frozenset(vocabulary("tokens", "no type"))


def _of(meaning: str) -> Pattern:
    return phrase("tokens", meaning)


def _negated(before: str, after: str) -> bool:
    """Whether the nearest verb before the list, or the one right after it, refuses."""
    refusals = list(_of("refuses").finditer(before))
    if refusals:
        between = before[refusals[-1].end() :]
        # "not only for A but for B tokens" grants; "without A" in an earlier clause is past
        if not _of("more than").match(between) and not _of("another clause").search(between):
            return True
    return bool(_of("refused").match(after))


def _grants(before: str, after: str, heading: str, sentence: str) -> bool:
    """Whether the words around a list say that those tokens are what a caller needs."""
    if _of("handles").search(before):
        return False
    if _of("available").search(before) or _of("granted").match(after):
        return True
    bare = not before.strip(" :*") and not after.strip(" .*")
    return bare and bool(_of("available").search(heading))
