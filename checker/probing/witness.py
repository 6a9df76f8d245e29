"""The search for a witness: record, recording, examples, generated values, producers, repair."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from checker.domain.exchange import Base, Call
from checker.domain.observation import Rejection
from checker.domain.operation import (
    Field,
    FieldKey,
    Operation,
    OperationId,
    Place,
    known_fields,
)
from checker.domain.workflow import Record, Step
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.credentials import tokens_for
from checker.planning.documented_calls import documented_calls
from checker.planning.encoding import is_multipart, path_parameters
from checker.planning.producers import kin
from checker.planning.recipe import Recipe, call_of_step, test_step
from checker.planning.routes import name_given
from checker.planning.values import Generator
from checker.planning.variation import free_form
from checker.probing.bench import Bench
from checker.probing.binding import Binding
from checker.probing.growth import Growth
from checker.probing.quiet import QuietRepair, is_quiet
from checker.probing.repair import Repair
from checker.probing.trial import Answer, NoWitness, Trial, Witness, better, leanest

MAX_DEPTH = 5
LEAN_TRIES = 32
MAX_KIN = 2
NO_METHOD = (405, 501)
"""Statuses that speak of the method: other values can't help."""
NAMED_TRIES = 6


class CallSource(Protocol):
    """Generates documented-valid calls of an operation (Schemathesis)."""

    def generate(self, operation: Operation, count: int) -> Sequence[Call]: ...


class Search:
    """Finds and keeps the witnesses of a target's operations.

    `operations` are the documented ones (current first); `legacy` the legacy ones of the same
    shape by operation; `recorded` calls from recordings.
    """

    def __init__(
        self,
        bench: Bench,
        operations: Sequence[Operation],
        legacy: Mapping[OperationId, Sequence[Operation]],
        candidates: Candidates,
        recorded: Mapping[OperationId, Sequence[Call]] | None = None,
        fuzzer: CallSource | None = None,
    ) -> None:
        self.bench = bench
        self.operations = tuple(operations)
        self.legacy = legacy
        self.candidates = candidates
        self.recorded = recorded or {}
        self.fuzzer = fuzzer
        self.found: dict[OperationId, Witness | NoWitness] = {}
        self.failed: dict[OperationId, tuple[Call, ...]] = {}
        """Documented calls that a server error answered, before one was accepted."""
        self._under_way: set[OperationId] = set()
        self._cut = False
        """Whether the search under way met one that waits for it."""
        self._binding = Binding(bench, self.operations, self.find)

    async def find(self, operation: Operation, depth: int = 0) -> Witness | NoWitness:
        """The operation's witness; searched once. Never raises but for the budget and target."""
        if operation.id in self.found:
            return self.found[operation.id]
        if operation.id in self._under_way or depth > MAX_DEPTH:
            self._cut = True
            return NoWitness(operation.id, "it needs itself")
        if not self.bench.may_send(operation.id):
            return NoWitness(operation.id, "not sent for safety")
        self._under_way.add(operation.id)
        before, self._cut = self._cut, False
        try:
            found = await self._search(operation, depth)
        finally:
            self._under_way.discard(operation.id)
            cut, self._cut = self._cut, before or (self._cut and depth > 0)
        # A failure because of a search that waits for this one says nothing for later.
        if isinstance(found, Witness) or not cut or depth == 0:
            self.found[operation.id] = found
        return found

    async def _search(self, operation: Operation, depth: int) -> Witness | NoWitness:
        account = await self.bench.open_account()
        trial = Trial(self.bench, operation, account)
        record_reason = ""
        record = self.bench.records.get(operation.id)
        if record is not None:
            found = await self._from_record(operation, record, trial)
            if found is not None:
                return found
            record_reason = trial.failed_step
        known = known_fields(operation, self.legacy.get(operation.id, ()))
        named = await self._named_anew(operation, trial, known, depth)
        if named is not None:
            return named
        steps, bound = await self._binding.bind(operation, known, depth)
        unbound = _unbound(operation, bound)
        sure = not unbound
        if self._cut and depth and unbound - {name_given(operation)}:
            return NoWitness(operation.id, "it needs itself")
        trial.use_steps(steps)
        tokens = tokens_for(operation.security, account.tokens)
        repair = Repair(trial, self.candidates, known, tokens, self)
        best: Answer | None = None
        for source, call in self._calls(operation, bound, tokens):
            asked = next((a for a in trial.answers if a.call == call), None)
            if asked is not None:
                best = better(best, asked)
                continue
            answer = await trial.send(call)
            if answer is None:
                continue
            self._note_failure(answer)
            if answer.accepted:
                return await self._grown(trial, answer, source, bound)
            suspect = best is None and sure and answer.rejection is Rejection.ABSENCE
            if suspect and (answer.status in NO_METHOD or await trial.is_nowhere(answer)):
                # Where there is no such route, other fields and values can't help.
                best = await repair.elsewhere(answer)
                if best.accepted:
                    return await self._grown(trial, best, "repaired", bound)
                if best.rejection in (Rejection.ABSENCE, Rejection.AUTHORISATION):
                    return self._failure(operation, trial, record_reason, best, steps)
            best = better(best, answer)
            if trial.spent:
                break
        source, mended = "", None
        if best is not None:
            if best.rejection is Rejection.VALIDATION:
                await self._consult(operation, depth)
            source, mended = await self._mended(trial, repair, best, known)
        if mended is not None:
            return await self._grown(trial, mended, source, bound if source == "repaired" else None)
        return self._failure(operation, trial, record_reason, best, steps)

    async def _consult(self, operation: Operation, depth: int) -> None:
        """Learn the values that the server itself answers with for fields of the same resource."""
        for other in kin(operation.id, self.operations)[:MAX_KIN]:
            found = await self.find(other, depth + 1)
            if isinstance(found, Witness) and found.exchange.response is not None:
                self.candidates.learn(operation.id.path, found.exchange.response.body)

    async def _named_anew(
        self, operation: Operation, trial: Trial, known: Mapping[FieldKey, Field], depth: int
    ) -> Witness | None:
        """The witness of an operation that may name a new item itself, if it does. What other
        operations only hold under the same name is no item of this kind."""
        naming = name_given(operation)
        if naming is None:
            return None
        steps, bound = await self._binding.bind(operation, known, depth, naming)
        if _unbound(operation, bound) != {naming}:
            return None
        trial.use_steps(steps)
        tokens = tokens_for(operation.security, trial.account.tokens)
        calls = self._calls(operation, bound, tokens)
        for number, (source, call) in enumerate(itertools.islice(calls, NAMED_TRIES)):
            answer = await trial.send(call)
            if answer is not None and answer.accepted:
                return await self._grown(trial, answer, source, bound)
            self._note_failure(answer)
            if answer is None or (not number and answer.rejection is Rejection.ABSENCE):
                break
        return None

    def _note_failure(self, answer: Answer | None) -> None:
        if answer is not None and answer.rejection is Rejection.SERVER_ERROR:
            operation = answer.call.operation
            self.failed[operation] = (*self.failed.get(operation, ()), answer.call)

    @staticmethod
    async def _mended(
        trial: Trial, repair: Repair, best: Answer, known: Mapping[FieldKey, Field]
    ) -> tuple[str, Answer | None]:
        """An accepted answer after other values, fields, credentials or states, and its source."""
        literals = free_form(best.call, trial.operation)
        if best.rejection is Rejection.CONFLICT:
            # What an earlier run left behind may have taken the values.
            fresh, _ = await trial.afresh(best, literals)
            if fresh is not None:
                return "generated", fresh
        mended: Answer | None = None
        start, limit = leanest(trial.answers, known), trial.limit
        if start is not None and start is not best:
            trial.limit = min(limit, len(trial.answers) + LEAN_TRIES)
            mended = await repair.run(start, quick=True)
            trial.limit = limit
            first = best
            for answer in trial.answers:
                best = better(best, answer)
            if mended is None and best is not first and best.rejection is Rejection.CONFLICT:
                literals = free_form(best.call, trial.operation)
                mended, _ = await trial.afresh(best, literals)
        if mended is None and is_quiet(trial, best, known):
            mended = await QuietRepair(trial, repair.candidates, known).run(best)
        if mended is None:
            mended = await repair.run(best)
        if mended is None and best.rejection is Rejection.VALIDATION:
            mended, _ = await trial.afresh(best, literals)
        return "repaired", mended

    def _failure(
        self,
        operation: Operation,
        trial: Trial,
        record_reason: str,
        best: Answer | None,
        steps: tuple[Step, ...],
    ) -> NoWitness:
        for answer in trial.answers:
            best = better(best, answer)
        if trial.held and (best is None or best.rejection is Rejection.HELD):
            return NoWitness(operation.id, trial.held[-1], held=trial.held[-1])
        if best is None:
            why = record_reason or trial.failed_step or "no request could be built"
            return NoWitness(operation.id, why)
        said = f"{best.status or 'no answer'} {best.text[:160]}".strip()
        reason = f"{len(trial.answers)} requests tried, the best answer was: {said}"
        if record_reason:
            reason = f"the workflow record failed ({record_reason}); {reason}"
        alike = tuple(a.exchange for a in trial.answers if a.call.token == best.call.token)
        tried = len(trial.answers)
        return NoWitness(operation.id, reason, tried, best.exchange, best.call, steps, alike)

    def recipe(self, operation: OperationId) -> Recipe | None:
        """The recipe of an operation's witness, where one has been found by now."""
        found = self.found.get(operation)
        return found.recipe if isinstance(found, Witness) else None

    def lean(self, operation: OperationId) -> Call | None:
        """The smallest call of an operation that is known to have been accepted."""
        found = self.found.get(operation)
        return found.lean if isinstance(found, Witness) else None

    # -- records ---------------------------------------------------------------------------

    async def _from_record(
        self, operation: Operation, record: Record, trial: Trial
    ) -> Witness | None:
        main, before = test_step(record)
        if main is None:
            trial.failed_step = "it has no test request"
            return None
        token = next(iter(record.tokens), None)
        if token not in trial.account.tokens:
            token = next(iter(trial.account.tokens), None)
        base: Base = "fallback" if record.use_fallback else "primary"
        call = call_of_step(main, operation.id, token, base)
        if call is None:
            trial.failed_step = f"its test request is not {operation.id}"
            return None
        steps = tuple(
            s if s.token or s.anonymous else replace(s, token=token)
            for s in (*record.prerequisites, *before)
        )
        trial.use_steps(steps)
        answer = await trial.send(call)
        if answer is not None and not answer.accepted:
            answer = await trial.send(call, again=True)
        if answer is not None and answer.rejection is Rejection.CONFLICT:
            keys = free_form(answer.call, operation)
            answer = (await trial.afresh(answer, keys))[0] or answer
        if answer is None or not answer.accepted:
            trial.failed_step = trial.failed_step or "the test request was rejected"
            for other in tokens_for(operation.security, trial.account.tokens):
                if other == call.token or answer is None:
                    continue
                answer = await trial.send(replace(call, token=other), again=True)
                if answer is not None and answer.accepted:
                    break
        if answer is None or not answer.accepted:
            return None
        return await self._grown(trial, answer, "record")

    # -- candidate calls ------------------------------------------------------------------------

    def _calls(
        self, operation: Operation, bound: Mapping[FieldKey, Any], tokens: Sequence[str | None]
    ) -> Iterator[tuple[str, Call]]:
        """Candidate calls, likeliest first; identifiers bound, the first token sent."""
        token = tokens[0] if tokens else None
        seen: list[Call] = []
        for call in self.recorded.get(operation.id, ()):
            yield "recording", call
        legacy = list(self.legacy.get(operation.id, ()))
        for source, base in documented_calls(operation, legacy, self.bench.rng, token):
            call = self._bound(base, operation, bound)
            if call not in seen:
                seen.append(call)
                yield source, call
        if self.fuzzer is not None:
            for base in self.fuzzer.generate(operation, 4):
                yield "generated", self._bound(replace(base, token=token), operation, bound)

    def _bound(self, call: Call, operation: Operation, bound: Mapping[FieldKey, Any]) -> Call:
        for key, value in bound.items():
            if key.place is Place.PATH:
                call = replace(call, path={**call.path, key.name: value})
            elif edits.has(call, key):
                present = edits.get(call, key)
                call = edits.put(call, key, [value] if isinstance(present, list) else value)
        return call

    # -- growth ----------------------------------------------------------------------------

    async def _grown(
        self,
        trial: Trial,
        answer: Answer,
        source: str,
        bound: Mapping[FieldKey, Any] | None = None,
    ) -> Witness:
        """The witness with as many of the known fields as it bears: more to experiment on."""
        operation = trial.operation
        generator = Generator(
            self.bench.rng("grow", operation.id), files=is_multipart(answer.call.media_type)
        )
        lean = answer.call
        if source != "record":
            answer = await Growth(trial, answer, generator, bound or {}).run()
        found = trial.witness(answer, source, free_form(answer.call, operation))
        return replace(found, lean=lean)


def _unbound(operation: Operation, bound: Mapping[FieldKey, Any]) -> set[FieldKey]:
    """The path parameters whose values nothing gives."""
    return {FieldKey(Place.PATH, n) for n in path_parameters(operation.id.path)} - set(bound)
