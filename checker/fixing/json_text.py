"""Changes in the text of a JSON file; what isn't named keeps its formatting."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checker.fixing.json_patch import Operation, Unplaced, index_of
from checker.fixing.order import Order

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_INLINE_LIST = re.compile(
    r'(?<!\\)": ?\[ ?(?:"[^"\n]*"|-?\d[\d.]*)(?:, ?(?:"[^"\n]*"|-?\d[\d.]*))* ?\]'
)
"""A member's list in one line; the quote keeps it apart from the classes of a pattern."""


@dataclass(frozen=True, slots=True)
class Item:
    """A member or list item: from its key (or value) to its value's end."""

    key: str | None
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Container:
    """An object or list in the text; `end` is behind its closing bracket."""

    start: int
    end: int
    items: tuple[Item, ...]
    is_object: bool


def edit(text: str, operation: Operation, order: Order | None = None) -> str:
    """The text after one operation; raises Unplaced where its place isn't there.

    A new member of an object goes where `order` has it, else to the end.
    """
    if not operation.tokens:
        raise Unplaced("the whole document can't be replaced")
    style = Style.of(text)
    parent = _container(text, operation.tokens[:-1])
    token = operation.tokens[-1]
    if operation.op == "remove":
        return _remove(text, parent, _position(parent, token))
    if operation.op == "rename":
        item = parent.items[_position(parent, token)]
        name = json.dumps(operation.value, ensure_ascii=style.ascii)
        return text[: item.start] + name + text[item.start + _key_length(text, item) :]
    if operation.op == "replace" or (parent.is_object and _has(parent, token)):
        item = parent.items[_position(parent, token)]
        new = style.dumped(operation.value, _indent_at(text, item.start))
        return text[: item.value] + new + text[item.end :]
    at = _new_place(parent, token, order)
    return _insert(text, parent, at, token, operation.value, style)


def _new_place(parent: Container, token: str, order: Order | None) -> int:
    """Before which item a new one stands."""
    if parent.is_object and order is not None:
        return order.place(token, [str(item.key) for item in parent.items])
    if parent.is_object or token == "-":
        return len(parent.items)
    return index_of(token, len(parent.items) + 1)


@dataclass(frozen=True, slots=True)
class Style:
    """How the file is written: `unit` of indentation (empty: all in one line)."""

    unit: str
    inline_lists: bool
    ascii: bool
    newline: str
    tight: bool

    @classmethod
    def of(cls, text: str) -> Style:
        """Learned from the text itself."""
        first = re.search(r"\n([ \t]+)\S", text)
        unit = first.group(1) if first else ("" if "\n" not in text.strip() else "  ")
        return cls(
            unit=unit,
            inline_lists=_INLINE_LIST.search(text) is not None,
            ascii=text.isascii() and "\\u" in text,
            newline="\r\n" if "\r\n" in text else "\n",
            tight='": ' not in text and '":' in text,
        )

    def dumped(self, value: Any, indent: str) -> str:
        """A value's text, its further lines indented from `indent`."""
        return self._lines(value, indent) if self.unit else self.in_line(value)

    def in_line(self, value: Any) -> str:
        """A value's text without line breaks."""
        separators = (",", ":") if self.tight else (", ", ": ")
        return json.dumps(value, ensure_ascii=self.ascii, separators=separators)

    def _lines(self, value: Any, indent: str) -> str:
        inner = indent + self.unit
        if isinstance(value, dict) and value:
            members = (
                f"{json.dumps(k, ensure_ascii=self.ascii)}: {self._lines(v, inner)}"
                for k, v in value.items()
            )
            return self._block("{", members, "}", indent, inner)
        if isinstance(value, (list, tuple)) and value:
            flat = all(not isinstance(item, (dict, list, tuple)) for item in value)
            if flat and self.inline_lists:
                return json.dumps(list(value), ensure_ascii=self.ascii)
            return self._block("[", (self._lines(v, inner) for v in value), "]", indent, inner)
        return json.dumps(value, ensure_ascii=self.ascii)

    def _block(self, opening: str, parts: Any, closing: str, indent: str, inner: str) -> str:
        joint = "," + self.newline + inner
        return opening + self.newline + inner + joint.join(parts) + self.newline + indent + closing


def _container(text: str, tokens: Sequence[str]) -> Container:
    start = _skip(text, 1 if text.startswith("\ufeff") else 0)
    for token in tokens:
        found = _scan(text, start)
        start = found.items[_position(found, token)].value
    return _scan(text, start)


def _scan(text: str, start: int) -> Container:
    opening = text[start : start + 1]
    if opening not in ("{", "["):
        raise Unplaced("its place is in a value that has no members")
    is_object = opening == "{"
    closing = "}" if is_object else "]"
    items = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != closing:
        begin, key = at, None
        if is_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value = at
        _, at = _DECODER.raw_decode(text, at)
        items.append(Item(key, begin, value, at))
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
    return Container(start, at + 1, tuple(items), is_object)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _has(container: Container, token: str) -> bool:
    return any(item.key == token for item in container.items)


def _position(container: Container, token: str) -> int:
    if not container.is_object:
        return index_of(token, len(container.items))
    # Of doubled keys the last one counts, as it does for every reader.
    for number in range(len(container.items) - 1, -1, -1):
        if container.items[number].key == token:
            return number
    raise Unplaced(f"there is no {token!r}")


def _key_length(text: str, item: Item) -> int:
    _, end = _DECODER.raw_decode(text, item.start)
    return int(end) - item.start


def _indent_at(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _remove(text: str, parent: Container, number: int) -> str:
    items = parent.items
    if len(items) == 1:
        return text[: parent.start + 1] + text[parent.end - 1 :]
    if number + 1 < len(items):
        return text[: items[number].start] + text[items[number + 1].start :]
    return text[: items[number - 1].end] + text[items[number].end :]


def _insert(text: str, parent: Container, at: int, token: str, value: Any, style: Style) -> str:
    colon = ":" if style.tight else ": "
    name = json.dumps(token, ensure_ascii=style.ascii) + colon if parent.is_object else ""
    if not parent.items:
        indent = _indent_at(text, parent.start)
        if not style.unit:
            new = name + style.dumped(value, "")
        else:
            inner = indent + style.unit
            new = f"{style.newline}{inner}{name}{style.dumped(value, inner)}{style.newline}{indent}"
        return text[: parent.start + 1] + new + text[parent.end - 1 :]
    neighbour = parent.items[min(at, len(parent.items) - 1)]
    own_line = "\n" in text[parent.start : parent.items[0].start]
    indent = _indent_at(text, neighbour.start)
    new = name + (style.dumped(value, indent) if own_line else style.in_line(value))
    if own_line:
        joint = "," + style.newline + indent
    else:
        joint = "," if style.tight or not _spaced(text, parent) else ", "
    if at >= len(parent.items):
        return text[: neighbour.end] + joint + new + text[neighbour.end :]
    return text[: neighbour.start] + new + joint + text[neighbour.start :]


def _spaced(text: str, parent: Container) -> bool:
    if len(parent.items) < 2:
        return True
    return text[parent.items[0].end : parent.items[1].start].endswith(" ")
