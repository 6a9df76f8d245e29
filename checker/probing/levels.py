"""How much of a witness has to be made anew for each request? Learned by sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Rejection
from checker.domain.operation import FieldKey, Operation, Place
from checker.planning import edits
from checker.planning.recipe import call_variables
from checker.planning.routes import name_given
from checker.planning.variation import countable, telling
from checker.probing.controls import Controls
from checker.probing.freshness import Variation, learn_variation
from checker.probing.populations import complaint_of
from checker.probing.supply import Level, Supply

MAX_COUNTABLE = 6


class Sender(Protocol):
    """Sends a fresh witness at a freshness level; see `Lab.sent`."""

    async def __call__(
        self, *, level: Level
    ) -> tuple[Call, Exchange, Verdict, Rejection | None]: ...


class Learner:
    """Learns the level of a supply, which it sets, and the values that have to change."""

    def __init__(
        self, supply: Supply, documented: Operation, sent: Sender, controls: Controls
    ) -> None:
        self.control: Evidence | None = None
        """The last accepted request."""
        self.reason: Evidence | None = None
        """What forced a rise: the refusal of the unchanged request."""
        self.chosen: frozenset[FieldKey] = frozenset()
        """Those of the varied fields that need not change."""
        self._supply = supply
        self._documented = documented
        self._sent = sent
        self._controls = controls
        self._last_refusal = ""

    async def learn(self) -> bool:
        """Find the level; False where the witness can't be repeated at any."""
        # The first time may be the first of all, or one after the search's own: only what is
        # accepted twice in a row can be repeated unchanged.
        lowest = Level.SAME if await self._repeats() else Level.VARY
        for level in (lv for lv in Level if lv >= lowest):
            self._supply.level = level
            if await self._passes(level):
                if level is Level.SAME:
                    await self._prefer_changes()
                return True
        self._supply.level = Level.VARY
        for keys in (
            self._names(),
            countable(self._supply.recipe.call, self._documented)[:MAX_COUNTABLE],
        ):
            if keys and await self._learn_variation(keys):
                return True
        return False

    async def _passes(self, level: Level) -> bool:
        """Whether it is accepted at a level. A new thing may be needed and a new name for it, but
        another value of a closed set beside is not borne: so it is learned there, too, which
        values have to change."""
        if level is Level.VARY:
            return await self._varies()
        if await self._repeats():
            return True
        if level is not Level.REDO or not self._supply.recipe.vary:
            return False
        self._supply.vary = {}
        return await self._repeats() or await self._varies()

    async def _varies(self) -> bool:
        """Whether it is accepted with other texts: with those that nobody can have brought
        before, or short ones, too."""
        keys = self._supply.recipe.vary
        for some in dict.fromkeys((self._long(keys), keys)):
            if await self._learn_variation(some):
                return True
        return False

    def _long(self, keys: tuple[FieldKey, ...]) -> tuple[FieldKey, ...]:
        known = telling(self._supply.recipe.call, self._documented)
        return tuple(k for k in keys if k in known)

    def _names(self) -> tuple[FieldKey, ...]:
        """The name that the witness gave to a new item: an item that is there may be treated
        otherwise."""
        key = name_given(self._documented)
        own = None if key is None else edits.get(self._supply.recipe.call, key)
        return (key,) if key is not None and isinstance(own, str) and "{{" not in own else ()

    async def _prefer_changes(self) -> None:
        """Literal values change with each write where that is accepted at all.

        A server may give the first answer again where one of them (the key of a request) is
        repeated, and refuse another request under the same one: then each probe would fail.
        Where the request names a new item, it names another one each time: what is there by
        now may need less, or refuse more.
        """
        keys = () if self._documented.id.safe else self._supply.recipe.vary
        headers, names = tuple(k for k in keys if k.place is Place.HEADER), self._names()
        supply, kept = self._supply, self._supply.call
        choices = ((*self._long(keys), *names), (*keys, *names), (*headers, *names), keys, headers)
        for some in dict.fromkeys(choices):
            supply.level, supply.vary = Level.VARY, dict.fromkeys(some, False)
            if some and await self._repeats():
                self.chosen = frozenset(some) - frozenset(headers)
                return
        supply.level, supply.vary, supply.call = Level.SAME, {}, kept

    async def _repeats(self) -> bool:
        """Whether a fresh witness at the present level is accepted."""
        _, exchange, verdict, rejection = await self._sent(level=self._supply.level)
        if rejection is Rejection.SERVER_ERROR:
            # One may be the moment's.
            _, exchange, verdict, again = await self._sent(level=self._supply.level)
            if verdict is Verdict.ACCEPTED:
                self._controls.missed(rejection)
            rejection = again
        if verdict is Verdict.ACCEPTED:
            self.control = Evidence("control", exchange, verdict)
            return True
        self._last_refusal = complaint_of(exchange)
        if self._supply.level is Level.SAME:
            # Only this proves anything: the witness was accepted before, and nothing changed.
            self.reason = Evidence("probe", exchange, verdict, "sent again unchanged")
        return False

    async def _learn_variation(self, keys: Sequence[FieldKey]) -> bool:
        """Whether the witness passes again once some of its literal values change.

        What variables give changes by itself and is tried alone first.
        """
        unchanged = self._last_refusal

        async def attempt(variation: Variation) -> tuple[bool, str]:
            self._supply.vary = variation
            return await self._repeats(), self._last_refusal

        if call_variables(self._supply.recipe.call) and (await attempt({}))[0]:
            return True
        passed, self._supply.vary = await learn_variation(keys, attempt, unchanged)
        return passed
