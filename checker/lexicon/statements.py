"""What a sentence of a document states of what it names. Pure."""

from __future__ import annotations

from functools import lru_cache

from checker.lexicon.entries import entries, read
from checker.lexicon.texts import folded_names


def says(sentence: str, meaning: str) -> bool:
    """Whether a sentence states something of what it names, in one of the lexicon's languages;
    `meaning` is one of those of the topic `statements`."""
    return meaning in _meanings(sentence)


@lru_cache(maxsize=4096)
def _meanings(sentence: str) -> frozenset[str]:
    return frozenset(entry.means for entry in read("statements", sentence))


@lru_cache(maxsize=4096)
def introduces(text: str, meaning: str) -> bool:
    """Whether the end of a text says of the value in quotes that follows it what `meaning`, one
    of those of the topic `introductions`, stands for."""
    return any(entry.means == meaning for entry in read("introductions", text + " "))


@lru_cache(maxsize=4096)
def written_as(text: str) -> frozenset[str]:
    """The formats in which a description says that a value is written, and `shape` where it
    speaks of what one is made of."""
    return frozenset(entry.means for entry in read("written", text))


def identified_in(text: str) -> list[str]:
    """The words after each phrase that says whose identifier is meant: "an existing depot"."""
    prepared = folded_names(text)
    known = entries("identities")
    return [hit.group("whose") for e in known for hit in e.pattern.finditer(prepared)]
