"""One operation of a live run: its share, its witness, its experiments, its things removed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from checker.domain.coverage import EXAMINED, HELD_BACK, PARTLY
from checker.domain.finding import Verdict
from checker.domain.operation import Operation, OperationId
from checker.errors import (
    BudgetExhausted,
    DriftcheckError,
    ShareExhausted,
    TargetError,
    WorkflowError,
)
from checker.experiments.base import Context
from checker.pipeline.advice import ELSEWHERE, FRESHER, LATER, MORE_BUDGET, without_witness
from checker.pipeline.bookkeeping import Book
from checker.pipeline.chains import lacks_thing
from checker.pipeline.choosing.choice import Choice
from checker.pipeline.choosing.shares import Shares, for_search
from checker.pipeline.doubts.catch_all import CatchAll
from checker.pipeline.doubts.diagnosis import internal
from checker.pipeline.ending import Ending
from checker.pipeline.examination import FuzzSource, examine
from checker.pipeline.removing.borrowing import Borrower, Loan
from checker.pipeline.removing.cleanup import CleanUp
from checker.pipeline.variants import examine_variants
from checker.probing.bench import Bench, LabBroken
from checker.probing.lab import Lab
from checker.probing.pacing import Allowance
from checker.probing.supply import UNMET
from checker.probing.trial import NoWitness, Witness
from checker.redaction import print_traceback
from checker.safety.gate import Gate
from checker.safety.inventory import making_for
from checker.search.solver import Solver

SOFT = 0.8
"""Of an operation's share: then no further experiment is begun."""
SWALLOWED = "the server gives the same answer to a route that doesn't exist"


@dataclass(slots=True)
class Examiner:
    """Examines the operations of one target, one at a time or reading ones side by side.

    `legacy` are the variants of each operation in older documents. `found_so` gives an operation
    with the fields that no document has as they were found. `choice` says what is asked. `slow`
    are the operations that are postponed.
    """

    bench: Bench
    gate: Gate
    book: Book
    search: Solver
    shares: Shares
    borrower: Borrower
    tidier: CleanUp
    catch_all: CatchAll
    ending: Ending
    legacy: Mapping[OperationId, Sequence[Operation]]
    found_so: Callable[[Operation], Operation | None]
    choice: Choice
    fuzzer: FuzzSource | None = None
    busy: set[str] = field(default_factory=set)
    """The purposes of the operations that are examined right now."""
    slow: dict[OperationId, Operation] = field(default_factory=dict)
    _loans: dict[OperationId, Loan] = field(default_factory=dict)
    _renewed: set[OperationId] = field(default_factory=set)
    """Operations whose request was searched again since nothing could be asked with it."""

    async def searched(self, operation: Operation) -> None:
        """Find an operation's request before any is examined, within its share, and while all
        searches together leave enough for the experiments. Where its answers are slow, later."""
        held = self.gate.expected(operation)
        if held is not None:
            self.book.outcome(operation, HELD_BACK, held.reason, held.advice)
        if held is not None or self.shares.searched or self.borrower.wanted(operation):
            return
        share = for_search(self.shares.peek())
        self.book.tell(operation, self.bench.wire.sent, "witnesses")
        with self.book.journal.tally(operation.id).counting(), making_for(str(operation.id)):
            try:
                with share.holding():
                    found = await self.search.find(operation)
            except ShareExhausted:
                self._postpone(operation, share)
            except DriftcheckError:
                raise
            except Exception:
                return  # its turn brings it again, and tells it
            else:
                if isinstance(found, NoWitness) and operation.id in self.search.waiting:
                    self._put_behind(operation)

    async def operation(self, operation: Operation) -> None:
        """Examine one operation within its share; where its answers are slow, later."""
        share = self.shares.next(postponed=operation.id in self.slow)
        self.busy.add(str(operation.id))
        with making_for(str(operation.id)):
            try:
                with share.holding():
                    await self._examined(operation, share)
            except ShareExhausted as error:
                self._cut(operation, share, error)
            finally:
                self.busy.discard(str(operation.id))
                loan = self._loans.pop(operation.id, None)
                if loan is not None:
                    await self._give_back(loan)
            self.book.keep(operation, settled=operation not in self.book.unfound)
            await self.tidier.tidy(str(operation.id), spare=bool(self.bench.crowded))
            self.tidier.keep_requests()
            self.book.keep_removed()

    async def _give_back(self, loan: Loan) -> None:
        """The end of a run waits for it, within the time limit; a signal that comes meanwhile
        ends it where it isn't the first. What isn't restored is told."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                with self.ending.cleaning(limit):
                    await self.borrower.give_back(loan)

    def _cut(self, operation: Operation, share: Allowance, error: ShareExhausted) -> None:
        """An operation has used up its share: it is left, or postponed where it was slow."""
        if self._postpone(operation, share):
            self.shares.operations += 1
        examined = any(o.confirmed for o in self.book.journal.made.get(operation.id, ()))
        status = PARTLY if examined else "no-witness"
        self.book.outcome(operation, status, error.message, MORE_BUDGET, passing=True)

    def _postpone(self, operation: Operation, share: Allowance) -> bool:
        """Keep an operation for the end whose answers took too long; whether it was kept now."""
        if not share.slow or operation.id in self.slow:
            return False
        self._put_behind(operation)
        return True

    def _put_behind(self, operation: Operation) -> None:
        """Have an operation searched and examined at the end."""
        self.slow[operation.id] = operation
        self.search.found.pop(operation.id, None)

    async def _examined(self, operation: Operation, share: Allowance) -> None:
        """Its outcome is noted, whatever happens; what ends the run is raised."""
        self.book.tell(operation, self.bench.wire.sent)
        self.book.lacking.discard(operation.id)
        try:
            held = self.gate.expected(operation)
            if held is not None:
                self.book.outcome(operation, HELD_BACK, held.reason, held.advice)
                return
            with self.book.journal.tally(operation.id).counting():
                self._without_ended(operation)
                with for_search(share).holding():
                    found = await self._borrowed(operation)
                if await self._is_swallowed(found):
                    self.book.swallowed.add(operation.id)
                    self.book.outcome(operation, "no-witness", SWALLOWED, ELSEWHERE)
                    return
                if isinstance(found, NoWitness):
                    self.book.unfound.append(operation)
                    if lacks_thing(found, self.bench.judge):
                        self.book.lacking.add(operation.id)
                    helped, passing = without_witness(
                        found, self.bench.target.tokens, self.bench.judge
                    )
                    if found.held:
                        self.book.outcome(operation, HELD_BACK, found.reason)
                    else:
                        self.book.outcome(operation, "no-witness", found.reason, helped, passing)
                    return
                await self._experiments(operation, found, share)
                await self._once_more(operation, found, share)
        except ShareExhausted:
            raise
        except BudgetExhausted as error:
            self.book.cut_short(operation, error.message, MORE_BUDGET)
            raise
        except (TargetError, asyncio.CancelledError):
            self.book.cut_short(operation, "the run ended here", LATER)
            raise
        except DriftcheckError:
            raise
        except Exception as error:
            # The other operations and what was seen up to now are worth a report.
            if self.bench.settings.debug:
                print_traceback(self.bench.settings.secrets)
            self.book.failed = self.book.failed or internal(error, str(operation.id))
            self.book.cut_short(operation, internal(error))
        finally:
            self.book.done += 1

    async def _once_more(self, operation: Operation, old: Witness, share: Allowance) -> None:
        """Where nothing could be asked since what a request needs could not be had any more (what
        it took from a list is gone, say), another one is searched: lists are read again for it."""
        outcome = self.book.result.outcomes[operation.id]
        lacking = outcome.status == "inconclusive" and outcome.reason.startswith(UNMET)
        if not lacking or operation.id in self._renewed:
            return
        self._renewed.add(operation.id)
        read = {s.operation for s in old.recipe.steps if s.operation is not None}
        for known in (operation.id, *(o for o in read if o.safe)):
            self.search.found.pop(known, None)
        with for_search(share).holding():
            found = await self.search.find(operation)
        if isinstance(found, Witness):
            await self._experiments(operation, found, share)

    def _without_ended(self, operation: Operation) -> None:
        """A request that rests on a token which has ended since is searched anew."""
        ended, known = self.bench.wire.ended, self.search.found.get(operation.id)
        if isinstance(known, Witness) and ended:
            recipe = known.recipe
            if not ended.isdisjoint({recipe.call.token, *(s.token for s in recipe.steps)}):
                self.search.found.pop(operation.id)

    async def _borrowed(self, operation: Operation) -> Witness | NoWitness:
        """The operation's witness; what it changes is borrowed first where it isn't own."""
        if not self.borrower.wanted(operation):
            return await self.search.find(operation)
        loan = await self.borrower.borrow(operation)
        if isinstance(loan, str):
            return NoWitness(operation.id, loan, held=loan)
        self._loans[operation.id] = loan
        return await self.search.find(operation)

    async def _is_swallowed(self, found: Witness | NoWitness) -> bool:
        """Whether what an operation answers is what a route that doesn't exist answers."""
        if isinstance(found, Witness):
            return await self.catch_all.swallows(found.account.transport, found.exchange)
        last = found.last
        if last is None or not self.bench.judge.is_strange(last):
            return False
        return await self.catch_all.swallows(self.bench.first_account().transport, last)

    async def _experiments(
        self,
        operation: Operation,
        found: Witness,
        share: Allowance,
    ) -> None:
        lab = Lab(self.bench, operation, found.recipe, found.account)
        context = Context(
            lab=lab,
            bench=self.bench,
            documented=operation,
            legacy=self.legacy.get(operation.id, ()),
            candidates=self.search.candidates,
            search=self.search,
        )
        self.book.journal.made[operation.id] = context.made
        self.book.journal.done[operation.id] = context.done
        self.book.journal.controls[operation.id] = lab.controls
        left_out = ""

        def spent() -> bool:
            # An experiment that is begun should come to its end.
            return share.used > SOFT * share.requests

        try:
            self.book.result.witnesses[operation.id] = found
            await lab.learn_level()
            recipe = replace(found.recipe, vary=lab.varied)
            self.book.result.witnesses[operation.id] = replace(found, recipe=recipe)
            seen = self.book.journal.seen.setdefault(operation.id, [])
            make_room = partial(self.tidier.make_room, operation.id)
            further = self.book.journal.further.setdefault(operation.id, [])
            found_so = partial(self.found_so, operation)
            left_out, ledger = await examine(
                context, seen, spent, self.fuzzer, make_room, found_so, further, self.choice
            )
            if ledger is not None:
                self.book.result.ledgers[operation.id] = ledger
            if not lab.broken and not left_out:
                await examine_variants(context, spent, self.choice.every)
        except (LabBroken, WorkflowError) as error:
            lab.broken = lab.broken or error.message
        if lab.doubts.found is not None:
            context.made[:] = [lab.doubts.found]
        if lab.broken:
            kept = lab.held or any(o.verdict is not Verdict.INCONCLUSIVE for o in context.made)
            self.book.outcome(operation, PARTLY if kept else "inconclusive", lab.broken, FRESHER)
        elif left_out:
            self.book.outcome(operation, PARTLY, left_out, MORE_BUDGET, passing=True)
        else:
            self.book.outcome(operation, EXAMINED)
