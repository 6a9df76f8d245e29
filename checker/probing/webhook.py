"""The webhook listener: receives the events that a target posts, answers and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

from checker.domain.schema import MISSING
from checker.lexicon.phrases import phrase, vocabulary
from checker.lexicon.texts import as_word
from checker.probing.answers import Unreadable, body_of

MAX_BODY = 1_000_000
MAX_EVENTS = 10_000
MAX_KEPT = 50_000_000
MAX_HOLD_S = 30.0
MAX_VALUES = 20_000
REDACTED = "***"


@dataclass(frozen=True, slots=True)
class Event:
    """One received request; `number` counts from 1.

    `body` is the parsed JSON, a form's fields, or MISSING. Values of headers that may be
    credentials are replaced by `***`.
    """

    number: int
    method: str
    path: str
    body: Any
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def mentions(self, text: str) -> bool:
        """Whether the event has `text` as a word of a value (or of its path), or all its words.

        A word is not found inside another: "active" isn't in "inactive".
        """
        words = text.split()
        return self._has(text) or (len(words) > 1 and all(self._has(w) for w in words))

    def _has(self, text: str) -> bool:
        if not text:
            return True
        word = as_word(text)
        values = [self.text] if self.body is MISSING else _values(self.body)
        return any(v == text or word.search(v) for v in (*values, self.path))


def _values(body: Any) -> Iterator[str]:
    """The scalars of a parsed body as texts, at most MAX_VALUES."""
    stack, left = [body], MAX_VALUES
    while stack and left:
        node = stack.pop()
        left -= 1
        match node:
            case Mapping():
                stack.extend(node.values())
            case list():
                stack.extend(node)
            case bool():
                yield "true" if node else "false"
            case None:
                pass
            case _:
                yield str(node)


class WebhookListener:
    """An HTTP server on a free loopback port; `url` is what a target is told.

    It answers 200 to everything and echoes the challenges by which senders verify an address.
    While held (`hold`), answers are withheld, so that a target which waits for them stays in
    its state; `release` answers all of them. An event that somebody waits for, or that arrives
    while somebody is `attending`, is answered all the same.
    """

    def __init__(self, public_url: str | None = None, port: int = 0) -> None:
        self.events: list[Event] = []
        self._public_url = public_url
        self._runner: web.AppRunner | None = None
        self._port = port
        self._kept = 0
        self._arrived = asyncio.Event()
        self._held = False
        self._gates: dict[int, asyncio.Event] = {}
        self._attending: list[int] = []

    @property
    def url(self) -> str:
        """The public address where the user gave one, else the loopback one."""
        return self._public_url or f"http://127.0.0.1:{self._port}/hook"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{tail:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        if self._runner is not None:
            await self._runner.cleanup()

    def hold(self) -> None:
        """Withhold answers from now on."""
        self._held = True

    def release(self) -> None:
        """Answer what was withheld, and everything from now on."""
        self._held = False
        self._answer(0)

    @contextmanager
    def attending(self, after: int) -> Iterator[None]:
        """Answer events later than number `after` for the time being, held or not."""
        self._attending.append(after)
        self._answer(after)
        try:
            yield
        finally:
            self._attending.remove(after)

    def _answer(self, after: int) -> None:
        for number, gate in self._gates.items():
            if number > after:
                gate.set()

    async def wait_for(
        self, wanted: str | Callable[[Event], bool], timeout_s: float, after: int = 0
    ) -> Event | None:
        """The first event later than number `after` that fits, waited for at most `timeout_s`."""

        def fits(event: Event) -> bool:
            return event.mentions(wanted) if isinstance(wanted, str) else wanted(event)

        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        seen = after
        while True:
            for event in self.events[seen:]:
                if fits(event):
                    if event.number in self._gates:
                        self._gates[event.number].set()
                    return event
            seen = max(seen, len(self.events))
            left = end - loop.time()
            if left <= 0:
                return None
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                return None

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        text = raw.decode("utf-8", "replace")
        body = _body(text, request.content_type)
        number = self._keep(request, body, text)
        self._arrived.set()
        if self._held and not any(number > after for after in self._attending):
            gate = self._gates.setdefault(number, asyncio.Event())
            try:
                await asyncio.wait_for(gate.wait(), MAX_HOLD_S)
            except TimeoutError:
                return web.Response(status=503)
            finally:
                self._gates.pop(number, None)
        for name in vocabulary("challenges", "challenge"):
            if name in request.query:
                return web.Response(text=request.query[name])
        if isinstance(body, Mapping) and isinstance(body.get("challenge"), str):
            return web.json_response({"challenge": body["challenge"]})
        return web.json_response({"received": True})

    def _keep(self, request: web.Request, body: Any, text: str) -> int:
        """Remember the event, unless a flood of them has filled the memory; its number."""
        number = len(self.events) + 1
        if number > MAX_EVENTS or self._kept + len(text) > MAX_KEPT:
            return number
        self._kept += len(text)
        headers = {
            name: REDACTED if phrase("headers", "secret").search(name) else value
            for name, value in request.headers.items()
        }
        self.events.append(Event(number, request.method, request.path_qs, body, text, headers))
        return number


def _body(text: str, content_type: str) -> Any:
    """JSON whatever the Content-Type says; a form's fields; else MISSING."""
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        return body_of(text.encode("utf-8", "replace"), "utf-8")
    except Unreadable:
        return MISSING
