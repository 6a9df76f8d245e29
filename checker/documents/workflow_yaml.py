"""YAML and JSON as people write it into workflow records, read without ever failing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.documents.flaws import Flaw
from checker.documents.parse import parse
from checker.documents.source import find
from checker.domain.nodes import mapping_of

_KEY = r"(?:[\w$.@\-\[\]]+|\"[^\"\n]*\"|'[^'\n]*')"
_PAIR = re.compile(rf"^(?P<head>\s*(?:- +)*{_KEY}\s*:[ \t]+)(?P<value>\S.*?)\s*$")
_ITEM = re.compile(r"^(?P<head>\s*(?:- +)+)(?P<value>\S.*?)\s*$")
_BARE_TEMPLATE = re.compile(
    r"(?P<before>[:\[,]\s*)(?P<value>\{\{\s*[\w.\-]+\s*\}\})(?=\s*[,\]}\n]|$)"
)
_TOP_KEY = re.compile(r"^([A-Za-z_][\w-]*)\s*:[ \t]*(.*?)\s*$")
MAX_LINE = 10_000
_NOT_PLAIN = "\"'|>[{&*!"


@dataclass(frozen=True, slots=True)
class Loose:
    """Data of a block, what was wrong with it, and the text that was read in the end."""

    data: Any
    flaws: tuple[Flaw, ...]
    text: str
    syntax: str

    def lines(self, pointers: list[str]) -> Mapping[str, int]:
        """1-based lines of the given JSON Pointers in the block."""
        return {p: at[0] for p, at in find(self.text, pointers, self.syntax).items()}


def read_block(text: str) -> Loose:
    """A YAML or JSON block. Tabs, bare `{{templates}}` and bare colons are mended, and said."""
    syntax = "json" if text.lstrip()[:1] in ("{", "[") else "yaml"
    parsed = parse(text, syntax)
    if not parsed.flaws:
        return Loose(parsed.data, (), text, parsed.syntax)
    mended = mend(text)
    if mended != text:
        again = parse(mended, syntax)
        if _better(again.flaws, parsed.flaws):
            return Loose(again.data, (*_told(text, mended), *again.flaws), mended, again.syntax)
    return Loose(parsed.data, parsed.flaws, text, parsed.syntax)


def _line_by_line(text: str) -> dict[str, Any]:
    """The keys at the top of what is no YAML, each value read by itself."""
    values: dict[str, Any] = {}
    for line in text.replace("\r", "").split("\n"):
        pair = _TOP_KEY.match(line)
        if pair is None:
            continue
        single = parse(pair.group(2), "yaml")
        plain = single.flaws or isinstance(single.data, Mapping)
        values[pair.group(1)] = pair.group(2) if plain else single.data
    return values


def read_front_matter(text: str) -> Loose:
    """Front matter: a mapping, read line by line where it isn't YAML."""
    found = read_block(text)
    if isinstance(found.data, Mapping) and not any(f.fatal for f in found.flaws):
        return found
    values = _line_by_line(text) or dict(mapping_of(found.data))
    flaws = found.flaws
    if not flaws and text.strip() and not isinstance(found.data, Mapping):
        flaws = (Flaw("The front matter is not a list of keys.", "Write `key: value` lines."),)
    return Loose(values, flaws, text, "yaml")


def mend(text: str) -> str:
    """The text with the usual slips mended; the lines keep their numbers."""
    return "\n".join(_mended(line) for line in text.replace("\r", "").split("\n"))


def _mended(line: str) -> str:
    if len(line) > MAX_LINE:
        return line
    body = line.lstrip(" \t")
    line = line[: len(line) - len(body)].replace("\t", "  ") + body.replace("\t", " ")
    pair = _PAIR.match(line) or _ITEM.match(line)
    if pair is not None and _wants_quotes(pair):
        head, value = pair.group("head"), pair.group("value")
        comma = "," if value.endswith(",") and '"' in head else ""
        inner = value[: len(value) - len(comma)]
        if not _BARE_TEMPLATE.search(head):
            return head + "'" + inner.replace("'", "''") + "'" + comma
    return _BARE_TEMPLATE.sub(lambda m: f'{m.group("before")}"{m.group("value")}"', line)


def _wants_quotes(pair: re.Match[str]) -> bool:
    """Whether a value means something else to YAML than what was written."""
    value = pair.group("value")
    if value.startswith("{{") or value[0] in "@`%":
        return True
    if pair.re is _ITEM or value[0] in _NOT_PLAIN:
        return False
    return ": " in value or value.endswith(":")


def _better(new: tuple[Flaw, ...], old: tuple[Flaw, ...]) -> bool:
    return (sum(f.fatal for f in new), len(new)) < (sum(f.fatal for f in old), len(old))


def _told(text: str, mended: str) -> list[Flaw]:
    """What was mended, at the first line of each kind."""
    told: dict[str, Flaw] = {}
    pairs = zip(text.replace("\r", "").split("\n"), mended.split("\n"), strict=True)
    for number, (before, after) in enumerate(pairs, 1):
        if before == after:
            continue
        if "\t" in before:
            message, help_ = "A tab stands in the YAML.", "Indent with spaces."
        elif "{{" in before:
            message, help_ = "A `{{template}}` is not in quotes.", "Put the value in quotes."
        else:
            message, help_ = "A value with a colon is not in quotes.", "Put the value in quotes."
        told.setdefault(message, Flaw(message, help_, line=number, column=1))
    return list(told.values())
