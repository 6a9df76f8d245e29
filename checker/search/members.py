"""The fields that an item's path and its members name as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.domain.operation import FieldKey, Place
from checker.search.echo import Sent
from checker.search.items import Item
from checker.search.lessons import Lessons
from checker.search.maps import Slot, role_of
from checker.search.naming import Named, Names, Path, path_of, place_of
from checker.search.wording import is_identifier, is_sentence

_SCORES = {"names": 5, "envelope": 1, "own": 1}
_ASIDE = (Place.QUERY, Place.HEADER, Place.COOKIE)


@dataclass(frozen=True, slots=True)
class Member:
    """A member that names a field; `score` says how surely, `path` in which steps."""

    named: Named
    slot: Slot
    score: int
    path: Path


def is_below(key: FieldKey, above: FieldKey) -> bool:
    """Whether a field is a member of another one, or of its items."""
    return key.place is above.place and key.name.startswith((f"{above.name}.", f"{above.name}[]."))


class Members:
    """Finds the members that name fields."""

    def __init__(self, names: Names, sent: Sent, lessons: Lessons) -> None:
        self.names = names
        self.sent = sent
        self.lessons = lessons

    def of(self, item: Item) -> list[Member]:
        """The fields that the item's path and members name as a whole, the surest first."""
        place = self._place(item)
        found: list[Member] = []
        if item.path:
            named = self.names.resolve(item.path, place) or self.names.undocumented(
                item.path, place
            )
            if named is not None:
                found.append(Member(named, item.slot, 9, item.path))
        for slot, value in item.members:
            found += self._by_member(item, slot, value, place)
        found.sort(
            key=lambda c: (c.named.undocumented and not self.sent.has(c.named.key), -c.score)
        )
        return self._with_children(found)

    def _by_member(
        self, item: Item, slot: Slot, value: Any, place: Place | None
    ) -> Iterator[Member]:
        role = role_of(slot[-1]) if slot else ""
        learned = slot in self.lessons.naming
        if role == "place" and not learned:
            return
        score = 8 if learned else _SCORES.get(role, 3)
        own = self._place_of_slot(slot) or place
        if isinstance(value, list):
            yield from self._by_list(slot, value, own, score)
        elif isinstance(value, str) and not (
            role == "envelope" and not learned and slot[:-1] == ()
        ):
            score = 5 if score < 5 and _is_quoted(item, slot, value) else score
            yield from self._by_text(slot, value, own, score)

    @staticmethod
    def _place_of_slot(slot: Slot) -> Place | None:
        place = place_of(slot[-1]) if slot else None
        return place if isinstance(place, Place) and place in _ASIDE else None

    def _by_list(
        self, slot: Slot, value: list[Any], place: Place | None, score: int
    ) -> Iterator[Member]:
        """A list is the segments of a path, or a row of names."""
        path = tuple(v for v in value if isinstance(v, str | int) and not isinstance(v, bool))
        if len(path) != len(value) or not any(isinstance(v, str) for v in path):
            return
        if any(isinstance(v, str) and is_sentence(v) for v in path):
            return
        named = self.names.resolve(path, place)
        if named is not None:
            yield Member(named, slot, score + 1, path)
            return
        each = [(self.names.whole(v, place), v) for v in path if isinstance(v, str)]
        if each and all(n is not None for n, _ in each):
            for one, text in each:
                if one is not None:
                    yield Member(one, slot, score, (text,))
        elif score >= 5 and (unknown := self.names.undocumented(path, place)):
            yield Member(unknown, slot, score - 1, path)

    def _by_text(self, slot: Slot, value: str, place: Place | None, score: int) -> Iterator[Member]:
        path = path_of(value)
        named = self.names.whole(value, place) or (
            self.names.whole(value) if place is None else None
        )
        if named is not None:
            longer = path is not None and len(path) > 1
            yield Member(named, slot, score + longer, path or (value,))
        elif score >= 5 and path is not None and place_of(value) is None:
            unknown = self.names.inside(path, place) or self.names.undocumented(path, place)
            if unknown is not None:
                yield Member(unknown, slot, score - 1, path)
        elif score >= 8 and is_identifier(spelled := self.names.spelled(value.strip())):
            key = FieldKey(place or self.names.usual_place, spelled)
            yield Member(Named(key, None, True), slot, score, (spelled,))

    def _with_children(self, found: list[Member]) -> list[Member]:
        """The best candidates: those of the best slot, or what two of them say together."""
        if not found:
            return []
        for one in found[:4]:
            for other in found[:4]:
                joined = self.names.resolve((*one.path, *other.path)) if one != other else None
                if joined is not None and is_below(joined.key, one.named.key):
                    return [Member(joined, other.slot, 9, (*one.path, *other.path))]
        return [c for c in found if c.slot == found[0].slot]

    @staticmethod
    def _place(item: Item) -> Place | None:
        """The place that a member of the item says the field travels in."""
        for slot, value in item.members:
            if isinstance(value, str) and slot and role_of(slot[-1]) == "place":
                place = place_of(value)
                if isinstance(place, Place):
                    return place
        return None


def _is_quoted(item: Item, slot: Slot, value: str) -> bool:
    """Whether a text is a path that a sentence beside it speaks of: more than a code of it."""
    if is_sentence(value) or "." not in value:
        return False
    return any(
        s != slot and isinstance(v, str) and is_sentence(v) and value in v for s, v in item.members
    )
