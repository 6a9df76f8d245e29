"""The live part of a run: witnesses, experiments, observations, for one target."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Call, Exchange, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, ObservedContract, OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.progress import Progress, ProgressEvent
from checker.domain.workflow import Record
from checker.errors import BudgetExhausted, DriftcheckError, TargetError, WorkflowError
from checker.experiments.base import Context
from checker.pipeline import missing
from checker.pipeline.catch_all import CatchAll
from checker.pipeline.cleanup import CleanUp, reserve
from checker.pipeline.diagnosis import (
    Diagnosis,
    diagnose,
    internal,
    nowhere,
    useless,
    without_token,
)
from checker.pipeline.examination import FuzzSource, examine
from checker.pipeline.gating import gate_for
from checker.pipeline.interruption import Ending
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.passing import may_pass
from checker.pipeline.recorder import Recorder
from checker.pipeline.redaction import Masking
from checker.pipeline.selection import Selection
from checker.pipeline.variants import examine_variants
from checker.planning.candidates import Candidates
from checker.planning.credentials import with_invalid
from checker.probing import base_paths
from checker.probing.bench import Bench, LabBroken
from checker.probing.http import Wire
from checker.probing.lab import Lab
from checker.probing.oracle import Oracle
from checker.probing.trial import NoWitness, Witness
from checker.probing.webhook import WebhookListener
from checker.probing.witness import Search
from checker.safety.ownership import making_for
from checker.settings import Settings, Target

SHARE = 5
"""An operation may take this many times its even share of what is left of the budget."""
MIN_SHARE = 150
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
        self.journal = Journal(selection)
        self._unfound: list[Operation] = []
        self._done = 0
        self._catch_all = CatchAll()
        self._swallowed: set[OperationId] = set()
        self._failed = ""
        self.recorder = recorder
        self.ending = ending or Ending()

    async def run(self) -> LiveResult:
        """Search witnesses and experiment on every selected operation."""
        settings = self.settings
        wire = Wire(
            self.target,
            self.gate,
            max_requests=settings.max_requests,
            rate=settings.rate,
            timeout=settings.timeout,
            max_retry_wait=settings.max_retry_wait,
            concurrency=settings.concurrency,
            reserve=reserve(settings),
        )
        wire.observers.append(self.journal.observe)
        wire.observers.append(lambda exchange: self.gate.note(exchange, _accepted(exchange)))
        self._record(wire)
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
                    accepted=_accepted,
                    may_send=self._may_send,
                )
                self._tidier = CleanUp(bench, self.gate)
                try:
                    await self._tidier.earlier()
                    await self._all(bench)
                finally:
                    await self._clean_up()
        except BudgetExhausted as error:
            self._end(error, "partial")
        except DriftcheckError as error:
            self._end(error, "failed")
        except asyncio.CancelledError:
            self._interrupted()
        except Exception as error:
            self._broken(error)
        if self.ending.asked:
            self._interrupted()
        self.result.requests = wire.sent
        self.result.secrets = frozenset(wire.secrets)
        try:
            self._gather()
            self._diagnose()
        except Exception as error:
            self._broken(error)
        return self.result

    def _record(self, wire: Wire) -> None:
        """From the first request on, what is done is on disk; own things of an earlier run are
        taken over."""
        ending, recorder, ledger = self.ending, self.recorder, self.gate.ledger
        if recorder is not None:
            recorder.mask = Masking(lambda: wire.secrets)
            ledger.changed = recorder.thing
            wire.observers.append(recorder.exchange)
            for thing in recorder.earlier:
                ledger.adopt(thing)

        def sending(number: int, request: Request) -> None:
            ending.sending(number, request)
            if recorder is not None:
                recorder.sending(number, request)

        self.gate.sending = sending
        wire.observers.append(ending.answered)

    async def _clean_up(self) -> None:
        try:
            async with asyncio.timeout(None) as limit:
                with self.ending.cleaning(limit):
                    self.result.cleanup = await self._tidier.finish()
        except TimeoutError:
            self.result.cleanup = self._tidier.left("the time for the clean-up was over")
        except asyncio.CancelledError:
            self.result.cleanup = self._tidier.left("a second signal ended the clean-up")
            raise

    def _interrupted(self) -> None:
        self.result.error = "Interrupted."
        self.result.exit_status, self.result.status = 130, "interrupted"

    def _broken(self, error: Exception) -> None:
        """An error of the checker itself: what was seen up to now is worth a report."""
        if self.settings.debug:
            traceback.print_exc()
        self.result.error = self.result.error or internal(error)
        self.result.exit_status, self.result.status = 3, "partial"

    def so_far(self, operation: OperationId) -> ObservedContract | None:
        """What would be said of an operation if the run ended now; None for nothing."""
        seen, tokens = self.journal.seen, self.result.token_types
        found = diagnose(seen, tokens)
        if not found.error:
            found = nowhere(seen, tokens, self.target.base_url or "")
        contract = self.journal.observed().get(operation)
        if contract is None or operation in found.operations or operation in self._swallowed:
            return None
        for token in useless(seen, tokens):
            contract = without_token(contract, token)
        return contract

    def _diagnose(self) -> None:
        """What the run as a whole says about the target; what it doubts is taken back."""
        result = self.result
        doubted = set(self._swallowed)
        found = diagnose(self.journal.seen, result.token_types)
        if not found.error:
            found = nowhere(self.journal.seen, result.token_types, self.target.base_url or "")
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
        tried = [o for o in result.outcomes.values() if o.status != "skipped"]
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

    def _end(self, error: DriftcheckError, status: str) -> None:
        self.result.error = str(error)
        probed = any(o.status == "probed" for o in self.result.outcomes.values())
        self.result.exit_status = 0 if isinstance(error, BudgetExhausted) and probed else 3
        self.result.status = status if probed or status == "partial" else "failed"

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
        search = Search(
            bench,
            [*selection.known, *selection.recorded],
            selection.legacy,
            Candidates(self.portal),
            self.recorded,
            self.fuzzer,
        )
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
            with self.journal.tally(operation.id).counting(), making_for(str(operation.id)):
                await search.find(operation)
        await _together([gated(o) for o in readers])
        await self._without_witness(bench, search)
        for operation in selection.dropped:
            await self._dropped(search, operation)

    async def _operation(self, bench: Bench, search: Search, operation: Operation) -> None:
        with making_for(str(operation.id)):
            await self._examined(bench, search, operation)
            self._keep(operation, settled=operation not in self._unfound)
            await self._tidier.tidy(str(operation.id))

    async def _examined(self, bench: Bench, search: Search, operation: Operation) -> None:
        self._tell(bench, operation)
        try:
            held = self.gate.expected(operation)
            if held is not None:
                self._outcome(operation, "skipped", str(held))
                return
            with self.journal.tally(operation.id).counting():
                found = await search.find(operation)
                if isinstance(found, NoWitness):
                    self._unfound.append(operation)
                    status = "skipped" if found.held else "no-witness"
                    self._outcome(operation, status, found.reason, passing=may_pass(found))
                    return
                if await self._catch_all.swallows(found.account.transport, found.exchange):
                    self._swallowed.add(operation.id)
                    self._outcome(operation, "no-witness", SWALLOWED)
                    return
                await self._experiments(bench, search, operation, found)
        except BudgetExhausted:
            self._outcome(operation, "partial", "budget used up", passing=True)
            raise
        except (TargetError, asyncio.CancelledError):
            self._outcome(operation, "partial", "the run ended here", passing=True)
            raise
        except DriftcheckError:
            raise
        except Exception as error:
            # The other operations and what was seen up to now are worth a report.
            if self.settings.debug:
                traceback.print_exc()
            self._failed = self._failed or internal(error, str(operation.id))
            self._outcome(operation, "partial", internal(error))
        finally:
            self._done += 1

    def _may_send(self, operation: OperationId) -> bool:
        known = self.gate.operations.get(operation)
        return known is None or self.gate.expected(known) is None

    def _share(self, bench: Bench) -> int:
        """How many requests one operation may take, so that the last ones get some, too."""
        left = len(self.selection.current) + len(self.selection.recorded) - self._done
        return max(MIN_SHARE, SHARE * (bench.wire.max_requests - bench.wire.sent) // max(1, left))

    async def _experiments(
        self, bench: Bench, search: Search, operation: Operation, found: Witness
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
        tally, share = self.journal.tally(operation.id), self._share(bench)
        left_out = ""
        try:
            self.result.witnesses[operation.id] = found
            await lab.learn_level()
            recipe = replace(found.recipe, vary=lab.varied)
            self.result.witnesses[operation.id] = replace(found, recipe=recipe)
            seen = self.journal.seen.setdefault(operation.id, [])
            left_out = await examine(context, seen, lambda: tally.requests > share, self.fuzzer)
            if not lab.broken and not left_out:
                await examine_variants(context, lambda: tally.requests > share)
        except (LabBroken, WorkflowError) as error:
            lab.broken = lab.broken or error.message
        if lab.broken:
            kept = any(o.verdict is not Verdict.INCONCLUSIVE for o in context.made)
            self._outcome(operation, "partial" if kept else "inconclusive", lab.broken)
        else:
            self._outcome(operation, "partial" if left_out else "probed", left_out)

    async def _without_witness(self, bench: Bench, search: Search) -> None:
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

    async def _dropped(self, search: Search, operation: Operation) -> None:
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
        self.result.observed = self.journal.observed()
        for operation in self.selection.current:
            self.result.outcomes.setdefault(
                operation.id,
                OperationOutcome(
                    operation.id, "skipped", self.result.error or "not reached", passing=True
                ),
            )

    def _outcome(
        self, operation: Operation, status: str, reason: str = "", *, passing: bool = False
    ) -> None:
        self.result.outcomes[operation.id] = OperationOutcome(
            operation.id, status, reason, self.journal.tally(operation.id).requests, passing
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


def _accepted(exchange: Exchange) -> bool:
    return Oracle().judge_exchange(exchange)[0] is Verdict.ACCEPTED
