"""Is what a creation answers with new? Learned for each operation, never assumed.

A creation may answer with what is there: the caller's only draft, the customer of that address,
the next one of a queue. What it answers with counts as new where a text that this run was the
first to bring comes back with it, *and* the operation has shown that it makes another one each
time: two requests that differ at most in such texts brought two things. What else such requests
bring (a category, a number) is covered by that; another value (a documented address) is not, and
needs two things of its own. Where one thing comes back to requests that share no new text, the
operation is trusted no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from checker.domain.exchange import Request
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


@dataclass(frozen=True, slots=True)
class Made:
    """One creation: what it brought, what came back, and whether a new text was among it."""

    thing: Thing
    content: bytes
    masked: bytes
    """The content without references to this run's own things."""
    coined: frozenset[str]
    known: frozenset[str]
    echoed: bool

    @property
    def skeleton(self) -> bytes:
        """The request without the texts that this run was the first to bring."""
        found = self.masked
        for text in sorted((t for t in self.coined if len(t) >= LEAST), key=len, reverse=True):
            found = found.replace(text.encode(), _PLACE)
        return re.sub(rb"\0+", _PLACE, found)


@dataclass(slots=True)
class Maker:
    """What one operation's creations have shown."""

    made: list[Made] = field(default_factory=list)
    covered: list[frozenset[str]] = field(default_factory=list)
    """What else requests brought that have made another one each time."""
    repeats: bool = False
    """It has answered with one thing to requests that have nothing of this run's in common."""

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
        own things is as good as a new text: nothing could refer to them before.
        """
        echoed = referred.echoed or any(text in value for value in shown for text in coined)
        ours = coined | referred.own
        known = frozenset(b for b in brought if b not in ours)
        content = request.content or b""
        one = Made(thing, content, referred.masked or content, ours, known, echoed)
        for other in self.made:
            if not other.thing.gone and not other.thing.keys.isdisjoint(thing.keys):
                self._came_back(other, content, ours)
                return False
        if any(self._twins(one, other) for other in self.made):
            self.covered.append(one.known)
        self.made.append(one)
        return True

    def note_foreign(
        self, thing: Thing, request: Request, coined: frozenset[str], referred: Referred = NOTHING
    ) -> None:
        """Note a creation that answered with what isn't own, maybe with what it answered before.

        All that may have been there is foreign from its first answer on.
        """
        for other in self.made:
            there = not other.thing.gone and other.thing.collection == thing.collection
            if there and other.thing.keys & thing.keys:
                self._came_back(other, request.content or b"", coined | referred.own)

    def _came_back(self, other: Made, content: bytes, ours: frozenset[str]) -> None:
        if other.content != content and not other.coined & ours:
            self.repeats = True

    @staticmethod
    def _twins(one: Made, other: Made) -> bool:
        return one.echoed and other.echoed and one.skeleton == other.skeleton

    def proved(self) -> list[Thing]:
        """The things that are new beyond doubt."""
        if self.repeats:
            return []
        echoed = [m for m in self.made if m.echoed]
        return [m.thing for m in echoed if any(m.known <= known for known in self.covered)]
