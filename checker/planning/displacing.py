"""Operations and values that take from others what only one can be: the default, the active one.
Told by words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from checker.domain.operation import FieldKey, Operation, Place
from checker.lexicon import folded, operation_line, read
from checker.lexicon.texts import as_word, name_words, sentences_of

MAX_SENTENCES = 12
LEAST_WORD = 3
_PLACES = (Place.BODY, Place.QUERY)


def displaces(sentence: str, method: str = "POST") -> bool:
    """Whether a sentence about a writing operation, or a member of its, says that others lose
    what the thing gets."""
    found = read("effects", operation_line(method, "/x/{id}", sentence.strip(" .!\n")))
    return any(e.means == "displaces" for e in found)


@lru_cache(maxsize=2_000)
def displacing_values(operation: Operation) -> Mapping[FieldKey, frozenset[str]]:
    """The flags and members of closed sets that the operation's words name as what displaces
    others, and the values (as they are documented) that do; `true` of a flag."""
    found: dict[FieldKey, frozenset[str]] = {}
    for sentence in _sentences(operation):
        for key in operation.fields:
            values = _named(operation, key, sentence)
            if values:
                found[key] = found.get(key, frozenset()) | values
    return found


@lru_cache(maxsize=2_000)
def displaces_itself(operation: Operation) -> str:
    """The path or sentence by which an operation displaces others, whatever it is given; empty
    where there is none."""
    found = read("effects", operation_line(operation.id.method, operation.id.path))
    if any(e.means == "displaces" for e in found):
        return operation.id.path
    for sentence in _sentences(operation):
        if not any(_named(operation, key, sentence) for key in operation.fields):
            return " ".join(sentence.split())[:80]
    return ""


@lru_cache(maxsize=2_000)
def _sentences(operation: Operation) -> tuple[str, ...]:
    if operation.id.safe:
        return ()
    every = (operation.summary, *sentences_of(operation.description, MAX_SENTENCES))
    return tuple(s for s in every if s and displaces(s, operation.id.method))


def _named(operation: Operation, key: FieldKey, sentence: str) -> frozenset[str]:
    """The values of a member that a sentence names."""
    schema = operation.fields[key].schema
    if key.place not in _PLACES:
        return frozenset()
    if schema.types and set(schema.types) <= {"boolean", "null"}:
        last = name_words(key.leaf).rpartition(" ")[2]
        return frozenset({"true"}) if _has(sentence, last) else frozenset()
    values = (v for v in schema.enumerated if isinstance(v, str))
    return frozenset(v for v in values if _has(sentence, name_words(v)))


def _has(sentence: str, words: str) -> bool:
    plain = re.sub(r"[-_]", " ", folded(sentence))
    return len(words) >= LEAST_WORD and as_word(words).search(plain) is not None
