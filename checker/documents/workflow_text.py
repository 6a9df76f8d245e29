"""A workflow record as text: front matter, sections, fenced blocks, tables. Lossless.

Lines end at `\\n` only; a `\\r` before it stays with the line, so that joining the sections gives
the text back, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_ATX = re.compile(r" {0,3}(#{1,6})(?!#)[ \t]*(\S.*?)?[ \t]*#*[ \t\r]*\Z")
_SETEXT = re.compile(r" {0,3}(=+|-{3,})[ \t\r]*\Z")
_BOLD = re.compile(r"[ \t]{0,3}(?:\*\*|__)([^*_|]{3,80}?):?(?:\*\*|__):?[ \t\r]*\Z")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([^`\r]*?)[ \t\r]*\Z")
_FRONT = re.compile(r"---+[ \t\r]*\Z")
_FRONT_END = re.compile(r"(?:---+|\.\.\.)[ \t\r]*\Z")
_BARE_KEY = re.compile(r"[A-Za-z_][\w-]*:(?:[ \t].*)?[\r]?\Z")

MAX_HEADING = 1000
KNOWN = {
    "prerequisites": "prerequisites",
    "prerequisite": "prerequisites",
    "prerequisite steps": "prerequisites",
    "pre requisites": "prerequisites",
    "setup": "prerequisites",
    "setup steps": "prerequisites",
    "test request": "test",
    "test requests": "test",
    "test step": "test",
    "test steps": "test",
    "verified successful request": "verified",
    "verified request": "verified",
    "successful request": "verified",
    "uid resolution": "uids",
    "uid resolutions": "uids",
    "request body": "parameters",
    "parameters reference": "parameters",
    "parameter reference": "parameters",
    "parameters": "parameters",
    "request parameters": "parameters",
    "query parameters": "parameters",
    "path parameters": "parameters",
    "body parameters": "parameters",
    "header parameters": "parameters",
    "authentication": "tokens",
    "documentation fix suggestions": "fixes",
    "fix suggestions": "fixes",
}
"""Names of sections that carry data, folded, → what they carry."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading line as written (without its line end) and the text below it.

    `line` is the 1-based line of the heading; `name` its folded words; `level` 1 to 6, 0 for
    what stands before the first heading.
    """

    heading: str
    text: str
    line: int
    level: int = 0
    name: str = ""

    @property
    def kind(self) -> str:
        """What data the section carries; empty for none."""
        return KNOWN.get(self.name, "")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: its first info word, its content, the 1-based line of the content."""

    info: str
    text: str
    line: int
    closed: bool = True


@dataclass(frozen=True, slots=True)
class TextTable:
    """A pipe table's rows, header → cell, with the 1-based line of each row."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """A record taken apart. `front` is the front matter's YAML, None where there is none.

    `front_line` is the 1-based line of its first line; `front_closed` False where the closing
    `---` is missing. `sections[0]` has everything before the first heading, front matter
    included.
    """

    front: str | None
    front_line: int
    front_closed: bool
    sections: tuple[Section, ...]


def fold(title: str) -> str:
    """A heading's words in lower case, without numbering, marks and emphasis."""
    words = re.sub(r"[^a-z0-9]+", " ", title.lower()).strip()
    return re.sub(r"^(?:step )?\d+ (?=\D)", "", words)


def split(text: str) -> Parts:
    """Take a record's text apart."""
    lines = text.split("\n")
    start, front_at, front_end, closed = _front_matter(lines)
    sections: list[Section] = []
    heading, level, name, first, own = "", 0, "", 1, 0
    ends = _fence_ends(lines, start)
    number = start
    while number < len(lines):
        if number in ends:
            number = ends[number]
            continue
        found = _heading(lines, number)
        if found is None:
            number += 1
            continue
        title, depth, size = found
        sections.append(_section(lines, heading, own, number, first, level, name))
        heading = "\n".join(lines[number : number + size])
        level, name, first, own = depth, fold(title), number + 1, number
        number += size
    sections.append(_section(lines, heading, own, len(lines), first, level, name))
    front = None if front_at is None else "\n".join(lines[front_at:front_end])
    return Parts(front, (front_at or 0) + 1, closed, tuple(sections))


def _section(
    lines: Sequence[str], heading: str, own: int, end: int, first: int, level: int, name: str
) -> Section:
    whole = "\n".join(lines[own:end])
    if end < len(lines):
        whole += "\n" if end > own else ""
    return Section(heading, whole[len(heading) :], first, level, name)


def _front_matter(lines: Sequence[str]) -> tuple[int, int | None, int, bool]:
    """(body start, front matter start or None, its end, closed) as line indexes."""
    at = 0
    while at < len(lines) and not lines[at].strip("\ufeff \t\r"):
        at += 1
    if at == len(lines):
        return 0, None, 0, True
    opening = lines[at].lstrip("\ufeff")
    if _FRONT.match(opening):
        for end in range(at + 1, len(lines)):
            if _FRONT_END.match(lines[end]):
                return end + 1, at + 1, end, True
            if re.match(r"#{1,6} \S|`{3}|~{3}", lines[end]):
                break
        else:
            end = len(lines)
        return end, at + 1, end, False
    end = at
    while end < len(lines) and (
        _BARE_KEY.match(lines[end].lstrip("\ufeff")) or (end > at and lines[end][:1] in " \t-")
    ):
        if not lines[end].strip():
            break
        end += 1
    keys = [line.lstrip("\ufeff").partition(":")[0] for line in lines[at:end]]
    if "endpoint" not in keys:
        return 0, None, 0, True
    if end < len(lines) and _FRONT_END.match(lines[end]):
        return end + 1, at, end, False
    return end, at, end, False


def _heading(lines: Sequence[str], number: int) -> tuple[str, int, int] | None:
    """(title, level, lines it takes) where a heading starts at a line."""
    line = lines[number]
    if len(line) > MAX_HEADING:
        return None
    atx = _ATX.match(line)
    if atx is not None:
        marks, title = atx.group(1), atx.group(2) or ""
        spaced = line.lstrip()[len(marks) : len(marks) + 1] in (" ", "\t", "", "\r")
        if spaced or fold(title) in KNOWN:
            return title, len(marks), 1
        return None
    bold = _BOLD.match(line)
    if bold is not None and KNOWN.get(fold(bold.group(1))) in _DATA:
        return bold.group(1), 2, 1
    if number + 1 < len(lines) and line.strip() and not re.match(r"\s*(?:[|>*+\-]|\d+\.)", line):
        under = _SETEXT.match(lines[number + 1])
        if under is not None and (number == 0 or not lines[number - 1].strip()):
            return line.strip(), 1 if under.group(1)[0] == "=" else 2, 2
    return None


_DATA = ("prerequisites", "test", "verified", "uids", "fixes")


def _fence_ends(lines: Sequence[str], start: int) -> dict[int, int]:
    """Line index of each opening fence → index after its block."""
    found: dict[int, int] = {}
    number = start
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        end = _closing(lines, number, opening.group(1))
        found[number] = end
        number = end
    return found


def _heads_section(line: str) -> bool:
    return re.match(r"## ?\S", line) is not None and _known_heading(line)


def _closing(lines: Sequence[str], number: int, marks: str) -> int:
    """Index after the closing fence; of an unclosed one, where the next section starts."""
    section = None
    for at in range(number + 1, len(lines)):
        closing = _FENCE.match(lines[at])
        if closing and not closing.group(2) and closing.group(1)[0] == marks[0]:
            if len(closing.group(1)) >= len(marks):
                return at + 1
        elif section is None and _heads_section(lines[at]):
            section = at
            if _opens_before_it_closes(lines, at):
                return at
    return section if section is not None else len(lines)


def _known_heading(line: str) -> bool:
    return fold(line.lstrip("# ")) in KNOWN


def _opens_before_it_closes(lines: Sequence[str], at: int) -> bool:
    """Whether the next fence line after a known heading opens a block (has an info word)."""
    for line in lines[at + 1 :]:
        fence = _FENCE.match(line)
        if fence is not None:
            return bool(fence.group(2))
    return False


def fences(section: Section) -> Iterator[Fence]:
    """The fenced blocks of a section."""
    lines = section.text.split("\n")
    offset = section.line + section.heading.count("\n")
    for start, end in _fence_ends(lines, 0).items():
        opening = _FENCE.match(lines[start])
        assert opening is not None
        last = _FENCE.match(lines[end - 1]) if end - 1 > start else None
        closed = last is not None and not last.group(2)
        body = lines[start + 1 : end - 1 if closed else end]
        indent = len(lines[start]) - len(lines[start].lstrip())
        if indent:
            body = [b[indent:] if not b[:indent].strip() else b for b in body]
        info = (opening.group(2).split() or [""])[0].lower()
        yield Fence(info, "\n".join(body).replace("\r", ""), offset + start + 1, closed)


def cells(line: str) -> list[str]:
    """A table row's cells; `\\|` is a pipe in a cell."""
    inner = line.strip().removeprefix("|")
    parts = re.split(r"(?<!\\)\|", inner)
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    return [p.strip().replace("\\|", "|") for p in parts]


def tables(section: Section) -> Iterator[TextTable]:
    """The pipe tables of a section, outside its fenced blocks."""
    lines = section.text.split("\n")
    offset = section.line + section.heading.count("\n")
    ends = _fence_ends(lines, 0)
    number = 0
    while number < len(lines):
        if number in ends:
            number = ends[number]
            continue
        if _is_table(lines, number):
            header = tuple(cells(lines[number]))
            rows: list[tuple[int, dict[str, str]]] = []
            number += 2
            while number < len(lines) and "|" in lines[number] and number not in ends:
                found = cells(lines[number])
                found += [""] * (len(header) - len(found))
                rows.append((offset + number, dict(zip(header, found, strict=False))))
                number += 1
            yield TextTable(header, tuple(rows))
            continue
        number += 1


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """A section's text as runs of lines, each a "fence", a "table" or other "text"; joining all
    lines with line breaks gives the text again."""
    lines = text.split("\n")
    ends = _fence_ends(lines, 0)
    found: list[tuple[str, list[str]]] = []
    number = 0
    while number < len(lines):
        end, kind = number + 1, "text"
        if number in ends:
            end, kind = ends[number], "fence"
        elif _is_table(lines, number):
            end, kind = number + 2, "table"
            while end < len(lines) and "|" in lines[end] and end not in ends:
                end += 1
        if kind == "text" and found and found[-1][0] == "text":
            found[-1][1].extend(lines[number:end])
        else:
            found.append((kind, lines[number:end]))
        number = end
    return found


def _is_table(lines: Sequence[str], number: int) -> bool:
    """Whether the header of a pipe table is at a line."""
    rule = lines[number + 1].strip() if number + 1 < len(lines) else ""
    return "|" in lines[number] and "-" in rule and re.fullmatch(r"[|:\- \t]+", rule) is not None
