"""What there is before a request, changed: time passes, other things are taken, read, moved, made
or removed, and the same request is sent again."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checker.domain.observation import Rejection
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.workflow import Step
from checker.probing.trial import Witness
from checker.search.attempts import Attempt
from checker.search.moves.entries import other_entries
from checker.search.moves.readings import after_readings
from checker.search.moves.siblings import after_sibling, related
from checker.search.moves.transitions import States

if TYPE_CHECKING:
    from checker.search.solving import Solving

WAITS_S = (0.1, 0.25, 0.6, 1.2)
MAX_WAITED_IN_VAIN = 3
MAX_LONGER = 3
"""Times that are tried with other things, where the first one was ready after some."""
SAME_S = 0.01
MAX_READINGS = 2
MAX_SIBLINGS = 4
MAX_BOTH = 8


class Surroundings:
    """Sends one search's request again after what there is before it has changed."""

    def __init__(self, solving: Solving) -> None:
        self.solving = solving
        self.solver = solving.solver
        self.trial = solving.trial
        self.attempts = solving.attempts
        self._grown: list[tuple[Step, ...]] = []
        """Steps after which what belongs to the request was there, and that wasn't enough."""

    async def changed(self, base: Attempt, stands: bool) -> Attempt | None:
        """The accepted attempt of the same request after something else has happened. `stands`:
        what there is stands against it, as far as its answer says."""
        found = await self.in_time(base) or await self._by_entries(base)
        if found is None and stands:
            found = await self._by_readings(base) or await self._with_room(base)
        if found is not None:
            return found
        if self.solving.operation.id.safe and base.answer.rejection is Rejection.ABSENCE:
            return None
        steps = self.trial.steps
        mender, tokens = self.solving.mender, self.solving.tokens
        states = States(self.attempts, mender, tokens, self.solver)
        moved = await states.run(base)
        if moved is None and self._grown:
            self.trial.limit = max(self.trial.limit, len(self.trial.answers) + MAX_BOTH)
            moved = await states.beside(base, self._grown, MAX_BOTH)
        if moved is None:
            self.trial.use_steps(steps)
        return moved

    async def in_time(self, base: Attempt) -> Attempt | None:
        """The same request again after some time; what the wait brought becomes a step's."""
        solver, trial = self.solver, self.trial
        lost = base.answer.rejection is Rejection.ABSENCE and not guessed(base)
        if not trial.steps or (solver.waited > MAX_WAITED_IN_VAIN and not lost):
            return None
        waited, known = 0.0, solver.lag_ms / 1000
        for wait in (known, *(w for w in WAITS_S if w > known)) if known else WAITS_S:
            await asyncio.sleep(wait)
            waited += wait
            got = await self.attempts.send(base.call, again=True)
            if got is None:
                return None
            if got.accepted:
                steps = trial.steps
                slower = await self._lasting(base, waited, lost)
                if slower is None:
                    trial.use_steps(steps)
                    return None
                solver.waited, trial.steps = 0, slower
                return got
            if got.signature != base.signature:
                return None
        solver.waited += 1
        return None

    async def _lasting(self, base: Attempt, waited: float, lost: bool) -> tuple[Step, ...] | None:
        """The steps with a time after them that is enough for another thing, too; None without.
        The first one was there for longer than was waited for: it was asked for other things."""
        steps = self.trial.steps
        longer = (w for w in itertools.accumulate(WAITS_S) if w > waited + SAME_S)
        for wait in itertools.islice((waited, *longer), MAX_LONGER):
            slower = (*steps[:-1], self._slower(steps[-1], wait, lost))
            if lost or await self._holds(slower, base):
                return slower
        return None

    async def _holds(self, steps: tuple[Step, ...], base: Attempt) -> bool:
        """Whether what was accepted after some time is so again after the same time with another
        thing: something else may have moved the first one, the looks at it, say."""
        self.trial.use_steps(steps)
        again = await self.attempts.send(base.call, again=True)
        return again is None or again.accepted or again.signature != base.signature

    def _slower(self, step: Step, waited: float, lost: bool) -> Step:
        """A step after which the server is given time: until what it made can be read, where
        that was `lost`, else until it is in another state."""
        wait_ms = int(waited * 1000)
        if not lost:
            return replace(step, sleep_ms=step.sleep_ms + wait_ms)
        self.solver.used_after_ms = wait_ms
        return replace(step, settle_ms=step.settle_ms + wait_ms)

    def settled(self) -> tuple[Step, ...]:
        """The steps with the time that a reading operation's recipe needs after them: whoever
        follows it elsewhere waits for nothing by himself."""
        steps, lag_ms = self.trial.steps, self.solver.lag_ms
        if not (lag_ms and steps and self.solving.operation.id.safe):
            return steps
        last = steps[-1]
        if last.method in SAFE_METHODS:
            return steps
        return (*steps[:-1], replace(last, settle_ms=max(last.settle_ms, lag_ms)))

    async def _with_room(self, base: Attempt) -> Attempt | None:
        """The same request after what earlier tries have made is removed: there may be as many
        things as there can be."""
        room = self.trial.bench.room
        if room is None or not await room(False):
            return None
        self.trial.use_steps(self.trial.steps)
        got = await self.attempts.send(base.call, again=True)
        return got if got is not None and got.accepted else None

    async def _by_entries(self, base: Attempt) -> Attempt | None:
        """The same request with other entries of the lists that it takes identifiers from."""
        steps = self.trial.steps
        for other in other_entries(base.call, steps, self._listed(steps)):
            found = await self._after(base, other)
            if found is not None:
                return found
        self.trial.use_steps(steps)
        return None

    def _listed(self, steps: tuple[Step, ...]) -> dict[OperationId, Any]:
        """The answers of the operations that the steps call, as far as they are known."""
        bodies: dict[OperationId, Any] = {}
        for step in steps:
            found = self.solver.witness(step.operation)
            if found is not None:
                response = self.solver.binding.giving(found).exchange.response
                bodies[found.operation.id] = response.body if response is not None else None
        return bodies

    async def _after(self, base: Attempt, steps: tuple[Step, ...]) -> Attempt | None:
        """The accepted attempt of the same request, mended if need be, after other steps."""
        if self.attempts.spent:
            return None
        self.trial.use_steps(steps)
        got = await self.attempts.send(base.call)
        if got is None or got.accepted:
            return got
        if got.signature != base.signature and got.named:
            reached = await self.solving.mender.run(got)
            return reached if reached.accepted else None
        return None

    async def _by_readings(self, base: Attempt) -> Attempt | None:
        """The same request after what it refers to has been read, and after what belongs to it
        has been made."""
        steps = self.trial.steps
        others = after_readings(base.call, steps, self.solver.operations, self.solver.lag_ms)
        read = list(itertools.islice(others, MAX_READINGS))
        for other in read:
            found = await self._after(base, other)
            if found is not None:
                return found
        for start in (steps, *read[:1]):
            found = await self._after_siblings(base, start)
            if found is not None:
                return found
        self.trial.use_steps(steps)
        return None

    async def _after_siblings(self, base: Attempt, steps: tuple[Step, ...]) -> Attempt | None:
        others = related(self.solving.operation, steps, self.solver.operations)
        for other in itertools.islice(others, MAX_SIBLINGS):
            found = await self.solver.find(other, self.solving.depth + 1)
            if not isinstance(found, Witness):
                continue
            made = await self.solver.binding.makers.step(found)
            grown = after_sibling(steps, found.recipe.steps, made)
            got = None if grown is None else await self._after(base, grown)
            if got is not None:
                return got
            if grown is not None:
                self._grown.append(grown)
        return None


def guessed(attempt: Attempt) -> bool:
    """Whether no answer gave some of the path's values."""
    return any("{{" not in str(v) for v in attempt.call.path.values())
