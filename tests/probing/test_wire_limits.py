"""The limits hold at the server: what arrives there is counted, not what we believe to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from open_gate import open_gate
from raw_server import OK, FakeTime, RawServer, answer, raw_server, wire_to

from checker.domain.exchange import Exchange, Failure, Purpose, Request, Response
from checker.errors import BudgetExhausted, TargetError
from checker.probing.http import Wire
from checker.probing.pacing import Allowance
from checker.settings import Target

Reply = Callable[[str, int], bytes | None]


def gathered(
    reply: Reply, paths: list[str], method: str = "GET", *, close: bool = False, **options: Any
) -> tuple[list[Any], RawServer, Wire, FakeTime, list[float]]:
    """What becomes of requests sent at once: outcomes, server, wire, and when each arrived."""
    time = FakeTime()
    moments: list[float] = []

    async def go() -> tuple[list[Any], RawServer, Wire]:
        async with raw_server(reply, close=close) as server:
            server.on_arrival = lambda: moments.append(time.now)
            async with wire_to(server, time, **options) as wire:
                requests = [Request(method, path) for path in paths]
                sent = [wire.send(request, {}, {}) for request in requests]
                results = await asyncio.gather(*sent, return_exceptions=True)
        return results, server, wire

    return (*asyncio.run(go()), time, moments)


def moody(line: str, number: int) -> bytes | None:
    """Redirects, asks to wait, isn't available, hangs up, answers; all in turn."""
    path = line.split()[1]
    if path.startswith("/hop"):
        return answer("302 Found", f"Location: /hop{(number + 1) % 50}")
    kinds: list[bytes | None] = [
        answer("429 Too Many Requests", "Retry-After: 1"),
        answer("503 Service Unavailable"),
        None,
        answer("302 Found", "Location: /there"),
        OK,
        answer("301 Moved", f"Location: /hop{number % 50}"),
        answer("429 Too Many Requests"),
    ]
    return kinds[number % len(kinds)]


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("budget", [1, 37, 400])
def test_what_arrives_is_what_is_counted_and_never_more_than_allowed(
    method: str, budget: int
) -> None:
    paths = [f"/things/{n}" for n in range(60)]
    results, server, wire, _, _ = gathered(
        moody, paths, method, max_requests=budget, concurrency=16
    )
    assert len(server.arrived) == wire.sent <= budget
    outcomes = (Exchange, BudgetExhausted, TargetError)
    assert all(isinstance(result, outcomes) for result in results)
    assert budget > 37 or len(server.arrived) == budget


@pytest.mark.parametrize(("method", "arrive"), [("DELETE", 2), ("PUT", 2), ("POST", 1), ("GET", 2)])
def test_a_connection_that_went_idle_costs_one_repetition_that_counts(
    method: str, arrive: int
) -> None:
    """The second request on a connection finds it closed."""
    lost: list[str] = []

    def reply(line: str, _: int) -> bytes | None:
        if line.split()[1] == "/second" and not lost:
            lost.append(line)
            return None
        return OK

    time = FakeTime()

    async def go() -> tuple[Exchange, RawServer, Wire]:
        async with raw_server(reply) as server, wire_to(server, time) as wire:
            await wire.send(Request("GET", "/first"), {}, {})
            exchange = await wire.send(Request(method, "/second"), {}, {})
        return exchange, server, wire

    exchange, server, wire = asyncio.run(go())
    assert len(server.arrived) == wire.sent == 1 + arrive
    assert (exchange.response is not None) is (arrive == 2)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "POST", "PATCH"])
def test_what_was_cut_off_on_a_new_connection_is_not_done_twice(method: str) -> None:
    results, server, wire, _, _ = gathered(lambda *_: None, ["/x"], method)
    assert isinstance(results[0].outcome, Failure)
    assert len(server.arrived) == wire.sent == 1


def test_every_hop_and_repetition_takes_a_slot() -> None:
    def reply(line: str, number: int) -> bytes:
        path = line.split()[1]
        if path.count("n") < 3:
            return answer("307 Temporary Redirect", f"Location: {path}n")
        return answer("429 Too Many Requests") if number % 3 == 0 else OK

    _, server, wire, time, moments = gathered(
        reply, [f"/{n}" for n in range(10)], rate=2.0, concurrency=8
    )
    assert len(server.arrived) == wire.sent >= 40
    for number, moment in enumerate(sorted(moments)):
        assert moment >= number * 0.5 - 1e-9
    assert time.now >= (wire.sent - 1) * 0.5 - 1e-9


@pytest.mark.parametrize(
    ("asks", "least"),
    [
        ("Retry-After: 20", 20.0),
        ("Retry-After: 3600", 25.0),
        ("Retry-After: " + "9" * 4_500, 25.0),
        (
            "Date: Sun, 06 Nov 1994 10:00:00 GMT\r\nRetry-After: Sun, 06 Nov 1994 10:00:09 GMT",
            9.0,
        ),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable", "403 No"])
def test_what_asks_for_time_stops_every_request(asks: str, least: float, status: str) -> None:
    def reply(line: str, _: int) -> bytes:
        return answer(status, asks) if " /first " in line else OK

    time = FakeTime()
    moments: list[float] = []

    async def go() -> None:
        options: dict[str, Any] = {"concurrency": 16, "max_retry_wait": 25.0}
        async with raw_server(reply) as server, wire_to(server, time, **options) as wire:
            await wire.look("/first")
            server.on_arrival = lambda: moments.append(time.now)
            sent = [wire.send(Request("POST", f"/{n}"), {}, {}) for n in range(40)]
            await asyncio.gather(*sent)

    asyncio.run(go())
    assert len(moments) == 40 and min(moments) == least == max(moments)


def test_nothing_that_waits_for_its_place_slips_past_the_gate() -> None:
    """Two at once: when the first answer asks to wait, only the other one is on its way."""

    def reply(_: str, number: int) -> bytes:
        return answer("429 Too Many Requests", "Retry-After: 20") if number == 1 else OK

    results, _, _, _, moments = gathered(reply, [f"/{n}" for n in range(30)], concurrency=2)
    assert all(isinstance(r.outcome, Response) for r in results)
    assert sum(moment < 20.0 for moment in moments) <= 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asks", ["nan", "inf", "-1", "", "soon", "0", "\u00b2"])
def test_a_wait_that_is_none_backs_off(status: int, asks: str) -> None:
    def reply(_: str, number: int) -> bytes:
        return answer(f"{status} Busy", f"Retry-After: {asks}") if number < 4 else OK

    results, server, wire, time, _ = gathered(reply, ["/x"])
    assert results[0].outcome.status == 200
    assert len(server.arrived) == wire.sent == 4
    assert 0.0 < time.now < 30.0


def test_what_is_never_available_is_an_answer_in_the_end() -> None:
    results, server, wire, _, _ = gathered(lambda *_: answer("503 Busy"), ["/x"])
    assert results[0].outcome.status == 503
    assert len(server.arrived) == wire.sent == 4


def test_a_circle_is_gone_round_once() -> None:
    def reply(line: str, _: int) -> bytes:
        return answer("302 Found", f"Location: {'/a' if ' /b ' in line else '/b'}")

    time = FakeTime()

    async def go() -> tuple[list[Exchange], RawServer]:
        async with raw_server(reply) as server, wire_to(server, time) as wire:
            found = [await wire.send(Request("GET", f"/x{n}"), {}, {}) for n in range(5)]
        return found, server

    found, server = asyncio.run(go())
    assert all(isinstance(e.outcome, Failure) and e.outcome.kind == "redirect" for e in found)
    assert len(server.arrived) == 3 + 4


@pytest.mark.parametrize("purpose", ["probe", "clean-up"])
def test_the_clean_up_has_requests_left(purpose: Purpose) -> None:
    time = FakeTime()

    async def go() -> tuple[int, int]:
        options: dict[str, Any] = {"max_requests": 10, "reserve": 4}
        async with raw_server(lambda *_: OK) as server, wire_to(server, time, **options) as wire:
            with pytest.raises(BudgetExhausted):
                for n in range(11):
                    await wire.send(Request("POST", f"/{n}"), {}, {})
            before = len(server.arrived)
            with pytest.raises(BudgetExhausted):
                for n in range(11):
                    await wire.send(Request("DELETE", f"/{n}", purpose=purpose), {}, {})
        return before, len(server.arrived)

    assert asyncio.run(go()) == (6, 10 if purpose == "clean-up" else 6)


def test_what_is_not_answered_in_time_twice_has_one_chance_from_then_on() -> None:
    async def go() -> list[str]:
        async with raw_server(lambda line, number: b"") as server:
            async with wire_to(server, FakeTime(), timeout=0.2) as wire:
                for path in ("/changes", "/changes"):
                    outcome = (await wire.send(Request("GET", path), {}, {})).outcome
                    assert isinstance(outcome, Failure) and outcome.kind == "timeout"
            return server.arrived

    arrived = [line.split()[1] for line in asyncio.run(go())]
    assert arrived == ["/changes"] * 3


def test_what_many_wait_for_together_counts_once() -> None:
    """Sixteen answers of a tenth of a second at once hold a run up for a tenth of a second."""
    share = Allowance()

    async def go() -> float:
        async def slowly(request: web.Request) -> web.Response:
            await asyncio.sleep(0.1)
            return web.Response()

        app = web.Application()
        app.router.add_get("/{tail:.*}", slowly)
        async with TestServer(app) as server:
            target = Target(base_url=str(server.make_url("")).rstrip("/"))
            async with Wire(target, open_gate(), concurrency=16) as wire:
                began = perf_counter()
                with share.holding():
                    await asyncio.gather(*(wire.look(f"/{n}") for n in range(16)))
                return perf_counter() - began

    took = asyncio.run(go())
    assert 0.1 <= share.waited <= 2 * took
