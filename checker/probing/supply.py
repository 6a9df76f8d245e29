"""Fresh witnesses of one operation, made anew as far as the learned level asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from typing import Any

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, Operation
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.recipe import Recipe
from checker.planning.variables import Scope
from checker.probing.asks import Ask, Unasked
from checker.probing.bench import Account, Bench, LabBroken
from checker.probing.freshness import Variation, varied
from checker.probing.trial import SHAKY_ATTEMPTS, fill

UNMET = "prerequisite failed"


class Level(IntEnum):
    """How much of a witness has to be made anew for each request; the lowest that works."""

    SAME = 0
    VARY = 1
    REDO = 2
    ACCOUNT = 3


class Supply:
    """Runs prerequisites, fills in variables, changes literal values; asks for new accounts.

    `vary` are the literal values that change with each request from Level.VARY on.
    """

    def __init__(
        self, bench: Bench, documented: Operation, recipe: Recipe, account: Account
    ) -> None:
        self._bench = bench
        self._documented = documented
        self.recipe = recipe
        self.account = account
        self.level = Level.SAME
        self.vary: Variation = dict.fromkeys(recipe.vary, False)
        self._scope: Scope | None = None
        self.call: Call | None = None
        """What Level.SAME sends again."""

    async def fresh(self, level: Level | None = None) -> Call:
        """A fresh witness call at a level (the learned one by default).

        Raises LabBroken where its prerequisites can't be met.
        """
        wanted = self.level if level is None else level
        if wanted >= Level.ACCOUNT:
            await self._renew()
        if wanted >= Level.REDO or self._scope is None:
            self._scope, self.call = await self._prepare(self.recipe), None
        if wanted >= Level.VARY or self.call is None:
            self.call = self._instantiate(self.recipe.call, self._scope, wanted)
        return self.call

    async def _prepare(self, recipe: Recipe) -> Scope:
        result = await self._steps(recipe.steps, anew=False)
        if isinstance(result, Scope):
            return result
        if await self._renew():
            result = await self._steps(recipe.steps, anew=False)
        if isinstance(result, Scope):
            return result
        raise LabBroken(f"{UNMET}: {result}")

    async def _steps(self, steps: tuple[Step, ...], *, anew: bool = True) -> Scope | str:
        """The scope after the steps, or why they failed; oftener tried where the network did.
        Unless all is to be made `anew`, what is there may stand in for what can't be made."""
        if not steps:
            return self.account.scope.child()
        roomier = 0
        for attempt in range(SHAKY_ATTEMPTS):
            scope = self.account.scope.child()
            result = await self._bench.run_steps(self.account, steps, scope, anew=anew)
            if result.ok:
                return scope
            if attempt + 1 >= result.tries and not result.shaky:
                if not await self._bench.roomier(result, roomier):
                    break
                roomier += 1
            await asyncio.sleep(0.05 * (attempt + 1))
        return result.reason

    async def without(self, ask: Ask) -> Call:
        """A call whose prerequisites ran without some steps, without a step's waiting, with
        another step, or with more of them.

        Raises Unasked where one of the other steps needs what was left out: that says nothing
        about the operation itself.
        """
        steps = tuple(
            replace(s, wait_for=None, until=None, sleep_ms=0) if s.id == ask.hold else s
            for s in (
                ask.instead if ask.instead is not None and ask.instead.id == s.id else s
                for s in self.recipe.steps
            )
            if s.id not in ask.omit
        )
        scope = await self._steps((*steps, *ask.then))
        if isinstance(scope, str):
            raise Unasked(scope)
        return self._instantiate(self.recipe.call, scope, self.level)

    def run_again(self) -> None:
        """Let the prerequisites run again before the next witness."""
        self._scope = None

    async def _renew(self) -> bool:
        account = await self._bench.new_account()
        if account is None:
            return False
        self.account, self._scope, self.call = account, None, None
        return True

    def _instantiate(self, template: Call, scope: Scope, level: Level) -> Call:
        return self._varied(fill(template, scope), scope, level)

    def _varied(self, call: Call, scope: Scope, level: Level) -> Call:
        if level >= Level.VARY and self.vary:
            return varied(call, self.vary, scope.number(), self._documented)
        return call

    def varied(self, call: Call) -> Call:
        """The call with what each request has to change changed once more, in its own shape."""
        return call if self._scope is None else self._varied(call, self._scope, self.level)

    def adopt(self, key: FieldKey, value: Any) -> None:
        """Make an accepted field a part of the witness from now on."""
        self.recipe = replace(self.recipe, call=edits.put(self.recipe.call, key, value))
        self.call = None

    def restore(self, recipe: Recipe) -> None:
        """Take back what was adopted since the recipe was this one."""
        self.recipe, self.call = recipe, None

    @contextmanager
    def widened(
        self,
        values: Mapping[FieldKey, Any],
        varied: Variation,
        steps: tuple[Step, ...] | None = None,
        without: Sequence[FieldKey] = (),
    ) -> Iterator[None]:
        """The recipe with more fields, `varied` among what changes, until the block ends; with
        other steps, where they are given, and without some of its own fields."""
        recipe, vary, level = self.recipe, self.vary, self.level
        if without:
            self.recipe = replace(recipe, call=edits.remove(recipe.call, *without))
        if steps is not None:
            self.recipe, self._scope = replace(self.recipe, steps=steps), None
        for key, value in values.items():
            self.adopt(key, value)
        self.vary = {**vary, **varied}
        self.level = max(level, Level.VARY) if varied else level
        try:
            yield
        finally:
            self.recipe, self.vary, self.call = recipe, vary, None
            self.level = self.level if self.level > Level.VARY else level
            if steps is not None:
                self._scope = None
