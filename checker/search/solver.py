"""The search for working requests of one target: one for all its operations, with one grammar of
refusals and one memory of what has worked."""

from __future__ import annotations

import asyncio
import itertools
import math
import string
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

from checker.domain.exchange import Call
from checker.domain.observation import Rejection
from checker.domain.operation import FieldKey, Operation, OperationId, known_fields
from checker.domain.workflow import Varied
from checker.errors import ShareExhausted
from checker.planning import edits
from checker.planning.candidates import Candidates
from checker.planning.credentials import tokens_for
from checker.planning.recipe import Recipe, call_of_step
from checker.planning.routes import name_given, name_written
from checker.planning.variation import vary
from checker.probing.bench import Bench
from checker.probing.pacing import Allowance
from checker.probing.trial import Answer, NoWitness, Trial, Witness
from checker.search.attempts import Weather
from checker.search.binding import Binding
from checker.search.blind import Blind
from checker.search.grammar import Grammar
from checker.search.memory import Memory
from checker.search.needs import unbound
from checker.search.recorded import from_record, on_the_way
from checker.search.solving import Solving
from checker.search.values import Values
from checker.search.widening import EFFORT

MAX_DEPTH = 5
LAG_STEP_MS = 50
NAMED_TRIES = 6
"""Requests to see whether an operation may name a new thing itself."""
NAME_LENGTH = 12
SLOW_S = 20.0
"""What was waited so long for in vain is searched by itself, later: nothing else waits for it."""
PUT_OFF = "its answers take too long"

_searching: ContextVar[Solver | None] = ContextVar("the search that this task is in", default=None)


class CallSource(Protocol):
    """Generates documented-valid calls of an operation (Schemathesis)."""

    def generate(self, operation: Operation, count: int) -> Sequence[Call]: ...


class Solver:
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
        self.found: dict[OperationId, Witness | NoWitness] = {}
        self.failed: dict[OperationId, tuple[Call, ...]] = {}
        """Documented calls that a server error answered, before one was accepted."""
        self.grammar = Grammar()
        self.calibrated = False
        self.memory = Memory()
        self.weather = Weather()
        self.values = Values(candidates, self.memory, bench.rng)
        self.binding = Binding(bench, self.operations, self.find, self.grammar)
        self.blind = Blind(bench, legacy, recorded or {}, fuzzer)
        self.waited = 0
        """How often in a row waiting was in vain."""
        self.used_after_ms = 0
        """How long it took until what was made could be used, where that was waited for here."""
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[OperationId] = set()
        self._cut = False
        """Whether the search under way met one that waits for it."""
        self._provisional: dict[OperationId, NoWitness] = {}
        """Failures because of a search that waits for them: nothing is said for later."""
        self._repeated: set[OperationId] = set()
        self._put_off: set[OperationId] = set()
        """Operations whose searches were ended since their answers took too long."""
        self.waiting: set[OperationId] = set()
        """Operations that failed beside one of these: once that has its own turn, they may not."""
        self._asked: OperationId | None = None
        """The operation that the search under way is for."""

    async def find(self, operation: Operation, depth: int = 0) -> Witness | NoWitness:
        """The operation's witness; searched once, and once more after `again`. Never raises but
        for the budget and target. Who asks while another search is under way waits for its end."""
        if operation.id in self.found:
            return self.found[operation.id]
        if _searching.get() is self:
            return await self._found(operation, depth)
        async with self._one_at_a_time:
            mark = _searching.set(self)
            try:
                return await self._found(operation, depth)
            finally:
                _searching.reset(mark)

    async def _found(self, operation: Operation, depth: int) -> Witness | NoWitness:
        if operation.id in self.found:
            return self.found[operation.id]
        if operation.id in self._provisional:
            self._cut = True
            return self._provisional[operation.id]
        if operation.id in self._under_way or depth > MAX_DEPTH:
            self._cut = True
            return NoWitness(operation.id, "it needs itself")
        if not self.bench.may_send(operation.id):
            return NoWitness(operation.id, "not sent for safety")
        if depth and operation.id in self._put_off:
            self.waiting |= {self._asked} if self._asked is not None else set()
            return NoWitness(operation.id, PUT_OFF)
        self._asked = self._asked if depth else operation.id
        self._under_way.add(operation.id)
        before, self._cut = self._cut, False
        share = Allowance()
        try:
            with share.holding():
                found = await self._search(operation, depth)
        except ShareExhausted:
            self._put_off |= {operation.id} if share.waited >= SLOW_S else set()
            raise
        finally:
            self._under_way.discard(operation.id)
            cut, self._cut = self._cut, before or (self._cut and depth > 0)
        if depth == 0:
            self._provisional.clear()
        if isinstance(found, NoWitness) and cut and depth > 0:
            self._provisional[operation.id] = found
        else:
            self.found[operation.id] = found
        return found

    @property
    def lag_ms(self) -> int:
        """How long it takes until what was made can be used, in milliseconds, as far as any wait
        has shown; in steps that don't differ from run to run."""
        read_after = math.ceil(self.bench.wire.lag_s * 1000 / LAG_STEP_MS) * LAG_STEP_MS
        return max(self.used_after_ms, read_after)

    def again(self, operation: Operation) -> bool:
        """Let a failed operation be searched once more, when other operations may have brought
        what it lacked; False where it may not."""
        found = self.found.get(operation.id)
        if not isinstance(found, NoWitness) or operation.id in self._repeated:
            return False
        self._repeated.add(operation.id)
        del self.found[operation.id]
        return True

    def witness(self, operation: OperationId | None) -> Witness | None:
        """An operation's witness, where one has been found by now."""
        found = self.found.get(operation) if operation is not None else None
        return found if isinstance(found, Witness) else None

    def recipe(self, operation: OperationId) -> Recipe | None:
        """The recipe of an operation's witness, where one has been found by now."""
        found = self.witness(operation)
        return None if found is None else found.recipe

    def lean(self, operation: OperationId) -> Call | None:
        """The smallest call of an operation that is known to have been accepted."""
        found = self.witness(operation)
        return None if found is None else found.lean

    async def each_time(self, operation: OperationId) -> tuple[Call, tuple[Varied, ...]] | None:
        """The accepted call of an operation as it can be sent as often as something needs it, and
        which values differ at each use; None where none has been accepted by now."""
        found = self.witness(operation)
        if found is None:
            return None
        step = await self.binding.makers.step(found)
        call = call_of_step(step, operation, step.token, found.recipe.call.base)
        return None if call is None else (call, step.vary)

    def accepted(self) -> list[tuple[Operation, Call]]:
        """The requests of the witnesses that were found so far, each with its operation."""
        return [(w.operation, w.recipe.call) for w in self.found.values() if isinstance(w, Witness)]

    def note_failure(self, answer: Answer) -> None:
        """Keep a documented call that a server error answered."""
        if answer.rejection is Rejection.SERVER_ERROR:
            operation = answer.call.operation
            self.failed[operation] = (*self.failed.get(operation, ()), answer.call)

    def learn(self, shown: Witness) -> None:
        """Keep the values that an accepted answer shows, for fields of the same resource."""
        response = shown.exchange.response
        if response is not None:
            self.candidates.learn(shown.operation.id.path, response.body)

    # -- one operation -------------------------------------------------------------------------

    async def _search(self, operation: Operation, depth: int) -> Witness | NoWitness:
        account = await self.bench.open_account()
        trial = Trial(self.bench, operation, account, limit=EFFORT)
        known = known_fields(operation, self.legacy.get(operation.id, ()))
        record = self.bench.records.get(operation.id)
        reason, stale = "", None
        if record is not None:
            answer = await from_record(operation, record, trial, self.operations)
            if answer is not None and answer.accepted:
                recorded = Solving(self, trial, known, {}, depth, "")
                return await recorded.widened(recorded.attempts.read(answer), "record")
            reason, stale = trial.failed_step, answer
        named = await self._named_anew(operation, trial, known, depth)
        if named is not None:
            return named
        steps, bound = await self.binding.bind(operation, known, depth)
        if self._cut and depth and unbound(operation, bound) - {name_given(operation)}:
            return NoWitness(operation.id, "it needs itself")
        trial.use_steps(steps)
        trial.limit = len(trial.answers) + EFFORT
        solving = Solving(self, trial, known, bound, depth, reason)
        found = await solving.run(stale)
        if isinstance(found, NoWitness) and not (trial.answers or stale) and operation.id.safe:
            found = await self._within_own(operation, trial, known, depth, reason) or found
        if record is not None or isinstance(found, Witness):
            return found
        return await self._on_the_way(solving) or found

    async def _on_the_way(self, solving: Solving) -> Witness | NoWitness | None:
        """What comes of what another operation's record sends to the operation."""
        operation, trial = solving.operation, solving.trial
        record = on_the_way(operation.id, self.bench.records.values())
        if record is None:
            return None
        trial.limit = len(trial.answers) + EFFORT
        answer = await from_record(operation, record, trial, self.operations)
        if answer is None or not answer.accepted:
            return None
        return await solving.grown(solving.attempts.read(answer), "record")

    async def _within_own(
        self,
        operation: Operation,
        trial: Trial,
        known: Mapping[FieldKey, Any],
        depth: int,
        reason: str,
    ) -> Witness | NoWitness | None:
        """What is found within own things, where what lists showed first isn't there or nothing is
        in it; None where the steps would be the same."""
        steps, bound = await self.binding.bind(operation, known, depth, own=True)
        if steps == trial.steps or unbound(operation, bound):
            return None
        trial.use_steps(steps)
        return await Solving(self, trial, known, bound, depth, reason).run()

    async def _named_anew(
        self, operation: Operation, trial: Trial, known: Mapping[FieldKey, Any], depth: int
    ) -> Witness | None:
        """The witness of an operation that may name a new thing itself, if it does. What other
        operations only hold under the same name is no thing of this kind."""
        naming = name_written(operation)
        if naming is None:
            return None
        steps, bound = await self.binding.bind(operation, known, depth, naming)
        if unbound(operation, bound) != {naming}:
            return None
        trial.use_steps(steps)
        tokens = tokens_for(operation.security, self.bench.living(trial.account))
        calls = self.blind.calls(operation, bound, tokens)
        solving = Solving(self, trial, known, bound, depth, "")
        for number, (source, call) in enumerate(itertools.islice(calls, NAMED_TRIES)):
            answer = await trial.send(call)
            if answer is not None and answer.exchange.held:
                answer = await trial.send(edits.put(call, naming, self._nobodys(trial)))
            if answer is not None and answer.accepted:
                found = await solving.grown(solving.attempts.read(answer), source)
                return found if isinstance(found, Witness) else None
            if answer is not None:
                self.note_failure(answer)
            # The leanest request may lack what says what is to be there.
            if answer is None or (number == 1 and answer.rejection is Rejection.ABSENCE):
                break
        return None

    def _nobodys(self, trial: Trial) -> str:
        """A name that nobody has."""
        rng = self.bench.rng("named", trial.operation.id)
        stem = "".join(rng.choices(string.ascii_lowercase, k=NAME_LENGTH))
        return str(vary(stem, trial.account.scope.number()))
