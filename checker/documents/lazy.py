"""Mappings, lists and schemas whose members are made when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.location import Location
from checker.domain.schema import Schema


class LazyMap(Mapping[str, Any]):
    """A mapping whose values are made on first access, by `make(name)`."""

    __slots__ = ("_made", "_make", "_names", "places")

    def __init__(
        self,
        names: Sequence[str],
        make: Callable[[str], Any],
        places: Mapping[str, Location] | None = None,
    ) -> None:
        self._names = dict.fromkeys(names)
        self.places = places if places is not None else {}
        """Where each member itself stands, references not followed (may be lazy)."""
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._made:
            return self._made[name]
        if name not in self._names:
            raise KeyError(name)
        value = self._made[name] = self._make(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"LazyMap({list(self._names)})"


class LazyList(Sequence[Schema]):
    """A sequence whose schemas are built on first access."""

    __slots__ = ("_made", "_make", "_size")

    def __init__(self, size: int, make: Callable[[int], Schema]) -> None:
        self._size = size
        self._make = make
        self._made: dict[int, Schema] = {}

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._size)))
        at = index + self._size if index < 0 else index
        if not 0 <= at < self._size:
            raise IndexError(index)
        if at not in self._made:
            self._made[at] = self._make(at)
        return self._made[at]

    def __len__(self) -> int:
        return self._size


class Thunk:
    """A value that is made when it is needed."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Schema]) -> None:
        self.make = make


class LazySchema(Schema):
    """A `Schema` whose `items` and `additional` may be given as thunks."""

    __slots__ = ("_additional", "_items")
    _items: Any
    _additional: Any

    @property
    def items(self) -> Schema | None:
        value = self._items
        if type(value) is Thunk:
            value = value.make()
            object.__setattr__(self, "_items", value)
        return value  # type: ignore[no-any-return]

    @items.setter
    def items(self, value: Any) -> None:
        object.__setattr__(self, "_items", value)

    @property
    def additional(self) -> Schema | bool | None:
        value = self._additional
        if type(value) is Thunk:
            value = value.make()
            object.__setattr__(self, "_additional", value)
        return value  # type: ignore[no-any-return]

    @additional.setter
    def additional(self, value: Any) -> None:
        object.__setattr__(self, "_additional", value)
