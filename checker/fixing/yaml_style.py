"""How a YAML file writes its scalars: quotes, folded lines; and values written in that manner."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

NEVER = 1_000_000
"""A width at which no line is folded."""
_KEYED = r"^[ \t]*(?:- +)*{key}[ \t]*:[ \t]+(.)"
_NO_TEXT = re.compile(r"|[-+.\d][-+.:_\deExXoO]*|[yYnN]")
"""What some readers take for something else than a text."""
_WORDS = re.compile(r"(?<=[^ ]) (?=[^ #])")


@dataclass(frozen=True)
class YamlStyle:
    """The habits of one text, whose node tree is `root`."""

    text: str
    root: Any
    newline: str

    @cached_property
    def indents_lists(self) -> bool:
        """Whether the dashes of a member's list stand further right than its name."""
        found = re.search(r"^( *)[^\s#][^\n]*:[ \t]*\r?\n\1 +- ", self.text, re.MULTILINE)
        return found is not None

    @cached_property
    def quote(self) -> str:
        """The quote that more scalars have."""
        quotes = re.findall(r"(?:[:{\[,]|^[ \t]*-)[ \t]+(['\"])", self.text, re.MULTILINE)
        return "'" if 2 * quotes.count("'") > len(quotes) else '"'

    @cached_property
    def width(self) -> int:
        """The longest line of those that are folded; NEVER where none is."""
        longest = 0
        for node in _scalars(self.root):
            if node.style in (None, "'", '"') and node.end_mark.line > node.start_mark.line:
                lines = self.text.split("\n")[node.start_mark.line : node.end_mark.line]
                longest = max(longest, *(len(line.rstrip("\r")) for line in lines))
        return longest or NEVER

    def scalar(self, value: Any, key: str = "", quote: str = "", in_flow: bool = False) -> str:
        """A scalar in one line; a text with a `quote` that it is to have, else as the values of
        the members called `key` are written; `in_flow`: within braces."""
        if not isinstance(value, str):
            return json.dumps(value)
        wanted = quote or self._quotes(key)
        if wanted or not is_plain(value, in_flow):
            return _quoted(value, wanted or self.quote)
        return value

    def _quotes(self, key: str) -> str:
        """The quote that most values of a member have; empty where most have none."""
        if not key:
            return ""
        starts = re.findall(_KEYED.format(key=re.escape(key)), self.text, re.MULTILINE)
        quoted = [s for s in starts if s in "'\""]
        plain = [s for s in starts if s not in "'\"|>{[&*"]
        if not quoted:
            return ""
        # Where texts that need no quotes have some, all have them.
        return max(set(quoted), key=quoted.count) if not plain else ""

    def folded(self, written: str, column: int, indent: int, width: int = 0) -> str:
        """A scalar's text in lines as long as the file's are (or `width`); `column` is where it
        starts, `indent` that of its further lines."""
        room = width or self.width
        if column + len(written) <= room:
            return written
        lines, line, at = [], "", column
        for word in _WORDS.split(written):
            if line.strip() and at + len(line) + 1 + len(word) > room:
                lines.append(line)
                line, at = word, indent
            else:
                line = f"{line} {word}" if line else word
        return (self.newline + " " * indent).join([*lines, line])


def is_plain(value: str, in_flow: bool = False) -> bool:
    """Whether a text can stand without quotes, for readers of YAML 1.1 and 1.2."""
    if not value.isprintable() or _NO_TEXT.fullmatch(value):
        return False
    try:
        dumped = yaml.safe_dump([value], width=NEVER, allow_unicode=True)
        return dumped == f"- {value}\n" and (not in_flow or yaml.safe_load(f"[{value}]") == [value])
    except yaml.YAMLError:
        return False


def _quoted(value: str, quote: str) -> str:
    if quote == "'" and value.isprintable() and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def _scalars(node: Any) -> Iterator[Any]:
    seen: set[int] = set()
    pending = [node]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.MappingNode):
            pending += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value


def flow(value: Any, style: YamlStyle, key: str = "", quote: str = "") -> str:
    """A value within braces, in one line."""
    if isinstance(value, Mapping):
        members = (
            f"{style.scalar(str(k), in_flow=True)}: {flow(v, style, str(k))}"
            for k, v in value.items()
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item, style) for item in value) + "]"
    return style.scalar(value, key, quote, in_flow=True)


def block(value: Any, style: YamlStyle, column: int, key: str = "") -> list[str]:
    """The lines of an object or a list that isn't empty, from `column` on."""
    pad = " " * column
    lines: list[str] = []
    if isinstance(value, Mapping):
        for name, member in value.items():
            inner = column if _is_list(member) and not style.indents_lists else column + 2
            head = f"{pad}{style.scalar(str(name))}:"
            lines += _under(head, member, style, inner, column + 2, str(name))
        return lines
    for item in value:
        nested = [] if not _is_block(item) else block(item, style, column + 2)
        if nested:
            lines += [f"{pad}- {nested[0].lstrip(' ')}", *nested[1:]]
        else:
            lines += _under(f"{pad}-", item, style, column + 2, column + 2, key)
    return lines


def in_block(
    value: Any, style: YamlStyle, column: int, indent: int, key: str = "", quote: str = ""
) -> str:
    """A scalar or an empty value that starts at `column`, its further lines at `indent`."""
    if isinstance(value, (Mapping, list, tuple)):
        return flow(value, style)
    return style.folded(style.scalar(value, key, quote), column, indent)


def literal(value: str, column: int) -> list[str]:
    """A text of several lines as a block scalar: its sign, then its lines."""
    pad = " " * column
    chomp = "" if value.endswith("\n") else "-"
    lines = value.rstrip("\n").split("\n")
    return [f"|{chomp}", *(pad + line if line else "" for line in lines)]


def is_literal(value: Any) -> bool:
    """Whether a block scalar can hold the value as it is, and it has lines."""
    if not isinstance(value, str) or "\n" not in value.strip("\n"):
        return False
    printable = all(c.isprintable() or c == "\n" for c in value)
    return printable and not value.startswith((" ", "\n")) and not value.endswith("\n\n")


def reads(written: str, value: Any, column: int) -> bool:
    """Whether a scalar's text is read as the value, as a member that stands at a column."""
    try:
        return bool(yaml.safe_load(f"{' ' * column}k: {written}\n") == {"k": value})
    except yaml.YAMLError:
        return False


def _under(head: str, value: Any, style: YamlStyle, inner: int, indent: int, key: str) -> list[str]:
    if _is_block(value):
        return [head, *block(value, style, inner, key)]
    if is_literal(value):
        sign, *lines = literal(value, indent)
        return [f"{head} {sign}", *lines]
    return f"{head} {in_block(value, style, len(head) + 1, indent, key)}".split(style.newline)


def _is_block(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and bool(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value)
