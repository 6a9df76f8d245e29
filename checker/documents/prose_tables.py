"""What the tables of a prose page say: endpoints, fields, enums, statuses, support."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from checker.documents.prose_blocks import Block, Row
from checker.documents.prose_endpoints import endpoints_of_row
from checker.documents.prose_enums import closed_lists
from checker.documents.prose_scope import Section
from checker.domain.location import Location
from checker.domain.names import member_name
from checker.domain.portal import ProseFact
from checker.lexicon.patterns import Pattern
from checker.lexicon.phrases import phrase, vocabulary

_WORDS = partial(vocabulary, "tables")
_JSON_TYPES = ("string", "integer", "number", "boolean", "object", "array")
_IDENTIFIER = re.compile(r"[A-Za-z_$@][\w$.\-\[\]@]*")


def _of(meaning: str) -> Pattern:
    return phrase("tables", meaning)


@cache
def _types() -> Mapping[str, str]:
    """The JSON types by the words for them."""
    return {word: kind for kind in _JSON_TYPES for word in _WORDS(f"word of {kind}")}


def json_type_of(cell: str) -> str | None:
    """The one JSON type a type cell names; None for none, several or an unknown one."""
    text = _of("enum of").compiled().sub(r"\1", cell.lower())
    text = re.sub(r"\(.*?\)|<.*?>|`", " ", text).strip()
    if _of("array").match(text):
        return "array"
    if _of("several").search(text):
        return None
    words = re.findall(r"[a-z][a-z0-9-]*", text)
    return _types().get(words[0]) if words else None


def named_type(cell: str, kind: str) -> str:
    """A type cell with another JSON type in the place of the word that names its type."""
    for word in re.finditer(r"[A-Za-z][A-Za-z0-9-]*", cell):
        if word[0].lower() in _types():
            return cell[: word.start()] + kind + cell[word.end() :]
    return cell


def column_of(header: Sequence[str], aspect: str) -> int | None:
    """Which column of a table of fields has their `type`, or whether they are `required`."""
    heads = [_plain(head).lower() for head in header]
    return _column(heads, _WORDS("head of types" if aspect == "type" else "head of presence"))


def required_of(cell: str) -> bool | None:
    """What a Required cell says; None where it says nothing or something conditional."""
    text = cell.strip().strip("`*_.! ").lower()
    if text in _WORDS("yes"):
        return True
    if text in _WORDS("no"):
        return False
    return None


def table_facts(block: Block, section: Section, file: str) -> Iterator[ProseFact]:
    """The facts of one table, each located at its row."""
    for fact in _facts(block, section, file):
        yield replace(
            fact,
            group=block.line,
            section=section.line,
            sure=section.sure,
            near=section.near,
            about=section.headings,
        )


def _facts(block: Block, section: Section, file: str) -> Iterator[ProseFact]:
    heads = [_plain(head).lower() for head in block.header]
    if not heads:
        return
    name_column = _column(heads, _WORDS("head of names"))
    type_column = _column(heads, _WORDS("head of types"))
    if _lists_endpoints(block):
        yield from _endpoints(block, file)
    elif name_column is not None and name_column != type_column:
        yield from _fields(block, heads, name_column, type_column, section, file)
    elif _of("head of codes").match(heads[0]):
        yield from _values(block, heads[0], section, file)
    elif _is_support(block):
        yield from _support(block, section, file)
    elif _of("heading of values").search(section.heading.lower()) and _all_codes(block):
        yield from _values(block, section.heading, section, file)


def _plain(cell: str) -> str:
    return cell.replace("`", "").replace("*", "").strip()


def _column(heads: Sequence[str], words: Collection[str]) -> int | None:
    for number, head in enumerate(heads):
        if head in words or head.rstrip("s") in words or head.split(" ")[-1] in words:
            return number
    return None


def _lists_endpoints(block: Block) -> bool:
    """Whether most rows are an endpoint with words beside it."""
    named = sum(bool(endpoints_of_row(row.cells)) for row in block.rows)
    return named * 2 > len(block.rows)


def _at(file: str, row: Row) -> Location:
    return Location(file, line=row.line, column=1)


def _endpoints(block: Block, file: str) -> Iterator[ProseFact]:
    for row in block.rows:
        found = endpoints_of_row(row.cells)
        label = next((c for c in row.cells if c and not endpoints_of_row([c])), "")
        for operation in found:
            yield ProseFact("endpoint", _plain(label), str(operation), _at(file, row), (operation,))


def _fields(
    block: Block,
    heads: Sequence[str],
    name_column: int,
    type_column: int | None,
    section: Section,
    file: str,
) -> Iterator[ProseFact]:
    required_column = _column(heads, _WORDS("head of presence"))
    default_column = _column(heads, _WORDS("head of defaults"))
    typed = type_column is not None and name_column < type_column + 2
    labelled = name_column > 0 and heads[0] not in _WORDS("head of no label")
    parent = _parent(section) if labelled else ""
    if not typed and required_column is None and not labelled:
        return
    marks = [
        required_of(row.cells[required_column])
        for row in block.rows
        if required_column is not None and required_column < len(row.cells)
    ]
    marked = not block.lossy and any(mark is True for mark in marks)
    outer = ""
    for row in block.rows:
        cell = _plain(row.cells[name_column]) if name_column < len(row.cells) else ""
        nested = re.match(r"[↳└>→\s]+", cell)
        for part in _of("between names").compiled().split(cell[nested.end() :] if nested else cell):
            match = _IDENTIFIER.match(part)
            if match is None:
                continue
            rest = part[match.end() :].strip().lower()
            if rest and not _of("behind a name").match(rest):
                continue
            name = match.group(0).rstrip(".*")
            outer = outer if nested else name
            full = f"{outer}.{name}" if nested and outer != name else name
            full = member_name(parent, name) if parent else full
            required = None
            if required_column is not None and required_column < len(row.cells):
                required = required_of(row.cells[required_column])
                if required is None and marked and not row.cells[required_column].strip():
                    required = False
            if _of("required behind a name").search(rest):
                required = True
            elif _of("optional behind a name").search(rest):
                required = False
            kind = row.cells[type_column] if typed and type_column is not None else ""
            if labelled:
                kind = ""
            value: dict[str, Any] = {
                "name": full,
                "type": json_type_of(kind),
                "required": required,
                "default": _default(row, default_column),
            }
            where = _at(file, row)
            yield ProseFact("field", full, value, where, section.scope, section.direction)
            values = _enum_of(kind, [c for n, c in enumerate(row.cells) if n != name_column])
            if values:
                yield ProseFact("enum", full, list(values), where, section.scope, section.direction)


def _default(row: Row, column: int | None) -> str | None:
    """The default in a row, where it is one plain value."""
    cell = _plain(row.cells[column]).strip("\"'") if column and column < len(row.cells) else ""
    return (
        cell
        if re.fullmatch(r"\w[\w.\-]*", cell) and cell.lower() not in _WORDS("no default")
        else None
    )


def _parent(section: Section) -> str:
    """The object that "The `content` field determines …" speaks of, just before the table."""
    match = _of("parent").search(section.before)
    return match.group(1) if match else ""


def _enum_of(kind: str, cells: Sequence[str]) -> tuple[str, ...]:
    match = _of("enum").search(kind)
    quoted = re.findall(r"`([^`]+)`|\"([^\"]+)\"", match.group(1)) if match else []
    if quoted:
        values = tuple(dict.fromkeys(a or b for a, b in quoted))
        return values if len(values) > 1 else ()
    lists = [values for cell in cells for values in closed_lists(cell)]
    return lists[0] if len(lists) == 1 else ()


def _all_codes(block: Block) -> bool:
    return len(block.rows) > 1 and all(
        re.fullmatch(r"`[^`]+`", row.cells[0].strip()) for row in block.rows if row.cells
    )


def _values(block: Block, head: str, section: Section, file: str) -> Iterator[ProseFact]:
    """A table of codes: HTTP statuses, or the values of a field named by the head."""
    codes = [(_plain(row.cells[0]), row) for row in block.rows if row.cells and row.cells[0]]
    http = [(int(c[:3]), row) for c, row in codes if re.fullmatch(r"[1-5]\d\d(?: [A-Za-z -]+)?", c)]
    if http:
        for status, row in http:
            yield ProseFact("status", "", status, _at(file, row), section.scope, "response")
        return
    words = [code for code, _ in codes]
    name = _of("end of a head").compiled().sub("", _plain(head).lower()).strip().replace(" ", "_")
    if not name or block.unread or not _are_values(words):
        return
    direction = "response" if name == "status" else section.direction
    where = _at(file, block.rows[0])
    yield ProseFact("enum", name, words, where, section.scope, direction)


def _are_values(words: Sequence[str]) -> bool:
    """Whether these are the values of an enum: several, and each a name."""
    return len(words) > 1 and all(re.fullmatch(r"[A-Za-z][\w.\-]*", word) for word in words)


def _is_support(block: Block) -> bool:
    """Rows of marks: every cell but the first says yes or no, with both told apart."""
    marks = [required_of(cell) for row in block.rows for cell in row.cells[1:]]
    return (
        len(block.header) > 2
        and len(marks) > 2
        and all(mark is not None for mark in marks)
        and any(marks)
    )


def _support(block: Block, section: Section, file: str) -> Iterator[ProseFact]:
    for row in block.rows:
        ticked = [
            _plain(head)
            for head, cell in zip(block.header[1:], row.cells[1:], strict=False)
            if required_of(cell)
        ]
        name = _plain(row.cells[0])
        yield ProseFact("support", name, ticked, _at(file, row), section.scope)
