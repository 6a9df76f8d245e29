"""What reading a whole collection has shown, at first and at last. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Reader = tuple[str, int]
"""The credential and the account of a reading."""
NOBODY: Reader = ("", 0)


@dataclass(frozen=True, slots=True)
class Item:
    """One listed thing: its identifiers (value → what it is called), all its texts, and those by
    which people know it, folded."""

    names: Mapping[str, str]
    texts: frozenset[str]
    titles: frozenset[str] = frozenset()


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
    titles: frozenset[str] = frozenset()
    """By what people knew the things of the first reading."""

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
        titles = frozenset(title for item in items for title in item.titles)
        first = frozenset(value for item in items for value in item.names)
        return cls(first, reader, items, titles=titles)
