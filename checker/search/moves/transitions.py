"""Brings what a request refers to into another state: moves it, or makes it otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from checker.domain.observation import Rejection
from checker.domain.templates import BUILT_INS
from checker.domain.workflow import Step
from checker.planning import edits
from checker.planning.encoding import with_joined_lists
from checker.planning.item_kinds import made_otherwise
from checker.planning.recipe import call_variables, step_of_call
from checker.planning.routes import CREATE, act_of
from checker.probing.trial import Answer
from checker.search.attempts import Attempt, Attempts
from checker.search.mending import Mender
from checker.search.moves.actions import MAX_MOVES, Catalogue, Move, Moves
from checker.search.moves.origins import of_named_kinds
from checker.search.steps import free_id, id_of

MAX_PAIRS = 16


def _one_each(passed: Sequence[Move]) -> list[Sequence[Move]]:
    """A move of each of several resources at once: every one of them may have to be ready."""
    by_origin: dict[str, list[Move]] = {}
    for move in passed:
        by_origin.setdefault(move.origin.id, []).append(move)
    if len(by_origin) < 2:
        return []
    return list(itertools.islice(itertools.product(*by_origin.values()), MAX_PAIRS // 2))


class States:
    """Changes what there is before a request, then sends it again, and answers what is complained
    about then."""

    def __init__(
        self, attempts: Attempts, mender: Mender, tokens: Sequence[str | None], catalogue: Catalogue
    ) -> None:
        self.attempts = attempts
        self.mender = mender
        self.trial = attempts.trial
        self.tokens = tokens
        self.catalogue = catalogue
        self.passed: list[Move] = []
        """Moves that the server accepted, and that weren't enough."""

    async def run(self, best: Attempt) -> Attempt | None:
        """The accepted attempt of the same request after other steps, or None.

        One more step, then two: a move may only be possible after another one. What isn't there
        any more after a move isn't moved further.
        """
        steps = self.trial.steps
        offered = Moves(self.trial, self.tokens, self.catalogue)
        moves = await offered.all(best.answer, steps)
        passed = self.passed = []
        for move in list(moves):
            got = await self._after(best, steps, [move])
            if got is not None and got.accepted:
                return got
            if got is not None and _ended(got, best):
                moves.remove(move)
            elif got is not None:
                passed.append(move)
        pairs = [(p, m) for p in passed for m in moves if m is not p and m.origin is p.origin]
        for pair in [*_one_each(passed), *pairs][:MAX_PAIRS]:
            got = await self._after(best, steps, pair)
            if got is not None and got.accepted:
                return got
        self.trial.use_steps(steps)
        return await self._otherwise(best)

    async def _otherwise(self, best: Attempt) -> Attempt | None:
        """The accepted attempt of the same request where what it is about was made otherwise."""
        steps = self.trial.steps
        for other in itertools.islice(self._made_otherwise(best.answer, steps), MAX_MOVES):
            if self.trial.spent:
                break
            self.trial.use_steps(other)
            got = await self.attempts.send(best.call)
            if got is not None and got.accepted:
                return got
        self.trial.use_steps(steps)
        return None

    def _made_otherwise(self, best: Answer, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
        """The steps with what the request refers to made or chosen otherwise."""
        operations, call = self.catalogue.operations, best.call
        creators = {s.operation for s in steps if s.operation is not None}
        lean = {o: small for o in creators if (small := self.catalogue.lean(o)) is not None}
        words = f"{best.text} {self.trial.operation.text}"
        rng = self.trial.bench.rng("kinds", self.trial.operation.id)
        yield from of_named_kinds(call, steps, operations, words, lean, rng)
        flags = best.rejection is Rejection.CONFLICT
        for origin, other in made_otherwise(steps, call_variables(call), operations, flags=flags):
            yield tuple(other if s is origin else s for s in steps)

    async def beside(
        self, best: Attempt, others: Sequence[tuple[Step, ...]], most: int
    ) -> Attempt | None:
        """The accepted attempt of the same request after one of other lists of steps, which weren't
        enough either, with one of the passed moves; `most` tries."""
        pairs = [(s, m) for s in others for m in self.passed]
        for steps, move in pairs[:most]:
            origin = next((s for s in steps if s.id == move.origin.id), None)
            if origin is not None:
                got = await self._after(best, steps, [replace(move, origin=origin)])
                if got is not None and got.accepted:
                    return got
        return None

    async def _after(
        self, best: Attempt, steps: tuple[Step, ...], moves: Sequence[Move]
    ) -> Attempt | None:
        """The attempt after the moves, mended where something else is complained about then; None
        where they weren't accepted.

        They come right after what they move is made; where that fails, after all other steps.
        """
        place = max(steps.index(m.origin) for m in moves) + 1
        got = await self._with(best, steps, moves, place)
        if got is None and place < len(steps):
            got = await self._with(best, steps, moves, len(steps))
        if got is None or got.accepted or got.signature == best.signature or not got.named:
            return got
        return got if _ended(got, best) else await self.mender.run(got)

    async def _with(
        self, best: Attempt, steps: tuple[Step, ...], moves: Sequence[Move], place: int
    ) -> Attempt | None:
        if self.trial.spent:
            return None
        grown = list(steps)
        for move in moves:
            at = steps.index(move.origin)
            grown[at] = replace(grown[at], extract={**grown[at].extract, **move.takes})
        needed = {v for m in moves for v in call_variables(m.call)} - BUILT_INS
        while needed - {v for s in grown[:place] for v in s.extract} and place < len(grown):
            place += 1
        for move in moves:
            grown.insert(place, self._as_step(move, grown))
            place += 1
        self.trial.use_steps(tuple(grown))
        return self.attempts.earlier(best.call) or await self.attempts.send(best.call)

    def _as_step(self, move: Move, steps: Sequence[Step]) -> Step:
        wanted = move.call.operation
        name = free_id(id_of(wanted, creates=act_of(wanted) == CREATE), steps)
        documented = next((o for o in self.catalogue.operations if o.id == wanted), None)
        return replace(step_of_call(name, with_joined_lists(move.call, documented)), vary=move.vary)


def _ended(got: Attempt, before: Attempt) -> bool:
    """Whether what a request is about isn't there any more, which it was before."""
    if Rejection.ABSENCE is got.answer.rejection is not before.answer.rejection:
        return True
    return any(
        "{{" in str(edits.get(got.call, key)) for key in got.named if key not in before.named
    )
