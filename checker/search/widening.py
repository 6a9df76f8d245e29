"""From an accepted request to the witness: what moved its things is found again, and as many of the
known fields are added as it bears."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from checker.domain.observation import Rejection
from checker.domain.operation import SAFE_METHODS
from checker.planning import edits
from checker.planning.variation import free_form
from checker.probing.bench import created_identifier
from checker.probing.trial import Answer, NoWitness, Witness
from checker.search.attempts import Attempt
from checker.search.mending import with_edits
from checker.search.presence import IN_VAIN, is_absent
from checker.search.surroundings import Surroundings
from checker.search.values import Candidate, identifies
from checker.search.waits import sooner

if TYPE_CHECKING:
    from checker.search.solving import Solving

EFFORT = 45
"""Requests of one operation and pass, and as many for the widening of what is accepted."""
WIDENING = 12
"""Requests for a fuller witness, before it is looked for by halves."""
PATIENCE = 3


class Widening:
    """Makes the witness of an accepted request: its things in place, fields added."""

    def __init__(self, solving: Solving) -> None:
        self.solving = solving
        self.trial = solving.trial

    async def witness(self, found: Attempt, source: str) -> Witness | NoWitness:
        """The witness that comes of an accepted attempt; `source` says where its call is from."""
        found = await self._moved_again(found)
        if self.trial.operation.id.safe:
            found = await sooner(self.solving.attempts, found, self.solving.known)
        lean = found.answer
        if await is_absent(self.trial, lean, self.solving.solver.operations):
            return NoWitness(
                self.trial.operation.id, IN_VAIN, len(self.trial.answers), lean.exchange
            )
        self.trial.limit = len(self.trial.answers) + EFFORT
        best = await self._with_references(await self._widened(found))
        vary = free_form(best.call, self.trial.operation)
        self.trial.steps = Surroundings(self.solving).settled()
        witness = self.trial.witness(best, source, vary)
        return replace(witness, lean=lean.call, lean_exchange=lean.exchange)

    async def given(self, found: Attempt, source: str) -> Witness:
        """The witness of a request that people gave: nothing of it changes by itself."""
        self.trial.limit = len(self.trial.answers) + EFFORT
        best, steps = await self._widened(found), self.trial.steps
        own = set(free_form(found.call, self.trial.operation))
        vary = tuple(k for k in free_form(best.call, self.trial.operation) if k not in own)
        self.trial.steps = steps
        witness = self.trial.witness(best, source, vary)
        return replace(witness, lean=found.call, lean_exchange=found.answer.exchange)

    async def _moved_again(self, found: Attempt) -> Attempt:
        """What is accepted though the same request was refused before: something has moved the
        thing in between, a look at it, say. Where another one is refused in the same way, what
        moves it is looked for; so is the time that has gone by while the request was mended."""
        before, late = self._refused_before(found), self._is_late(found)
        if not (before or late) or not found.steps or self.trial.steps != found.steps:
            return found
        self.trial.use_steps(found.steps)
        again = None if before else await self.solving.attempts.send(self.trial.unlike(found.call))
        if again is None or again.named:  # then it is better sent as it was
            again = await self.solving.attempts.send(found.call, again=True)
        if again is None or again.accepted:
            return again or found
        around, moved = Surroundings(self.solving), None
        if again.signature in before:
            moved = await around.changed(again, True)
        elif late and again.is_untimely:
            moved = await around.in_time(again)
        return moved or found

    def _refused_before(self, found: Attempt) -> set[tuple[object, ...]]:
        """What the refusals of the same request said, whatever its credential and base URL."""
        call = replace(found.call, token=None)
        return {
            a.signature
            for a in self.solving.attempts.made
            if a.answer.rejection in (Rejection.CONFLICT, Rejection.VALIDATION)
            and replace(a.call, token=None, base=call.base) == call
            and a.steps == found.steps
        }

    def _is_late(self, found: Attempt) -> bool:
        """Whether a thing that a step has made was there for a while when the request came."""
        since = sum(a.steps == found.steps for a in self.solving.attempts.made)
        return bool(found.steps) and found.steps[-1].method not in SAFE_METHODS and since > 1

    async def _widened(self, found: Attempt) -> Answer:
        """The fullest request that the server accepts as well: with all known fields at once,
        mended; failing that, by halves."""
        growth = self.solving.growth(found)
        missing = dict(growth.missing())
        if not missing:
            return found.answer
        mender = self.solving.new_mender()
        mender.patience, mender.spare = PATIENCE, frozenset(missing)
        limit, self.trial.limit = self.trial.limit, len(self.trial.answers) + WIDENING
        additions = {k: Candidate(v, "documented") for k, v in missing.items()}
        got = await self.solving.attempts.send(with_edits(found.call, additions))
        if got is not None and not got.accepted:
            got = await mender.run(got)
        self.trial.limit = limit
        if (
            got is not None
            and got.accepted
            and not growth.poorer(got.answer)
            and not _same(found, got)
        ):
            return got.answer
        return await growth.run()

    async def _with_references(self, best: Answer) -> Answer:
        """The request with what refers to things, too, that have to be in another state for it:
        nothing asked for that, as long as the field could be left out."""
        for key, value in self.solving.bound.items():
            field = self.trial.operation.fields.get(key)
            if field is None or edits.has(best.call, key) or not identifies(key, field):
                continue
            call = edits.put(self.trial.unlike(best.call), key, value)
            got = await self.solving.attempts.send(call, again=True)
            if got is not None and not got.accepted and got.is_of_state:
                got = await Surroundings(self.solving).changed(got, True)
            if got is not None and got.accepted:
                best = got.answer
        return best


def _same(found: Attempt, got: Attempt) -> bool:
    """Whether a second creation was answered with the thing that the first one made."""
    before, after = found.answer.exchange.response, got.answer.exchange.response
    if found.call.operation.method != "POST" or before is None or after is None:
        return False
    return bool(created_identifier(before.body)) and bool(before.body == after.body)
