"""What reading a whole collection has shown, at first and at last. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Reader = tuple[str, int]
"""The credential and the account of a reading."""
NOBODY: Reader = ("", 0)


@dataclass(frozen=True, slots=True)
class Item:
    """One listed thing: its identifiers (value → what it is called) and all its texts."""

    names: Mapping[str, str]
    texts: frozenset[str]


@dataclass(slots=True)
class Listing:
    """Readings of one collection without any filter, with one credential and account: another
    reader may be shown more.

    `whole`: the first reading can't have been cut, since a later one showed more.
    """

    first: frozenset[str]
    reader: Reader = NOBODY
    latest: list[Item] = field(default_factory=list)
    whole: bool = False

    def note(self, items: list[Item], reader: Reader = NOBODY) -> None:
        """A later reading."""
        if reader != self.reader:
            return
        shown = {value for item in items for value in item.names}
        self.whole = self.whole or len(shown) > len(self.first)
        self.latest = items

    @classmethod
    def begun(cls, items: list[Item], reader: Reader = NOBODY) -> Listing:
        """The first reading."""
        return cls(frozenset(value for item in items for value in item.names), reader, items)
