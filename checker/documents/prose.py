"""Prose pages: Markdown, HTML saved from a documentation site, or text copied from a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from checker.documents.prose_blocks import Block, html_blocks, markdown_blocks
from checker.documents.prose_endpoints import endpoints_in, lone_endpoints
from checker.documents.prose_flat import flat_blocks
from checker.documents.prose_lists import with_lists
from checker.documents.prose_scope import outlined, sections
from checker.documents.prose_tables import table_facts
from checker.domain.portal import Page, ProseFact
from checker.errors import DocumentError

MAX_BYTES = 5_000_000
_HEADING = re.compile(r"[^\W\d_][^{}/|]*[^.:;,!{}/|]")
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
    guessed = False
    if display.lower().endswith((".html", ".htm")) or _is_html(text):
        blocks = with_lists(html_blocks(text))
    else:
        blocks, guessed = _markdown(text)
    title = next((b.text for b in blocks if b.kind == "heading"), "")
    facts = tuple(_facts(blocks, display, guessed))
    words = text if not _is_html(text) else "\n\n".join(_words(block) for block in blocks)
    unread = tuple(line for block in blocks for line in block.unread)
    return Page(display, words, facts, title, domain, unread)


def _markdown(text: str) -> tuple[list[Block], bool]:
    """The blocks of a Markdown or plain text, and whether its headings had to be guessed."""
    blocks = _with_flat_tables(text, with_lists(markdown_blocks(text)))
    if any(block.kind == "heading" for block in blocks):
        return blocks, False
    lines = text.split("\n")
    return outlined([_as_heading(block, lines) for block in blocks]), True


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
    covered = {n for b in flat for n in (b.line, *(row.line for row in b.rows), *b.unread)}
    kept = [b for b in blocks if b.line not in covered]
    return sorted([*kept, *flat], key=lambda block: block.line)


def _as_heading(block: Block, lines: Sequence[str]) -> Block:
    """A short line on its own without an end is what a heading became."""
    text = block.text
    alone = "\n" not in text and len(text) <= 60 and _HEADING.fullmatch(text) is not None
    if block.kind != "text" or not alone or endpoints_in(text) or lone_endpoints(text):
        return block
    after = lines[block.line] if block.line < len(lines) else ""
    return block if after.strip() else Block("heading", block.line, text, 2)


def _facts(blocks: Sequence[Block], file: str, guessed: bool) -> Iterator[ProseFact]:
    for number, section in sections(blocks, guessed=guessed).items():
        yield from table_facts(blocks[number], section, file)
