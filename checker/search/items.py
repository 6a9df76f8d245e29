"""The single complaints of an answer, as its structure sets them apart. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.search.echo import Repeated, scalars
from checker.search.maps import ANY, Maps, Slot, role_of
from checker.search.naming import Names, Path, path_of
from checker.search.trees import parsed
from checker.search.wording import is_sentence

MAX_ITEMS = 200
MAX_DEPTH = 32
MAX_MEMBERS = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One complaint before it is read.

    `slot` is where it stands, positions as `[]` and fields as `*`; `path` the field's path as the
    keys of maps around it give it; `members` its scalars and lists of scalars by slot. `outer` is
    what stands around other items: a summary of them, perhaps.
    """

    slot: Slot
    path: Path
    members: tuple[tuple[Slot, Any], ...]
    outer: bool = False

    @property
    def texts(self) -> list[tuple[Slot, str]]:
        """The members that are texts and weren't sent."""
        return [(s, v) for s, v in self.members if isinstance(v, str) and v.strip()]


class Itemizer:
    """One walk over an answer. `maps` are slots at which keys are known to name fields, `said`
    those at which complaints are known to stand."""

    def __init__(
        self, names: Names, maps: Collection[Slot] = (), said: Collection[Slot] = ()
    ) -> None:
        self.names = names
        self.maps = Maps(names, maps)
        self.said = said
        self.items: list[Item] = []
        self.left = MAX_ITEMS

    def walk(self, node: Any, slot: Slot = (), path: Path = (), depth: int = 0) -> None:
        """Collect the items of a node that stands at a slot, under a field's path."""
        if len(self.items) >= MAX_ITEMS or depth > MAX_DEPTH:
            return
        if isinstance(node, Mapping):
            self._object(node, slot, path, depth)
        elif isinstance(node, list):
            self._list(node, slot, path, depth)
        elif isinstance(node, str) and (inner := parsed(node)) is not None:
            self.walk(inner, (*slot, "{}"), path, depth + 1)
        elif node is not None:
            self.items.append(Item(slot, path, ((slot, node),)))

    def _list(self, node: list[Any], slot: Slot, path: Path, depth: int) -> None:
        for n, child in enumerate(node):
            if isinstance(child, list) and not any(isinstance(v, Mapping | list) for v in child):
                self._row(child, (*slot, "[]"), path)
                continue
            positions = (
                isinstance(child, Mapping) and path and self.maps.keys(child, slot, (*path, n))
            )
            self.walk(child, (*slot, "[]"), (*path, n) if positions else path, depth + 1)

    def _row(self, node: list[Any], slot: Slot, path: Path) -> None:
        """A list in a list: a name and what is said of it, or a path."""
        if any(isinstance(v, str) and is_sentence(v) for v in node):
            members = tuple(((*slot, str(n)), v) for n, v in enumerate(node) if v is not None)
        else:
            members = ((slot, node),)
        self.items.append(Item(slot, path, members))

    def _object(self, node: Mapping[str, Any], slot: Slot, path: Path, depth: int) -> None:
        keys = self.maps.keys(node, slot, path)
        for key in keys:
            steps = path_of(key) or (key,)
            self.walk(node[key], (*slot, ANY), (*path, *steps), depth + 1)
        rest = {k: v for k, v in node.items() if k not in keys}
        if rest:
            self._record(rest, slot, path, depth, bool(keys))

    def _record(
        self, node: Mapping[str, Any], slot: Slot, path: Path, depth: int, beside: bool
    ) -> None:
        """An object that is no map: its inner items, and itself."""
        inner = [k for k, v in node.items() if self._has_items(v, (*slot, k), path, depth + 1)]
        if inner and self._names_itself(node, inner):
            inner = []
        own = {k: v for k, v in node.items() if k not in inner}
        before = len(self.items)
        for key in inner:
            value = node[key]
            given = parsed(value) if isinstance(value, str) else value
            self.walk(given, (*slot, key), path, depth + 1)
        members = tuple((s, v) for s, v in scalars(own, slot) if v is not None)[:MAX_MEMBERS]
        if members:
            self.items.append(Item(slot, path, members, beside or len(self.items) > before))

    def _names_itself(self, node: Mapping[str, Any], inner: list[str]) -> bool:
        """Whether an object says which field it is about, and what is inside it doesn't."""
        own = {
            k
            for k, v in node.items()
            if isinstance(v, str) and role_of(k) == "names" and self.names.knows(v)
        }
        if not own:
            return False
        below = [v for k in inner if isinstance(node[k], list) for v in node[k]]
        return not any(isinstance(v, Mapping) and own & v.keys() for v in below)

    def _has_items(self, node: Any, slot: Slot, path: Path, depth: int) -> bool:
        """Whether a member holds complaints of its own and isn't a part of one."""
        if depth > MAX_DEPTH:
            return False
        if isinstance(node, str):
            return parsed(node) is not None
        if isinstance(node, list):
            if any(isinstance(v, Mapping | list) for v in node):
                return True
            return self._are_complaints(node, slot, path)
        if not isinstance(node, Mapping):
            return False
        if self.maps.keys(node, slot, path):
            return True
        return any(self._has_items(v, (*slot, k), path, depth + 1) for k, v in node.items())

    def _are_complaints(self, node: list[Any], slot: Slot, path: Path) -> bool:
        """Whether a list of texts is one of sentences or codes, not of a path or of values."""
        texts = [v for v in node if isinstance(v, str)]
        if len(texts) < len(node) or not texts or role_of(slot[-1]) == "names":
            return False
        if all(self.names.knows(t) for t in texts):
            return False
        if role_of(slot[-1]) == "envelope" or (*slot, "[]") in self.said:
            return True
        return any(spot.start or spot.end < len(t) for t in texts for spot in self.names.spots(t))


def items_of(
    answer: Any, names: Names, maps: Collection[Slot] = (), said: Collection[Slot] = ()
) -> list[Item]:
    """The items of an answer without its echo, in the order in which they stand.

    `maps` are slots at which keys are known to name fields, `said` those of complaints.
    """
    walk = Itemizer(names, maps, said)
    walk.walk(answer)
    return walk.items[:MAX_ITEMS]


def repeated(item: Item) -> Iterator[Any]:
    """The values of an item that were sent."""
    for _, value in item.members:
        if isinstance(value, Repeated):
            yield value.value
