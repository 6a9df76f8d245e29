"""The live part of a run: witnesses, experiments, observations, for one target."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from checker.domain.exchange import Call, Exchange, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation
from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.domain.progress import Progress
from checker.domain.workflow import Record
from checker.errors import DriftcheckError
from checker.pipeline.bookkeeping import Book
from checker.pipeline.choosing.choice import chosen_by
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.choosing.shares import Shares, budget_of
from checker.pipeline.doubts import missing
from checker.pipeline.doubts.catch_all import CatchAll
from checker.pipeline.doubts.renewal import Renewal
from checker.pipeline.doubts.watch import OutageWatch
from checker.pipeline.ending import Ending
from checker.pipeline.examination import FuzzSource
from checker.pipeline.gating import gate_for
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.operation_run import Examiner
from checker.pipeline.patching.as_found import found_so_far
from checker.pipeline.redaction import Redaction
from checker.pipeline.removing.borrowing import Borrower, untold
from checker.pipeline.removing.cleanup import CleanUp, reserve
from checker.pipeline.removing.deletions import Deletions
from checker.pipeline.side_by_side import Touched, together, touched
from checker.pipeline.standing import done_before, standing_in
from checker.pipeline.survey import survey
from checker.pipeline.written.keeping import keep
from checker.pipeline.written.recorder import Recorder
from checker.planning.candidates import Candidates
from checker.planning.credentials import with_invalid
from checker.planning.routes import resource_of
from checker.probing import base_paths
from checker.probing.bench import SET_UP, Bench
from checker.probing.http import Wire
from checker.probing.judge import Judge
from checker.probing.learning import share
from checker.probing.trial import NoWitness, Witness
from checker.probing.webhook import WebhookListener
from checker.safety.effects import Effect
from checker.safety.inventory import made_for
from checker.search.solver import Solver
from checker.settings import Settings, Target

HURRIED = "a second signal ended the clean-up"


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
        self.redaction = Redaction(settings.secrets, portal)
        self.selection = selection
        self.choice = chosen_by(settings)
        self.setup = setup
        self.recorded = recorded
        self.fuzzer = fuzzer
        operations = [*portal.operations(legacy=False), *portal.operations(legacy=True)]
        records = [*portal.records, *([setup] if setup is not None else [])]
        self.gate = gate_for(settings, self.target, operations, records)
        self.judge = Judge(
            [*selection.current, *selection.known, *selection.recorded, *selection.dropped]
        )
        self.book = Book(
            settings,
            self.target,
            selection,
            Journal(selection, self.judge),
            LiveResult(token_types=tuple(target.tokens)),
            progress,
            recorder,
        )
        self.recorder = recorder
        self.ending = ending or Ending()
        self._resources = frozenset(resource_of(o.id.path) for o in operations)
        self._unrestored: list[str] = []
        self._busy: set[str] = set()
        """Purposes for which something is examined right now."""

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
        wire.observers.append(self.book.journal.observe)
        wire.observers.append(lambda e: self.gate.note(e, self.judge.accepted(e)))
        wire.observers.append(lambda _: self.book.sent(wire.sent))
        keep(wire, self.gate, self.recorder, self.ending)
        watch = OutageWatch(wire, self.target.tokens, self.target.variables, self.judge)
        wire.watcher = watch.after
        renewal = Renewal(
            wire, self.gate, self.target.tokens, self.target.variables, self._signed_in, watch
        )
        wire.renewal = renewal.after
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
                wire.observers.append(self._reserving())
                try:
                    await bench.sign_in()
                    await self._tidier.earlier()
                    await self._all(bench)
                    await watch.last_look()
                finally:
                    wire.watcher = None
                    await self._clean_up()
        except DriftcheckError as error:
            self.book.end(error)
        except asyncio.CancelledError:
            self.book.interrupted()
        except Exception as error:
            self.book.broken(error)
        if self.ending.asked:
            self.book.interrupted()
        self.book.result.requests = wire.sent
        self.book.result.notes += tuple(renewal.notes)
        try:
            self.book.close(watch.found, watch.retired)
        except Exception as error:
            self.book.broken(error)
        return self.book.result

    def _signed_in(self) -> list[Exchange]:
        """The accepted sign-ins of this run, the oldest first."""
        opening = (
            o.id
            for o in self.gate.operations.values()
            if self.gate.assessor.assess(o).effect is Effect.SIGNS_IN
        )
        return [e for o in opening for e in self.book.journal.accepted_by(o)]

    def _reserving(self) -> Callable[[Exchange], None]:
        """Sees to it that the budget keeps enough for the clean-up of what is made."""
        known = 0

        def note(_: Exchange) -> None:
            nonlocal known
            if len(self.gate.ledger.things) != known:
                known = len(self.gate.ledger.things)
                self._tidier.keep_requests()

        return note

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
            self.book.result.cleanup = (*self._unrestored, *left)

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
            self.book.result.notes += (note + "Operations are called without it.",)

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
        bench.room = self._room
        bench.standing_in = lambda operation, request: standing_in(
            self.gate.ledger, self.book.journal.accepted_by, operation, request
        )
        bench.done_before = lambda refused: done_before(self.book.journal.accepted_by, refused)
        documented = {o.id: o for o in selection.current}
        if "deletions" in self.choice.experiments:
            self._tidier.asker = Deletions(
                bench, self.gate, documented, search.found, self.book.journal.add
            )
        told = self.recorder.loan if self.recorder is not None else untold
        examiner = Examiner(
            bench,
            self.gate,
            self.book,
            search,
            self._shares,
            Borrower(bench, self.gate, search, told, self._unrestored),
            self._tidier,
            CatchAll(self.judge),
            self.ending,
            selection.legacy,
            lambda o: found_so_far(self.book, self.portal, o),
            self.choice,
            self.fuzzer,
            self._busy,
        )
        await survey(bench, self.gate, [o for o in selection.known if o.id.safe])
        order = {"POST": 0, "PUT": 1, "PATCH": 2, "DELETE": 4}
        writers = sorted(
            (o for o in known if not o.id.safe), key=lambda o: order.get(o.id.method, 3)
        )
        readers = [o for o in known if o.id.safe]
        await self._search(examiner, [*writers, *readers])
        for group in (writers, readers):
            plan = [(o, self._touched(o, search)) for o in group if o.id not in examiner.slow]
            await together(plan, examiner.operation, self.settings.concurrency)
        for operation in list(examiner.slow.values()):
            await examiner.operation(operation)
        await self._without_witness(bench, search)
        for operation in selection.dropped if "dropped" in self.choice.experiments else ():
            await self._dropped(search, operation)

    def _touched(self, operation: Operation, search: Solver) -> Touched:
        """What the examination of an operation touches, as far as it is known now."""
        found = search.found.get(operation.id)
        if isinstance(found, NoWitness):
            return Touched()  # there is nothing to be asked with it
        effect = self.gate.assessor.assess(operation).effect
        recipe = None if found is None else found.recipe
        return touched(operation, effect, recipe, self._resources)

    async def _search(self, examiner: Examiner, operations: Sequence[Operation]) -> None:
        """A working request for as many operations as may be before anything is asked with any:
        what ends a run early (a limit, a page in the API's place) then leaves answers of all of
        them to compare. What has failed is searched again when the others are known."""
        for operation in operations:
            await examiner.searched(operation)
        for operation in operations:
            if examiner.search.again(operation):
                await examiner.searched(operation)

    async def _room(self, spare: bool) -> bool:
        """Remove what earlier tries for the present purpose have made, but for what may be in use;
        then what was made for others that nobody is at; then the rest; whether there was any.
        `spare`: the last one of each collection stays."""
        if await self._tidier.free(made_for()):
            return True
        busy = {made_for(), SET_UP, *self._busy}
        idle = sorted({t.purpose for t in self.gate.ledger.things if not t.gone} - busy)
        for purposes in (idle, [made_for()]):
            before = len(self.gate.ledger.alive())
            for purpose in purposes:
                await self._tidier.tidy(purpose, spare=spare)
            if len(self.gate.ledger.alive()) < before:
                return True
        return False

    async def _without_witness(self, bench: Bench, search: Solver) -> None:
        """Which operations without a witness does the server not have?

        Asked at the end, when it is known what it has and how it refuses.
        """
        stock = missing.Stock(bench, search.found, search.binding.makers.step)
        for operation in self.book.unfound:
            failed = search.found.get(operation.id)
            if not isinstance(failed, NoWitness):
                continue
            if "missing" in self.choice.experiments:
                with self.book.journal.tally(operation.id).counting():
                    seen = await missing.look(bench, operation, failed, stock)
                if seen is not None:
                    self.book.journal.add(operation.id, seen)
            self.book.keep(operation)

    def _may_send(self, operation: OperationId) -> bool:
        known = self.gate.operations.get(operation)
        return known is None or self.gate.expected(known) is None

    async def _dropped(self, search: Solver, operation: Operation) -> None:
        """Does the server still serve what only a legacy document has?"""
        if not self._may_send(operation.id):
            return
        found = await search.find(operation)
        if isinstance(found, Witness):
            evidence = (Evidence("probe", found.exchange, Verdict.ACCEPTED),)
            self.book.journal.add(
                operation.id,
                Observation(
                    operation.id, Kind.EXIST, Verdict.ACCEPTED, confirmed=True, evidence=evidence
                ),
            )
