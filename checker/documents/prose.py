"""Prose pages: Markdown, HTML saved from a documentation site, or text copied from a browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from checker.documents.prose_blocks import Block, html_blocks, markdown_blocks
from checker.documents.prose_flat import flat_blocks
from checker.documents.prose_tables import Section, endpoints_in, table_facts
from checker.domain.operation import OperationId
from checker.domain.portal import Page, ProseFact
from checker.errors import DocumentError
from checker.lexicon.texts import name_words

MAX_BYTES = 5_000_000
_RESPONSE = re.compile(r"\b(?:responses?|returns?|returned|results?|repl(?:y|ies)|output)\b", re.I)
_REQUEST = re.compile(r"\b(?:requests?|parameters?|body|payload|input|arguments?)\b", re.I)
_EVENT = re.compile(r"\b(?:webhooks?|events?|callbacks?|notifications?)\b", re.I)
_HTML = re.compile(r"<(?:!doctype html|html|body|table|article|main|h[1-6])\b", re.IGNORECASE)


def load_page(path: Path, display: str) -> Page:
    """A page with its facts. `display` is the file's name in locations.

    Raises DocumentError where the file can't be read or is larger than 5 MB.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(
                f"{display} is larger than {MAX_BYTES // 1_000_000} MB.",
                "Split the page, or leave it out with the target's `documents` globs.",
            )
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise DocumentError(f"{display} can't be read: {error.strerror}.", "") from error
    parts = path.resolve().parts[:-1]
    domain = parts[-1] if parts else ""
    if domain.lower() in ("docs", "doc", "pages", "md") and len(parts) > 1:
        domain = parts[-2]
    return read_page(text.replace("\r\n", "\n").replace("\r", "\n"), display, domain)


def read_page(text: str, display: str, domain: str = "") -> Page:
    """The page of a text, Markdown, HTML and flattened tables recognised from its content."""
    if display.lower().endswith((".html", ".htm")) or _is_html(text):
        blocks = html_blocks(text)
    else:
        blocks = _with_flat_tables(text, markdown_blocks(text))
    title = next((b.text for b in blocks if b.kind == "heading"), "")
    facts = tuple(_facts(blocks, display))
    words = text if not _is_html(text) else "\n\n".join(_words(block) for block in blocks)
    return Page(display, words, facts, title, domain)


def _is_html(text: str) -> bool:
    return _HTML.match(text.lstrip()[:200]) is not None or "<html" in text[:2000].lower()


def _words(block: Block) -> str:
    if block.kind != "table":
        return block.text
    return "\n".join(" | ".join(cells) for cells in (block.header, *(r.cells for r in block.rows)))


def _with_flat_tables(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Adds tables that run together, where the Markdown has nothing but text."""
    lines = text.split("\n")
    fenced = False
    for number, line in enumerate(lines):
        fence = re.match(r"\s*(?:```|~~~)", line) is not None
        if fenced or fence or line.lstrip().startswith("|"):
            lines[number] = ""
        fenced = fenced != fence
    flat = flat_blocks("\n".join(lines))
    if not flat:
        return list(blocks)
    covered = {n for b in flat for n in (b.line, *(row.line for row in b.rows))}
    kept = [b for b in blocks if b.line not in covered]
    if not any(block.kind == "heading" for block in blocks):
        kept = [_as_heading(block, lines) for block in kept]
    return sorted([*kept, *flat], key=lambda block: block.line)


def _as_heading(block: Block, lines: Sequence[str]) -> Block:
    """A short line on its own without an end is what a heading became."""
    text = block.text
    alone = "\n" not in text and 0 < len(text) <= 60 and not re.search(r"[.:;,!{}]$|^\W", text)
    if block.kind != "text" or not alone or endpoints_in(text):
        return block
    after = lines[block.line] if block.line < len(lines) else ""
    return block if after.strip() else Block("heading", block.line, text, 2)


def _facts(blocks: Sequence[Block], file: str) -> list[ProseFact]:
    listed = _listed(blocks, file)
    found: list[ProseFact] = []
    path: list[tuple[int, str, int]] = []
    since = 0
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, block.text, number))
            since = number
        elif block.kind == "table":
            section = _section(blocks, path, since, number, listed)
            found += table_facts(block, section, file)
            since = number
    return found


def _listed(blocks: Sequence[Block], file: str) -> tuple[OperationId, ...]:
    """The operations of the page's endpoint tables; else the only one the page names."""
    empty = Section("", (), "request", "")
    found: dict[OperationId, None] = {}
    named: dict[OperationId, None] = {}
    for block in blocks:
        if block.kind == "table":
            for fact in table_facts(block, empty, file):
                if fact.kind == "endpoint":
                    found.update(dict.fromkeys(fact.scope))
        named.update(dict.fromkeys(endpoints_in(block.text)))
    return tuple(found) or (tuple(named) if len(named) == 1 else ())


def _section(
    blocks: Sequence[Block],
    path: Sequence[tuple[int, str, int]],
    since: int,
    number: int,
    listed: tuple[OperationId, ...],
) -> Section:
    before = "\n".join(b.text for b in blocks[since:number] if b.kind in ("text", "code"))
    near = "\n".join(b.text for b in blocks[since:number] if b.kind == "text")
    headings = [text for _, text, _ in reversed(path)]
    scope: tuple[OperationId, ...] = ()
    nearest = False
    for depth, (_, text, start) in enumerate(reversed(path)):
        own = [text, *(b.text for b in _until_heading(blocks, start, number))]
        scope = endpoints_in("\n".join(own))
        if scope:
            nearest = depth == 0
            break
    return Section(
        heading=headings[0] if headings else "",
        scope=scope or listed,
        direction=_direction(headings, near, scope if nearest else ()),
        before=before,
    )


def _until_heading(blocks: Sequence[Block], start: int, end: int) -> list[Block]:
    """The blocks below a heading up to the next one (or to `end`)."""
    found: list[Block] = []
    for block in blocks[start + 1 : end]:
        if block.kind == "heading":
            break
        if block.kind in ("text", "code"):
            found.append(block)
    return found


def _one(word: str) -> str:
    """A plain singular, to compare words by."""
    return word.lower().rstrip("s")


def _direction(headings: Sequence[str], near: str, own: Sequence[OperationId]) -> str:
    """request, response or event, from the nearest words that tell.

    `own` are the operations that the section itself names: what their paths are about ("Create an
    event" of `POST /events`) is a thing of the API.
    """
    things = {_one(w) for operation in own for w in name_words(operation.path).split()}
    for text in (headings[0] if headings else "", near, *headings[1:-1]):
        told = {_one(found) for found in _EVENT.findall(text)} - things
        if told and not _REQUEST.search(text) and text != near:
            return "event"
        if _REQUEST.search(text):
            return "request"
        if _RESPONSE.search(text):
            return "response"
    return "request"
