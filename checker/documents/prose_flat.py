"""Tables that were flattened when a page was saved as text: the columns run together.

`FieldTypeRequiredDescription` is a header, `fromstringSender of the message` one of its rows.
They are cut by what the columns are: type names, METHOD /path, codes, labels seen before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from checker.documents.prose_blocks import Block, Row

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
_SURE = frozenset({"endpoint", "type", "required", "description", "meaning", "field"})
_NAMES = frozenset({"field", "name", "parameter", "property", "attribute", "key", "argument"})
_TEXTS = frozenset({"description", "meaning", "notes", "note", "details", "default"})
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s*((?:https?:/)?/[^\s,;]*)")
_TYPE = re.compile(
    r"(?:array(?: of \w+|\s?[<\[(]\w+[>\])])?|list of \w+|strings?\[\]|string|integer|int(?:32|64)?"
    r"|number|float|double|decimal|boolean|bool|object\[\]|object|date-?time|datetime|date|uuid"
    r"|enum|file|map|any)(?:\[\])?(?:\s?\([^()]*\))?"
)
_REQUIRED = re.compile(
    r"(?:Yes|No|yes|no|true|false|True|False|Required|Optional|required|optional|[✓✔✅☑●✗✘❌✖○—–-])"
    r"(?=[A-Z`\"(]|\s|$)"
)
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
        rows: list[Row] = []
        last = number + 1
        while last < len(lines) and lines[last].strip():
            cells = split_row(header, lines[last].strip()[:_MAX_ROW], names, labels)
            if cells is None:
                break
            rows.append(Row(cells, last + start_line))
            last += 1
        if rows:
            block = Block("table", number + start_line, header=header, rows=tuple(rows), lossy=True)
            found.append(block)
            labels |= {row.cells[0] for row in rows if row.cells[0][:1].isupper()}
        number = max(last, number + 1)
    return found


def split_row(
    header: Sequence[str], line: str, names: Iterable[str] = (), labels: Iterable[str] = ()
) -> tuple[str, ...] | None:
    """A row's cells; None where the line can't be a row of that table."""
    heads = [head.lower() for head in header]
    first = heads[0]
    if "type" in heads[1:] and first.split()[-1] in _NAMES:
        return _field_row(heads, line, frozenset(names))
    if any("endpoint" in h or h in ("path", "url", "operation") for h in heads):
        match = _METHOD.search(line)
        if match is None:
            return None
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


def _field_row(heads: Sequence[str], line: str, names: frozenset[str]) -> tuple[str, ...] | None:
    """Name, type, maybe a mark, text. Known names win; else the first type word does."""
    candidates: list[tuple[int, re.Match[str]]] = []
    for match in _types(line):
        name = line[: match.start()].strip()
        if not re.fullmatch(r"[A-Za-z_$][\w$.\-\[\]]*\*?", name):
            continue
        rest = line[match.end() :]
        fits = not rest or not rest[0].islower()
        candidates.append(((0 if name.rstrip("*") in names else 1) + (0 if fits else 2), match))
    if not candidates:
        return None
    rank, match = min(candidates, key=lambda c: (c[0], c[1].start(), -len(c[1].group(0))))
    if rank >= 2:
        return None
    cells = {heads[0]: line[: match.start()].strip(), "type": match.group(0)}
    rest = line[match.end() :].strip()
    for head in heads[2:]:
        if head.startswith("required"):
            mark = _REQUIRED.match(rest)
            cells[head] = mark.group(0) if mark else ""
            rest = rest[mark.end() :].strip() if mark else rest
    for head in heads[2:]:
        if head not in cells and (head in _TEXTS or head == heads[-1]):
            cells[head] = rest
            rest = ""
    return tuple(cells.get(head, "") for head in heads)


def _types(line: str) -> Iterator[re.Match[str]]:
    """Type words at every position, overlapping ones too."""
    for start in range(1, min(len(line), 80)):
        match = _TYPE.match(line, start)
        if match is not None:
            yield match


def _has_name(heads: Sequence[str]) -> bool:
    return any(head.split()[-1] in _NAMES for head in heads)


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
    known = sorted({*labels, "All", "None"}, key=len, reverse=True)
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
