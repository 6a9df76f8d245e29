"""The clauses of a text, each with the fields it names. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from checker.lexicon.texts import as_word
from checker.search.naming import Names, Spot
from checker.search.wording import is_sentence, joint_of, quotes, tokens

MOST_CLAUSES = 60
MOST_SPOTS = 60
_STRONG = re.compile(
    r"\n+|;\s*|\s\|\s|(?<=[.!?])\s+(?=[^\W\d_a-zß-ÿ]|[\"'`„«“¿¡‘])|(?<=[。！？])|\s•\s|\s\*\s"
)
_BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\^\S+\$")
_SEPARATOR = re.compile(r",\s|\s(?:&|\+|[^\W\d_]{1,6})\s")
_WORD_ONLY = re.compile(r"[\s,\"'`“”„«»‘’\[\](){}:&+/|]*")
_SHORT_NAME_TAIL = 2


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a text that says one thing, and the known fields that it names."""

    text: str
    spots: tuple[Spot, ...] = ()
    group: tuple[Spot, ...] = field(default=())
    """Fields that are named in a row, of which the clause says the same."""
    either: bool = False
    """One of the group is enough."""


def clauses_of(text: str, names: Names) -> list[Clause]:
    """The clauses of a text in order; one that names no field belongs to the one before it."""
    pieces = _pieces(text)
    found: list[Clause] = []
    for piece in pieces[:MOST_CLAUSES]:
        found += _split(piece, names)
    return _joined(found, names)[:MOST_CLAUSES]


def _pieces(text: str) -> list[str]:
    kept = [(m.start(), m.end()) for m in _BRACKETED.finditer(text)]
    kept += [(q.start, q.end) for q in quotes(text)]
    found, begin = [], 0
    for match in _STRONG.finditer(text):
        if any(a < match.start() < b for a, b in kept):
            continue
        found.append(text[begin : match.start()])
        begin = match.end()
    found.append(text[begin:])
    return [p for p in found if p.strip(" .,;")]


def _joined(found: Sequence[Clause], names: Names) -> list[Clause]:
    """Clauses, those without a field put to the one before (or, at the start, behind)."""
    joined: list[Clause] = []
    lead = ""
    for clause in found:
        if clause.spots and lead:
            joined.append(_read(f"{lead}. {clause.text}", names))
            lead = ""
        elif clause.spots:
            joined.append(clause)
        elif joined:
            joined[-1] = _read(f"{joined[-1].text}. {clause.text}", names)
        else:
            lead = f"{lead}. {clause.text}" if lead else clause.text
    return [*joined, Clause(lead)] if lead else joined


def _split(text: str, names: Names) -> list[Clause]:
    """A piece taken apart between its fields, where words stand on both sides of a joint."""
    spots = names.spots(text)[:MOST_SPOTS]
    cuts: list[tuple[int, int]] = []
    kept = [(m.start(), m.end()) for m in _BRACKETED.finditer(text)]
    kept += [(q.start, q.end) for q in quotes(text)]
    for one, other in itertools.pairwise(spots):
        if _WORD_ONLY.fullmatch(text, one.end, other.start):
            continue
        cut = _cut_between(text, one.end, other.start, kept)
        if cut and _says_more(text, spots, cuts[-1][1] if cuts else 0, cut[0]):
            cuts.append(cut)
    if cuts and not _says_more(text, spots, cuts[-1][1], len(text)):
        cuts.pop()
    bounds = [0, *(n for cut in cuts for n in cut), len(text)]
    parts = [text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    return _with_lists([_read(part, names) for part in parts if part.strip()], names)


def _with_lists(parts: list[Clause], names: Names) -> list[Clause]:
    """Parts, a row of quoted names put to the one field before it: it lists what may stand."""
    found: list[Clause] = []
    for part in parts:
        row = len(part.group) > 1 and all(s.marked for s in part.group)
        if found and row and len(found[-1].spots) == 1:
            found[-1] = _read(f"{found[-1].text}, {part.text}", names)
        else:
            found.append(part)
    return found


def _cut_between(
    text: str, start: int, end: int, kept: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    best = None
    for match in _SEPARATOR.finditer(text, start, end + 1):
        word = match.group().strip()
        inside = any(a <= match.start() < b for a, b in kept)
        if not inside and (word == "," or joint_of(word) == "and"):
            best = (match.start(), match.end())
    return best


def _says_more(text: str, spots: Sequence[Spot], start: int, end: int) -> bool:
    """Whether a part says something of its field: it has words besides the names."""
    inside = [s for s in spots if start <= s.start and s.end <= end]
    covered = sum(len(tokens(text[s.start : s.end])) for s in inside)
    words = [t for t in tokens(text[start:end]) if not joint_of(t.word)]
    return bool(inside) and len(words) - covered >= 2


def _read(text: str, names: Names) -> Clause:
    spots = tuple(names.spots(text)[:MOST_SPOTS])
    group, either = _group(text, spots)
    return Clause(text, spots, group, either)


def _group(text: str, spots: Sequence[Spot]) -> tuple[tuple[Spot, ...], bool]:
    """The longest row of fields with nothing but joints between them."""
    best: list[Spot] = []
    row: list[Spot] = []
    best_either = either = False
    for spot in spots:
        joint = _joint_between(text, row[-1].end, spot.start) if row else None
        if joint is None:
            row, either = [], False
        either = either or joint == "or"
        row.append(spot)
        if len(row) > max(1, len(best)):
            best, best_either = list(row), either
    return tuple(best), best_either


def _joint_between(text: str, start: int, end: int) -> str | None:
    """What joins two names: "and", "or", "" for only a comma; None where more stands between."""
    gap = text[start:end]
    if not gap.strip() or len(gap) > 24:
        return None
    words = [t.word for t in tokens(gap)]
    if not words:
        return "" if any(c in ",&/|+" for c in gap) else None
    if len(words) > 1 or not joint_of(words[0]):
        return None
    return joint_of(words[0])


def template_of(text: str, spots: Sequence[Spot], sent: Sequence[str] = ()) -> str:
    """A text as all texts are that say the same: fields `@`, sent values `#`, numbers `0`."""
    shown = text
    for spot in sorted(spots, key=lambda s: -s.start):
        shown = f"{shown[: spot.start]}@{shown[spot.end :]}"
    for value in sent:
        if len(value) > _SHORT_NAME_TAIL and value in shown and value != "@":
            shown = as_word(value).sub("#", shown)
    return folded_ids(shown, numbers=is_sentence(shown))


_IDS = re.compile(
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{4,27}\b"
    r"|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*"
    r"|(?<![\w-])(?=[A-Za-z_-]{0,80}\d)(?=[\d_-]{0,80}[A-Za-z])[\w-]{10,}(?![\w-])"
    r"|(?<![\w-])(?=[A-Za-z_-]{0,80}\d)[\w-]{16,}(?![\w-])"
)
_DIGITS = re.compile(r"\d+")


def folded_ids(text: str, numbers: bool = True) -> str:
    """A text in which identifiers, times and (unless told otherwise) numbers are the same."""
    plain = _IDS.sub("0", text)
    return " ".join((_DIGITS.sub("0", plain) if numbers else plain).split())
