"""The live part of a run: witnesses, experiments, observations, for one target."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from checker.domain.coverage import EXAMINED, HELD_BACK, PARTLY
from checker.domain.exchange import Call, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.progress import Progress, ProgressEvent
from checker.domain.workflow import Record
from checker.errors import (
    BudgetExhausted,
    DriftcheckError,
    ShareExhausted,
    TargetError,
    WorkflowError,
)
from checker.experiments.base import Context
from checker.pipeline import missing
from checker.pipeline.advice import ELSEWHERE, FRESHER, LATER, MORE_BUDGET, without_witness
from checker.pipeline.borrowing import Borrower, Loan, untold
from checker.pipeline.catch_all import CatchAll
from checker.pipeline.cleanup import CleanUp, reserve
from checker.pipeline.diagnosis import (
    Diagnosis,
    diagnose,
    elsewhere,
    internal,
    nowhere,
    useless,
    without_token,
)
from checker.pipeline.examination import FuzzSource, examine
from checker.pipeline.gating import gate_for
from checker.pipeline.interruption import Ending
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.keeping import keep
from checker.pipeline.outcomes import left_over, take_back
from checker.pipeline.recorder import Recorder
from checker.pipeline.selection import Selection
from checker.pipeline.shares import Shares, budget_of, for_search
from checker.pipeline.survey import survey
from checker.pipeline.variants import examine_variants
from checker.pipeline.watch import OutageWatch
from checker.planning.candidates import Candidates
from checker.planning.credentials import with_invalid
from checker.probing import base_paths
from checker.probing.bench import Bench, LabBroken
from checker.probing.http import Wire
from checker.probing.judge import Judge
from checker.probing.lab import Lab
from checker.probing.learning import share
from checker.probing.pacing import Allowance
from checker.probing.trial import NoWitness, Witness
from checker.probing.webhook import WebhookListener
from checker.redaction import print_traceback
from checker.safety.ownership import made_for, making_for
from checker.search.solver import Solver
from checker.settings import Settings, Target

SOFT = 0.8
"""Of an operation's share: then no further experiment is begun."""
HURRIED = "a second signal ended the clean-up"
SWALLOWED = "the server gives the same answer to a route that doesn't exist"


class Live:
    """Runs one target; `run` always returns what was observed up to then."""

    def __init__(
        self,
        settings: Settings,
        target: Target,
        portal: Portal,
        selection: Selection,
        setup: Record | None,
        recorded: Mapping[OperationId, Sequence[Call]],
        progress: Progress,
        fuzzer: FuzzSource | None = None,
        recorder: Recorder | None = None,
        ending: Ending | None = None,
    ) -> None:
        self.settings = settings
        self.target = replace(target, tokens=with_invalid(target.tokens))
        self.portal = portal
        self.selection = selection
        self.setup = setup
        self.recorded = recorded
        self.progress = progress
        self.fuzzer = fuzzer
        operations = [*portal.operations(legacy=False), *portal.operations(legacy=True)]
        records = [*portal.records, *([setup] if setup is not None else [])]
        self.gate = gate_for(settings, self.target, operations, records)
        self.result = LiveResult(token_types=tuple(target.tokens))
        self.judge = Judge(
            [*selection.current, *selection.known, *selection.recorded, *selection.dropped]
        )
        self.journal = Journal(selection, self.judge)
        self._unfound: list[Operation] = []
        self._done = 0
        self._catch_all = CatchAll(self.judge)
        self._swallowed: set[OperationId] = set()
        self._failed = ""
        self.recorder = recorder
        self.ending = ending or Ending()
        self._unrestored: list[str] = []
        self._loans: dict[OperationId, Loan] = {}
        self._slow: dict[OperationId, Operation] = {}

    async def run(self) -> LiveResult:
        """Search witnesses and experiment on every selected operation."""
        settings = self.settings
        known = len(self.selection.current) + len(self.selection.recorded)
        budget = budget_of(settings, known)
        wire = Wire(
            self.target,
            self.gate,
            max_requests=budget,
            rate=settings.rate,
            timeout=settings.timeout,
            max_retry_wait=settings.max_retry_wait,
            concurrency=settings.concurrency,
            reserve=reserve(settings, budget),
        )
        self._shares = Shares(wire.budget, known)
        wire.judge = self.judge
        share(wire, settings.secrets)
        wire.observers.append(self.journal.observe)
        wire.observers.append(lambda e: self.gate.note(e, self.judge.accepted(e)))
        keep(wire, self.gate, self.recorder, self.ending)
        watch = OutageWatch(wire, self.target.tokens, self.target.variables, self.judge)
        wire.watcher = watch.after
        try:
            async with wire, WebhookListener(public_url=self.target.webhook_url) as listener:
                self.gate.own_addresses = lambda: (listener.url,)
                await self._reach(wire)
                await self._leave_out(wire)
                bench = Bench(
                    wire=wire,
                    target=self.target,
                    settings=settings,
                    records=self.selection.records,
                    setup=self.setup,
                    listener=listener,
                    judge=self.judge,
                    may_send=self._may_send,
                )
                self._tidier = CleanUp(bench, self.gate)
                try:
                    await self._tidier.earlier()
                    await self._all(bench)
                    await watch.last_look()
                finally:
                    wire.watcher = None
                    await self._clean_up()
        except DriftcheckError as error:
            self._end(error)
        except asyncio.CancelledError:
            self._interrupted()
        except Exception as error:
            self._broken(error)
        if self.ending.asked:
            self._interrupted()
        self.result.requests = wire.sent
        try:
            if watch.found is not None:
                take_back(self.result, self.journal, watch.found)
            self._gather()
            self._diagnose()
        except Exception as error:
            self._broken(error)
        return self.result

    async def _clean_up(self) -> None:
        """Within a time limit once the run is to end; a second signal skips it."""
        left: tuple[str, ...] = ()
        try:
            if self.ending.asked > 1:
                left = self._tidier.left(HURRIED)
                return
            async with asyncio.timeout(None) as limit:
                with self.ending.cleaning(limit):
                    left = await self._tidier.finish()
        except TimeoutError:
            left = self._tidier.left("the time for the clean-up was over")
        except asyncio.CancelledError:
            left = self._tidier.left(HURRIED)
            raise
        except Exception:
            left = self._tidier.left("the clean-up failed")
            raise
        finally:
            self.result.cleanup = (*self._unrestored, *left)

    async def _give_back(self, loan: Loan) -> None:
        """The end of a run waits for it, within the time limit; a signal that comes meanwhile
        ends it where it isn't the first. What isn't restored is told."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                with self.ending.cleaning(limit):
                    await self._borrower.give_back(loan)

    def _interrupted(self) -> None:
        self.result.error = "Interrupted."
        self.result.exit_status, self.result.status = 130, "interrupted"

    def _broken(self, error: Exception) -> None:
        """An error of the checker itself: what was seen up to now is worth a report."""
        if self.settings.debug:
            print_traceback(self.settings.secrets)
        self.result.error = self.result.error or internal(error)
        self.result.exit_status, self.result.status = 3, "partial"

    def so_far(self, operation: OperationId) -> ObservedContract | None:
        """What would be said of an operation if the run ended now; None for nothing."""
        found = self._diagnosis()
        contract = self.journal.so_far(operation)
        if contract is None or operation in found.operations or operation in self._swallowed:
            return None
        if not found.error:
            for token in useless(self.journal.seen, self.result.token_types):
                contract = without_token(contract, token)
        return contract

    def _diagnosis(self) -> Diagnosis:
        seen, tokens = self.journal.seen, self.result.token_types
        found = diagnose(seen, tokens)
        if not found.error:
            found = nowhere(seen, tokens, self.target.base_url or "")
        return found if found.error else elsewhere(seen)

    def _diagnose(self) -> None:
        """What the run as a whole says about the target; what it doubts is taken back."""
        result = self.result
        doubted = set(self._swallowed)
        found = self._diagnosis()
        if found.error:
            doubted |= found.operations
        else:
            for token, number in useless(self.journal.seen, result.token_types).items():
                for contract in list(result.observed.values()):
                    result.observed[contract.operation] = without_token(contract, token)
                result.notes += (
                    f"The {token} token was refused by all {number} operations that it was tried "
                    "at: nothing is concluded from that. Check its value.",
                )
        for operation in doubted:
            result.observed.pop(operation, None)
        tried = [o for o in result.outcomes.values() if o.status != HELD_BACK]
        if self._swallowed and all(o.operation in self._swallowed for o in tried):
            found = Diagnosis(
                "The server gives the same answer to every operation and to routes that don't "
                "exist.",
                "Check the base URL.",
            )
            result.cleanup = ()
        if not result.error and (found.error or self._failed):
            result.error = f"{found.error} {found.mend}" if found.error else self._failed
            result.exit_status, result.status = 3, "failed" if found.error else "partial"

    def _end(self, error: DriftcheckError) -> None:
        """A used-up budget only leaves a rest, which the coverage tells; whatever else ends a
        run early leaves no answer."""
        self.result.error = str(error)
        reached = any(o.status in (EXAMINED, PARTLY) for o in self.result.outcomes.values())
        spent = isinstance(error, BudgetExhausted)
        self.result.exit_status = 0 if spent and reached else 3
        self.result.status = "partial" if reached or spent else "failed"

    @staticmethod
    async def _reach(wire: Wire) -> None:
        """One request to see that somebody answers; raises TargetError."""
        await wire.send(Request("GET", "/"), {}, {})

    async def _leave_out(self, wire: Wire) -> None:
        """Find out whether the documents' base paths are served at all."""
        unserved = await base_paths.unserved(wire.look, self.selection.current)
        wire.left_out = tuple(unserved)
        for base, why in unserved.items():
            note = f"The base path {base} isn't served at {self.target.base_url}: {why}. "
            self.result.notes += (note + "Operations are called without it.",)

    # -- operations ----------------------------------------------------------------------------

    async def _all(self, bench: Bench) -> None:
        selection = self.selection
        known = [*selection.current, *selection.recorded]
        search = Solver(
            bench,
            [*selection.known, *selection.recorded],
            selection.legacy,
            Candidates(self.portal),
            self.recorded,
            self.fuzzer,
        )
        search.room = self._room
        told = self.recorder.loan if self.recorder is not None else untold
        self._borrower = Borrower(bench, self.gate, search, told, self._unrestored)
        await survey(bench, self.gate, [o for o in selection.known if o.id.safe])
        order = {"POST": 0, "PUT": 1, "PATCH": 2, "DELETE": 4}
        writers = sorted(
            (o for o in known if not o.id.safe), key=lambda o: order.get(o.id.method, 3)
        )
        readers = [o for o in known if o.id.safe]
        for operation in writers:
            await self._operation(bench, search, operation)
        # Reading changes nothing, so readers may run side by side without changing a verdict.
        gate = asyncio.Semaphore(max(1, self.settings.concurrency))

        async def gated(operation: Operation) -> None:
            async with gate:
                await self._operation(bench, search, operation)

        for operation in readers:
            await self._searched(search, operation)
        await _together([gated(o) for o in readers])
        for operation in list(self._slow.values()):
            await self._operation(bench, search, operation)
        for operation in [o for o in known if search.again(o)]:
            self._unfound = [o for o in self._unfound if o.id != operation.id]
            self._shares.operations += 1
            await self._operation(bench, search, operation)
        await self._without_witness(bench, search)
        for operation in selection.dropped:
            await self._dropped(search, operation)

    async def _room(self) -> bool:
        """Remove what earlier tries for the present purpose have made; whether there was any."""
        before = len(self.gate.ledger.alive())
        await self._tidier.tidy(made_for())
        return len(self.gate.ledger.alive()) < before

    async def _searched(self, search: Solver, operation: Operation) -> None:
        """Find a reading operation's request in the order of the documents; what runs side by
        side afterwards then doesn't change what is found."""
        with (
            self.journal.tally(operation.id).counting(),
            making_for(str(operation.id)),
            suppress(ShareExhausted),
            for_search(self._shares.peek()).holding(),
        ):
            await search.find(operation)

    async def _operation(self, bench: Bench, search: Solver, operation: Operation) -> None:
        """Examine one operation within its share; where its answers are slow, later."""
        share = self._shares.next(postponed=operation.id in self._slow)
        with making_for(str(operation.id)):
            try:
                with share.holding():
                    await self._examined(bench, search, operation, share)
            except ShareExhausted as error:
                self._cut(search, operation, share, error)
            finally:
                loan = self._loans.pop(operation.id, None)
                if loan is not None:
                    await self._give_back(loan)
            self._keep(operation, settled=operation not in self._unfound)
            await self._tidier.tidy(str(operation.id))

    def _cut(
        self, search: Solver, operation: Operation, share: Allowance, error: ShareExhausted
    ) -> None:
        """An operation has used up its share: it is left, or postponed where it was slow."""
        if share.slow and operation.id not in self._slow:
            self._slow[operation.id] = operation
            self._shares.operations += 1
            search.found.pop(operation.id, None)
        examined = any(o.confirmed for o in self.journal.made.get(operation.id, ()))
        status = PARTLY if examined else "no-witness"
        self._outcome(operation, status, error.message, MORE_BUDGET, passing=True)

    async def _examined(
        self, bench: Bench, search: Solver, operation: Operation, share: Allowance
    ) -> None:
        self._tell(bench, operation)
        try:
            held = self.gate.expected(operation)
            if held is not None:
                self._outcome(operation, HELD_BACK, held.reason, held.advice)
                return
            with self.journal.tally(operation.id).counting():
                with for_search(share).holding():
                    found = await self._borrowed(search, operation)
                if await self._is_swallowed(bench, found):
                    self._swallowed.add(operation.id)
                    self._outcome(operation, "no-witness", SWALLOWED, ELSEWHERE)
                    return
                if isinstance(found, NoWitness):
                    self._unfound.append(operation)
                    helped, passing = without_witness(found, self.target.tokens, self.judge)
                    if found.held:
                        self._outcome(operation, HELD_BACK, found.reason)
                    else:
                        self._outcome(operation, "no-witness", found.reason, helped, passing)
                    return
                await self._experiments(bench, search, operation, found, share)
        except ShareExhausted:
            raise
        except BudgetExhausted:
            self._cut_short(operation, "budget used up", MORE_BUDGET)
            raise
        except (TargetError, asyncio.CancelledError):
            self._cut_short(operation, "the run ended here", LATER)
            raise
        except DriftcheckError:
            raise
        except Exception as error:
            # The other operations and what was seen up to now are worth a report.
            if self.settings.debug:
                print_traceback(self.settings.secrets)
            self._failed = self._failed or internal(error, str(operation.id))
            self._cut_short(operation, internal(error))
        finally:
            self._done += 1

    async def _borrowed(self, search: Solver, operation: Operation) -> Witness | NoWitness:
        """The operation's witness; what it changes is borrowed first where it isn't own."""
        if not self._borrower.wanted(operation):
            return await search.find(operation)
        loan = await self._borrower.borrow(operation)
        if isinstance(loan, str):
            return NoWitness(operation.id, loan, held=loan)
        self._loans[operation.id] = loan
        return await search.find(operation)

    def _may_send(self, operation: OperationId) -> bool:
        known = self.gate.operations.get(operation)
        return known is None or self.gate.expected(known) is None

    async def _is_swallowed(self, bench: Bench, found: Witness | NoWitness) -> bool:
        """Whether what an operation answers is what a route that doesn't exist answers."""
        if isinstance(found, Witness):
            return await self._catch_all.swallows(found.account.transport, found.exchange)
        last = found.last
        if last is None or not self.judge.is_strange(last):
            return False
        return await self._catch_all.swallows(bench.first_account().transport, last)

    async def _experiments(
        self,
        bench: Bench,
        search: Solver,
        operation: Operation,
        found: Witness,
        share: Allowance,
    ) -> None:
        lab = Lab(bench, operation, found.recipe, found.account)
        context = Context(
            lab=lab,
            bench=bench,
            documented=operation,
            legacy=self.selection.legacy.get(operation.id, ()),
            candidates=search.candidates,
            search=search,
        )
        self.journal.made[operation.id] = context.made
        self.journal.controls[operation.id] = lab.controls
        left_out = ""

        def spent() -> bool:
            # An experiment that is begun should come to its end.
            return share.used > SOFT * share.requests

        try:
            self.result.witnesses[operation.id] = found
            await lab.learn_level()
            recipe = replace(found.recipe, vary=lab.varied)
            self.result.witnesses[operation.id] = replace(found, recipe=recipe)
            seen = self.journal.seen.setdefault(operation.id, [])
            make_room = partial(self._tidier.make_room, operation.id)
            left_out = await examine(context, seen, spent, self.fuzzer, make_room)
            if not lab.broken and not left_out:
                await examine_variants(context, spent)
        except (LabBroken, WorkflowError) as error:
            lab.broken = lab.broken or error.message
        if lab.doubts.found is not None:
            context.made[:] = [lab.doubts.found]
        if lab.broken:
            kept = any(o.verdict is not Verdict.INCONCLUSIVE for o in context.made)
            self._outcome(operation, PARTLY if kept else "inconclusive", lab.broken, FRESHER)
        elif left_out:
            self._outcome(operation, PARTLY, left_out, MORE_BUDGET, passing=True)
        else:
            self._outcome(operation, EXAMINED)

    async def _without_witness(self, bench: Bench, search: Solver) -> None:
        """Which operations without a witness does the server not have?

        Asked at the end, when it is known what it has and how it refuses.
        """
        for operation in self._unfound:
            failed = search.found.get(operation.id)
            if not isinstance(failed, NoWitness):
                continue
            with self.journal.tally(operation.id).counting():
                seen = await missing.look(bench, operation, failed, search.found)
            if seen is not None:
                self.journal.add(operation.id, seen)
            self._keep(operation)

    async def _dropped(self, search: Solver, operation: Operation) -> None:
        """Does the server still serve what only a legacy document has?"""
        if not self._may_send(operation.id):
            return
        found = await search.find(operation)
        if isinstance(found, Witness):
            evidence = (Evidence("probe", found.exchange, Verdict.ACCEPTED),)
            self.journal.add(
                operation.id,
                Observation(
                    operation.id, Kind.EXIST, Verdict.ACCEPTED, confirmed=True, evidence=evidence
                ),
            )

    # -- the end ---------------------------------------------------------------------------------

    def _gather(self) -> None:
        self.journal.judge_again()
        self.result.observed = self.journal.observed()
        left_over(self.result, self.selection.current)
        failing = self.journal.failing()
        self.result.notes += (failing,) if failing else ()

    def _cut_short(self, operation: Operation, reason: str, helped: str = "") -> None:
        """The outcome of an operation that was being looked at when the run, or its own part of
        it, ended."""
        found = operation.id in self.result.witnesses
        self._outcome(operation, PARTLY if found else "inconclusive", reason, helped, passing=True)

    def _outcome(
        self,
        operation: Operation,
        status: str,
        reason: str = "",
        helped: str = "",
        passing: bool = False,
    ) -> None:
        requests = self.journal.tally(operation.id).requests
        self.result.outcomes[operation.id] = OperationOutcome(
            operation.id, status, reason, requests, helped, passing
        )

    def _keep(self, operation: Operation, *, settled: bool = True) -> None:
        """What is known of an operation by now goes to disk."""
        outcome = self.result.outcomes.get(operation.id)
        if self.recorder is not None and outcome is not None:
            self.recorder.operation(outcome, settled=settled)

    def _tell(self, bench: Bench, operation: Operation) -> None:
        total = len(self.selection.current) + len(self.selection.recorded)
        self.progress(
            ProgressEvent(
                "experiments",
                str(operation.id),
                self._done,
                total,
                bench.wire.sent,
                self.journal.confirmed,
            )
        )


async def _together(tasks: Sequence[Any]) -> None:
    """All tasks; the first failure cancels the rest and is raised."""
    running = [asyncio.ensure_future(t) for t in tasks]
    try:
        await asyncio.gather(*running)
    except BaseException:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        raise
