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

from collections.abc import Iterable
from dataclasses import dataclass, field

from checker.domain.exchange import Request
from checker.safety.things import Thing

_PLACE = "\0"


@dataclass(frozen=True, slots=True)
class Made:
    """One creation: what it brought, what came back, and whether a new text was among it."""

    thing: Thing
    content: bytes
    brought: tuple[tuple[str, str], ...]
    coined: frozenset[str]
    echoed: bool

    @property
    def known(self) -> frozenset[str]:
        """The values that the request brings beside texts of this run's."""
        return frozenset(value for _, value in self.brought if value not in self.coined)

    @property
    def skeleton(self) -> frozenset[tuple[str, str]]:
        """The request without the texts that this run was the first to bring."""
        return frozenset((n, _PLACE if v in self.coined else v) for n, v in self.brought)


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
        brought: Iterable[tuple[str, str]],
        shown: Iterable[str],
        referred: Referred = NOTHING,
    ) -> bool:
        """Note a creation; False where its thing is one that came back before.

        `coined` are the texts that the run was the first to bring, `brought` the names and
        values of the body's scalars as text, `shown` the texts of the answered thing.
        """
        echoed = any(text in value for value in shown for text in coined)
        one = Made(thing, request.content or b"", tuple(brought), coined, echoed)
        for other in self.made:
            if other.thing.gone or other.thing.keys.isdisjoint(thing.keys):
                continue
            if other.content != one.content and not other.coined & one.coined:
                self.repeats = True
            return False
        if any(self._twins(one, other) for other in self.made):
            self.covered.append(one.known)
        self.made.append(one)
        return True

    @staticmethod
    def _twins(one: Made, other: Made) -> bool:
        return one.echoed and other.echoed and one.skeleton == other.skeleton

    def proved(self) -> list[Thing]:
        """The things that are new beyond doubt."""
        if self.repeats:
            return []
        echoed = [m for m in self.made if m.echoed]
        return [m.thing for m in echoed if any(m.known <= known for known in self.covered)]
