"""Changes in the text of a YAML file; comments and what isn't named keep their formatting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from checker.fixing.json_patch import Operation, Unplaced, index_of
from checker.fixing.order import Order
from checker.fixing.yaml_style import (
    NEVER,
    YamlStyle,
    block,
    flow,
    in_block,
    is_literal,
    literal,
    reads,
)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str) -> Any:
    """The node tree; raises Unplaced for what isn't YAML."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise Unplaced(f"not YAML: {' '.join(str(error).split())[:120]}") from None
    if node is None:
        raise Unplaced("the file is empty")
    return node


def data(node: Any, depth: int = 0) -> Any:
    """The node's JSON value, aliases and merges followed; keys are texts as they are written,
    dates stay texts."""
    if depth > 200:
        raise Unplaced("nested too deeply")
    if isinstance(node, yaml.MappingNode):
        own = {str(k.value): data(v, depth + 1) for k, v in node.value if not _is_merge(k)}
        for merged in merged_into(node):
            own = {**own, **{k: v for k, v in data(merged, depth + 1).items() if k not in own}}
        return own
    if isinstance(node, yaml.SequenceNode):
        return [data(item, depth + 1) for item in node.value]
    return _scalar(node)


def _is_merge(key: Any) -> bool:
    return bool(key.tag == "tag:yaml.org,2002:merge")


def merged_into(node: Any) -> list[Any]:
    """The mappings that a mapping takes members from with `<<`, the first one first."""
    values = [value for key, value in node.value if _is_merge(key)]
    items = [v.value if isinstance(v, yaml.SequenceNode) else [v] for v in values]
    return [m for each in items for m in each if isinstance(m, yaml.MappingNode)]


def member(node: Any, token: str) -> tuple[Any, int | None]:
    """The mapping that has a member, itself or one that it is merged from, and where."""
    for mapping in (node, *merged_into(node)):
        for number, (key, _) in enumerate(mapping.value):
            if key.value == token and not _is_merge(key):
                return mapping, number
    return node, None


def edit(text: str, operation: Operation, order: Order | None = None) -> str:
    """The text after one operation; raises Unplaced where its place isn't there.

    A new member of a mapping goes where `order` has it, else to the end.
    """
    if not operation.tokens:
        raise Unplaced("the whole document can't be replaced")
    return _Editor(text, order).edit(operation)


def _scalar(node: Any) -> Any:
    tag = node.tag.rpartition(":")[2]
    if tag not in ("null", "bool", "int", "float"):
        return str(node.value)
    constructor = yaml.SafeLoader("")
    try:
        return constructor.construct_object(node)
    except (yaml.YAMLError, ValueError):
        return str(node.value)
    finally:
        constructor.dispose()


class _Editor:
    """One text with its node tree."""

    def __init__(self, text: str, order: Order | None = None) -> None:
        self.text = text
        self.order = order
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.root = compose(text)
        self.lines = [0]
        self.lines += [m.end() for m in re.finditer(r"\r\n|\n|\r", text)]
        self.style = YamlStyle(text, self.root, self.newline)

    def _member(self, parent: yaml.MappingNode, token: str, operation: Operation) -> str:
        """The text with a member of a mapping changed."""
        parent, number = member(parent, token)
        if number is None:
            if operation.op == "remove":
                raise Unplaced(f"there is no {token!r}")
            return self._insert(parent, self._place(parent, token), token, operation.value)
        if operation.op == "remove":
            return self._remove(parent, number)
        if operation.op == "rename":
            return self._rename(parent.value[number][0], operation.value)
        return self._replace(parent, parent.value[number], operation.value)

    def edit(self, operation: Operation) -> str:
        parent = self._find(operation.tokens[:-1])
        token = operation.tokens[-1]
        if isinstance(parent, yaml.MappingNode):
            return self._member(parent, token, operation)
        if not isinstance(parent, yaml.SequenceNode):
            raise Unplaced("its place is in a value that has no members")
        if operation.op == "add":
            count = len(parent.value)
            at = count if token == "-" else index_of(token, count + 1)
            return self._insert(parent, at, None, operation.value)
        number = index_of(token, len(parent.value))
        if operation.op == "remove":
            return self._remove(parent, number)
        return self._replace(parent, (None, parent.value[number]), operation.value)

    def _find(self, tokens: Sequence[str]) -> Any:
        node = self.root
        for token in tokens:
            if isinstance(node, yaml.MappingNode):
                owner, number = member(node, token)
                if number is None:
                    raise Unplaced(f"there is no {token!r}")
                node = owner.value[number][1]
            elif isinstance(node, yaml.SequenceNode):
                node = node.value[index_of(token, len(node.value))]
            else:
                raise Unplaced(f"there is no {token!r}")
        return node

    def _at(self, mark: Any) -> int:
        start: int = self.lines[mark.line]
        return start + int(mark.column)

    def _start(self, node: Any) -> int:
        return self._at(node.start_mark)

    def _end(self, node: Any) -> int:
        """Behind the node's last character: a block's end mark lies at the next token."""
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            start, end = self._start(node), self._at(node.end_mark)
            return start + len(self.text[start:end].rstrip())
        if isinstance(node, yaml.MappingNode):
            key, value = node.value[-1]
            return max(self._end(value), self._end(key) + 1)
        return self._end(node.value[-1])

    def _line_end(self, at: int) -> int:
        """Behind the line's break (a comment at its end belongs to it)."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _column(self, node: Any) -> int:
        return int(node.start_mark.column)

    def _rename(self, key: Any, name: str) -> str:
        start, end = self._start(key), self._end(key)
        new = self._name(name, key) if key.style else self.style.scalar(name)
        return self.text[:start] + new + self.text[end:]

    def _name(self, name: str, like: Any) -> str:
        """A member's name, written as the key of another one is: numbers are in quotes, or not."""
        if name.isdigit() and like is not None and str(like.value).isdigit() and not like.style:
            return name
        return self.style.scalar(name, quote=(like.style or "") if like is not None else "")

    def _replace(self, parent: Any, pair: tuple[Any, Any], value: Any) -> str:
        key, old = pair
        start, end = self._start(old), self._end(old)
        is_flow = getattr(old, "flow_style", False) and bool(old.value)
        if parent.flow_style or is_flow:
            quote = getattr(old, "style", None) or ""
            return self.text[:start] + flow(value, self.style, "", quote) + self.text[end:]
        column = self._column(key) if key is not None else self._dash(old)
        new = self._value(value, column, key, old)
        if start >= end:  # an empty value: nothing stands behind the colon
            anchor = self._end(key) + 1 if key is not None else start
            return self.text[:anchor] + new + self.text[anchor:].lstrip(" ")
        head = self.text[:start].rstrip(" \t\r\n")
        return head + new + self.text[end:]

    def _dash(self, item: Any) -> int:
        """The column of a block item's dash."""
        before = self.text[self._line_start(self._start(item)) : self._start(item)]
        return before.rfind("-")

    def _remove(self, parent: Any, number: int) -> str:
        items = [
            (self._start(e[0]), self._end(e[1])) if isinstance(e, tuple) else self._span(e)
            for e in parent.value
        ]
        if parent.flow_style:
            if len(items) == 1:
                start, end = self._start(parent), self._at(parent.end_mark)
                return self.text[: start + 1] + self.text[end - 1 :]
            if number + 1 < len(items):
                return self.text[: items[number][0]] + self.text[items[number + 1][0] :]
            return self.text[: items[number - 1][1]] + self.text[items[number][1] :]
        if len(items) == 1:
            start, end = self._start(parent), self._end(parent)
            empty = "{}" if isinstance(parent, yaml.MappingNode) else "[]"
            head = self.text[:start].rstrip(" \t\r\n")
            return head + " " + empty + self.text[end:]
        begin = (
            items[number][0] if isinstance(parent, yaml.MappingNode) else self._mark(parent, number)
        )
        line = self._line_start(begin)
        if self.text[line:begin].strip():  # the first member, on the line of its item's dash
            return self.text[:begin] + self.text[items[number + 1][0] :]
        return self.text[:line] + self.text[self._line_end(items[number][1]) :]

    def _span(self, node: Any) -> tuple[int, int]:
        return self._start(node), self._end(node)

    def _mark(self, parent: Any, number: int) -> int:
        """Where a block item's dash is."""
        start = self._start(parent.value[number])
        return self.text.rfind("-", 0, max(start, 1))

    def _place(self, parent: Any, name: str) -> int:
        """Before which of a mapping's members a new one goes."""
        if self.order is None or any(_is_merge(key) for key, _ in parent.value):
            return len(parent.value)
        return self.order.place(name, [str(key.value) for key, _ in parent.value])

    def _insert(self, parent: Any, at: int, key: str | None, value: Any) -> str:
        if parent.flow_style or not parent.value:
            return self._insert_flow(parent, at, key, value)
        if key is not None:
            column = self._column(parent.value[0][0])
            like = parent.value[max(at - 1, 0)][0]
            name = self._name(key, like if key.isdigit() else None)
            line = f"{' ' * column}{name}:{self._value(value, column, key)}"
            place = self._behind(parent, at)
        else:
            column = self._mark(parent, 0) - self._line_start(self._mark(parent, 0))
            line = " " * column + "-" + self._value(value, column)
            place = self._line_end(self._end(parent))
            if at < len(parent.value):
                place = self._line_start(self._mark(parent, at))
                if self.text[place : self._mark(parent, at)].strip():
                    raise Unplaced("the list begins within a line")
        head = self.text[:place]
        if head and not head.endswith("\n"):
            head += self.newline
        return head + line + self.newline + self.text[place:]

    def _behind(self, parent: Any, at: int) -> int:
        """Where the line of a mapping's member begins that comes before the one at `at`: behind
        the member before it, so that comments stay with what they stand above."""
        if at == 0:
            first = self._start(parent.value[0][0])
            line = self._line_start(first)
            if not self.text[line:first].strip():
                return line
            at = 1
        key, value = parent.value[at - 1]
        return self._line_end(max(self._end(value), self._end(key) + 1))

    def _insert_flow(self, parent: Any, at: int, key: str | None, value: Any) -> str:
        name = f"{self.style.scalar(key, in_flow=True)}: " if key is not None else ""
        new = name + flow(value, self.style, key or "")
        if not parent.value:
            start, end = self._start(parent), self._at(parent.end_mark)
            return self.text[: start + 1] + new + self.text[end - 1 :]
        entries = [e if isinstance(e, tuple) else (e, e) for e in parent.value]
        if at >= len(entries):
            place = self._end(entries[-1][1])
            return self.text[:place] + ", " + new + self.text[place:]
        place = self._start(entries[at][0])
        return self.text[:place] + new + ", " + self.text[place:]

    def _value(self, value: Any, column: int, key: Any = None, old: Any = None) -> str:
        """What stands behind `key:` or `-`, with its leading space or line break; `old` is the
        scalar whose place it takes."""
        if is_literal(value):
            return f" {self.newline.join(literal(value, column + 2))}"
        name = str(getattr(key, "value", key or ""))
        if not isinstance(value, (dict, list, tuple)) or not value:
            return f" {self._scalar(value, column, name, old)}"
        flat = isinstance(value, (list, tuple)) and not self.style.indents_lists
        lines = block(value, self.style, column if flat and key is not None else column + 2)
        if key is not None:
            return self.newline + self.newline.join(lines)
        return " " + self.newline.join(lines).lstrip(" ")

    def _scalar(self, value: Any, column: int, name: str, old: Any) -> str:
        style = old.style if isinstance(old, yaml.ScalarNode) else None
        grown = self._grown(value, old) if isinstance(value, str) and style != "|" else ""
        if grown and reads(grown, value, column):
            return grown
        quote = style if style in ("'", '"') else ""
        start = column + len(name) + 2
        written = in_block(value, self.style, start, column + 2, name, quote or "")
        if reads(written, value, column):
            return written
        return self.style.scalar(value, quote='"')

    def _grown(self, value: str, old: Any) -> str:
        """A text of several lines with more behind it: those lines stay as they are."""
        if not isinstance(old, yaml.ScalarNode) or old.end_mark.line <= old.start_mark.line:
            return ""
        before, tail = str(old.value), value.removeprefix(str(old.value))
        if not value.startswith(before) or not tail.strip() or "\n" in tail:
            return ""
        raw = self.text[self._start(old) : self._end(old)]
        if old.style == ">":
            first, _, rest = raw.partition("\n")
            chomp = first.rstrip().rstrip("+-") + "-"
            raw = chomp + self.newline + rest
            if before.endswith("\n"):
                raw += self.newline
                tail = self.newline + " " * _indent_of(raw) + tail
            return self._lengthened(raw, tail)
        quote = old.style or ""
        inside = self.style.scalar(tail, quote=quote)[1:-1] if quote else tail
        return self._lengthened(raw.removesuffix(quote), inside + quote)

    def _lengthened(self, raw: str, tail: str) -> str:
        """Lines with a text behind the last one, folded as they are."""
        head, line_break, last = raw.rpartition("\n")
        if not last.strip() or tail.startswith(self.newline):
            return raw + tail
        indent = len(last) - len(last.lstrip(" "))
        longest = max(len(line.rstrip("\r")) for line in raw.split("\n")[1:])
        width = max(longest, self.style.width if self.style.width != NEVER else 0)
        return head + line_break + self.style.folded(last + tail, 0, indent, width)


def _indent_of(raw: str) -> int:
    last = raw.rstrip().rpartition("\n")[2]
    return len(last) - len(last.lstrip(" "))
