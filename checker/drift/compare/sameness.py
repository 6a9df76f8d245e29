"""Recognises equal subtrees of two documents without building anything from them.

Two nodes are the same when their canonical text is the same and every local `$ref` they lead to
has the same text on both sides, transitively. Whatever can't be judged that way (a reference to
another file, a key that doesn't sort) is "not the same": the caller then looks closer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from checker.domain.pointer import unescape
from checker.domain.schema import MISSING

_REFERENCE = re.compile(r'"(?:\$ref|\$dynamicRef|\$id|operationRef)": "((?:[^"\\]|\\.)*)"')
_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, default=str, check_circular=False
).encode


def canonical(node: Any) -> str | None:
    """The node as text, keys sorted; None where it can't be written that way."""
    try:
        return _encode(node)
    except (TypeError, ValueError, RecursionError):
        return None


def lookup(root: Any, pointer: str) -> Any:
    """The node at a JSON Pointer (with or without a leading `#`), MISSING where there is none."""
    pointer = pointer.removeprefix("#")
    if not pointer:
        return root
    node = root
    for token in pointer.removeprefix("/").split("/"):
        name = unescape(token)
        if isinstance(node, dict):
            if name in node:
                node = node[name]
            elif name.isdigit() and int(name) in node:
                node = node[int(name)]
            else:
                return MISSING
        elif isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        else:
            return MISSING
    return node


class Sameness:
    """Equality of nodes of two documents, with a memo for everything that is referenced."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old = old
        self._new = new
        self._clean: dict[str, bool] = {}

    def nodes(self, old: Any, new: Any) -> bool:
        """Whether two nodes certainly mean the same, each in its own document."""
        text = canonical(old)
        if text is None or text != canonical(new):
            return False
        return all(self._is_clean(reference) for reference in _references(text))

    def at(self, old_pointer: str, new_pointer: str) -> bool:
        """The same, for the nodes at two pointers."""
        old, new = lookup(self._old, old_pointer), lookup(self._new, new_pointer)
        return old is not MISSING and new is not MISSING and self.nodes(old, new)

    def _is_clean(self, reference: str) -> bool:
        if reference not in self._clean:
            self._settle(reference)
        return self._clean[reference]

    def _settle(self, start: str) -> None:
        """Judges everything reachable from a reference: dirt spreads against the references."""
        users: dict[str, list[str]] = {}
        dirty: list[str] = []
        seen: set[str] = {start}
        queue = [start]
        while queue:
            reference = queue.pop()
            if reference in self._clean:
                if not self._clean[reference]:
                    dirty.append(reference)
                continue
            targets = self._targets(reference)
            if targets is None:
                dirty.append(reference)
                continue
            for target in targets:
                users.setdefault(target, []).append(reference)
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        soiled: set[str] = set()
        while dirty:
            reference = dirty.pop()
            if reference not in soiled:
                soiled.add(reference)
                dirty.extend(users.get(reference, ()))
        for reference in seen:
            self._clean.setdefault(reference, reference not in soiled)

    def _targets(self, reference: str) -> tuple[str, ...] | None:
        """What an unchanged reference's target refers to; None where the target differs."""
        if not reference.startswith("#"):
            return None
        pointer = _unquote(reference)
        texts = []
        for root in (self._old, self._new):
            node = lookup(root, pointer)
            text = None if node is MISSING else canonical(node)
            if text is None:
                return None
            texts.append(text)
        return _references(texts[0]) if texts[0] == texts[1] else None


def _references(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_REFERENCE.findall(text)))


def _unquote(reference: str) -> str:
    if "%" not in reference:
        return reference
    from urllib.parse import unquote

    return unquote(reference)
