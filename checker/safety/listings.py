"""What reading a whole collection has shown, at first and at last. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from checker.safety.references import Role

Reader = tuple[str, int]
"""The credential and the account of a reading."""
NOBODY: Reader = ("", 0)


@dataclass(frozen=True, slots=True)
class ListedThing:
    """One listed thing: its identifiers (value → what it is called), all its texts, and those by
    which people know it, folded."""

    names: Mapping[str, str]
    texts: frozenset[str]
    titles: frozenset[str] = frozenset()
    refs: frozenset[Role] = frozenset()
    """What it refers to."""


@dataclass(slots=True)
class Listing:
    """Readings of one collection without any filter, with one credential and account: another
    reader may be shown more.

    `whole`: the first reading can't have been cut, since a later one showed more.
    """

    first: frozenset[str]
    reader: Reader = NOBODY
    latest: list[ListedThing] = field(default_factory=list)
    whole: bool = False
    titles: frozenset[str] = frozenset()
    """By what people knew the things of the first reading."""
    often: Counter[str] = field(default_factory=Counter)
    """How many things of the first reading each identifier named."""
    readings: int = 1
    refs: frozenset[tuple[frozenset[str], Role]] = frozenset()
    """What each thing of the first reading (its identifiers) referred to."""

    def drawn(self) -> Iterator[tuple[frozenset[str], Role]]:
        """What the latest reading shows things of the first one to refer to that they didn't."""
        for item in self.latest:
            keys = frozenset(item.names)
            if keys <= self.first:
                yield from ((keys, r) for r in item.refs if (keys, r) not in self.refs)

    def shows(self, keys: Iterable[str]) -> bool:
        """Whether the latest reading, or the first, shows things of all these identifiers."""
        often = _often(self.latest)
        return all(key in self.first or often[key] for key in keys)

    def has_more(self, keys: Iterable[str]) -> bool:
        """Whether the latest reading shows more things of the same identifiers than the first."""
        often = _often(self.latest)
        return all(often[key] > self.often[key] for key in keys)

    def note(self, items: list[ListedThing], reader: Reader = NOBODY) -> None:
        """A later reading."""
        self.readings += 1
        if reader != self.reader:
            return
        shown = {value for item in items for value in item.names}
        self.whole = self.whole or len(shown) > len(self.first)
        self.latest = items

    @classmethod
    def begun(cls, items: list[ListedThing], reader: Reader = NOBODY) -> Listing:
        """The first reading."""
        titles = frozenset(title for item in items for title in item.titles)
        first = frozenset(value for item in items for value in item.names)
        refs = frozenset((frozenset(item.names), r) for item in items for r in item.refs)
        return cls(first, reader, items, titles=titles, often=_often(items), refs=refs)


def _often(items: Iterable[ListedThing]) -> Counter[str]:
    return Counter(value for item in items for value in item.names)
