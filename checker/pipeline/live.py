"""The live part of a run: witnesses, experiments, observations, for one target."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from checker.domain.exchange import Call, Exchange, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.progress import Progress, ProgressEvent
from checker.domain.workflow import Record
from checker.errors import BudgetExhausted, DriftcheckError, TargetError, WorkflowError
from checker.experiments.base import Context
from checker.pipeline import missing
from checker.pipeline.catch_all import CatchAll
from checker.pipeline.cleanup import clean_up
from checker.pipeline.diagnosis import (
    Diagnosis,
    diagnose,
    internal,
    nowhere,
    useless,
    without_token,
)
from checker.pipeline.examination import FuzzSource, examine
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.safety import allowed
from checker.pipeline.selection import Selection
from checker.pipeline.variants import examine_variants
from checker.planning.candidates import Candidates
from checker.planning.credentials import with_invalid
from checker.probing import base_paths
from checker.probing.bench import Bench, LabBroken
from checker.probing.http import Wire
from checker.probing.lab import Lab
from checker.probing.learning import share
from checker.probing.oracle import Oracle
from checker.probing.trial import NoWitness, Witness
from checker.probing.webhook import WebhookListener
from checker.probing.witness import Search
from checker.redaction import print_traceback
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
    ) -> None:
        self.settings = settings
        self.target = replace(target, tokens=with_invalid(target.tokens))
        self.portal = portal
        self.selection = selection
        self.setup = setup
        self.recorded = recorded
        self.progress = progress
        self.fuzzer = fuzzer
        self._allowed = partial(allowed, settings, target)
        self.result = LiveResult(token_types=tuple(target.tokens))
        self.journal = Journal(selection)
        self._unfound: list[Operation] = []
        self._done = 0
        self._catch_all = CatchAll()
        self._swallowed: set[OperationId] = set()
        self._failed = ""

    async def run(self) -> LiveResult:
        """Search witnesses and experiment on every selected operation."""
        settings = self.settings
        wire = Wire(
            self.target,
            max_requests=settings.max_requests,
            rate=settings.rate,
            timeout=settings.timeout,
            concurrency=settings.concurrency,
            read_only=settings.read_only,
        )
        share(wire, settings.secrets)
        wire.observers.append(self.journal.observe)
        try:
            async with wire, WebhookListener(public_url=self.target.webhook_url) as listener:
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
                    may_send=self._allowed,
                )
                try:
                    await self._all(bench)
                finally:
                    await self._clean_up(bench)
        except BudgetExhausted as error:
            self._end(error, "partial")
        except DriftcheckError as error:
            self._end(error, "failed")
        except asyncio.CancelledError:
            self.result.error = "Interrupted."
            self.result.exit_status, self.result.status = 130, "interrupted"
        self.result.requests = wire.sent
        self._gather()
        self._diagnose()
        return self.result

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
            with self.journal.tally(operation.id).counting():
                await search.find(operation)
        await _together([gated(o) for o in readers])
        await self._without_witness(bench, search)
        for operation in selection.dropped:
            await self._dropped(search, operation)

    async def _operation(self, bench: Bench, search: Search, operation: Operation) -> None:
        self._tell(bench, operation)
        try:
            if not self._allowed(operation.id):
                why = "--read-only" if self.settings.read_only else "needs --allow-destructive"
                self._outcome(operation, "skipped", why)
                return
            with self.journal.tally(operation.id).counting():
                found = await search.find(operation)
                if isinstance(found, NoWitness):
                    self._unfound.append(operation)
                    self._outcome(operation, "no-witness", found.reason)
                    return
                if await self._catch_all.swallows(found.account.transport, found.exchange):
                    self._swallowed.add(operation.id)
                    self._outcome(operation, "no-witness", SWALLOWED)
                    return
                await self._experiments(bench, search, operation, found)
        except BudgetExhausted:
            self._outcome(operation, "partial", "budget used up")
            raise
        except (TargetError, asyncio.CancelledError):
            self._outcome(operation, "partial", "the run ended here")
            raise
        except DriftcheckError:
            raise
        except Exception as error:
            # The other operations and what was seen up to now are worth a report.
            if self.settings.debug:
                print_traceback(self.settings.secrets)
            self._failed = self._failed or internal(error, str(operation.id))
            self._outcome(operation, "partial", internal(error))
        finally:
            self._done += 1

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

    async def _dropped(self, search: Search, operation: Operation) -> None:
        """Does the server still serve what only a legacy document has?"""
        if not self._allowed(operation.id):
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

    async def _clean_up(self, bench: Bench) -> None:
        try:
            self.result.cleanup = await clean_up(bench, self.journal.seen, self.selection.current)
        except DriftcheckError as error:
            self.result.cleanup = (f"The clean-up ended early: {error.message}",)

    def _gather(self) -> None:
        self.result.observed = self.journal.observed()
        for operation in self.selection.current:
            self.result.outcomes.setdefault(
                operation.id,
                OperationOutcome(operation.id, "skipped", self.result.error or "not reached"),
            )

    def _outcome(self, operation: Operation, status: str, reason: str = "") -> None:
        self.result.outcomes[operation.id] = OperationOutcome(
            operation.id, status, reason, self.journal.tally(operation.id).requests
        )

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
