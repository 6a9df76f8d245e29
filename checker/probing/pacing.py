"""How many requests go to a target and when: budget, rate, and the waiting it asks for."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checker.errors import BudgetExhausted, ShareExhausted

MAX_RETRY_WAIT_S = 30.0
FIRST_BACKOFF_S = 0.05
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]


class Tally:
    """Counts the requests that are sent inside `counting`, by this task and those it starts."""

    def __init__(self) -> None:
        self.requests = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count from here to the end of the block."""
        mark = _tally.set(self)
        try:
            yield
        finally:
            _tally.reset(mark)


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


class Allowance:
    """What the requests inside `holding` may cost, this task's and those of tasks it starts.

    `requests` at most, and `seconds` of waiting for answers; without bounds it only counts. What
    is used up ends the block: the next request raises ShareExhausted. Allowances inside others
    count for both.
    """

    def __init__(self, requests: float = math.inf, seconds: float = math.inf) -> None:
        self.requests = requests
        self.seconds = seconds
        self.used = 0
        self.waited = 0.0
        self._outer: Allowance | None = None

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold from here to the end of the block."""
        self._outer = _allowance.get()
        mark = _allowance.set(self)
        try:
            yield
        finally:
            _allowance.reset(mark)

    @property
    def slow(self) -> bool:
        """Whether it is the waiting that used it up."""
        return self.waited >= self.seconds

    def check(self) -> None:
        """Raises ShareExhausted where nothing is left."""
        if self.slow:
            raise ShareExhausted(f"its answers took {self.waited:.0f} s in all")
        if self.used >= self.requests:
            raise ShareExhausted(f"its share of {self.requests} requests is used up")
        if self._outer is not None:
            self._outer.check()

    def spend(self, requests: int, seconds: float) -> None:
        """Count what was sent and waited for."""
        self.used += requests
        self.waited += seconds
        if self._outer is not None:
            self._outer.spend(requests, seconds)


_allowance: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def spend(requests: int, seconds: float) -> None:
    """Count for the allowance around this task, if there is one."""
    if (allowance := _allowance.get()) is not None:
        allowance.spend(requests, seconds)


class Budget:
    """Counts what goes over the wire: every hop of a redirect and every repetition is one.

    The last `reserve` of `most` requests are for the clean-up alone.
    """

    def __init__(self, most: int, reserve: int = 0) -> None:
        self.most = most
        self.reserve = reserve
        self.sent = 0

    def check(self, *, reserved: bool = False) -> None:
        """Raises BudgetExhausted where nothing more may be sent; `reserved` for the clean-up."""
        kept = 0 if reserved else min(max(0, self.reserve), self.most)
        if self.sent < self.most - kept:
            return
        plural = "" if self.most == 1 else "s"
        rest = f" but for {kept} kept for the clean-up" if kept else ""
        raise BudgetExhausted(
            f"The budget of {self.most} request{plural} is used up{rest}.", "Raise --max-requests."
        )

    def take(self, *, reserved: bool = False) -> int:
        """Take one; its number, from 1. Raises BudgetExhausted as `check` does, and
        ShareExhausted where the allowance around this task is used up: the clean-up has none.
        """
        self.check(reserved=reserved)
        if not reserved and (allowance := _allowance.get()) is not None:
            allowance.check()
            allowance.spend(1, 0.0)
        self.sent += 1
        if (tally := _tally.get()) is not None:
            tally.requests += 1
        return self.sent


class Pace:
    """Says when the next request may go: one queue for everything that goes to a target.

    `rate` in requests per second (0: unlimited). `clock` and `sleep` are the loop's, in seconds.
    """

    def __init__(
        self,
        rate: float = 0.0,
        max_wait: float = MAX_RETRY_WAIT_S,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.max_wait = max_wait
        self.sleep = sleep
        self._clock = clock
        self._interval = 1.0 / rate if rate > 0 else 0.0
        self._next_slot = 0.0
        self._closed_until = 0.0

    async def turn(self) -> None:
        """Returns when one request may be sent, and counts it as sent then."""
        while True:
            now = self._clock()
            if now >= max(self._next_slot, self._closed_until):
                break
            # Who waits takes no slot yet: the target may ask for more waiting in between.
            await self.sleep(max(self._next_slot, self._closed_until) - now)
        self._next_slot = now + self._interval

    def hold(self, seconds: float) -> None:
        """Nothing is sent for so long, at most `max_wait`; a longer wait that runs goes on."""
        until = self._clock() + min(max(0.0, seconds), self.max_wait)
        self._closed_until = max(self._closed_until, until)


def backoff(attempt: int) -> float:
    """Seconds to wait after the attempt (from 0) where the server names none."""
    return float(FIRST_BACKOFF_S * 4 ** min(attempt, 10))


def retry_after(headers: Mapping[str, str], now: Clock = time.time) -> float | None:
    """The seconds that `Retry-After` asks for, in either of its forms; None where it asks for
    nothing that can be read.

    A date counts from the answer's own `Date`: the two clocks needn't agree. `now` is the time
    since the epoch, for answers without one.
    """
    if not any(name.lower() == "retry-after" for name in headers):
        return None
    named = {name.lower(): value.strip() for name, value in headers.items()}
    said = named.get("retry-after", "")
    if _SECONDS.fullmatch(said):
        return float(said)
    until = _moment(said)
    if until is None:
        return None
    asked = _moment(named.get("date", ""))
    return max(0.0, until - (now() if asked is None else asked))


def _moment(text: str) -> float | None:
    """An HTTP date as seconds since the epoch."""
    try:
        moment = parsedate_to_datetime(text[:100])
        if not isinstance(moment, datetime):
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
