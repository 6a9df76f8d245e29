"""Whether words already document something, so that no rule tells the owner it is missing.

All functions are pure and lean towards yes: silence about a written requirement is worth more
than a finding about an odd phrasing. A sentence documents a requirement when it names the thing
together with the requirement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from checker.documents.prose_enums import enum_candidates
from checker.lexicon.patterns import Pattern
from checker.lexicon.phrases import phrase, vocabulary
from checker.lexicon.statements import says, written_as
from checker.lexicon.texts import as_word

__all__ = [
    "documents_bound",
    "documents_default",
    "documents_dependency",
    "documents_enum",
    "documents_format",
    "documents_lifecycle",
    "documents_prerequisite",
    "documents_reference",
    "documents_required",
    "documents_required_when",
    "documents_spared",
    "documents_unique",
    "enum_candidates",
    "names",
    "needs",
    "sentences",
    "stem",
]

_MAX_TEXT = 100_000
_END = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=[ \t>]*(?:[-*+•|#]|\d+[.)]\s))")


def sentences(text: str) -> tuple[str, ...]:
    """The text's sentences, table rows and list items; an item carries the line it hangs on.

    "Required fields:" followed by "- `a`" gives "Required fields: - `a`".
    """
    guarded = (
        _of("abbreviation")
        .compiled()
        .sub(lambda m: m.group(0).replace(".", "\0"), text[:_MAX_TEXT])
    )
    found: list[str] = []
    lead = ""
    for piece in _END.split(guarded):
        sentence = piece.replace("\0", ".").strip()
        if not sentence:
            continue
        if re.match(r"[-*+•]|\d+[.)]\s", sentence) and lead:
            found.append(f"{lead} {sentence}")
            continue
        lead = sentence if re.search(r":\W*$|^#", sentence) else ""
        found.append(sentence)
    return tuple(found)


def names(text: str, *subjects: str) -> bool:
    """Whether the text names every subject, in any spelling: `channel_uid`, channelUid, "channel
    UIDs". A dotted name is named by its last part; an empty subject by nothing.
    """
    return bool(subjects) and all(_named(subject).search(text) is not None for subject in subjects)


def documents_spared(text: str, field: str) -> bool:
    """Whether a sentence says that the field may be left out, or need not come."""
    return any(says(s, "may be absent") and names(s, field) for s in sentences(text))


def documents_required(text: str, field: str = "") -> bool:
    """Whether a sentence says that the field is always required.

    With `field` "" the text is the field's own description and need not name it.
    """
    return any(
        says(s, "required")
        and not says(s, "not required")
        and not says(s, "condition")
        and (not field or names(s, field))
        for s in sentences(text)
    )


def documents_required_when(text: str, field: str = "", others: Sequence[str] = ()) -> bool:
    """Whether a sentence says that the field is required under a condition.

    Where `others` are given (the fields or values of the condition), one of them must be named.
    """
    return any(
        says(s, "required")
        and says(s, "condition")
        and (not field or names(s, field))
        and (not others or any(names(s, other) for other in others))
        for s in sentences(text)
    )


def documents_enum(text: str, values: Iterable[Any]) -> bool:
    """Whether the words name every one of the values (as whole words, case ignored)."""
    wanted = [_spelled(value) for value in values]
    return bool(wanted) and all(_spells(text, ways) for ways in wanted)


def documents_unique(text: str, field: str = "") -> bool:
    """Whether a sentence says that the field's value must be unique (a "unique identifier"
    alone doesn't). With `field` "" the text is the field's own description.
    """
    return any(
        says(s, "unique") and (not field or names(s, field) or _stem_named(s, field))
        for s in sentences(text)
    )


def documents_reference(text: str, resource: str) -> bool:
    """Whether a sentence says that a value identifies a resource: "UID of an existing channel",
    "channel's id", "returned by `POST /channels`".
    """
    if not resource:
        return False
    thing = _named(resource).pattern
    identifier = _of("identifier").pattern
    of = re.compile(
        rf"{identifier}\W+(?:\w+\W+){{0,6}}?(?:{thing})|(?:{thing})(?:['’]s)?\W+{identifier}\b",
        re.IGNORECASE,
    )
    return any(
        names(s, resource) and (of.search(s) or says(s, "existing")) for s in sentences(text)
    )


def mentions_operation(text: str, operation: str) -> bool:
    """Whether a text names an operation (`METHOD /path`) by its method and the end of its path."""
    method, _, path = operation.partition(" ")
    parts = [p for p in path.split("/") if p]
    ends = ["/" + "/".join(parts[n:]) for n in range(len(parts))]
    return any(
        re.search(
            rf"\b{method}\W{{1,6}}[\w./{{}}-]*?{re.escape(end)}(?![\w/-])", text, re.IGNORECASE
        )
        for end in ends
    )


def needs(sentence: str) -> bool:
    """Whether a sentence speaks of a need: must, only, before, first, …."""
    return says(sentence, "need")


def documents_prerequisite(text: str, resource: str, state: str = "") -> bool:
    """Whether a sentence says that the operation needs a resource (in a state) beforehand."""
    return any(
        names(s, resource) and says(s, "need") and (not state or stem(state).search(s))
        for s in sentences(text)
    )


def documents_lifecycle(text: str, resource: str, states: Sequence[str]) -> bool:
    """Whether the words tell the states of a resource: the resource, every state and a word of
    change within one paragraph.
    """
    for paragraph in re.split(r"\n\s*\n(?![ \t]*[-*+•|\d`])", text[:_MAX_TEXT]):
        if (
            states
            and (not resource or names(paragraph, resource))
            and says(paragraph, "change")
            and all(stem(state).search(paragraph) for state in states)
        ):
            return True
    return False


def documents_bound(text: str, number: float) -> bool:
    """Whether a sentence names the number as a limit: "at most 255 characters", "1-100"."""
    plain = str(int(number)) if float(number).is_integer() else repr(float(number))
    ways = {plain}
    if plain.lstrip("-").isdigit() and len(plain.lstrip("-")) > 3:
        ways |= {f"{int(number):,}", f"{int(number):,}".replace(",", " ")}
    figure = re.compile("|".join(rf"(?<![\d.,]){re.escape(w)}(?![\d]|[.,]\d)" for w in ways))
    return any(figure.search(s) and says(figure.sub("0", s), "limit") for s in sentences(text))


def documents_format(text: str, *hints: str) -> bool:
    """Whether the words tell a format: a known name (date, uuid, digits, phone, …) in one of its
    phrasings, or the hint itself (a pattern, an example form such as "DD/MM/YYYY").
    """
    for hint in hints:
        if not hint:
            continue
        if hint.lower() in written_as(text):
            return True
        if hint.lower() in text.lower():
            return True
    return False


def documents_default(text: str, value: Any) -> bool:
    """Whether a sentence names the value as what counts when the field is left out."""
    parts = value if isinstance(value, list) and value else [value]
    ways = [_spelled(part) for part in parts]
    return any(says(s, "default") and all(_spells(s, way) for way in ways) for s in sentences(text))


def describes_default(text: str) -> bool:
    """Whether a sentence says what counts when the field is left out without naming a value:
    "the whole amount by default", "falls back to the account's language".
    """
    return any(
        says(s, "default") and not re.search(r"\d|[`'\"“‘][^`'\"”’]+[`'\"”’]", s)
        for s in sentences(text)
    )


def describes_bound(text: str) -> bool:
    """Whether a sentence limits the value by something that isn't a number: "at most the amount
    of the charge", "not more than what is left".
    """
    return any(says(s, "relative limit") for s in sentences(text))


def documents_dependency(text: str, fields: Sequence[str]) -> bool:
    """Whether one sentence (or two in a row) names all the fields and how they hang together."""
    if not fields:
        return False
    whole = sentences(text)
    windows: Iterator[str] = (
        piece for n, s in enumerate(whole) for piece in (s, " ".join(whole[n : n + 2]))
    )
    return any(says(w, "together") and all(names(w, f) for f in fields) for w in windows)


def documents_alternative(text: str, one: str, other: str) -> bool:
    """Whether one sentence says that one of two fields is enough: "one of `a` and `b`"."""
    return any(
        says(s, "alternative") and names(s, one) and names(s, other) for s in sentences(text)
    )


@lru_cache(maxsize=4096)
def _named(subject: str) -> re.Pattern[str]:
    """A pattern for a subject's spellings; each word in singular or plural."""
    last = subject.replace("[]", "").rpartition(".")[2]
    words = [w for w in re.split(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])", last) if w]
    if not words:
        return re.compile(r"(?!)")
    body = r"[\W_]{0,2}".join(_plural(word) for word in words)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{body})(?![a-z0-9])", re.IGNORECASE)


def _plural(word: str) -> str:
    lower = word.lower()
    if lower.endswith("ies") and len(lower) > 4:
        return re.escape(lower[:-3]) + "(?:y|ies)"
    if lower.endswith("y") and len(lower) > 3:
        return re.escape(lower[:-1]) + "(?:y|ies|ys)"
    if lower.endswith(("sses", "shes", "ches", "xes", "uses")):
        return re.escape(lower[:-2]) + "(?:es)?"
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(lower) > 3:
        return re.escape(lower[:-1]) + "s?"
    return re.escape(lower) + ("(?:es)?" if lower.endswith(("s", "x", "sh", "ch")) else "s?")


def _stem_named(sentence: str, field: str) -> bool:
    """`external_uid` is named by "external UID" and, as a resource, by "external …"."""
    last = field.replace("[]", "").rpartition(".")[2]
    head = _of("end of an identifier").compiled().sub("", last)
    return head != last and bool(head) and names(sentence, head)


@lru_cache(maxsize=1024)
def stem(word: str) -> re.Pattern[str]:
    """A word and its relatives: active, activate, activation; pending only itself. No part of a
    longer name: `opening_hours` says nothing of what is open."""
    parts = [p for p in re.split(r"[\W_]+", word) if p]
    if not parts:
        return re.compile(r"(?!)")
    body = r"[\W_]{0,2}".join(re.escape(_cut(part)) + r"[^\W_]*" for part in parts)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{body})(?!_?[^\W_])", re.IGNORECASE)


def _cut(word: str) -> str:
    for ending in vocabulary("spellings", "ending of relatives"):
        if word.lower().endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _spelled(value: Any) -> tuple[str, ...]:
    """The ways a value may be written in words."""
    if isinstance(value, str):
        if not value:
            return vocabulary("spellings", "empty text")
        return value, value.replace("_", " "), value.replace("_", "-"), value.replace("-", " ")
    if value is None:
        return vocabulary("spellings", "null")
    if value is True:
        return vocabulary("spellings", "true")
    if value is False:
        return vocabulary("spellings", "false")
    if value == []:
        return vocabulary("spellings", "empty list")
    if isinstance(value, float) and value.is_integer():
        return (str(int(value)), repr(value))
    return (json.dumps(value, default=str),)


def _of(meaning: str) -> Pattern:
    return phrase("spellings", meaning)


def _spells(text: str, ways: Iterable[str]) -> bool:
    """Whether a text has a value in one of the ways that it may be written, as a word."""
    return any(as_word(way, any_case=True).search(text) for way in ways)
