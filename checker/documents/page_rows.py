"""One cell of a Markdown table on a prose page, written anew. Pure.

A patch of a page is a JSON Patch of the list of its lines: what stands in a line is tested and
replaced by what it becomes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from checker.documents.prose_tables import column_of, json_type_of, named_type, required_of
from checker.lexicon.phrases import vocabulary

SUFFIXES = (".md", ".markdown", ".mdx", ".txt")
_RULE = re.compile(r"[|:\- \t]*-[|:\- \t]*")
Span = tuple[int, int]


def is_page(file: str) -> bool:
    """Whether a file is a page of which single lines can be patched."""
    return PurePath(file).suffix.lower() in SUFFIXES


def row_patch(
    text: str, line: int, aspect: str, new: Any, restate: Callable[[str], str]
) -> tuple[Mapping[str, Any], ...]:
    """The patch by which the row at a line (from 1) of a page says `new` of a field's `type` or
    whether it is `required`, or what `restate` makes of the one cell that it can restate; empty
    where the row isn't one of a pipe table, or doesn't plainly say it."""
    lines = [one.removesuffix("\r") for one in text.split("\n")]
    at = line - 1
    table = _table(lines, at)
    if table is None:
        return ()
    head, last = table
    spans = _cells(lines[at])
    heads = [lines[head][a:b].strip() for a, b in _cells(lines[head])]
    made = _made(lines, (head + 2, last), at, spans, heads, aspect, new, restate)
    if made is None:
        return ()
    (start, end), cell = made
    changed = lines[at][:start] + cell + lines[at][end:]
    return (
        {"op": "test", "path": f"/{at}", "value": lines[at]},
        {"op": "replace", "path": f"/{at}", "value": changed},
    )


def _made(
    lines: Sequence[str],
    rows: Span,
    at: int,
    spans: Sequence[Span],
    heads: Sequence[str],
    aspect: str,
    new: Any,
    restate: Callable[[str], str],
) -> tuple[Span, str] | None:
    """Which part of the line changes, and what stands there then."""
    if aspect not in ("type", "required"):
        return _restated(lines[at], spans, restate)
    column = column_of(heads, aspect)
    if column is None or column >= len(spans):
        return None
    start, end = spans[column]
    cell = lines[at][start:end]
    if aspect == "type":
        made = named_type(cell, new)
        return ((start, end), made) if json_type_of(made) == new else None
    word = _usual_word(lines, [n for n in range(*rows) if n != at], column, new) or _turned(cell)
    return ((start, end), word) if required_of(word) is new else None


def _restated(
    line: str, spans: Sequence[Span], restate: Callable[[str], str]
) -> tuple[Span, str] | None:
    """The only cell that says it, and what it says then."""
    found = [(s, made) for s in spans if (made := restate(line[s[0] : s[1]]))]
    return found[0] if len(found) == 1 else None


def _usual_word(lines: Sequence[str], rows: Iterable[int], column: int, required: Any) -> str:
    """How the table's other rows mostly say that a field is required, or that it is not."""
    told = Counter(
        lines[n][a:b]
        for n in rows
        for a, b in _cells(lines[n])[column : column + 1]
        if required_of(lines[n][a:b]) is required
    )
    return told.most_common(1)[0][0] if told else ""


def _turned(cell: str) -> str:
    """A mark as its opposite, in the same letters."""
    word = re.sub(r"[`*_\s]", "", cell)
    other = _opposites().get(word.lower(), "")
    other = other.capitalize() if word[:1].isupper() else other
    return cell.replace(word, other) if word and other else cell


@cache
def _opposites() -> Mapping[str, str]:
    """Each word of a mark with its opposite; of two with the same one the first is its opposite."""
    pairs = list(
        zip(*(vocabulary("tables", f"said {word}") for word in ("yes", "no")), strict=True)
    )
    return {**dict(pairs), **{no: yes for yes, no in reversed(pairs)}}


def _table(lines: Sequence[str], at: int) -> Span | None:
    """The line of the header of the table that has a row at a line, and where the table ends."""
    if at >= len(lines) or "|" not in lines[at]:
        return None
    rule = _rule_above(lines, at)
    if rule in (0, at) or not _RULE.fullmatch(lines[rule]) or "|" not in lines[rule - 1]:
        return None
    end = at
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return rule - 1, end


def _rule_above(lines: Sequence[str], at: int) -> int:
    """The nearest line from a row upwards that is the rule below a header, or no row at all."""
    while at > 0 and "|" in lines[at] and not _RULE.fullmatch(lines[at]):
        at -= 1
    return at


def _cells(line: str) -> list[Span]:
    """Where the cells of a row are, without the blanks around them."""
    bars = [m.start() for m in re.finditer(r"(?<!\\)\|", line)]
    edges = [-1, *bars, len(line)]
    spans = [(a + 1, b) for a, b in pairwise(edges)]
    if line.lstrip().startswith("|"):
        spans = spans[1:]
    if line.rstrip().endswith("|") and spans:
        spans = spans[:-1]
    return [_stripped(line, a, b) for a, b in spans]


def _stripped(line: str, start: int, end: int) -> Span:
    inner = line[start:end]
    if not inner.strip():
        return min(start + 1, end), min(start + 1, end)
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))
