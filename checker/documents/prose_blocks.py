"""A prose page as blocks: headings, paragraphs, code and tables with their lines."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from checker.lexicon.phrases import phrase, vocabulary


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: its cells as text (code marked by backticks) and its 1-based line."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block; `kind` is heading, text, code or table. `lossy`: a table whose marks (ticks,
    icons) may have been lost on the way, so that an empty cell says nothing. `unread` are the
    lines of rows that can't be cut surely.
    """

    kind: str
    line: int
    text: str = ""
    level: int = 0
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    lossy: bool = False
    unread: tuple[int, ...] = ()


def _without_front_matter(text: str) -> tuple[str, int]:
    """The text after the front matter, and how many lines that has."""
    front = re.match(r"---[ \t]*\n.*?\n---[ \t]*(?:\n|$)", text, re.DOTALL)
    if front is None:
        return text, 0
    return text[front.end() :], text.count("\n", 0, front.end())


def markdown_blocks(text: str) -> list[Block]:
    """Blocks of a Markdown page; front matter is passed over."""
    text, skipped = _without_front_matter(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    found: list[Block] = []
    table: _Table | None = None
    for number, token in enumerate(tokens):
        line = (token.map[0] if token.map else 0) + 1 + skipped
        match token.type:
            case "heading_open":
                body = tokens[number + 1]
                found.append(Block("heading", line, _inline(body), int(token.tag[1])))
            case "inline" if table is None and tokens[number - 1].type != "heading_open":
                found.append(Block("text", line, _inline(token)))
            case "fence" | "code_block":
                found.append(Block("code", line, token.content))
            case "html_block":
                found += html_blocks(token.content, line)
            case "table_open":
                table = _Table(line)
            case "tr_open" if table is not None:
                table.start_row(line)
            case "inline" if table is not None:
                table.cell(_inline(token))
            case "table_close" if table is not None:
                found += _parted(table, text.split("\n"), skipped)
                table = None
    return found


def _inline(token: Token) -> str:
    """Plain text of an inline token; code keeps its backticks, images give their alt text."""
    parts: list[str] = []
    for child in token.children or ():
        match child.type:
            case "code_inline":
                parts.append(f"`{child.content}`")
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(child.content)
            case "html_inline":
                if re.match(r"<br\b", child.content, re.IGNORECASE):
                    parts.append("\n")
                elif phrase("tables", "type").fullmatch(child.content[1:-1]):
                    parts.append(child.content)  # `array<string>` is no markup
            case _:
                parts.append(child.content)
    return html.unescape("".join(parts)).strip()


@dataclass(slots=True)
class _Table:
    line: int
    rows: list[tuple[list[str], int]] = field(default_factory=list)
    has_head: bool = False

    def start_row(self, line: int) -> None:
        self.rows.append(([], line))

    def cell(self, text: str) -> None:
        if self.rows:
            self.rows[-1][0].append(" ".join(text.split()))

    def block(self, *, header_first: bool) -> Block:
        rows = [(cells, line) for cells, line in self.rows if cells]
        header: tuple[str, ...] = ()
        if rows and header_first:
            header = tuple(rows[0][0])
            rows = rows[1:]
        width = len(header)
        made = tuple(Row(tuple((c + [""] * width)[: max(width, len(c))]), n) for c, n in rows)
        return Block("table", self.line, header=header, rows=made)


def _parted(table: _Table, lines: Sequence[str], skipped: int) -> list[Block]:
    """A Markdown table as its author meant it: the text that follows without an empty line is no
    row, and a line of dashes below a row makes that row the head of another table."""
    found: list[Block | _Table] = []
    rows = table.rows
    below = [*(cells for cells, _ in rows[1:]), ()]
    for number, (cells, line) in enumerate(rows):
        last = found[-1] if found else None
        if _is_ruler(cells):
            continue
        if number == 0 or _is_ruler(below[number]):
            found.append(_Table(line if number else table.line, [(cells, line)]))
        elif isinstance(last, _Table) and "|" in lines[line - 1 - skipped]:
            last.rows.append((cells, line))
        else:
            found.append(Block("text", line, " ".join(cells).strip()))
    return [b if isinstance(b, Block) else b.block(header_first=True) for b in found]


def _is_ruler(cells: Sequence[str]) -> bool:
    marks = [cell for cell in cells if cell]
    return bool(marks) and all(re.fullmatch(r":?-{2,}:?", mark) for mark in marks)


_SKIPPED = frozenset({"script", "style", "nav", "header", "footer", "noscript", "template", "head"})
_BREAKS = frozenset({"p", "div", "li", "section", "article", "dt", "dl", "ul", "ol", "main"})
_TERM_END = " : "
"""Between a term and its definition."""


class _Reader(HTMLParser):
    """Collects blocks; never fails on broken markup."""

    def __init__(self, first_line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._offset = first_line - 1
        self._skipping = 0
        self._heading = 0
        self._code = False
        self._tables: list[_Table] = []
        self._in_cell = False
        self._marks = False
        self._buffer: list[str] = []
        self._line = first_line

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        line = self.getpos()[0] + self._offset
        if tag in _SKIPPED:
            self._skipping += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self._flush()
            self._heading, self._line = int(tag[1]), line
        elif tag == "pre":
            self._flush()
            self._code, self._line = True, line
        elif tag == "table":
            self._flush()
            self._tables.append(_Table(line))
        elif tag == "tr" and self._tables:
            self._tables[-1].start_row(line)
        elif tag in ("td", "th") and self._tables:
            self._buffer, self._in_cell = [], True
            self._tables[-1].has_head = self._tables[-1].has_head or tag == "th"
        elif tag == "code" and not self._code:
            self._buffer.append("`")
        elif tag == "br":
            self._buffer.append("\n")
        elif tag in ("img", "svg", "i", "span", "input"):
            self._mark(tag, given)
        elif tag == "dd" and not self._in_cell:
            self._buffer.append(_TERM_END)
        elif tag in _BREAKS and not self._in_cell and not self._defining():
            self._flush()
            self._line = line

    def _end_of_table(self, tag: str) -> None:
        """A cell or a whole table ends; outside of any it is a stray tag."""
        if not self._tables:
            return
        if tag == "table":
            self.blocks.append(self._tables.pop().block(header_first=True))
            return
        self._tables[-1].cell("".join(self._buffer))
        self._buffer, self._in_cell = [], False

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif re.fullmatch(r"h[1-6]", tag):
            self._flush()
        elif tag == "pre":
            self._flush()
            self._code = False
        elif tag in ("td", "th", "table"):
            self._end_of_table(tag)
        elif tag == "code" and not self._code:
            self._buffer.append("`")
        elif tag in _BREAKS - {"dt"} and not self._in_cell:
            self._flush()

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._buffer.append(data)

    def close(self) -> None:
        super().close()
        self._flush()
        while self._tables:
            self.blocks.append(self._tables.pop().block(header_first=True))

    def _mark(self, tag: str, given: dict[str, str]) -> None:
        """An icon that stands for yes or no says so in its label or class."""
        label = _label(tag, given) if self._in_cell else ""
        if label:
            word = phrase("tables", "icon").search(label)
            self._buffer.append(_meant(word.group(0).lower()) or label if word else label)

    def _defining(self) -> bool:
        """Whether a term waits for its definition."""
        return bool(self._buffer) and self._buffer[-1] == _TERM_END

    def _flush(self) -> None:
        raw = "".join(self._buffer)
        self._buffer = []
        if self._code:
            if raw.strip():
                self.blocks.append(Block("code", self._line, raw))
            return
        text = raw.strip().strip("​#¶").strip()
        if text:
            kind = "heading" if self._heading else "text"
            self.blocks.append(Block(kind, self._line, " ".join(text.split()), self._heading))
        self._heading = 0


def html_blocks(text: str, first_line: int = 1) -> list[Block]:
    """Blocks of an HTML page or fragment; navigation, scripts and styles are left out."""
    reader = _Reader(first_line)
    reader.feed(text)
    reader.close()
    return reader.blocks


def _meant(icon: str) -> str:
    """Yes or no, where an icon's name stands for one; empty where it says itself what it means."""
    for word in ("yes", "no"):
        if icon in vocabulary("tables", f"icon of {word}"):
            return word
    return ""


def _label(tag: str, given: Mapping[str, str]) -> str:
    """What an icon or a box to tick says."""
    if tag == "input" and given.get("type") == "checkbox":
        return "yes" if "checked" in given else "no"
    label = given.get("alt") or given.get("aria-label") or given.get("title") or ""
    if not label and tag in ("svg", "i"):
        match = phrase("tables", "icon").search(given.get("class", "").replace("_", " "))
        return match.group(0) if match else ""
    return label
