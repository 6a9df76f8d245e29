"""The lab of one operation: fresh witnesses, interleaved controls, confirmation.

Every probe is a fresh witness with one change. A rejected probe counts only when a control
after it is accepted; when the control fails, everything since the last good one is void, the
ground is mended (values varied, prerequisites run again, a new account) and the probes are
repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from checker.domain.exchange import Call, Exchange, Request
from checker.domain.finding import Evidence, Verdict
from checker.domain.judged import Judged
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import FieldKey, Operation, Place
from checker.planning import edits, hints
from checker.planning.edits import Edit, unchanged
from checker.planning.encoding import build_request
from checker.planning.recipe import Recipe, call_variables
from checker.planning.routes import name_given
from checker.planning.variation import countable
from checker.probing.asks import Ask, Unasked, confirmed
from checker.probing.bench import Account, Bench, LabBroken
from checker.probing.freshness import Variation, learn_variation
from checker.probing.oracle import message_of
from checker.probing.supply import Level, Supply

CHUNK = 8
ROUNDS = 4
TRANSPORT_RETRIES = 5
MAX_COUNTABLE = 6
_NETWORK = (Rejection.RATE, Rejection.TRANSPORT)


class Lab:
    """See the module. `documented` is the operation as documented (possibly by a record only)."""

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
        self.broken = ""
        self._supply = Supply(bench, documented, recipe, account)
        self._chosen: frozenset[FieldKey] = frozenset()
        """Those of the varied fields that need not change."""
        self._last_refusal = ""

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

    def adopt(self, key: FieldKey, value: Any) -> None:
        """See `Supply.adopt`."""
        self._supply.adopt(key, value)

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
        last = ""
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
                return number == 0
            last = f"{_status(exchange)} {message_of(exchange.outcome, 200)}"
            if rejection in _NETWORK:
                await asyncio.sleep(0.1)
        self.broken = f"the unchanged request is no longer accepted: {last}"
        raise LabBroken(self.broken)

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
        attempt = 0
        while True:
            call = edit(await witness())
            exchange, verdict, rejection = await self.send(call)
            if rejection not in _NETWORK or attempt == TRANSPORT_RETRIES:
                return call, exchange, verdict, rejection
            await asyncio.sleep(0.02 * 2**attempt)
            attempt += 1

    async def learn_level(self) -> None:
        """Find the lowest freshness level at which the witness can be repeated.

        What forced a rise is kept in `level_reason`. Raises LabBroken where none works.
        """
        self.last_control = None
        # The first time may be the first of all, or one after the search's own: only what is
        # accepted twice in a row can be repeated unchanged.
        lowest = Level.SAME if await self._repeats() else Level.VARY
        for level in (lv for lv in Level if lv >= lowest):
            self._supply.level = level
            accepted = await (
                self._learn_variation(self.recipe.vary) if level is Level.VARY else self._repeats()
            )
            if accepted:
                if level is Level.SAME:
                    await self._prefer_changes()
                return
        self._supply.level = Level.VARY
        for keys in (self._names(), countable(self.recipe.call, self.documented)[:MAX_COUNTABLE]):
            if keys and await self._learn_variation(keys):
                return
        self.broken = "an accepted request can't be repeated"
        raise LabBroken(self.broken)

    def _names(self) -> tuple[FieldKey, ...]:
        """The name that the witness gave to a new item: an item that is there may be treated
        otherwise."""
        key = name_given(self.documented)
        own = None if key is None else edits.get(self.recipe.call, key)
        return (key,) if key is not None and isinstance(own, str) and "{{" not in own else ()

    async def _prefer_changes(self) -> None:
        """Literal values change with each write where that is accepted at all.

        A server may give the first answer again where one of them (the key of a request) is
        repeated, and refuse another request under the same one: then each probe would fail.
        Where the request names a new item, it names another one each time: what is there by
        now may need less, or refuse more.
        """
        keys = () if self.documented.id.safe else self.recipe.vary
        headers, names = tuple(k for k in keys if k.place is Place.HEADER), self._names()
        supply, kept = self._supply, self._supply.call
        for some in dict.fromkeys(((*keys, *names), (*headers, *names), keys, headers)):
            supply.level, supply.vary = Level.VARY, dict.fromkeys(some, False)
            if some and await self._repeats():
                self._chosen = frozenset(some) - frozenset(headers)
                return
        supply.level, supply.vary, supply.call = Level.SAME, {}, kept

    async def _repeats(self) -> bool:
        """Whether a fresh witness at the present level is accepted."""
        _, exchange, verdict, _ = await self.sent(level=self.level)
        if verdict is Verdict.ACCEPTED:
            self.last_control = Evidence("control", exchange, verdict)
            return True
        self._last_refusal = hints.signature(_status_of(exchange), message_of(exchange.outcome))
        if self.level is Level.SAME:
            # Only this proves anything: the witness was accepted before, and nothing changed.
            self.level_reason = Evidence("probe", exchange, verdict, "sent again unchanged")
        return False

    async def _learn_variation(self, keys: Sequence[FieldKey]) -> bool:
        """Whether the witness passes again once some of its literal values change.

        What variables give changes by itself and is tried alone first.
        """
        unchanged = self._last_refusal

        async def attempt(variation: Variation) -> tuple[bool, str]:
            self._supply.vary = variation
            return await self._repeats(), self._last_refusal

        if call_variables(self.recipe.call) and (await attempt({}))[0]:
            return True
        passed, self._supply.vary = await learn_variation(keys, attempt, unchanged)
        return passed

    # -- questions -----------------------------------------------------------------------

    async def ask(self, ask: Ask) -> Observation:
        """One question; see `ask_many`."""
        return (await self.ask_many([ask]))[0]

    async def ask_many(self, asks: Sequence[Ask]) -> list[Observation]:
        """Answers in the order of the questions; inconclusive where the ground kept moving."""
        done: dict[int, Observation] = {}
        pending = list(range(len(asks)))
        for _ in range(ROUNDS):
            if not pending or self.broken:
                break
            for start in range(0, len(pending), CHUNK):
                await self._chunk(asks, pending[start : start + CHUNK], done)
                if self.broken:
                    break
            pending = [n for n in pending if n not in done]
        for number in pending:
            if number not in done:
                ask = asks[number]
                done[number] = self._observation(ask, Verdict.INCONCLUSIVE, None, ())
        return [done[n] for n in range(len(asks))]

    async def _chunk(
        self, asks: Sequence[Ask], numbers: Sequence[int], done: dict[int, Observation]
    ) -> None:
        before = self.last_control
        open_: list[tuple[int, Exchange, Rejection | None]] = []
        try:
            for number in numbers:
                ask = asks[number]
                if self._says_nothing(ask):
                    done[number] = self._observation(ask, Verdict.INCONCLUSIVE, None, ())
                    continue
                try:
                    make = partial(self._supply.without, ask) if ask.reruns else self.fresh
                    _, exchange, verdict, rejection = await self._patiently(make, ask.edit)
                except Unasked:
                    done[number] = self._observation(ask, Verdict.INCONCLUSIVE, None, ())
                    continue
                if verdict is Verdict.ACCEPTED:
                    probe = Evidence("probe", exchange, verdict)
                    evidence = (before, probe) if before else (probe,)
                    done[number] = self._observation(ask, verdict, None, evidence)
                elif verdict is Verdict.REJECTED:
                    open_.append((number, exchange, rejection))
            least = Level.REDO if any(asks[n].reruns for n in numbers) else Level.SAME
            if open_ and await self.control(least):
                for number, exchange, rejection in open_:
                    probe = Evidence("probe", exchange, Verdict.REJECTED)
                    parts = (before, probe, self.last_control)
                    done[number] = self._observation(
                        asks[number],
                        Verdict.REJECTED,
                        rejection,
                        tuple(p for p in parts if p is not None),
                    )
        except LabBroken as error:
            self.broken = self.broken or error.message

    def _says_nothing(self, ask: Ask) -> bool:
        """Whether a value leaves no trace on the wire: an empty object in a query, say."""
        key = ask.subject
        if ask.kind not in (Kind.REPLACE, Kind.ADD) or key is None or key.place is Place.BODY:
            return False
        witness = self.recipe.call
        without = build_request(edits.remove(witness, key), self.documented)
        return build_request(ask.edit(witness), self.documented) == without

    def _observation(
        self,
        ask: Ask,
        verdict: Verdict,
        rejection: Rejection | None,
        evidence: tuple[Evidence, ...],
    ) -> Observation:
        return Observation(
            operation=self.documented.id,
            kind=ask.kind,
            verdict=verdict,
            subject=ask.subject,
            value=ask.value,
            rejection=rejection,
            evidence=evidence,
            detail=dict(ask.detail),
        )

    async def confirm(self, ask: Ask, first: Observation) -> Observation:
        """Ask again; the observation is confirmed where it holds a second time."""
        return (await self.confirm_many([(ask, first)]))[0]

    async def confirm_many(self, firsts: Sequence[tuple[Ask, Observation]]) -> list[Observation]:
        """Ask all again, as `confirm` does one: they share the controls."""
        open_ = [
            n for n, (_, seen) in enumerate(firsts) if seen.verdict is not Verdict.INCONCLUSIVE
        ]
        out = [seen for _, seen in firsts]
        again = await self.ask_many([firsts[n][0] for n in open_])
        for n, second in zip(open_, again, strict=True):
            out[n] = confirmed(out[n], second)
        return out

    async def establish(self, ask: Ask) -> Observation:
        """Ask and confirm."""
        return await self.confirm(ask, await self.ask(ask))


def _status_of(exchange: Exchange) -> int | None:
    return exchange.response.status if exchange.response else None


def _status(exchange: Exchange) -> str:
    return str(exchange.response.status) if exchange.response else "no answer"
