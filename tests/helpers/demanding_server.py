"""A server on loopback that sees whole requests: over TCP, TLS or a unix socket."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from open_gate import open_gate

from checker.domain.credential import Connection
from checker.domain.exchange import Exchange, Request
from checker.probing.http import Wire
from checker.safety.gate import Gate
from checker.settings import Target, Token


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; names of headers in lower case, `client` is whom a certificate
    names."""

    line: str
    headers: Mapping[str, str]
    body: str
    client: str = ""

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.line.split()[1]).query))

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (p.strip().partition("=") for p in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        content = json.dumps(self.body).encode()
        lines = [f"{name}: {value}" for name, value in self.headers]
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join([f"HTTP/1.1 {self.status} X", *lines, "", ""]).encode() + content


Reply = Callable[[Seen], Said]
YES, NO = Said(200, {"ok": True}), Said(401, {"error": "no"})


@dataclass
class Demanding:
    """`url` is where the server is, `seen` what has arrived, in order."""

    reply: Reply
    url: str = ""
    seen: list[Seen] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return [each.line.rpartition(" ")[0] for each in self.seen]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *rest = head.strip().split("\r\n")
                pairs = (line.partition(":") for line in rest)
                headers: dict[str, str] = {}
                for name, _, value in pairs:
                    known = headers.get(name.lower())
                    headers[name.lower()] = f"{known}, {value.strip()}" if known else value.strip()
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                certificate = writer.get_extra_info("peercert") or {}
                names = [v for part in certificate.get("subject", ()) for _, v in part]
                seen = Seen(first, headers, body.decode(), " ".join(names))
                self.seen.append(seen)
                writer.write(self.reply(seen).encoded())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def demanding(
    reply: Reply, *, tls: ssl.SSLContext | None = None, socket: str = ""
) -> AsyncIterator[Demanding]:
    """A server that answers what `reply` says, on a free port or on a unix socket."""
    server = Demanding(reply, "http://localhost")
    if socket:
        listening = await asyncio.start_unix_server(server.serve, socket)
    else:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
        port = listening.sockets[0].getsockname()[1]
        server.url = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listening.close()


@dataclass
class Caller:
    """Sends to a server with a wire of its own; `time` is its clock, since the epoch."""

    wire: Wire
    tokens: dict[str, Token]
    time: list[float]

    async def get(self, path: str = "/things", token: str | None = None) -> Exchange:
        return await self.wire.send(
            Request("GET", path, token=token), self.tokens, {"pw": "s3cr3t"}
        )

    async def status(self, token: str | None = None) -> int:
        response = (await self.get(token=token)).response
        return response.status if response is not None else 0


@asynccontextmanager
async def calling(
    url: str,
    *tokens: Token,
    headers: Mapping[str, str] | None = None,
    connection: Connection | None = None,
    gate: Gate | None = None,
) -> AsyncIterator[Caller]:
    """A wire to an address."""
    time = [1_000_000.0]
    target = Target("t", url, headers=headers or {}, connection=connection or Connection())

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    wire = Wire(target, gate or open_gate(), now=lambda: time[0], sleep=sleep)
    async with wire:
        yield Caller(wire, {t.type: t for t in tokens}, time)


def with_source(token: Token, **changes: Any) -> Token:
    """A token whose value is got by the wire."""
    return replace(token, value=f"placeholder-of-{token.type}", **changes)
