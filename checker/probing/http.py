"""The HTTP client: rate limit, Retry-After, budget, credentials, redirects within the host."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp
from yarl import URL

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.operation import SAFE_METHODS
from checker.domain.schema import MISSING
from checker.errors import BudgetExhausted, TargetError, WorkflowError
from checker.probing.health import Health
from checker.probing.proxies import proxy_for
from checker.redaction import Secrets
from checker.settings import Target, Token

MAX_BODY = 2_000_000
MAX_TEXT = 200_000
RATE_RETRIES = 6
FAILURE_RETRIES = 3
GONE_AFTER = 3
MAX_WAIT_S = 30.0


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


class Wire:
    """The connection to one target, shared by all accounts of a run.

    `rate` in requests per second (0: unlimited), `timeout` in seconds. `observers` are called
    with every exchange, in the order of completion.
    """

    def __init__(
        self,
        target: Target,
        *,
        max_requests: int = 5000,
        rate: float = 0.0,
        timeout: float = 10.0,
        concurrency: int = 4,
        read_only: bool = False,
    ) -> None:
        self.target = target
        self.max_requests = max_requests
        self.read_only = read_only
        self.sent = 0
        self.left_out: tuple[str, ...] = ()
        """Base paths of documents that the base URL doesn't serve: they aren't sent."""
        self.observers: list[Callable[[Exchange], None]] = []
        self.secrets = Secrets()
        self._interval = 1.0 / rate if rate > 0 else 0.0
        self._next_slot = 0.0
        self._timeout = timeout
        self._concurrency = concurrency
        self._session: aiohttp.ClientSession | None = None
        self._refused = 0
        self._health = Health()
        self._proxies: dict[str, str | None] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            connector=aiohttp.TCPConnector(limit=max(1, self._concurrency), ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(
        self, request: Request, tokens: Mapping[str, Token], variables: Mapping[str, Any]
    ) -> Exchange:
        """Send with the credential that `request.token` names; see `Transport.send`."""
        if self.read_only and request.method not in SAFE_METHODS:
            raise WorkflowError(
                f"{request.method} {request.url_path} was held back by --read-only."
            )
        for prefix in self.left_out:
            if request.url_path.startswith(prefix + "/"):
                request = replace(request, url_path=request.url_path.removeprefix(prefix))
        url, headers = self._prepare(request, tokens, variables)
        exchange = await self._persist(request, url, headers)
        for observe in self.observers:
            observe(exchange)
        return exchange

    async def _persist(
        self, request: Request, url: URL, headers: list[tuple[str, str]]
    ) -> Exchange:
        exchange: Exchange | None = None
        for attempt in range(RATE_RETRIES + 1):
            exchange = await self._once(request, url, headers)
            outcome = exchange.outcome
            await self._health.watch(outcome, self.look)
            if isinstance(outcome, Failure):
                again = (
                    outcome.kind == "connect" or request.method in SAFE_METHODS
                ) and attempt < FAILURE_RETRIES
                if outcome.kind == "connect":
                    self._refused += 1
                    if self._refused > GONE_AFTER:
                        raise TargetError(
                            f"{self._shown(url)} can't be reached: {outcome.message}.",
                            "Check the base URL and that the server is running.",
                        )
                if not again:
                    return exchange
                await asyncio.sleep(0.1 * 2**attempt)
                continue
            self._refused = 0
            wait = _wait_for(outcome, attempt)
            if wait is None:
                return exchange
            await asyncio.sleep(wait)
        assert exchange is not None
        return exchange

    async def _once(self, request: Request, url: URL, headers: list[tuple[str, str]]) -> Exchange:
        if self.sent >= self.max_requests:
            raise BudgetExhausted(
                f"The budget of {self.max_requests} request{'' if self.max_requests == 1 else 's'} "
                "is used up.",
                "Raise --max-requests.",
            )
        await self._slot()
        self.sent += 1
        if (tally := _tally.get()) is not None:
            tally.requests += 1
        number = self.sent
        assert self._session is not None, "Wire is used as a context manager"
        started, asked = time.perf_counter(), url
        try:
            for _ in range(4):
                async with self._session.request(
                    request.method,
                    url,
                    headers=headers,
                    data=request.content,
                    allow_redirects=False,
                    # What the request doesn't say isn't sent: servers refuse unknown types.
                    skip_auto_headers=("Content-Type",),
                    proxy=self._proxy(url),
                ) as answer:
                    raw = await _whole(answer.content)
                    place = answer.headers.get("Location")
                    if place and answer.status in (301, 302, 303, 307, 308):
                        onward = URL(urljoin(str(url), place), encoded=True)
                        same = onward.authority == url.authority
                        if same and request.method in SAFE_METHODS:
                            url = onward
                            continue
                    text = raw[:MAX_TEXT].decode(answer.charset or "utf-8", "replace")
                    response = Response(
                        status=answer.status,
                        headers=dict(answer.headers),
                        text=text,
                        body=_parsed(raw),
                        elapsed_s=time.perf_counter() - started,
                        moved_to="" if url.path == asked.path else url.path,
                    )
                    if response.body is MISSING and _truncated(response):
                        return Exchange(
                            request, Failure("broken-body", "the JSON body is cut short"), number
                        )
                    return Exchange(request, response, number)
            return Exchange(request, Failure("redirect", "too many redirects"), number)
        except TimeoutError:
            return Exchange(
                request, Failure("timeout", f"no answer within {self._timeout:g} s"), number
            )
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
            return Exchange(request, Failure("connect", self._not_connected(error, url)), number)
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as error:
            return Exchange(request, Failure("reset", _plain(error)), number)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Exchange(request, Failure("reset", _plain(error)), number)

    async def look(self, path: str) -> Response | Failure:
        """The outcome of a GET without a token; nobody observes it."""
        request = Request("GET", path)
        url, headers = self._prepare(request, {}, {})
        return (await self._once(request, url, headers)).outcome

    async def _slot(self) -> None:
        if not self._interval:
            return
        now = time.monotonic()
        slot = max(now, self._next_slot)
        self._next_slot = slot + self._interval
        if slot > now:
            await asyncio.sleep(slot - now)

    def _prepare(
        self, request: Request, tokens: Mapping[str, Token], variables: Mapping[str, Any]
    ) -> tuple[URL, list[tuple[str, str]]]:
        base = self.target.base_url or ""
        if request.base == "fallback" and self.target.fallback_url:
            base = self.target.fallback_url
        url = base.rstrip("/") + "/" + request.url_path.lstrip("/")
        query = list(request.query)
        headers = [(k, v) for k, v in self.target.headers.items()]
        headers += [(k, _header_safe(v)) for k, v in request.headers]
        if request.media_type and request.content is not None:
            headers.append(("Content-Type", request.media_type))
        if not any(k.lower() == "accept" for k, _ in headers):
            headers.append(("Accept", "application/json, */*;q=0.5"))
        headers.append(("User-Agent", "driftcheck"))
        token = tokens.get(request.token) if request.token else None
        if token is not None:
            if token.query:
                query.append((token.query, token.value))
            elif token.cookie:
                headers = with_cookie(headers, token.cookie, token.value)
            elif token.header:
                headers.append((token.header, token.value))
            elif token.scheme:
                headers.append(("Authorization", f"{token.scheme} {token.value}"))
            else:
                headers.append(("Authorization", token.value))
            for name, template in token.headers.items():
                headers.append((name, _header_safe(_fill(template, variables))))
        if query:
            split = urlsplit(url)
            pairs = parse_qsl(split.query, keep_blank_values=True) + query
            url = split._replace(query=urlencode(pairs)).geturl()
        return URL(url, encoded=True), headers

    def _proxy(self, url: URL) -> str | None:
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
                return f"TLS fails ({_reason(error)}){through}"
            case aiohttp.ClientConnectorError():
                return f"{_reason(error)}{through}"
        return f"{getattr(error, 'status', '')} {getattr(error, 'message', '')}".strip() + through

    @staticmethod
    def _shown(url: URL) -> str:
        return f"{url.scheme}://{url.authority}"


def with_cookie(headers: Sequence[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    """The headers with one more cookie; a request has one Cookie header at most."""
    others = [v for k, v in headers if k.lower() == "cookie"]
    rest = [(k, v) for k, v in headers if k.lower() != "cookie"]
    return [*rest, ("Cookie", "; ".join([*others, f"{name}={value}"]))]


class AccountTransport:
    """A `Transport` that speaks for one account: its tokens and variables."""

    def __init__(
        self, wire: Wire, tokens: Mapping[str, Token], variables: Mapping[str, Any]
    ) -> None:
        self.wire = wire
        self.tokens = dict(tokens)
        self.variables = dict(variables)

    async def send(self, request: Request) -> Exchange:
        return await self.wire.send(request, self.tokens, self.variables)


def _wait_for(response: Response, attempt: int) -> float | None:
    """Seconds to wait before the same request is sent again; None to keep the answer."""
    if response.status not in (429, 503) or attempt >= RATE_RETRIES:
        return None
    for name, value in response.headers.items():
        if name.lower() == "retry-after":
            try:
                return min(float(value), MAX_WAIT_S)
            except ValueError:
                break
    if response.status == 503 and attempt >= 3:
        return None
    return float(min(0.05 * 4**attempt, MAX_WAIT_S))


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """All of a body that comes in pieces, up to the most that is kept."""
    raw = bytearray()
    async for piece in content.iter_any():
        raw += piece
        if len(raw) > MAX_BODY:
            break
    return bytes(raw)


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return MISSING
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return MISSING


def _truncated(response: Response) -> bool:
    """Called for bodies that don't parse: it began as JSON, so it was cut short."""
    return "json" in response.media_type and response.text.strip()[:1] in ("{", "[")


def _fill(template: str, variables: Mapping[str, Any]) -> str:
    for name, value in variables.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def _header_safe(value: str) -> str:
    return (
        value.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace").decode("latin-1")
    )


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """The system's words without addresses and error numbers."""
    inner = error.os_error
    words = getattr(inner, "reason", None) or inner.strerror or str(inner)
    return os.strerror(inner.errno) if words.startswith("Connect call") and inner.errno else words


def _plain(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
