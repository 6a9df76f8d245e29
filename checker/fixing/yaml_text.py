"""Changes in the text of a YAML file; comments and what isn't named keep their formatting."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import yaml

from checker.fixing.json_patch import Operation, Unplaced, index_of

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


def edit(text: str, operation: Operation) -> str:
    """The text after one operation; raises Unplaced where its place isn't there."""
    if not operation.tokens:
        raise Unplaced("the whole document can't be replaced")
    return _Editor(text).edit(operation)


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

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.root = compose(text)
        self.lines = [0]
        self.lines += [m.end() for m in re.finditer(r"\r\n|\n|\r", text)]
        self.indents_lists = re.search(r"^( *)[^\s#][^\n]*:[ \t]*\n\1 +- ", text, re.M) is not None

    def edit(self, operation: Operation) -> str:
        parent = self._find(operation.tokens[:-1])
        token = operation.tokens[-1]
        if isinstance(parent, yaml.MappingNode):
            parent, number = member(parent, token)
            if operation.op == "remove":
                if number is None:
                    raise Unplaced(f"there is no {token!r}")
                return self._remove(parent, number)
            if number is not None:
                return self._replace(parent, parent.value[number], operation.value)
            return self._insert(parent, len(parent.value), token, operation.value)
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

    def _replace(self, parent: Any, pair: tuple[Any, Any], value: Any) -> str:
        key, old = pair
        start, end = self._start(old), self._end(old)
        if parent.flow_style or (old is not None and getattr(old, "flow_style", False)):
            return self.text[:start] + _flow(value) + self.text[end:]
        column = self._column(key) if key is not None else self._dash(old)
        new = self._value(value, column, after_key=key is not None)
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

    def _insert(self, parent: Any, at: int, key: str | None, value: Any) -> str:
        if parent.flow_style or not parent.value:
            return self._insert_flow(parent, at, key, value)
        if key is not None:
            column = self._column(parent.value[0][0])
            line = " " * column + _plain(key) + ":" + self._value(value, column, after_key=True)
        else:
            column = self._mark(parent, 0) - self._line_start(self._mark(parent, 0))
            line = " " * column + "-" + self._value(value, column, after_key=False)
        if key is None and at < len(parent.value):
            place = self._line_start(self._mark(parent, at))
            if self.text[place : self._mark(parent, at)].strip():
                raise Unplaced("the list begins within a line")
            return self.text[:place] + line + self.newline + self.text[place:]
        place = self._line_end(self._end(parent))
        head = self.text[:place]
        if head and not head.endswith("\n"):
            head += self.newline
        return head + line + self.newline + self.text[place:]

    def _insert_flow(self, parent: Any, at: int, key: str | None, value: Any) -> str:
        new = (f"{_plain(key)}: " if key is not None else "") + _flow(value)
        if not parent.value:
            start, end = self._start(parent), self._at(parent.end_mark)
            return self.text[: start + 1] + new + self.text[end - 1 :]
        entries = [e if isinstance(e, tuple) else (e, e) for e in parent.value]
        if at >= len(entries):
            place = self._end(entries[-1][1])
            return self.text[:place] + ", " + new + self.text[place:]
        place = self._start(entries[at][0])
        return self.text[:place] + new + ", " + self.text[place:]

    def _value(self, value: Any, column: int, *, after_key: bool) -> str:
        """What stands behind `key:` or `-`, with its leading space or line break."""
        if isinstance(value, str) and "\n" in value.strip("\n") and _literal(value):
            inner = " " * (column + 2)
            chomp = "" if value.endswith("\n") else "-"
            lines = [inner + line if line else "" for line in value.rstrip("\n").split("\n")]
            return self.newline.join([f" |{chomp}", *lines])
        if not isinstance(value, (dict, list, tuple)) or not value:
            return " " + _flow(value)
        dumped = yaml.safe_dump(
            json.loads(json.dumps(value)),
            default_flow_style=False,
            sort_keys=False,
            allow_unicode=True,
            width=1_000_000,
        ).rstrip("\n")
        shift = column + 2
        if after_key and isinstance(value, (list, tuple)) and not self.indents_lists:
            shift = column
        lines = [" " * shift + line if line else "" for line in dumped.split("\n")]
        if after_key:
            return self.newline + self.newline.join(lines)
        return " " + self.newline.join(lines).lstrip(" ")


def _literal(value: str) -> bool:
    """Whether a block scalar can hold the text as it is."""
    printable = all(c.isprintable() or c == "\n" for c in value)
    return printable and not value.startswith((" ", "\n")) and not value.endswith("\n\n")


def _plain(value: str) -> str:
    """A text as YAML, quoted where it must be."""
    return _flow(value)


def _flow(value: Any) -> str:
    """A value in one line; JSON is YAML, so only plain words lose their quotes."""
    if isinstance(value, str):
        if re.fullmatch(r"[A-Za-z_/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./()-]+)*", value):
            loaded = yaml.safe_load(value)
            if isinstance(loaded, str) and loaded == value:
                return value
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        members = (f"{_plain(str(k))}: {_flow(v)}" for k, v in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value)
