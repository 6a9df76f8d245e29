"""Tables that were flattened when a page was saved as text: the columns run together.

`FieldTypeRequiredDescription` is a header, `fromstringSender of the message` one of its rows.
They are cut by what the columns are: type names, METHOD /path, codes, labels seen before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from checker.documents.prose_blocks import Block, Row
from checker.documents.prose_columns import cut, kinds_of
from checker.lexicon.phrases import vocabulary

_HEADS = frozenset(
    re.findall(
        r"\S+",
        "field name parameter property attribute key argument type required optional description "
        "default example format value values enum endpoint method path url operation status code "
        "meaning notes note event header in location support supported response reason error "
        "message main channel scope limit constraints",
    )
)
_HEADER = re.compile(r"[A-Z][a-z]+(?:[ -][a-z]+)*(?:[A-Z][a-z]+(?:[ -][a-z]+)*|[A-Z]{2,4}\b)+")
_CUT = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HUMP = re.compile(r"[a-z0-9}][A-Z]")
_EVERYTHING = ("All", "None")
_ENDS_IN_PATH = ("endpoint", "endpoints", "path", "url", "operation")
_SURE = frozenset({"endpoint", "type", "required", "description", "meaning", "field"})
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s*((?:https?:/)?/[^\s,;]*)")
_CODE = re.compile(r"(?:[1-5]\d\d|[1-5][xX]{2}|[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*)(?=[A-Z\s]|$)")
_MAX_ROW = 2_000


def split_header(line: str) -> tuple[str, ...]:
    """The columns of a header that runs together; empty where the line isn't one."""
    text = line.strip()
    if len(text) > 120 or not _HEADER.fullmatch(text):
        return ()
    heads = tuple(_CUT.split(text))
    known = [_is_head(head) for head in heads]
    sure = known[0] or any(head.lower().split()[-1] in _SURE for head in heads)
    return heads if len(heads) > 1 and sure and sum(known) * 2 >= len(known) else ()


def _is_head(text: str) -> bool:
    words = [word.rstrip("s") for word in text.lower().split()]
    return text.lower() in _HEADS or any(w in _HEADS or w + "s" in _HEADS for w in words)


def flat_blocks(text: str, start_line: int = 1) -> list[Block]:
    """Every flattened table of a text, with as many cells as could be told apart."""
    lines = text.split("\n")
    names = json_names(text)
    labels: set[str] = set()
    found: list[Block] = []
    number = 0
    while number < len(lines):
        header = split_header(lines[number])
        if not header:
            number += 1
            continue
        last = number + 1
        while last < len(lines) and lines[last].strip():
            last += 1
        below = [line.strip()[:_MAX_ROW] for line in lines[number + 1 : last]]
        rows = _rows(header, below, names, labels)
        if rows:
            block = _block(header, number + start_line, rows)
            found.append(block)
            labels |= {row.cells[0] for row in block.rows if row.cells[0][:1].isupper()}
        number += 1 + len(rows)
    return found


def _rows(
    header: Sequence[str], lines: Sequence[str], names: Iterable[str], labels: Iterable[str]
) -> list[tuple[str, ...] | None]:
    """The cells of the lines below a header as far as they are its rows; None for one that can't
    be cut surely."""
    kinds = kinds_of(header)
    rows = cut(kinds, lines, names) if kinds else []
    if not any(rows):
        rows = [split_row(header, line, labels) for line in lines]
    last = max((n for n, row in enumerate(rows, 1) if row is not None), default=0)
    return rows[: last if last or not kinds else len(rows)]


def _block(header: Sequence[str], line: int, rows: Sequence[tuple[str, ...] | None]) -> Block:
    numbered = list(enumerate(rows, line + 1))
    made = tuple(Row(cells, number) for number, cells in numbered if cells is not None)
    unread = tuple(number for number, cells in numbered if cells is None)
    return Block("table", line, header=tuple(header), rows=made, lossy=True, unread=unread)


def split_row(
    header: Sequence[str], line: str, labels: Iterable[str] = ()
) -> tuple[str, ...] | None:
    """A row's cells; None where the line can't be a row of that table."""
    heads = [head.lower() for head in header]
    first = heads[0]
    if any("endpoint" in h or h in ("path", "url", "operation") for h in heads):
        match = _METHOD.search(line)
        if match is None:
            return None
        if not heads[-1].endswith(_ENDS_IN_PATH) and _HUMP.search(match[2]):
            return None  # where the path ends and the next column begins isn't to be seen
        cells = [line[: match.start()].strip(), f"{match[1]} {match[2]}"]
        rest = line[match.end() :].strip()
        if "endpoint" in first or first in ("path", "url", "operation"):
            cells = cells[1:]
        return _fit([*cells, rest] if rest else cells, header)
    if any(h in ("status", "code", "value", "error") or h.endswith(" code") for h in heads[:1]):
        match = _CODE.match(line)
        if match is None or not match.group(0):
            return None
        rest = line[match.end() :].strip()
        if _HUMP.search(rest.split(" ")[0]) and not rest.startswith((*labels, *_EVERYTHING)):
            return None  # `inProgressIs worked on`: the value may end at either capital
        return _fit([match.group(0), *_labelled(rest, labels, len(header) - 1)], header)
    cells_ = _label_and_name(line, len(header)) if _has_name(heads[1:]) else None
    if cells_ is not None:
        return _fit(cells_, header)
    known = next((x for x in sorted(labels, key=len, reverse=True) if line.startswith(x)), None)
    if known is None or len(line) == len(known):
        return None
    return _fit([known, line[len(known) :].strip()], header)


def json_names(text: str) -> frozenset[str]:
    """Property names that stand in the page's JSON, whole or sketched (`"a": ...`)."""
    return frozenset(re.findall(r"\"([A-Za-z_][\w.\-]{0,63})\"\s*:", text))


def _has_name(heads: Sequence[str]) -> bool:
    return any(head.split()[-1] in vocabulary("tables", "head of names") for head in heads)


def _label_and_name(line: str, width: int) -> list[str] | None:
    """`Payment RequestpaymentRequestCharge via …`: the name repeats the label's first word."""
    word = re.match(r"[A-Z][A-Za-z]*?(?=[A-Z]|[^A-Za-z]|$)", line)
    if word is None:
        return None
    best = None
    first = word.group(0)
    for length in range(len(first), 1, -1):
        at = line.find(first[:length].lower(), length)
        # The first word may run into the name: "Imageimage…" has no end of its own.
        if at > 0 and line[at - 1] not in " /":
            best = at
            break
    if best is None:
        return None
    name = re.compile(r"[a-z]\w*?(?: / [a-z]\w*?)*(?=[A-Z][a-z]*[\s,(:\-]|[A-Z][a-z]*$|$)")
    match = name.match(line, best)
    if match is None:
        return None
    cells = [line[:best].strip(), match.group(0)]
    return [*cells, line[match.end() :].strip()][:width] if width > 2 else cells


def _labelled(rest: str, labels: Iterable[str], width: int) -> list[str]:
    """A cell that lists known labels ("A, B, C") before the text that follows it."""
    if width < 2:
        return [rest]
    known = sorted({*labels, *_EVERYTHING}, key=len, reverse=True)
    end = 0
    while (label := next((x for x in known if rest.startswith(x, end)), None)) is not None:
        end += len(label)
        if rest.startswith(", ", end):
            end += 2
            continue
        break
    return [rest[:end].strip(), rest[end:].strip()] if end else ["", rest]


def _fit(cells: Sequence[str], header: Sequence[str]) -> tuple[str, ...]:
    padded = [*cells, *[""] * len(header)][: len(header)]
    return tuple(padded)
