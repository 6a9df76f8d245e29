"""The files of the lexicon: loading, checking, matching."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from checker.lexicon.patterns import Pattern, plain_of
from checker.lexicon.texts import folded, line_of, name_words

_FORMS: Mapping[str, Callable[[str], str]] = {
    "operation": line_of,
    "prose": folded,
    "text": str,
    "name": str,
    "member": name_words,
}
"""What a topic's texts are: "METHOD /path | words", prose, a text as it
is written (where its letters are cut out of it), a bare name, or the words of one."""
KNOWN_TEXTS = 16_384
"""Texts of which the entries that speak are remembered: names and messages come again and again."""
LONGEST_ENDING = 4
"""Letters that may follow the stem of a verb at the end of a sentence."""
_PLACES = ("any", "path", "prose")
_METHODS = ("writes", "any")
_PART = re.compile(r"\{\{(\w+)\}\}")
"""Where a pattern has a part that several of its file share."""
_READING = ("get", "head", "options")


class LexiconError(Exception):
    """A file of the lexicon is wrong: a fault of the checker, found by its tests."""


@dataclass(frozen=True, slots=True)
class Line:
    """An operation's line: whether its method reads, its path, and its words; both also as
    needles are looked for in them."""

    reading: bool
    path: str
    prose: str
    plain_path: str
    plain_prose: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern and what it means.

    `speaks` and `silent` are texts in the topic's own form in which the entry must match, and
    must not. Of an operation, the pattern is searched in the path and in the prose, or in one
    of them (`where`); for writing methods only unless `methods` is "any"; not where the path
    has a parameter if `unless_item`.
    """

    topic: str
    id: str
    means: str
    pattern: Pattern
    speaks: tuple[str, ...]
    silent: tuple[str, ...]
    form: str
    where: str = "any"
    methods: str = "writes"
    unless_item: bool = False
    verb: str = "first"
    """Where the language has the verb of a sentence."""
    words: tuple[str, ...] = ()
    """Where the pattern is a choice of whole texts: which, in their order."""

    def matches(self, text: str) -> bool:
        """Whether the entry speaks in a text, given in the topic's own form."""
        return self.speaks_in(_FORMS[self.form](text))

    def speaks_in(self, prepared: str) -> bool:
        """Whether the entry speaks in a text that was made ready as its form wants it."""
        if self.form != "operation":
            return self.pattern.search(prepared) is not None
        return self.speaks_of(parts_of(prepared))

    def speaks_of(self, line: Line) -> bool:
        """Whether the entry speaks of an operation, by the parts of its line."""
        if line.reading and self.methods != "any":
            return False
        if self.unless_item and "{}" in line.path:
            return False
        if self.where != "prose" and self.pattern.search(line.path, line.plain_path):
            return True
        if self.where == "path" or self.pattern.search(line.prose, line.plain_prose) is None:
            return False
        return not line.reading or any(map(self._is_verb, self.pattern.finditer(line.prose)))

    def _is_verb(self, hit: re.Match[str]) -> bool:
        """Whether a hit stands where a sentence's own verb does. What a reading operation lists
        may do a lot; only its own verb says what it does itself."""
        if self.verb == "any":
            return True
        if self.verb == "last":
            return len(hit.string) - hit.end() <= LONGEST_ENDING
        return hit.start() == 0


def parts_of(line: str) -> Line:
    """The parts of an operation's line."""
    head, _, prose = line.partition(" |")
    method, _, path = head.partition(" ")
    prose = prose.strip()
    return Line(method in _READING, path, prose, plain_of(path), plain_of(prose))


def topics() -> tuple[str, ...]:
    """The names of all topics."""
    names = {f.name.partition(".")[0] for f in files(__package__).iterdir() if _is_data(f.name)}
    return tuple(sorted(names))


@cache
def entries(topic: str) -> tuple[Entry, ...]:
    """A topic's entries from all its files; raises LexiconError for a wrong one."""
    found: list[Entry] = []
    for file in sorted(files(__package__).iterdir(), key=lambda f: f.name):
        if _is_data(file.name) and file.name.partition(".")[0] == topic:
            found += _loaded(topic, file.name, file.read_text(encoding="utf-8"))
    if not found:
        raise LexiconError(f"The lexicon has no topic {topic!r}.")
    return tuple(found)


@lru_cache(maxsize=KNOWN_TEXTS)
def read(topic: str, text: str) -> tuple[Entry, ...]:
    """The entries of a topic that speak in a text, which has the topic's form (a prepared
    `operation_line` counts as one)."""
    known = entries(topic)
    found: list[Entry] = []
    for form in dict.fromkeys(e.form for e in known):
        prepared = _FORMS[form](text)
        if form == "operation":
            line = parts_of(prepared)
            found += [e for e in known if e.form == form and e.speaks_of(line)]
        else:
            plain = plain_of(prepared)
            found += [e for e in known if e.form == form and e.pattern.search(prepared, plain)]
    return tuple(found)


def _is_data(name: str) -> bool:
    return name.endswith(".toml")


def _loaded(topic: str, name: str, text: str) -> Iterator[Entry]:
    data = tomllib.loads(text)
    form = data.get("form", "prose")
    if form not in _FORMS:
        raise LexiconError(f"{name}: form {form!r} is none of {', '.join(_FORMS)}.")
    for raw in data.get("entry", ()):
        given = {**raw, "pattern": _written(raw, data.get("parts", {}))}
        yield _entry(topic, name, form, data.get("verb", "first"), given)


def _written(raw: Mapping[str, Any], parts: Mapping[str, str]) -> str:
    """The pattern of an entry: of its words, or its alternatives with the file's parts in them."""
    if raw.get("words"):
        return f"^(?:{'|'.join(map(re.escape, raw['words']))})$"
    given = raw.get("pattern", "")
    whole = given if isinstance(given, str) else "|".join(f"(?:{p})" for p in given)
    while any(hit[1] in parts for hit in _PART.finditer(whole)):
        whole = _PART.sub(lambda hit: parts.get(hit[1], hit[0]), whole)
    return whole


def _entry(topic: str, name: str, form: str, verb: str, raw: Mapping[str, Any]) -> Entry:
    where = f"{name}: entry {raw.get('id', '?')}"
    for key in ("id", "means", "pattern"):
        if not raw.get(key):
            raise LexiconError(f"{where} has no {key}.")
    place, methods = raw.get("where", "any"), raw.get("methods", "writes")
    if place not in _PLACES or methods not in _METHODS:
        raise LexiconError(f"{where}: where is one of {_PLACES}, methods one of {_METHODS}.")
    for key in ("speaks", "silent"):
        if not raw.get(key):
            raise LexiconError(f"{where} has no text in which it {_MUST[key]}.")
    pattern = Pattern(raw["pattern"])
    try:
        pattern.check()
    except re.error as error:
        raise LexiconError(f"{where} has a wrong pattern: {error}.") from None
    entry_id = f"{name.removesuffix('.toml')}:{raw['id']}"
    return Entry(
        topic,
        entry_id,
        raw["means"],
        pattern,
        tuple(raw["speaks"]),
        tuple(raw["silent"]),
        form,
        place,
        methods,
        bool(raw.get("unless_item", False)),
        raw.get("verb", verb),
        tuple(raw.get("words", ())),
    )


_MUST = {"speaks": "must speak", "silent": "must stay silent"}
