"""The HTTP client: what it sends is counted and paced; what comes back is always an outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from yarl import URL

from checker.domain.exchange import REDIRECTS, Exchange, Failure, Request, Response
from checker.domain.operation import SAFE_METHODS
from checker.probing.attaching import Session, attached, header_safe, merged
from checker.probing.client import Client, Sending
from checker.probing.health import Expectations, Health, Intruder
from checker.probing.lag import Lag
from checker.probing.pacing import MAX_RETRY_WAIT_S, Budget, Clock, Pace, Sleep
from checker.probing.repetition import RATE_RETRIES, Repetition
from checker.probing.settling import Settling
from checker.probing.signing_in import SigningIn
from checker.redaction import Secrets
from checker.safety.gate import Gate
from checker.settings import Target, Token

MAX_HOPS = 4


class Wire:
    """The connection to one target, shared by all accounts of a run.

    `max_requests` bounds what arrives there, the hops of redirects and repetitions included;
    the last `reserve` of them are kept for the clean-up. `rate` in requests per second (0:
    unlimited), `timeout` in seconds for each request, `max_retry_wait` the seconds that an
    answer can make all requests wait. `clock` and `sleep` are the run's time in seconds, `now`
    is the time since the epoch. `observers` are called with every exchange, in the order of
    completion; then `watcher`, which may end the run.
    """

    def __init__(
        self,
        target: Target,
        gate: Gate,
        *,
        max_requests: int = 5000,
        rate: float = 0.0,
        timeout: float = 10.0,
        concurrency: int = 4,
        max_retry_wait: float = MAX_RETRY_WAIT_S,
        reserve: int = 0,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        now: Clock = time.time,
    ) -> None:
        self.target = target
        self.budget = Budget(max_requests, reserve)
        self.pace = Pace(rate, max_retry_wait, clock, sleep)
        self.gate = gate
        self.left_out: tuple[str, ...] = ()
        """Base paths of documents that the base URL doesn't serve: they aren't sent."""
        self.observers: list[Callable[[Exchange], None]] = []
        self.renewed: dict[str, str] = {}
        """What is sent in the place of a given token's value, since that has ended."""
        self.ended: set[str] = set()
        """Tokens that are known to have ended for good: nothing new is begun with them."""
        self.doubted: set[str] = set()
        """Tokens that may have ended with a renewed one: nothing was accepted with them since."""
        self.renewal: Callable[[Exchange, Mapping[str, Token]], Awaitable[bool]] | None = None
        """Whether a refused request is worth sending again, since its token was renewed."""
        self.watcher: Callable[[Exchange, Mapping[str, Token]], Awaitable[None]] | None = None
        self.secrets = Secrets()
        self._now = now
        self._client = Client(
            gate,
            self.budget,
            self.pace,
            timeout=timeout,
            concurrency=concurrency,
            now=now,
            connection=target.connection,
        )
        # An authorisation server isn't behind the target's own socket.
        elsewhere = replace(target.connection, unix_socket="")
        self._outside = Client(
            gate,
            self.budget,
            self.pace,
            timeout=timeout,
            concurrency=1,
            now=now,
            connection=elsewhere,
        )
        self.signing_in = SigningIn(self._send_alone, now, self.pace.sleep)
        self._repetition = Repetition(self.pace, now)
        self._settling = Settling(gate, self.send, self._refuses)
        self._circles: set[tuple[str | None, str]] = set()
        self.judge: Expectations | None = None
        """Knows the documented redirects and tells other answers than the operations'."""
        self._health = Health()
        self._intruder = Intruder()
        self._lag = Lag(clock, sleep)

    @property
    def lag_s(self) -> float:
        """How long what was written takes to be read, in seconds; 0 where it's there at once."""
        return self._lag.seconds

    def now(self) -> float:
        """The time since the epoch, in seconds."""
        return self._now()

    @property
    def sent(self) -> int:
        """How many requests have gone out."""
        return self.budget.sent

    @property
    def max_requests(self) -> int:
        """How many requests may go out."""
        return self.budget.most

    async def __aenter__(self) -> Self:
        self._client.open()
        self._outside.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()
        await self._outside.close()

    async def send(
        self,
        request: Request,
        tokens: Mapping[str, Token],
        variables: Mapping[str, Any],
    ) -> Exchange:
        """Send with the credential that `request.token` names; see `Transport.send`.

        Where the gate lets the request not out, the exchange says why (`Exchange.held`).
        """
        held = await self._settling.held(request, tokens, variables)
        if held is not None and held.kind == "created" and request.purpose == "step":
            earlier = self.gate.deeds.again(request)
            if earlier is not None:
                return earlier
        unread = self.gate.unread(request) if held is None else ""
        if unread:
            reading = Request("GET", unread, token=request.token, base=request.base)
            await self.send(replace(reading, account=request.account), tokens, variables)
        for prefix in self.left_out:
            if request.url_path.startswith(prefix + "/"):
                request = replace(request, url_path=request.url_path.removeprefix(prefix))
        await self.signing_in.ready(tokens.get(request.token or ""), variables)
        url, headers = self._prepare(request, tokens, variables)
        sending = Sending(request, url, headers)
        await self._lag.before(request)
        exchange = await self._persist(sending)
        if exchange.held:
            return exchange
        if self.renewal is not None and await self.renewal(exchange, tokens):
            sending = Sending(request, *self._prepare(request, tokens, variables))
            exchange = await self._persist(sending)
        again, known = partial(self._persist, sending), self.gate.operations
        exchange = await self._lag.after(exchange, again, self.judge, known)
        for observe in self.observers:
            observe(exchange)
        if self.judge is not None:
            asked = partial(self._look_as, request, tokens, variables)
            await self._intruder.watch(exchange, self.judge, asked)
        if self.watcher is not None:
            await self.watcher(exchange, tokens)
        return exchange

    def _refuses(self, exchange: Exchange) -> bool:
        """Whether an answer is known to be no acceptance."""
        return self.judge is not None and not self.judge.accepted(exchange)

    def _stays(self, request: Request, outcome: Response | Failure) -> bool:
        """Whether an answer is a redirect that the document gives as the answer."""
        if self.judge is None or not isinstance(outcome, Response):
            return False
        if outcome.status // 100 != 3:
            return False
        return self.judge.stays(request, outcome.status)

    async def _look_as(
        self,
        request: Request,
        tokens: Mapping[str, Token],
        variables: Mapping[str, Any],
        path: str,
    ) -> Response | Failure:
        """The outcome of a GET with a request's credential; nobody observes it."""
        asked = Request("GET", path, token=request.token, base=request.base)
        return (await self._once(Sending(asked, *self._prepare(asked, tokens, variables)))).outcome

    async def look(self, path: str) -> Response | Failure:
        """The outcome of a GET without a token; nobody observes it."""
        request = Request("GET", path)
        return (await self._once(Sending(request, *self._prepare(request, {}, {})))).outcome

    async def _send_alone(self, request: Request, url: str) -> Response | Failure:
        """The outcome of a request that gets a credential: once, unobserved, not redirected."""
        if url:
            headers = [*request.headers, ("Content-Type", request.media_type or "")]
            sending = Sending(request, URL(url), headers)
            return (await self._outside.send(sending, sending.url))[0]
        sending = Sending(request, *self._prepare(request, {}, {}))
        return (await self._client.send(sending, sending.url))[0]

    async def _persist(self, sending: Sending) -> Exchange:
        """The exchange; sent again where the failure may pass or the server asks to wait."""
        for attempt in range(RATE_RETRIES + 1):
            exchange = await self._once(sending)
            outcome = exchange.outcome
            if not self._stays(sending.request, outcome):
                await self._health.watch(outcome, self.look)
            if not await self._repetition.is_due(sending, outcome, attempt):
                break
        return exchange

    async def _once(self, sending: Sending) -> Exchange:
        """The exchange with redirects within the host followed, for methods that only read."""
        request, url = sending.request, sending.url
        passed, elapsed = [str(url)], 0.0
        for _ in range(MAX_HOPS):
            outcome, number = await self._client.send(sending, url)
            onward = None
            if isinstance(outcome, Response):
                elapsed += outcome.elapsed_s
                if url is not sending.url:
                    moved = "" if url.path == sending.url.path else url.path
                    outcome = replace(outcome, elapsed_s=elapsed, moved_to=moved)
                if request.method in SAFE_METHODS and not self._stays(request, outcome):
                    onward = _onward(outcome, url)
            if onward is None:
                return Exchange(request, outcome, number)
            if str(onward) in passed or (request.token, str(onward)) in self._circles:
                self._circles.update((request.token, each) for each in [*passed[1:], str(onward)])
                return Exchange(request, Failure("redirect", "redirects in a circle"), number)
            passed.append(str(onward))
            url = onward
        return Exchange(request, Failure("redirect", "too many redirects"), number)

    def _prepare(
        self, request: Request, tokens: Mapping[str, Token], variables: Mapping[str, Any]
    ) -> tuple[URL, list[tuple[str, str]]]:
        base = self.target.base_url or ""
        if request.base == "fallback" and self.target.fallback_url:
            base = self.target.fallback_url
        url = base.rstrip("/") + "/" + request.url_path.removeprefix("/")
        query = list(request.query)
        headers = [(k, header_safe(v)) for k, v in request.headers]
        if request.media_type and request.content is not None:
            headers.append(("Content-Type", request.media_type))
        headers.append(("User-Agent", "driftcheck"))
        headers = merged(self.target.headers.items(), headers)
        if not any(k.lower() == "accept" for k, _ in headers):
            headers.append(("Accept", "application/json, */*;q=0.5"))
        token = tokens.get(request.token) if request.token else None
        if token is not None and self._has_value(token):
            headers, more = attached(token, self._session_of, headers, variables)
            query += more
        if query:
            split = urlsplit(url)
            pairs = parse_qsl(split.query, keep_blank_values=True) + query
            url = split._replace(query=urlencode(pairs, errors="replace")).geturl()
        return URL(url, encoded=True), headers

    def _has_value(self, token: Token) -> bool:
        """Whether there is something to send: not while the set-up runs that is to give it."""
        parts = token.also or (token,)
        return all(p.source is None or p.value in self.signing_in.sessions for p in parts)

    def _session_of(self, token: Token) -> Session:
        """What is sent for a credential now: of a configured session, or of a renewed token."""
        known = self.signing_in.sessions.get(token.value) if token.source is not None else None
        value = known.value if known is not None else token.value
        session = known or Session(value)
        return replace(session, value=self.renewed.get(token.value, value))


class AccountTransport:
    """A `Transport` that speaks for one account: its tokens and variables."""

    def __init__(
        self,
        wire: Wire,
        tokens: Mapping[str, Token],
        variables: Mapping[str, Any],
        account: int = 0,
    ) -> None:
        self.wire = wire
        self.account = account
        self.tokens = dict(tokens)
        self.variables = dict(variables)

    async def send(self, request: Request) -> Exchange:
        """See `Transport.send`."""
        if request.account != self.account:
            request = replace(request, account=self.account)
        return await self.wire.send(request, self.tokens, self.variables)


def _onward(response: Response, url: URL) -> URL | None:
    """Where a redirect leads within the same host; None for anything else."""
    if response.status not in REDIRECTS:
        return None
    place = next((v for k, v in response.headers.items() if k.lower() == "location"), "")
    try:
        onward = URL(urljoin(str(url), place), encoded=True)
        same = onward.authority == url.authority and onward.scheme in (url.scheme, "https")
    except ValueError:
        return None
    return onward if place and same else None
