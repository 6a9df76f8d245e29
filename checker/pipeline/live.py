"""The live part of a run: witnesses, experiments, observations, for one target."""

from __future__ import annotations

import asyncio
import fnmatch
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checker.domain.exchange import Call, Exchange, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import (
    Kind,
    Observation,
    ObservedContract,
    OperationOutcome,
)
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.progress import Progress, ProgressEvent
from checker.domain.workflow import Record
from checker.errors import BudgetExhausted, DriftcheckError, TargetError, WorkflowError
from checker.experiments.base import Context
from checker.experiments.registry import all_experiments
from checker.experiments.tokens import INVALID
from checker.pipeline import missing
from checker.pipeline.catch_all import CatchAll
from checker.pipeline.diagnosis import Diagnosis, diagnose, internal, useless, without_token
from checker.pipeline.selection import Selection
from checker.planning.candidates import Candidates
from checker.planning.recipe import find_operation
from checker.probing import base_paths
from checker.probing.bench import Bench, LabBroken
from checker.probing.fuzz import confirm_server_errors
from checker.probing.http import Tally, Wire
from checker.probing.lab import Lab, Level
from checker.probing.oracle import Oracle
from checker.probing.trial import NoWitness, Witness
from checker.probing.webhook import WebhookListener
from checker.probing.witness import Search
from checker.settings import Settings, Target, Token

SHARE = 5
MIN_SHARE = 150
"""An operation may take this many times its even share of what is left of the budget."""


SWALLOWED = "the server gives the same answer to a route that doesn't exist"


_FLEETING = (401, 403, 408, 429)


@dataclass(slots=True)
class LiveResult:
    """What a target's run observed. `error` is why it ended early, empty where it didn't."""

    observed: dict[OperationId, ObservedContract] = field(default_factory=dict)
    outcomes: dict[OperationId, OperationOutcome] = field(default_factory=dict)
    requests: int = 0
    error: str = ""
    exit_status: int = 0
    status: str = "complete"
    secrets: frozenset[str] = frozenset()
    cleanup: tuple[str, ...] = ()
    token_types: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    witnesses: dict[OperationId, Witness] = field(default_factory=dict)


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
        fuzzer: Any = None,
    ) -> None:
        self.settings = settings
        self.target = replace(target, tokens=_with_invalid(target.tokens))
        self.portal = portal
        self.selection = selection
        self.setup = setup
        self.recorded = recorded
        self.progress = progress
        self.fuzzer = fuzzer
        self.result = LiveResult(token_types=tuple(target.tokens))
        checked = (*selection.current, *selection.dropped, *selection.recorded)
        self._ids = tuple(dict.fromkeys(o.id for o in checked))
        self._seen: dict[OperationId, list[tuple[Exchange, Verdict]]] = {}
        self._made: dict[OperationId, list[Observation]] = {}
        self._tallies: dict[OperationId, Tally] = {}
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
        wire.observers.append(self._observe)
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
                    may_send=self.allowed,
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
        self.result.secrets = frozenset(wire.secrets)
        self._gather()
        self._diagnose()
        return self.result

    def _diagnose(self) -> None:
        """What the run as a whole says about the target; what it doubts is taken back."""
        result = self.result
        doubted = set(self._swallowed)
        found = diagnose(self._seen, result.token_types)
        if found.error:
            doubted |= found.operations
        else:
            for token, number in useless(self._seen, result.token_types).items():
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

    def _observe(self, exchange: Exchange) -> None:
        operation = exchange.request.operation
        if operation is None:
            method, path = exchange.request.method, exchange.request.url_path
            operation = find_operation(method, path, self._ids)
        if operation is not None and operation in self._ids:
            verdict, _ = Oracle().judge(exchange.outcome)
            self._seen.setdefault(operation, []).append((exchange, verdict))

    def allowed(self, operation: OperationId) -> bool:
        if self.settings.read_only and not operation.safe:
            return False
        marked = operation.method == "DELETE" or any(
            fnmatch.fnmatchcase(str(operation), g) for g in self.target.destructive
        )
        return self.settings.allow_destructive or not marked

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
            with self._tally(operation).counting():
                await search.find(operation)
        await _together([gated(o) for o in readers])
        await self._without_witness(bench, search)
        for operation in selection.dropped:
            await self._dropped(search, operation)

    def _tally(self, operation: Operation) -> Tally:
        return self._tallies.setdefault(operation.id, Tally())

    async def _operation(self, bench: Bench, search: Search, operation: Operation) -> None:
        self._tell(bench, operation)
        try:
            if not self.allowed(operation.id):
                why = "--read-only" if self.settings.read_only else "needs --allow-destructive"
                self._outcome(operation, "skipped", why)
                return
            with self._tally(operation).counting():
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
                traceback.print_exc()
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
        made = self._made.setdefault(operation.id, context.made)
        tally, share = self._tally(operation), self._share(bench)
        missed = ""
        try:
            self.result.witnesses[operation.id] = found
            await lab.learn_level()
            recipe = replace(found.recipe, vary=lab.varied)
            self.result.witnesses[operation.id] = replace(found, recipe=recipe)
            await self._learn_oracle(lab)
            for experiment in all_experiments():
                if lab.broken:
                    break
                if experiment.writes_only and operation.id.safe:
                    continue
                if tally.requests > share:
                    missed = f"its share of the budget is used up, from experiment {experiment.id}"
                    break
                made.extend(await experiment.run(context))
            if self.fuzzer is not None and not lab.broken and not missed:
                made.extend(await self.fuzzer.fuzz(lab))
            if not lab.broken:
                made[:] = await confirm_server_errors(lab, made)
                await self._second_look(lab)
        except (LabBroken, WorkflowError) as error:
            lab.broken = lab.broken or error.message
        if lab.broken:
            kept = any(o.verdict is not Verdict.INCONCLUSIVE for o in made)
            self._outcome(operation, "partial" if kept else "inconclusive", lab.broken)
        else:
            self._outcome(operation, "partial" if missed else "probed", missed)

    async def _second_look(self, lab: Lab) -> None:
        """A refusal with an undocumented status that came once: does it come again?"""
        documented = {r.status.upper() for r in lab.documented.responses}
        once: dict[int, list[Exchange]] = {}
        for exchange, _ in self._seen.get(lab.documented.id, ()):
            if exchange.response is not None:
                once.setdefault(exchange.response.status, []).append(exchange)
        for status, exchanges in sorted(once.items()):
            known = {str(status), f"{status // 100}XX", "DEFAULT"} & documented
            if status // 100 != 4 or status in _FLEETING or known:
                continue
            if len(exchanges) == 1:
                await lab.account.transport.send(exchanges[0].request)

    @staticmethod
    async def _learn_oracle(lab: Lab) -> None:
        """A certainly bad request teaches how this operation refuses, where it says 2xx."""
        if lab.last_control is None or lab.last_control.exchange.response is None:
            return
        if lab.documented.id.safe or not isinstance(lab.recipe.call.body, dict):
            return
        call = await lab.fresh(Level.SAME)
        exchange, _, _ = await lab.send(replace(call, body={"zq_unknown_field": ["?"]}))
        # What comes back with the answer was stored: the request wasn't bad after all.
        if exchange.response is not None and "zq_unknown_field" not in exchange.response.text:
            lab.oracle.learn(lab.last_control.exchange.response, exchange.response)

    async def _without_witness(self, bench: Bench, search: Search) -> None:
        """Which operations without a witness does the server not have?

        Asked at the end, when it is known what it has and how it refuses.
        """
        for operation in self._unfound:
            failed = search.found.get(operation.id)
            if not isinstance(failed, NoWitness):
                continue
            with self._tally(operation).counting():
                seen = await missing.look(bench, operation, failed, search.found)
            if seen is not None:
                self._made.setdefault(operation.id, []).append(seen)

    async def _dropped(self, search: Search, operation: Operation) -> None:
        """Does the server still serve what only a legacy document has?"""
        if not self.allowed(operation.id):
            return
        found = await search.find(operation)
        if isinstance(found, Witness):
            evidence = (Evidence("probe", found.exchange, Verdict.ACCEPTED),)
            self._made.setdefault(operation.id, []).append(
                Observation(
                    operation.id, Kind.EXIST, Verdict.ACCEPTED, confirmed=True, evidence=evidence
                )
            )

    # -- the end ---------------------------------------------------------------------------------

    async def _clean_up(self, bench: Bench) -> None:
        from checker.pipeline.cleanup import clean_up

        try:
            self.result.cleanup = await clean_up(bench, self._seen, self.selection.current)
        except DriftcheckError as error:
            self.result.cleanup = (f"The clean-up ended early: {error.message}",)

    def _gather(self) -> None:
        for operation in (
            *self.selection.current,
            *self.selection.recorded,
            *self.selection.dropped,
        ):
            made = self._made.get(operation.id, [])
            seen = self._seen.get(operation.id, [])
            if made or seen:
                self.result.observed[operation.id] = ObservedContract(
                    operation.id, tuple(made), tuple(seen)
                )
        for operation in self.selection.current:
            self.result.outcomes.setdefault(
                operation.id,
                OperationOutcome(operation.id, "skipped", self.result.error or "not reached"),
            )

    def _outcome(self, operation: Operation, status: str, reason: str = "") -> None:
        self.result.outcomes[operation.id] = OperationOutcome(
            operation.id, status, reason, self._tally(operation).requests
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
                sum(o.confirmed for made in self._made.values() for o in made),
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
    return Oracle().judge(exchange.outcome)[0] is Verdict.ACCEPTED


def _with_invalid(tokens: Mapping[str, Token]) -> dict[str, Token]:
    """The tokens and, beside them, one of the first one's shape with a nonsense value."""
    out = dict(tokens)
    first = next(iter(tokens.values()), None)
    if first is not None:
        out[INVALID] = replace(first, type=INVALID, value="driftcheck-invalid-credential")
    return out
