"""One request on the wire at a time and place: counted, paced, and never a surprise."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from yarl import URL

from checker.domain.credential import Connection
from checker.domain.exchange import Failure, Request, Response
from checker.probing.answers import RawAnswer, cookies_of, header_map, outcome_of
from checker.probing.pacing import Budget, Clock, Pace, retry_after, spend
from checker.probing.proxies import proxy_for
from checker.probing.trust import TLS, tls_of
from checker.safety.gate import Gate

MAX_BODY = 2_000_000
CERTIFICATE = "certificate"
"""The cause of a failure to connect where the server's certificate isn't trusted."""


@dataclass(slots=True)
class Sending:
    """A request made ready for the wire."""

    request: Request
    url: URL
    headers: list[tuple[str, str]]
    kept: bool = False
    """Whether it went over a connection that an earlier one had opened."""


class _Lost(aiohttp.ClientError):
    """The connection was lost. Of a type of its own, so that the client library, which would
    send the request again by itself, leaves that to us: every sending counts."""


async def _once_each(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Lost(_plain(error)) from error


async def _note_kept(_: object, context: SimpleNamespace, __: object) -> None:
    """Told by the client where a request goes over a connection that was open already."""
    context.trace_request_ctx.kept = True


class Client:
    """Sends requests, at most `concurrency` at once, each with `timeout` seconds for its answer.

    `now` is the time since the epoch, `connection` how the target is reached.
    """

    def __init__(
        self,
        gate: Gate,
        budget: Budget,
        pace: Pace,
        *,
        timeout: float,
        concurrency: int,
        now: Clock,
        connection: Connection | None = None,
    ) -> None:
        self._gate = gate
        self._connection = connection or Connection()
        self.budget = budget
        self.pace = pace
        self._now = now
        self._timeout = timeout
        # The places are ours, not the library's: what waits there has passed the pace already.
        self._places = asyncio.Semaphore(max(1, concurrency))
        self._out = 0
        """How many requests wait for their answers."""
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}
        self._context: TLS | None = None

    def open(self) -> None:
        """Called within the loop, before the first request. Raises UsageError where files that
        the connection needs can't be used."""
        if self._connection != Connection():
            self._tls()
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_kept)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            connector=self._connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            trace_configs=[trace],
            middlewares=(_once_each,),
        )

    def _connector(self) -> aiohttp.BaseConnector:
        if self._connection.unix_socket:
            return aiohttp.UnixConnector(self._connection.unix_socket, limit=0)
        return aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)

    async def close(self) -> None:
        """Called at the end; also where it was never opened."""
        if self._session is not None:
            await self._session.close()

    async def send(self, sending: Sending, url: URL) -> tuple[Response | Failure, int]:
        """One request to `url` and its number: the only place where one is sent.

        What the gate holds back is a failure without a number. Raises BudgetExhausted and
        ShareExhausted, and nothing else.
        """
        request = sending.request
        held = self._gate.held(request) or self._gate.held_hop(str(sending.url), str(url))
        if held is not None:
            return Failure("held", str(held), held.kind), 0
        reserved = request.purpose == "clean-up"
        async with self._places:
            self.budget.check(reserved=reserved)
            await self.pace.turn()
            number = self.budget.take(reserved=reserved)
            self._gate.note_sent(number, request)
            with self._waiting():
                try:
                    answer = await self._talk(sending, url)
                except Exception as error:  # a client can fail at an answer in any way
                    return self._failure(error, url), number
        return outcome_of(answer), number

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """The time that passes inside counts as waited for, by all who wait at the same time in
        equal parts: what many ask at once is answered later, and holds up none of them alone."""
        started, before = time.perf_counter(), self._out
        self._out += 1
        try:
            yield
        finally:
            at_once = max(before + 1, self._out)
            self._out -= 1
            spend(0, (time.perf_counter() - started) / at_once)

    async def _talk(self, sending: Sending, url: URL) -> RawAnswer:
        sending.kept, started = False, time.perf_counter()
        assert self._session is not None, "Wire is used as a context manager"
        async with self._session.request(
            sending.request.method,
            url,
            headers=sending.headers,
            data=sending.request.content,
            allow_redirects=False,
            # What the request doesn't say isn't sent: servers refuse unknown types.
            skip_auto_headers=("Content-Type",),
            proxy=self._proxy(url),
            ssl=self._tls() if url.scheme == "https" else True,
            trace_request_ctx=sending,
        ) as answer:
            headers = header_map(answer.raw_headers)
            if answer.status >= 400:
                # At once, not when the body is there: others are about to be sent.
                self.pace.hold(retry_after(headers, self._now) or 0.0)
            content = await _whole(answer.content)
            elapsed = time.perf_counter() - started
            cookies = cookies_of(answer.raw_headers)
            return RawAnswer(answer.status, headers, answer.charset, content, elapsed, cookies)

    def _failure(self, error: Exception, url: URL) -> Failure:
        match error:
            case TimeoutError():
                return Failure("timeout", f"no answer within {self._timeout:g} s")
            case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
                refused = isinstance(error, aiohttp.ClientConnectorCertificateError)
                cause = CERTIFICATE if refused else ""
                return Failure("connect", self._not_connected(error, url), cause)
        return Failure("reset", _plain(error))

    def _tls(self) -> TLS:
        if self._context is None:
            self._context = tls_of(self._connection)
        return self._context

    def _proxy(self, url: URL) -> str | None:
        if self._connection.proxy:
            return self._connection.proxy
        if self._connection.unix_socket:
            return None
        if url.authority not in self._proxies:
            self._proxies[url.authority] = proxy_for(url)
        return self._proxies[url.authority]

    def _not_connected(self, error: aiohttp.ClientError, url: URL) -> str:
        """Why there is no connection, in a few words; the proxy named where there is one."""
        proxy = self._proxy(url)
        through = f", through the proxy {URL(proxy).authority.rpartition('@')[2]}" if proxy else ""
        match error:
            case aiohttp.ClientConnectorCertificateError():
                why = getattr(error.certificate_error, "verify_message", "") or "not trusted"
                return f"its certificate is refused ({why}){through}"
            case aiohttp.ClientConnectorSSLError():
                if _reason(error) == "WRONG_VERSION_NUMBER":
                    return (
                        f"TLS fails, since none is spoken there (perhaps http:// is meant){through}"
                    )
                return f"TLS fails ({_reason(error)}){through}"
            case aiohttp.ClientConnectorError():
                return f"{_reason(error)}{through}"
        return f"{getattr(error, 'status', '')} {getattr(error, 'message', '')}".strip() + through


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """All of a body that comes in pieces, up to the most that is kept."""
    raw = bytearray()
    async for piece in content.iter_any():
        raw += piece
        if len(raw) > MAX_BODY:
            break
    return bytes(raw)


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """The system's words without addresses and error numbers."""
    inner = error.os_error
    words = getattr(inner, "reason", None) or inner.strerror or str(inner)
    return os.strerror(inner.errno) if words.startswith("Connect call") and inner.errno else words


def _plain(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
