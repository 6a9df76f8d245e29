"""Bodies that come in pieces are read as a whole; one that is too long ends somewhere."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from open_gate import open_gate

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.probing import client
from checker.probing.http import Wire
from checker.settings import Target

PIECES = 40
ITEM = {"text": "x" * 5_000}


def asked(body: bytes, pause: float = 0.0) -> Exchange:
    """The exchange with a server that sends a JSON body piece by piece."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(head.encode() + b"\r\nConnection: close\r\n\r\n")
        size = -(-len(body) // PIECES)
        try:
            for start in range(0, len(body), size):
                writer.write(body[start : start + size])
                await writer.drain()
                await asyncio.sleep(pause)
        except ConnectionError:
            pass
        writer.close()

    async def exchange() -> Exchange:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Wire(Target("t", f"http://127.0.0.1:{port}"), open_gate()) as wire:
            return await wire.send(Request("GET", "/items"), {}, {})

    return asyncio.run(exchange())


def test_a_body_in_many_pieces() -> None:
    items = [ITEM] * PIECES
    outcome = asked(json.dumps(items).encode(), 0.002).outcome
    assert isinstance(outcome, Response)
    assert outcome.body == items


def test_a_body_beyond_all_measure(monkeypatch: Any) -> None:
    monkeypatch.setattr(client, "MAX_BODY", 50_000)
    outcome = asked(json.dumps([ITEM] * PIECES).encode()).outcome
    assert isinstance(outcome, Failure)
    assert outcome.kind == "broken-body"
