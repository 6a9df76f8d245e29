"""What reading a whole collection has shown, at first and at last. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    often: Counter[str] = field(default_factory=Counter)
    """How many things of the first reading each identifier named."""
    readings: int = 1

    def shows(self, keys: Iterable[str]) -> bool:
        """Whether the latest reading, or the first, shows things of all these identifiers."""
        often = _often(self.latest)
        return all(key in self.first or often[key] for key in keys)

    def has_more(self, keys: Iterable[str]) -> bool:
        """Whether the latest reading shows more things of the same identifiers than the first."""
        often = _often(self.latest)
        return all(often[key] > self.often[key] for key in keys)

    def note(self, items: list[Item], reader: Reader = NOBODY) -> None:
        """A later reading."""
        self.readings += 1
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
        return cls(first, reader, items, titles=titles, often=_often(items))


def _often(items: Iterable[Item]) -> Counter[str]:
    return Counter(value for item in items for value in item.names)
