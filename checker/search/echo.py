"""What of an answer only repeats the request. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from checker.domain.exchange import Call, Request
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING
from checker.search.wording import tokens

MAX_DEPTH = 24
MAX_NODES = 6_000
_BRACED = re.compile(r"\{[^{}]{0,4000}\}")
_EMPTIED = re.compile(r"\[[\s,]*\]")
_SHORTEST = 3
_LONGEST = 1_000
MAX_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Repeated:
    """Stands in an answer for a scalar that was sent."""

    value: Any


class Sent:
    """The values of a request by field, items of lists folded into `[]`, and all its parts."""

    def __init__(self, call: Call, request: Request | None = None) -> None:
        self.values: dict[FieldKey, list[tuple[int, Any]]] = {}
        self.trees: set[int] = set()
        self.members: set[tuple[str, int]] = set()
        self.marks: set[int] = set()
        self._left = MAX_NODES
        self.request = request
        for place, values in (
            (Place.BODY, call.body),
            (Place.QUERY, call.query),
            (Place.PATH, call.path),
            (Place.HEADER, call.header),
            (Place.COOKIE, call.cookie),
        ):
            if values is not MISSING:
                self._note(place, "", values, 0, -1)

    def _note(self, place: Place, name: str, value: Any, depth: int, index: int) -> int:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            return 0
        if name:
            self.values.setdefault(FieldKey(place, name), []).append((index, value))
        if isinstance(value, Mapping):
            marks = []
            for k, v in value.items():
                child = f"{name}.{k}" if name else str(k)
                marks.append((str(k), self._note(place, child, v, depth + 1, index)))
            self.members |= set(marks)
            own = hash(frozenset(marks))
        elif isinstance(value, list | tuple):
            items = enumerate(value)
            own = hash(tuple(self._note(place, f"{name}[]", v, depth + 1, n) for n, v in items))
        else:
            own = hash(_plain(value))
            self.marks.add(own)
            return own
        if value:
            self.trees.add(own)
        return own

    def has(self, key: FieldKey, index: int | None = None) -> bool:
        """Whether the field was sent (in the item at an index) with a value that isn't null."""
        value = self.value(key, index)
        return value is not MISSING and value is not None

    def value(self, key: FieldKey, index: int | None = None) -> Any:
        """The value that was sent for a field (in the item at an index); MISSING for none."""
        found = self.values.get(key, [])
        if index is not None and "[]" in key.name:
            return next((v for n, v in found if n == index), MISSING)
        return found[0][1] if found else MISSING

    def lacking(self, key: FieldKey) -> int | None:
        """The first item of a list that was sent without the field, where others have it."""
        parent = key.parent
        if parent is None or not parent.name.endswith("[]"):
            return None
        having = {n for n, _ in self.values.get(key, [])}
        return next((n for n, _ in self.values.get(parent, []) if n not in having), None)

    def fields_of(self, value: Any) -> list[FieldKey]:
        """The fields that were sent with a scalar value, as text."""
        return self._by_text.get(str(_plain(value)), [])

    @cached_property
    def _by_text(self) -> Mapping[str, list[FieldKey]]:
        found: dict[str, dict[FieldKey, None]] = {}
        for key, values in self.values.items():
            for _, value in values:
                if _is_scalar(value):
                    found.setdefault(str(_plain(value)), {})[key] = None
        return {text: list(keys) for text, keys in found.items()}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The scalars that were sent as texts, the longest first."""
        plain = [t for t in self._by_text if _SHORTEST <= len(t) <= _LONGEST]
        return tuple(sorted(plain, key=lambda t: (-len(t), t))[:MAX_TEXTS])

    def quieted(self, text: str) -> str:
        """A text without the request's raw body, address and braced parts."""
        if self.request is not None:
            raw = self.request.content
            if raw and len(raw) <= len(text):
                text = text.replace(raw.decode("utf-8", "replace"), " ")
            if len(self.request.url_path) > 1:
                text = text.replace(self.request.url_path, " ")
        if "{" not in text:
            return text
        without = _BRACED.sub(lambda m: " " if self._repeats(m.group()) else m.group(), text)
        return text if without == text else _EMPTIED.sub(" ", without)

    def is_address(self, text: str) -> bool:
        """Whether a whole text is the address that was asked."""
        path = self.request.url_path if self.request is not None else ""
        return len(path) > 1 and text.split("?")[0].rstrip("/").endswith(path.rstrip("/"))

    def _repeats(self, braced: str) -> bool:
        """Whether a part in braces is of the sent body, as a program prints it."""
        words = [t.word for t in tokens(braced)]
        own = sum(1 for w in words if w in self._words)
        return own >= 2 and own * 3 >= len(words) * 2

    @cached_property
    def _words(self) -> frozenset[str]:
        texts = [*self._by_text, *(k.leaf for k in self.values)]
        return frozenset(t.word for text in texts for t in tokens(text[:200]))


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, Mapping | list | tuple)


def _plain(value: Any) -> Any:
    """A scalar as it is compared: numbers as their text, so that `5` is `"5"`."""
    if value is None or isinstance(value, bool):
        return value
    return value if isinstance(value, str) else str(value)


class _Pruning:
    def __init__(self, sent: Sent, keeps: Callable[[str], bool]) -> None:
        self.sent = sent
        self.keeps = keeps
        self.left = MAX_NODES

    def prune(self, node: Any, depth: int = 0) -> tuple[Any, int]:
        """The node without what was sent (MISSING for nothing), and the mark of the whole."""
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            return MISSING, 0
        if isinstance(node, Mapping):
            return self._object(node, depth)
        if isinstance(node, list | tuple):
            return self._list(node, depth)
        mark = hash(_plain(node))
        if isinstance(node, str) and self.sent.is_address(node):
            return MISSING, mark
        if node is None or isinstance(node, bool) or mark not in self.sent.marks:
            return node, mark
        if isinstance(node, str) and (not node or self.keeps(node)):
            return node, mark
        return Repeated(node), mark

    def _object(self, node: Mapping[Any, Any], depth: int) -> tuple[Any, int]:
        pairs = [(str(k), self.prune(v, depth + 1)) for k, v in node.items()]
        marks = frozenset((k, m) for k, (_, m) in pairs)
        own = hash(marks)
        shared = len(marks & self.sent.members)
        if own in self.sent.trees or (shared >= 2 and shared * 2 >= len(marks)):
            return MISSING, own
        return {k: v for k, (v, _) in pairs if v is not MISSING}, own

    def _list(self, node: list[Any] | tuple[Any, ...], depth: int) -> tuple[Any, int]:
        """A list; its own scalars stay, as the steps of a path do that were sent by chance."""
        one = partial(self.prune, depth=depth + 1)
        pairs = [
            (v if _is_scalar(v) else c, m) for v, (c, m) in zip(node, map(one, node), strict=True)
        ]
        own = hash(tuple(m for _, m in pairs))
        named = all(isinstance(v, str) and self.keeps(v) for v in node)
        if own in self.sent.trees and not named:
            return MISSING, own
        return [v for v, _ in pairs if v is not MISSING], own


def without_echo(answer: Any, sent: Sent, keeps: Callable[[str], bool]) -> Any:
    """An answer without the parts that equal parts of what was sent; MISSING for nothing left.

    A scalar that was sent becomes `Repeated`, unless `keeps` says that it names a field. An
    object of which at least half was sent is an echo with defaults: it goes as a whole.
    """
    return _Pruning(sent, keeps).prune(answer)[0]


def scalars(node: Any, slot: tuple[str, ...] = (), depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """The scalars of a tree and its lists of scalars, each with its slot."""
    if isinstance(node, Mapping) and depth < MAX_DEPTH:
        for k, v in node.items():
            yield from scalars(v, (*slot, str(k)), depth + 1)
    elif isinstance(node, list) and depth < MAX_DEPTH:
        if node and not any(isinstance(v, Mapping | list) for v in node):
            yield slot, node
        else:
            for v in node:
                yield from scalars(v, (*slot, "[]"), depth + 1)
    else:
        yield slot, node
