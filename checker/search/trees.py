"""Answers as trees: JSON, also within texts, XML, HTML, plain text, headers. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from checker.domain.exchange import Response
from checker.domain.schema import MISSING
from checker.search.wording import is_sentence

LONGEST = 200_000
MOST_NODES = 4_000
_TEXT_TAGS = "a abbr b bdi bdo big cite em font i ins kbd mark q s samp small span strong u var wbr"
_INLINE = frozenset(_TEXT_TAGS.split())
_CODE = frozenset({"code", "tt"})
_HIDDEN = frozenset({"script", "style", "head", "template", "svg"})


class _Page(HTMLParser):
    """The blocks of a page as texts; what is set as code stands in quotes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._now: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self._between(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        self._between(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._between(tag)

    def _between(self, tag: str) -> None:
        if tag in _CODE:
            self._now.append("`")
        elif tag not in _INLINE:
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._now.append(data)

    def flush(self) -> None:
        text = " ".join("".join(self._now).split())
        self._now = []
        if text and len(self.blocks) < MOST_NODES:
            self.blocks.append(text)


class _Node:
    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[tuple[str, Any]] = []
        self.text: list[str] = []

    def tree(self) -> Any:
        text = "".join(self.text).strip()
        if not self.children:
            return text
        found: dict[str, Any] = {}
        for name, value in self.children:
            if name not in found:
                found[name] = value
            elif isinstance(found[name], list):
                found[name].append(value)
            else:
                found[name] = [found[name], value]
        return {**found, "#text": text} if text else found


class _Elements(HTMLParser):
    """Elements as objects: children and attributes are members, repeated ones lists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self.stack = [self.root]
        self.count = 0

    def set_cdata_mode(self, elem: str, **_: bool) -> None:
        """Nothing: no element of a document holds a script."""

    def _node(self, tag: str, attrs: list[tuple[str, str | None]]) -> _Node:
        node = _Node(_cased(self.get_starttag_text() or "", tag).rpartition(":")[2])
        node.children = [
            (k, v) for k, v in attrs if v and not k.startswith(("xmlns", "xsi:", "xml:"))
        ]
        return node

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        if self.count < MOST_NODES and len(self.stack) < 60:
            self.stack.append(self._node(tag, attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = self._node(tag, attrs)
        self.stack[-1].children.append((node.name, node.tree()))

    def handle_endtag(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if len(self.stack) > 1 and self.stack[-1].name.lower() == name:
            node = self.stack.pop()
            self.stack[-1].children.append((node.name, node.tree()))

    def handle_data(self, data: str) -> None:
        self.stack[-1].text.append(data)

    def unknown_decl(self, data: str) -> None:
        if data.startswith("CDATA["):
            self.stack[-1].text.append(data[6:])

    def whole(self) -> Any:
        while len(self.stack) > 1:
            node = self.stack.pop()
            self.stack[-1].children.append((node.name, node.tree()))
        return self.root.tree()


def _cased(source: str, tag: str) -> str:
    """The tag as it was written: the parser makes it lower case."""
    written = source[1 : 1 + len(tag)]
    return written if written.lower() == tag else tag


def body_tree(response: Response) -> Any:
    """The body as a tree: JSON, markup, or the text itself."""
    if response.body is not MISSING:
        return response.body
    inner = parsed(response.text)
    return inner if inner is not None else tree_of(response.text, response.media_type)


def header_trees(headers: Mapping[str, str]) -> list[Any]:
    """The headers that say something: sentences without the marks of a list or of parameters,
    and JSON."""
    found: dict[str, Any] = {}
    for name, value in headers.items():
        inner = parsed(value)
        if inner is not None or (is_sentence(value) and not any(c in value for c in ";=,")):
            found[name] = value if inner is None else inner
    return [{k: v} for k, v in found.items()]


def parsed(text: str) -> Any:
    """The JSON object or list that a text is; None for any other text."""
    plain = text.strip()
    if len(plain) < 3 or plain[0] not in "{[" or plain[-1] not in "}]" or len(plain) > 200_000:
        return None
    try:
        found = json.loads(plain)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) or (found and isinstance(found, list)) else None


def tree_of(text: str, media_type: str = "") -> Any:
    """A text answer as a tree: a page's blocks, a document's elements, or the text itself."""
    text = text[:LONGEST].strip().lstrip("\ufeff")
    start = text[:400].lower()
    if "html" in media_type or start.startswith("<!doctype html") or "<html" in start:
        page = _Page()
        page.feed(text)
        page.close()
        page.flush()
        return page.blocks
    if text.startswith("<") and ("xml" in media_type or text.endswith(">")):
        elements = _Elements()
        elements.feed(text)
        elements.close()
        return elements.whole()
    return text
