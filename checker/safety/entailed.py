"""What of others goes with an own thing that is deleted: what it was given, and words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from checker.domain.operation import Operation, Place
from checker.lexicon import folded, operation_line, read
from checker.lexicon.texts import sentences_of
from checker.planning.producers import shape
from checker.safety.things import Thing

MAX_SENTENCES = 12
LEAST_STEM, LONGEST_ENDING = 4, 2
_ITSELF = frozenset({"contents", "parts", "goes-along"})
_ABROAD = frozenset({"goes-along"})
"""What counts of words that stand elsewhere than with the deletion."""


def entailed(thing: Thing, operation: Operation, operations: Iterable[Operation]) -> str:
    """The sentence by which something that a thing refers to may go with it, when `operation`
    deletes it; empty where there is none. `operations` are all of the API."""
    if not thing.refers or operation.id.method not in ("DELETE", "POST"):
        return ""
    made_at = shape(thing.operation.path)
    places = {made_at, shape(operation.id.path), made_at.rstrip("/") + "/{}"}
    beside = (o for o in operations if shape(o.id.path) in places and o.id != operation.id)
    told = [(m, s) for m, s in _told(operation) if m in _ITSELF]
    told += [(m, s) for other in beside for m, s in _told(other) if m in _ABROAD]
    named = (s for means, s in told if means != "parts" or _names(s, thing.refers))
    return " ".join(next(named, "").split())[:80]


@lru_cache(maxsize=2_000)
def _told(operation: Operation) -> tuple[tuple[str, str], ...]:
    """The sentences with an operation, its answers and its members that say that something goes
    with what is deleted, and what each means."""
    method, path = operation.id.method, operation.id.path
    found = ((s, operation_line(method, path, s)) for s in _sentences(operation))
    every = ((e, s) for s, line in found for e in read("effects", line))
    return tuple((e.means, s) for e, s in every if e.means in _ITSELF and e.where == "prose")


def _sentences(operation: Operation) -> Iterator[str]:
    yield operation.summary
    yield from sentences_of(operation.description, MAX_SENTENCES)
    for response in operation.responses:
        if response.status.startswith("2"):
            yield from sentences_of(response.description, MAX_SENTENCES)
    for key, field in operation.fields.items():
        if key.place is Place.BODY:
            yield from sentences_of(field.description, MAX_SENTENCES)


def _names(sentence: str, nouns: Iterable[str]) -> bool:
    """Whether a sentence has a word that begins as one of the nouns: in the plural, in a case."""
    said = [w.strip("`'\".,;:()") for w in folded(sentence).split()]
    stems = (folded(noun).rpartition("_")[2] for noun in nouns)
    short = [s[: max(LEAST_STEM, len(s) - LONGEST_ENDING)] for s in stems if s]
    return any(word.startswith(stem) for word in said for stem in short)
