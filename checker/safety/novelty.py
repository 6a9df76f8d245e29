"""Is what a creation answers with new? Learned for each operation, never assumed.

A creation may answer with what is there: the caller's only draft, the customer of that address,
the next one of a queue. What it answers with counts as new where a text that this run was the
first to bring comes back with it, *and* the operation has shown that it makes another one each
time: two requests that differ at most in such texts brought two things. What else such requests
bring (a category, a number) is covered by that; another value (a documented address) is not, and
needs two things of its own. Where one thing comes back to requests that share no new text, the
operation is trusted no more; unless no list had that before and they share a title: then it may go
by titles, and is asked with another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from checker.domain.exchange import Request
from checker.safety.contents import titles_brought
from checker.safety.things import Thing

_PLACE = b"\0"
LEAST = 5
"""Shorter texts are replaced only where they stand as a reference."""


@dataclass(frozen=True, slots=True)
class Referred:
    """What a request refers to of this run's own things: their identifiers, its content without
    them, and whether one of them comes back in the same role."""

    own: frozenset[str] = frozenset()
    masked: bytes = b""
    echoed: bool = False


NOTHING = Referred()


@dataclass(frozen=True)
class Made:
    """One creation: what it brought, what came back, and whether a new text was among it."""

    thing: Thing
    content: bytes
    masked: bytes
    """The content without references to this run's own things."""
    coined: frozenset[str]
    known: frozenset[str]
    echoed: bool
    added: frozenset[str] = frozenset()
    """What the answer showed that the request hadn't brought, beside the thing's names."""
    titles: frozenset[str] = frozenset()
    """The texts that the request brought for people to know the thing by."""

    @cached_property
    def skeleton(self) -> bytes:
        """The request without the texts that this run was the first to bring. Each later creation
        is compared with it."""
        found = self.masked
        for text in sorted((t for t in self.coined if len(t) >= LEAST), key=len, reverse=True):
            found = found.replace(text.encode(), _PLACE)
        return re.sub(rb"\0+", _PLACE, found)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a creation answered with, and was there before.

    `found_by`: the members by whose texts it can have been found; `place`: the collection that
    had listed it by its `keys`, after so many `readings`.
    """

    found_by: frozenset[str]
    place: str
    keys: frozenset[str]
    readings: int
    why: str = "it has answered with something that was there"


@dataclass(slots=True)
class Maker:
    """What one operation's creations have shown."""

    made: list[Made] = field(default_factory=list)
    covered: list[frozenset[str]] = field(default_factory=list)
    """What else requests brought that have made another one each time."""
    repeats: bool = False
    """It has answered with one thing to requests that have nothing of this run's in common."""
    theirs: list[Made] = field(default_factory=list)
    """Creations that it answered with what isn't this run's own."""
    kept: bool = False
    """What came back had been there before, or still had what nobody brought this time."""

    taken: Taken | None = None
    """What was listed before and came back as the answer to a creation."""
    found: frozenset[str] = frozenset()
    """The titles under which it has answered with what it had made: it may go by them."""
    numbers: bool = False
    """It gives numbers that others have: one that comes back names another thing."""
    named_by: frozenset[str] = frozenset()
    """The members by whose texts alone what it makes is called."""

    def note_taken(self, taken: Taken) -> None:
        """It has answered with what was listed before. What every such answer was found by is what
        those things are known by; with nothing left it takes whatever is there."""
        if self.taken is not None:
            taken = replace(taken, found_by=self.taken.found_by & taken.found_by)
        self.taken = None if self.numbers else taken

    @property
    def overwrites(self) -> bool:
        """Whether it changes what is there. One that answers everything with one identifier and
        shows nothing else may as well keep nothing at all."""
        several = {frozenset(m.thing.keys) for m in (*self.made, *self.theirs)}
        return self.repeats and (self.kept or len(several) > 1)

    @property
    def goes_by(self) -> frozenset[str]:
        """The titles under which it has answered with what it had made, as long as no other title
        has brought another thing: whatever is brought, it may answer with one thing."""
        others = (m for m in self.made if self.found.isdisjoint(m.titles) and m.titles)
        return frozenset() if any(m.thing.unlisted is not None for m in others) else self.found

    def note(
        self,
        thing: Thing,
        request: Request,
        coined: frozenset[str],
        brought: Iterable[str],
        shown: Iterable[str],
        referred: Referred = NOTHING,
    ) -> bool:
        """Note a creation; False where its thing is one that came back before.

        `coined` are the texts that the run was the first to bring, `brought` all scalar values
        of the request's body as text, `shown` the texts of the answered thing. What refers to
        own things is as good as a new text: nothing could refer to them before. What a list
        lacked before, and comes back under the same title, was made here: it goes by that.
        """
        shown, brought = frozenset(shown), frozenset(brought)
        echoed = referred.echoed or not coined.isdisjoint(shown)
        echoed = echoed or any(text in value for value in shown for text in coined)
        ours = coined | referred.own
        added = shown - brought - thing.names.keys()
        content = request.content or b""
        masked = referred.masked or content
        titles = frozenset(title for _, title in titles_brought(request))
        one = Made(thing, content, masked, ours, brought - ours, echoed, added, titles)
        for other in self.made:
            if not other.thing.gone and not other.thing.keys.isdisjoint(thing.keys):
                self._came_back(one, other, kept=not other.added.isdisjoint(added))
                return False
        if any(self._twins(one, other) for other in self.made):
            self.covered.append(one.known)
        self.made.append(one)
        return True

    def note_foreign(
        self,
        thing: Thing,
        request: Request,
        coined: frozenset[str],
        added: frozenset[str] = frozenset(),
        referred: Referred = NOTHING,
    ) -> None:
        """Note a creation that answered with what isn't own, maybe with what it answered before.

        All that may have been there is foreign from its first answer on. `added`: what the answer
        shows that the request hasn't brought.
        """
        content, ours = request.content or b"", coined | referred.own
        titles = frozenset(title for _, title in titles_brought(request))
        one = Made(thing, content, content, ours, frozenset(), echoed=False, titles=titles)
        first = [m for m in self.made if self._is_same(m, thing)]
        for other in first:
            self._came_back(one, other, kept=not other.added.isdisjoint(added))
        for other in () if first else self.theirs:
            if self._is_same(other, thing):
                self._came_back(one, other, kept=True)
        if not first:
            self.theirs.append(one)

    @staticmethod
    def _is_same(other: Made, thing: Thing) -> bool:
        there = not other.thing.gone and other.thing.collection == thing.collection
        return there and not other.thing.keys.isdisjoint(thing.keys)

    def _came_back(self, one: Made, other: Made, *, kept: bool) -> None:
        if other.content == one.content or other.coined & one.coined:
            return
        if _found_by_title(one, other):
            self.found |= one.titles & other.titles
        else:
            self.repeats = True
            self.kept = self.kept or kept

    @staticmethod
    def _twins(one: Made, other: Made) -> bool:
        return one.echoed and other.echoed and one.skeleton == other.skeleton

    def proved(self) -> list[Thing]:
        """The things that are new beyond doubt."""
        if self.repeats:
            return []
        echoed = [m for m in self.made if m.echoed]
        return [m.thing for m in echoed if any(m.known <= known for known in self.covered)]


def _found_by_title(one: Made, other: Made) -> bool:
    """Whether the later of two requests can have found by its title what the earlier one made: no
    list had that before."""
    made = one.thing.unlisted is not None and other.thing.unlisted is not None
    return made and not one.titles.isdisjoint(other.titles)
