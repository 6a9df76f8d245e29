"""Entries by what they mean, for readers that want more than whether one speaks: where it does, and
with which words. Pure."""

from __future__ import annotations

from functools import cache

from checker.lexicon.entries import Entry, LexiconError, entries
from checker.lexicon.patterns import Pattern


def phrase(topic: str, meaning: str) -> Pattern:
    """The pattern of a topic's one entry that means something."""
    return _entry(topic, meaning).pattern


def vocabulary(topic: str, meaning: str) -> tuple[str, ...]:
    """The words of a topic's one entry that means something, in their order."""
    return _entry(topic, meaning).words


@cache
def _entry(topic: str, meaning: str) -> Entry:
    found = [entry for entry in entries(topic) if entry.means == meaning]
    if len(found) != 1:
        raise LexiconError(f"The topic {topic!r} has {len(found)} entries that mean {meaning!r}.")
    return found[0]
