"""Words from anywhere as Markdown that shows them and does nothing else."""

from __future__ import annotations

import re

from checker.reporting.clean import one_line, printable


def text(value: str) -> str:
    """Words for a paragraph or a table cell: one line; code in backticks stays code.

    Everything else that Markdown or HTML would act on is escaped.
    """
    flat = one_line(value)
    # A span of nothing but blanks is no code: it would be lost.
    pieces = re.split(r"(?<!`)`([^`]*[^`\s][^`]*)`(?!`)", flat)
    return "".join(code(p) if i % 2 else _escape(p) for i, p in enumerate(pieces))


def code(value: str) -> str:
    """A code span that also holds in a table cell, whatever backticks the value has."""
    flat = one_line(value).replace("|", "\\|")
    if not flat:
        return ""
    run = max((len(ticks) for ticks in re.findall("`+", flat)), default=0)
    fence = "`" * (run + 1)
    space = " " if run else ""
    return f"{fence}{space}{flat}{space}{fence}"


def fenced(value: str, language: str = "") -> str:
    """A code block that nothing in the value can close."""
    body = printable(value)
    run = max((len(ticks) for ticks in re.findall("`{3,}", body)), default=2)
    fence = "`" * (run + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _escape(value: str) -> str:
    value = value.replace("\\", "\\\\")
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    value = re.sub(r"([`*\[\]|~])", r"\\\1", value)
    # An underscore within a word is harmless, and names are full of them.
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", value)
