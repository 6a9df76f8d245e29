"""Switches that make the sandbox a bad neighbour, for robustness tests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SWITCHES = frozenset({"rate-limit", "slow", "flaky", "resets", "bad-json"})
SHARE = 0.08
"""How many of the requests each switch hits."""
SLOW_S = 0.4
RETRY_AFTER_S = 1
RESET = "driftcheck.reset"
"""Key of the ASGI extension that cuts the connection, given by the server's protocol."""


def parse_chaos(text: str) -> frozenset[str]:
    """Switches from "rate-limit,slow"; raises ValueError that names an unknown one."""
    chosen = frozenset(part.strip() for part in text.split(",") if part.strip())
    for name in sorted(chosen - SWITCHES):
        raise ValueError(f"unknown chaos switch {name!r}; there are {', '.join(sorted(SWITCHES))}")
    return chosen


class Chaos:
    """ASGI middleware; the n-th request meets the same fate under the same seed."""

    def __init__(self, app: ASGIApp, switches: Iterable[str], seed: int) -> None:
        self.app = app
        self.switches = sorted(switches)
        self._random = random.Random(f"chaos {seed}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fates = {name for name in self.switches if self._random.random() < SHARE}
        if "slow" in fates:
            await asyncio.sleep(SLOW_S)
        if "resets" in fates:
            scope["extensions"][RESET]()
        elif "rate-limit" in fates:
            await _plain(send, 429, b"too many requests", RETRY_AFTER_S)
        elif "flaky" in fates:
            await _plain(send, 503, b"service unavailable")
        elif "bad-json" in fates:
            await self.app(scope, receive, _truncating(send))
        else:
            await self.app(scope, receive, send)


async def _plain(send: Send, status: int, body: bytes, retry_after: int | None = None) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _truncating(send: Send) -> Send:
    """Cuts the body in half, the announced length included, so that only the JSON is broken."""
    start: list[Message] = []

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body = message.get("body", b"")
        half = body[: len(body) // 2]
        head = start[0]
        headers = [(n, v) for n, v in head["headers"] if n.lower() != b"content-length"]
        headers.append((b"content-length", str(len(half)).encode()))
        await send({**head, "headers": headers})
        await send({"type": "http.response.body", "body": half})

    return cut
