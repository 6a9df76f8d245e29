"""A server that answers bytes as they are, counts what arrives, and a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from open_gate import open_gate

from checker.probing.http import Wire
from checker.settings import Target

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Answers what `reply(line, number)` says: bytes, or None to reset the connection.

    `arrived` are the request lines in the order of arrival, the first one is number 1.
    """

    def __init__(self, reply: Callable[[str, int], bytes | None], *, close: bool = False) -> None:
        self.reply = reply
        self.close = close
        self.arrived: list[str] = []
        self.url = ""
        self.on_arrival: Callable[[], None] = lambda: None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                for line in head.lower().split("\r\n"):
                    if line.startswith("content-length:"):
                        await reader.readexactly(int(line.split(":")[1]))
                self.arrived.append(head.split("\r\n")[0])
                self.on_arrival()
                said = self.reply(self.arrived[-1], len(self.arrived))
                if said is None:
                    writer.transport.abort()
                    return
                writer.write(said)
                await writer.drain()
                if self.close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def raw_server(
    reply: Callable[[str, int], bytes | None], *, close: bool = False
) -> AsyncIterator[RawServer]:
    """A server on a free port of loopback."""
    raw = RawServer(reply, close=close)
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()


class FakeTime:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds
        await asyncio.sleep(0)


def wire_to(raw: RawServer, time: FakeTime, **options: object) -> Wire:
    """A wire whose waiting takes no time."""
    return Wire(Target("t", raw.url), open_gate(), clock=time.clock, sleep=time.sleep, **options)  # type: ignore[arg-type]
