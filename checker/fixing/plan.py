"""Patches of many findings on one document: each was made for the original, all must fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.fixing.json_patch import (
    Operation,
    Unplaced,
    applied,
    exists,
    get,
    index_of,
    parse_pointer,
)

NEVER_EMPTY = ("required", "enum")
"""Lists of which Swagger 2.0 and OpenAPI 3.0 want one entry at least."""


class Sequencer:
    """Turns patches against the original document into operations on the current one.

    Two findings that both add a member's list, or both add a sentence to a description, are
    put together; positions that an earlier removal shifted are corrected.
    """

    def __init__(self, original: Any) -> None:
        self.original = original
        self.current = original
        self._removed: dict[tuple[str, ...], set[int]] = defaultdict(set)

    def operations(self, patch: Iterable[Mapping[str, Any]]) -> tuple[Operation, ...]:
        """The operations of one patch on the current document; raises Unplaced.

        `current` and the corrections change only with `accept`.
        """
        document = self.current
        steps: list[Operation] = []
        for raw in patch:
            for step in self._adapted(raw, document):
                document = applied(document, step)
                steps.append(step)
        return tuple(steps)

    def accept(self, patch: Iterable[Mapping[str, Any]], steps: Iterable[Operation]) -> None:
        """Take the operations over into the current document."""
        for step in steps:
            self.current = applied(self.current, step)
        for raw in patch:
            tokens = parse_pointer(str(raw.get("path", "")))
            if raw.get("op") == "remove" and tokens and tokens[-1].isdigit():
                parent = tokens[:-1]
                if exists(self.original, parent) and isinstance(get(self.original, parent), list):
                    self._removed[parent].add(int(tokens[-1]))

    def _adapted(self, raw: Mapping[str, Any], document: Any) -> Iterator[Operation]:
        op = str(raw.get("op", ""))
        tokens = parse_pointer(str(raw.get("path", "")))
        match op:
            case "test":
                if not exists(self.original, tokens) or (
                    get(self.original, tokens) != raw.get("value")
                ):
                    raise Unplaced("the document isn't as it was when the report was written")
            case "add" | "replace":
                yield from self._set(op, tokens, raw.get("value"), document)
            case "remove":
                place = self._translated(tokens)
                if place is not None and exists(document, place):
                    yield Operation("remove", _with_its_list(place, document))
                elif not exists(self.original, tokens):
                    raise Unplaced(f"there is no {tokens[-1] if tokens else ''!r}")
            case "move" | "copy":
                origin = parse_pointer(str(raw.get("from", "")))
                place = self._translated(origin)
                if place is None:
                    raise Unplaced("what it moves is gone")
                value = get(document, place)
                if op == "move":
                    yield Operation("remove", place)
                    document = applied(document, Operation("remove", place))
                yield from self._set("add", tokens, value, document)
            case _:
                raise Unplaced(f"unknown patch operation {op!r}")

    def _set(
        self, op: str, tokens: tuple[str, ...], value: Any, document: Any
    ) -> Iterator[Operation]:
        place = self._translated(tokens)
        if place is None:
            raise Unplaced("another fix removes this place")
        if op == "add" and place[-1:] == ("-",) and not exists(document, place[:-1]):
            # The list isn't there yet: it begins with this value.
            yield Operation("add", place[:-1], [value])
            return
        parent = get(document, place[:-1]) if place else None
        if isinstance(parent, list) and op == "add":
            if place[-1] == "-" and value in parent and not self._had(tokens[:-1], value):
                return  # another finding has added the same
            yield Operation("add", place, value)
            return
        if not exists(document, place):
            if op == "replace":
                raise Unplaced(f"there is no {place[-1]!r}")
            yield Operation("add", place, value)
            return
        now = get(document, place)
        if now == value:
            return
        before = get(self.original, tokens) if exists(self.original, tokens) else None
        yield Operation("replace", place, value if now == before else merged(before, now, value))

    def _had(self, tokens: tuple[str, ...], value: Any) -> bool:
        return exists(self.original, tokens) and value in get(self.original, tokens)

    def _translated(self, tokens: tuple[str, ...]) -> tuple[str, ...] | None:
        """A place in the original as a place now; None where it was removed."""
        result: list[str] = []
        node: Any = self.original
        for number, token in enumerate(tokens):
            if isinstance(node, list) and token.isdigit():
                gone = self._removed.get(tokens[:number], set())
                if int(token) in gone:
                    return None
                result.append(str(int(token) - sum(1 for g in gone if g < int(token))))
                in_range = int(token) < len(node)
                node = node[index_of(token, len(node))] if in_range else None
            else:
                result.append(token)
                node = node.get(token) if isinstance(node, Mapping) else None
        return tuple(result)


def _with_its_list(place: tuple[str, ...], document: Any) -> tuple[str, ...]:
    """The place of the list where its last entry goes and it may not be empty."""
    above = place[:-1]
    within = get(document, above) if above and above[-1] in NEVER_EMPTY else None
    return above if isinstance(within, list) and len(within) == 1 else place


def merged(before: Any, now: Any, wanted: Any) -> Any:
    """`wanted` on top of `now`, both made from `before`; raises Unplaced where they differ."""
    if isinstance(now, str) and isinstance(wanted, str):
        start = before if isinstance(before, str) else ""
        if wanted.startswith(start):
            added = wanted[len(start) :]
            return now if added.strip() in now else now.rstrip() + _joint(added) + added.lstrip()
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        base = before if isinstance(before, Mapping) else {}
        result = dict(now)
        for name, value in wanted.items():
            if name not in now:
                result[name] = value
            elif now[name] != value and value != base.get(name):
                result[name] = merged(base.get(name), now[name], value)
        return result
    if isinstance(now, list) and isinstance(wanted, list):
        base_items = before if isinstance(before, list) else []
        kept = [item for item in now if item in wanted or item not in base_items]
        return kept + [item for item in wanted if item not in base_items and item not in kept]
    raise Unplaced("another fix changes the same value in another way")


def _joint(added: str) -> str:
    return added[: len(added) - len(added.lstrip())] or " "
