"""Rows of field tables whose columns run together, cut in the order of the header's columns.

A row is kept only where it can be read in one way: a name, a mark and a type that run into each
other often have several readings, and a wrong name is worse than a row that isn't read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checker.lexicon.phrases import phrase, vocabulary

NAME, TYPE, MARK, TEXT = "name", "type", "mark", "text"
_NAME = re.compile(r"[A-Za-z_$@][\w$.\-\[\]]*\*?")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to cut a row: its cells, and what they say."""

    cells: tuple[str, ...]
    name: str
    kind: str
    mark: str


def kinds_of(header: Sequence[str]) -> tuple[str, ...]:
    """What each column holds, by its head; empty where it is no table of fields that can be cut:
    a name comes first (or a mark before it), and a type or a mark with it.
    """
    kinds = tuple(map(_kind, header))
    named = kinds.count(NAME) == 1 and kinds[0] in (NAME, MARK)
    short = kinds.count(TYPE) <= 1 and kinds.count(MARK) <= 1
    return kinds if named and short and {TYPE, MARK} & set(kinds) else ()


def _kind(head: str) -> str:
    words = head.lower().split()
    last = words[-1].rstrip("s?") if words else ""
    if last in vocabulary("tables", "head of names"):
        return NAME
    if last in vocabulary("tables", "head of types"):
        return TYPE
    alone = words[0].rstrip("?") if len(words) == 1 else ""
    return MARK if alone in vocabulary("tables", "head of marks") else TEXT


def cut(
    kinds: Sequence[str], lines: Sequence[str], known: Iterable[str] = ()
) -> list[tuple[str, ...] | None]:
    """The cells of each row of a table, None for a row that can't be cut in one way only.

    `known` are names that are sure to be the page's, those of its JSON.
    """
    names = frozenset(known)
    rows = [_likely(list(_readings(kinds, line)), names) for line in lines]
    marks = MARK in kinds and all(any(r.mark for r in row) for row in rows)
    return [_only(row, marks) for row in rows]


def _likely(readings: list[Reading], names: frozenset[str]) -> list[Reading]:
    return [r for r in readings if r.name.rstrip("*") in names] or readings


def _only(readings: Sequence[Reading], marked: bool) -> tuple[str, ...] | None:
    """The one reading of a row; where every row has a mark, it is read with its mark."""
    left = [r for r in readings if r.mark] if marked else list(readings)
    if len({(r.name, r.kind) for r in left}) != 1:
        return None
    return max(left, key=lambda r: len(r.mark)).cells


def _readings(kinds: Sequence[str], line: str) -> Iterator[Reading]:
    for cells in _cells(tuple(kinds), line):
        told = dict(zip(kinds, cells, strict=True))
        yield Reading(cells, told[NAME], told.get(TYPE, ""), told.get(MARK, ""))


def _cells(kinds: tuple[str, ...], line: str) -> Iterator[tuple[str, ...]]:
    """Every way to cut a line into cells of these kinds."""
    if not kinds:
        if not line:
            yield ()
        return
    if kinds[0] == TEXT:
        yield from _texts(kinds, line)
        return
    for end in _ends(kinds, line):
        # A column that follows without a blank begins with a capital, or is a known word.
        yield from ((line[:end], *rest) for rest in _cells(kinds[1:], line[end:]))


def _ends(kinds: tuple[str, ...], line: str) -> Iterator[int]:
    if kinds[0] == NAME:
        whole = _NAME.match(line)
        longest = min(whole.end() if whole else 0, _LONGEST_NAME)
        sure = len(kinds) > 1 and kinds[1] != TEXT
        yield from range(1, longest + 1) if sure else ()
        return
    match = phrase("tables", "type" if kinds[0] == TYPE else "mark").match(line)
    if match is not None and not line[match.end() :][:1].isspace():
        yield match.end()
    if kinds[0] == MARK:
        yield 0


def _texts(kinds: tuple[str, ...], line: str) -> Iterator[tuple[str, ...]]:
    """The texts at the end of a row. Where one ends and the next begins isn't to be seen, so
    that several say nothing."""
    if line[:1].islower() or line[:1] == "_":
        return
    texts = len(kinds) if kinds[-1] == TEXT else len(kinds) - 1
    if set(kinds[:texts]) != {TEXT} or (texts < len(kinds) and kinds[-1] != MARK):
        return
    if texts == len(kinds):
        yield _single(line, texts)
        return
    mark = phrase("tables", "last mark").search(line)
    said, marked = (line[: mark.start()], mark.group(0)) if mark else (line, "")
    yield (*_single(said, texts), marked)


def _single(said: str, texts: int) -> tuple[str, ...]:
    """The cell of a single text; of several none is known."""
    return (said.strip(),) if texts == 1 else ("",) * texts
