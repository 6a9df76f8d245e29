"""Definition lists of a prose page as tables: a name, its type, marks, and words below it.

They come as `<dl>`, as bullets ("- `name` (string, required): …"), and as what is left of a
documentation site's columns when its text is copied: name, type and marks on lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from checker.documents.prose_blocks import Block, Row
from checker.documents.prose_endpoints import lone_endpoints
from checker.documents.prose_scope import names_direction
from checker.lexicon.phrases import phrase

HEADER = ("Name", "Type", "Required", "Default", "Description")
_WORDS_OF_A_HEADING = 4
_LONGEST_TAIL = 3
"""Paragraphs that may tell of the last entry."""


def with_lists(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with every definition list as a table. An empty mark says nothing there."""
    found: list[Block] = []
    number = 0
    while number < len(blocks):
        rows, end, sure = _list_at(blocks, number)
        if sure:
            found.append(Block("table", blocks[number].line, header=HEADER, rows=rows, lossy=True))
            number = end
        else:
            found.append(blocks[number])
            number += 1
    return found


def _list_at(blocks: Sequence[Block], start: int) -> tuple[tuple[Row, ...], int, bool]:
    """The entries from a block on, the index after them, and whether they are a list."""
    rows: list[Row] = []
    strong = False
    number = start
    while (match := _entry(blocks[number]) if number < len(blocks) else None) is not None:
        block = blocks[number]
        strong = strong or "\n" in block.text.strip() or _marked(match)
        end = _words_end(blocks, number + 1)
        words = [match["text"] or "", *(b.text for b in blocks[number + 1 : end])]
        rows.append(_row(match, " ".join(" ".join(words).split()), block.line))
        number = end
    return tuple(rows), number, len(rows) > 1 or (bool(rows) and strong)


@cache
def _form_of_an_entry() -> re.Pattern[str]:
    kind, flag = (phrase("tables", meaning).pattern for meaning in ("type", "flag"))
    return re.compile(
        r"(?P<tick>`)?(?P<name>[A-Za-z_$@][\w$.\-\[\]]*)`?(?P<between>\s*[:(–—-]\s*\(?|\s+)"
        rf"(?P<type>{kind})(?P<flags>(?:[\s,;·|]*\b(?i:{flag}))*)\s*\)?"
        r"(?:\s*[:.–—-]\s+(?P<text>.*))?",
        re.DOTALL,
    )


def _entry(block: Block) -> re.Match[str] | None:
    match = _form_of_an_entry().fullmatch(block.text.strip()) if block.kind == "text" else None
    if match is None:
        return None
    joined = bool(match["between"].strip())
    plain = not (match["tick"] or "(" in match["between"] or match["text"] or _marked(match))
    return None if joined and plain else match


def _marked(match: re.Match[str]) -> bool:
    return bool(match["flags"].strip())


def _row(match: re.Match[str], words: str, line: int) -> Row:
    required = phrase("tables", "presence").search(match["flags"])
    default = phrase("tables", "default value").search(match["flags"])
    mark = ("yes" if required["required"] else "no") if required else ""
    value = default.group(1) if default else ""
    return Row((match["name"], match["type"], mark, value, words), line)


def _words_end(blocks: Sequence[Block], start: int) -> int:
    """Where the paragraphs that tell of an entry end."""
    for number in range(start, len(blocks)):
        block = blocks[number]
        if block.kind != "text" or _entry(block) is not None or _opens(block.text):
            return number
        if number - start >= _LONGEST_TAIL:
            return number
    return len(blocks)


def _opens(text: str) -> bool:
    """Whether a text begins something else: an endpoint, or a short line about a direction."""
    short = len(text.split()) <= _WORDS_OF_A_HEADING
    return bool(lone_endpoints(text)) or (short and names_direction(text))
