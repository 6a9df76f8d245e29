"""The lab of one operation: fresh witnesses, interleaved controls, confirmation.

Every probe is a fresh witness with one change. A rejected probe counts only when a control
after it is accepted; when the control fails, everything since the last good one is void, the
ground is mended (values varied, prerequisites run again, a new account) and the probes are
repeated. How often a probe is repeated goes by how often controls fail; where the same request
is answered in two ways by turns, the operation is given up with the proof of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from checker.domain.exchange import Call, Exchange, Failure, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Observation, Rejection
from checker.domain.operation import FieldKey, Operation
from checker.domain.workflow import Step
from checker.inference.sequential import MOST, Decision, repetitions
from checker.planning.edits import Edit, unchanged
from checker.planning.encoding import build_request
from checker.planning.recipe import Recipe
from checker.planning.routes import CREATE, act_of
from checker.probing.adopting import adopt
from checker.probing.asks import Ask, Unasked, observation_of, says_nothing
from checker.probing.bench import Account, Bench, LabBroken
from checker.probing.confirmation import Claim, probes
from checker.probing.controls import Controls
from checker.probing.freshness import wider
from checker.probing.levels import Learner
from checker.probing.oracle import message_of
from checker.probing.populations import Doubts
from checker.probing.supply import Level, Supply

CHUNK = 8
ROUNDS = 4
MOST_ROOM = 3
TRANSPORT_RETRIES = 5
TWO_WAYS = "the same request is answered in two ways by turns"
_NETWORK = (Rejection.RATE, Rejection.TRANSPORT)
_TAKEN = (Rejection.VALIDATION, Rejection.CONFLICT)


class Lab:
    """Asks the probes of one operation, with controls and confirmation.

    `documented` is the operation as documented (possibly by a record only).
    """

    def __init__(
        self, bench: Bench, documented: Operation, recipe: Recipe, account: Account
    ) -> None:
        self.bench = bench
        self.documented = documented
        bench.judge.add(documented)
        self.level_reason: Evidence | None = None
        self.last_control: Evidence | None = None
        self.answers: list[tuple[Exchange, Verdict]] = []
        self.extra: dict[FieldKey, Any] = {}
        """Accepted values of documented fields that the witness lacks."""
        self.crashes: list[Observation] = []
        """What was answered 5xx, whoever asked and whatever else became of it."""
        self.broken = ""
        self.held = ""
        """Why no more may be sent for safety, where that is what broke it."""
        self.controls = Controls(bench.controls)
        self.doubts = Doubts(documented.id, self.send, self.fresh)
        self._place = 0
        self._places: dict[int, int] = {}
        """The places of exchanges among the lab's own, by their numbers."""
        self._supply = Supply(bench, documented, recipe, account)
        self._chosen: frozenset[FieldKey] = frozenset()
        """Those of the varied fields that need not change."""

    # -- the witness -----------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        return self._supply.recipe

    @property
    def account(self) -> Account:
        return self._supply.account

    @property
    def level(self) -> Level:
        """The freshness that each request needs, as far as that is learned."""
        return self._supply.level

    @property
    def varied(self) -> tuple[FieldKey, ...]:
        """Literal values that each request has to change, as far as that is learned."""
        needed = [k for k in self._supply.vary if k not in self._chosen]
        return tuple(needed) if self.level >= Level.VARY else ()

    async def fresh(self, level: Level | None = None) -> Call:
        """See `Supply.fresh`."""
        return await self._supply.fresh(level)

    def with_turn(self, call: Call) -> Call:
        """See `Supply.varied`."""
        return self._supply.varied(call)

    async def adopt(self, key: FieldKey, value: Any) -> bool:
        """Make an accepted field a part of the witness from now on; False where the request can't
        be repeated with it. See `adopting`."""
        adopted = await adopt(self._supply, self.sent, key, value)
        if adopted.is_part:
            self.level_reason = self.level_reason or adopted.refused
        return adopted.is_part

    def widened(
        self,
        values: Mapping[FieldKey, Any],
        varied: Mapping[FieldKey, bool],
        steps: tuple[Step, ...] | None = None,
        without: Sequence[FieldKey] = (),
    ) -> AbstractContextManager[None]:
        """See `Supply.widened`."""
        return self._supply.widened(values, varied, steps, without)

    async def send(self, call: Call) -> Judged:
        """Send a call; what was answered, with the target's judge's verdict."""
        return await self.send_request(build_request(call, self.documented))

    async def send_request(self, request: Request) -> Judged:
        """As `send`, of a request as it goes on the wire."""
        judged = self.bench.judge.judged(await self.account.transport.send(request))
        self.answers.append((judged.exchange, judged.verdict))
        return judged

    # -- controls --------------------------------------------------------------------------

    async def control(self, least: Level = Level.SAME) -> bool:
        """A control, at freshness `least` or more; True where it was accepted without mending.

        False: the ground had moved and was mended (what came before is void). Raises LabBroken
        where it can't be mended.
        """
        last, missed = "", None
        usual = max(self.level, least)
        stages = (
            usual,
            usual,
            *(lv for lv in Level if lv > usual and lv is not Level.ACCOUNT),
            Level.ACCOUNT,
            Level.ACCOUNT,
        )
        for number, stage in enumerate(stages):
            try:
                if number and stage is usual:
                    await asyncio.sleep(0.02)
                if stage is Level.ACCOUNT and self.bench.setup is None:
                    self._supply.run_again()
                    stage = Level.REDO
                _, exchange, verdict, rejection = await self.sent(level=stage)
            except LabBroken as error:
                last = error.message
                continue
            if verdict is Verdict.ACCEPTED:
                self.last_control = Evidence("control", exchange, verdict)
                if number and usual < stage < Level.ACCOUNT:
                    self._supply.level = stage
                if number == 1 and missed is not None:
                    self.controls.missed(missed[1])
                    await self._doubt(*missed)
                return number == 0
            if exchange.held:
                self.broken = self.held = exchange.held
                raise LabBroken(self.broken)
            last = f"{_status(exchange)} {message_of(exchange.outcome, 200)}"
            if number == 0 and await self._roomier(rejection):
                continue
            missed = (exchange, rejection)
            if rejection in _NETWORK:
                await asyncio.sleep(0.1)
        if missed is not None and missed[1] in _TAKEN and await self._varied_wider():
            return False
        self.broken = f"the unchanged request is no longer accepted: {last}"
        raise LabBroken(self.broken)

    async def _varied_wider(self) -> bool:
        """Whether it is accepted of new things once none of its texts is one of before; they
        change with each request from then on."""
        supply = self._supply
        vary, level = supply.vary, supply.level
        for each in wider(vary, supply.recipe.call, self.documented):
            supply.vary, supply.level = each, max(level, Level.VARY)
            try:
                _, exchange, verdict, _ = await self.sent(level=Level.REDO)
            except LabBroken:
                break
            if verdict is Verdict.ACCEPTED:
                self.last_control = Evidence("control", exchange, verdict)
                return True
        supply.vary, supply.level = vary, level
        return False

    async def _roomier(self, rejection: Rejection | None) -> bool:
        """Whether room was made for one more thing: a creation that was accepted before may be
        refused since there are as many as there may be."""
        room = self.bench.room
        if room is None or act_of(self.documented.id) != CREATE or rejection in _NETWORK:
            return False
        if rejection is Rejection.SERVER_ERROR or not await room(False):
            return False
        self._supply.run_again()
        return True

    async def sent(
        self, edit: Edit = unchanged, level: Level | None = None
    ) -> tuple[Call, Exchange, Verdict, Rejection | None]:
        """A fresh witness, edited and sent: the call, its exchange and the verdict on it.

        Where the network fails, another fresh one is sent: the first may have arrived.
        """
        return await self._patiently(lambda: self.fresh(level), edit)

    async def _patiently(
        self, witness: Callable[[], Awaitable[Call]], edit: Edit = unchanged
    ) -> tuple[Call, Exchange, Verdict, Rejection | None]:
        before: list[Rejection | None] = []
        while True:
            call = edit(await witness())
            exchange, verdict, rejection = await self.send(call)
            if isinstance(exchange.outcome, Failure) and exchange.outcome.cause == "created":
                self.broken = self.held = exchange.held
                raise LabBroken(self.broken)
            if not self._may_pass(rejection, len(before)):
                break
            if rejection in _NETWORK:
                await asyncio.sleep(0.02 * 2 ** len(before))
            before.append(rejection)
        if edit is unchanged and verdict is Verdict.ACCEPTED:
            self.controls.passed(*before)
        self._place += 1
        self._places[exchange.number] = self._place
        return call, exchange, verdict, rejection

    def _may_pass(self, rejection: Rejection | None, attempt: int) -> bool:
        """Whether a failure is worth another try: one of the network is, and a 5xx of a server
        that fails now and then."""
        if rejection is Rejection.SERVER_ERROR:
            return self.controls.crashing and attempt + 1 < (self.needed or MOST)
        return rejection in _NETWORK and attempt < TRANSPORT_RETRIES

    @property
    def needed(self) -> int:
        """How many 5xx in a row prove a change here; 0 where too many would be needed."""
        return repetitions(self.controls.crash_rate) or 0

    async def _doubt(
        self, refusal: Exchange, rejection: Rejection | None, edit: Edit = unchanged
    ) -> None:
        """The same request was refused and accepted: does it go on so, by turns?

        Raises LabBroken where it does.
        """
        if await self.doubts.look(refusal, rejection, self.level, edit):
            self.broken = f"{TWO_WAYS}: accepted, and refused with {_status(refusal)}"
            raise LabBroken(self.broken)

    async def learn_level(self) -> None:
        """Find the lowest freshness level at which the witness can be repeated.

        What forced a rise is kept in `level_reason`. Raises LabBroken where none works.
        """
        learner = Learner(self._supply, self.documented, self.sent, self.controls)
        learned = await learner.learn()
        roomier = 0
        while not learned and roomier < MOST_ROOM and await self._roomier(None):
            roomier += 1  # until nothing is left: several more have to be made
        if roomier:
            learner = Learner(self._supply, self.documented, self.sent, self.controls)
            learned = await learner.learn()
        self.last_control, self._chosen = learner.control, learner.chosen
        self.level_reason = learner.reason or self.level_reason
        if not learned:
            self.broken = "an accepted request can't be repeated"
            raise LabBroken(self.broken)

    # -- questions -----------------------------------------------------------------------

    async def ask(self, ask: Ask) -> Observation:
        """One question; see `ask_many`."""
        return (await self.ask_many([ask]))[0]

    async def ask_many(
        self, asks: Sequence[Ask], firsts: Sequence[Observation] = ()
    ) -> list[Observation]:
        """Answers in the order of the questions; inconclusive where the ground kept moving.

        `firsts` are the answers that are to be confirmed, if there are any.
        """
        done: dict[int, Observation] = {}
        pending = list(range(len(asks)))
        for _ in range(ROUNDS):
            if not pending or self.broken:
                break
            for start in range(0, len(pending), CHUNK):
                chunk = pending[start : start + CHUNK]
                ahead = bool(firsts) and self._in_step(firsts[chunk[0]])
                await self._chunk(asks, chunk, done, ahead)
                if self.broken:
                    break
            pending = [n for n in pending if n not in done]
        for number in pending:
            done.setdefault(number, observation_of(asks[number], self.documented))
        return [done[n] for n in range(len(asks))]

    def _in_step(self, first: Observation) -> bool:
        """Whether a refused probe would come at an even distance from where it came before.

        Where each second request gets to another server, it would always meet the same one, and
        the controls always the other.
        """
        last = next((self._places.get(p.exchange.number) for p in reversed(probes(first))), None)
        return first.rejected and last is not None and (self._place + 1 - last) % 2 == 0

    async def _chunk(
        self,
        asks: Sequence[Ask],
        numbers: Sequence[int],
        done: dict[int, Observation],
        ahead: bool = False,
    ) -> None:
        """Ask some questions that share a control: after them, or `ahead` of them (for those
        that had theirs after them the last time)."""
        open_: list[tuple[int, Exchange, Rejection | None]] = []
        least = Level.REDO if any(asks[n].reruns for n in numbers) else Level.SAME
        try:
            if ahead:
                await self.control(least)
            before = self.last_control
            for number in numbers:
                ask = asks[number]
                if says_nothing(ask, self.recipe.call, self.documented):
                    done[number] = observation_of(ask, self.documented)
                    continue
                try:
                    make = partial(self._supply.without, ask) if ask.reruns else self.fresh
                    _, exchange, verdict, rejection = await self._patiently(make, ask.edit)
                except Unasked:
                    done[number] = observation_of(ask, self.documented)
                    continue
                if verdict is Verdict.ACCEPTED:
                    parts = (before, Evidence("probe", exchange, verdict))
                    done[number] = observation_of(ask, self.documented, verdict, None, parts)
                elif verdict is Verdict.REJECTED:
                    open_.append((number, exchange, rejection))
                elif rejection is Rejection.HELD:
                    done[number] = observation_of(ask, self.documented, rejection=rejection)
            if open_ and (ahead or await self.control(least)):
                after = None if ahead else self.last_control
                for number, exchange, rejection in open_:
                    probe = Evidence("probe", exchange, Verdict.REJECTED)
                    done[number] = observation_of(
                        asks[number],
                        self.documented,
                        Verdict.REJECTED,
                        rejection,
                        (before, probe, after),
                    )
                    if rejection is Rejection.SERVER_ERROR:
                        self.crashes.append(done[number])
        except LabBroken as error:
            self.broken = self.broken or error.message

    async def confirm(self, ask: Ask, first: Observation) -> Observation:
        """Ask again, as often as the failure rate asks for; confirmed where it holds."""
        return (await self.confirm_many([(ask, first)]))[0]

    async def confirm_many(self, firsts: Sequence[tuple[Ask, Observation]]) -> list[Observation]:
        """Ask all again, as `confirm` does one: they share the controls."""
        claims = {
            n: Claim(seen)
            for n, (_, seen) in enumerate(firsts)
            if seen.verdict is not Verdict.INCONCLUSIVE
        }
        while open_ := [n for n, c in claims.items() if c.decision(self.controls) is Decision.OPEN]:
            asks, before = [firsts[n][0] for n in open_], [claims[n].seen for n in open_]
            again = await self.ask_many(asks, before)
            for n, second in zip(open_, again, strict=True):
                claims[n].add(second)
            await self._contradicted([(firsts[n][0], claims[n]) for n in open_])
        out = [seen for _, seen in firsts]
        for n, claim in claims.items():
            out[n] = claim.result(self.controls)
        return out

    async def _contradicted(self, claims: Sequence[tuple[Ask, Claim]]) -> None:
        """Look after those whose repetition said the contrary."""
        for ask, claim in claims:
            if claim.shaken:
                self.controls.missed(Rejection.SERVER_ERROR)
            refusal = claim.contradiction
            if refusal is None or ask.reruns or self.broken:
                continue
            rejection = self.bench.judge.judged(refusal).rejection
            try:
                await self._doubt(refusal, rejection, ask.edit)
            except LabBroken as error:
                self.broken = self.broken or error.message

    async def establish(self, ask: Ask) -> Observation:
        """Ask and confirm."""
        return await self.confirm(ask, await self.ask(ask))


def _status(exchange: Exchange) -> str:
    return str(exchange.response.status) if exchange.response else "no answer"
