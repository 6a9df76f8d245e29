"""The listener against a real client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
from patience import PATIENCE_S

from checker.domain.schema import MISSING
from checker.probing.webhook import MAX_BODY, Event, WebhookListener


async def until(holds: Callable[[], bool]) -> None:
    """Give way to other tasks until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


def test_events_are_kept_answered_and_numbered() -> None:
    async def run() -> None:
        async with WebhookListener() as hook, aiohttp.ClientSession() as http:
            headers = {"Authorization": "Bearer s3cret", "X-Kind": "a", "X-Hub-Signature": "s3cret"}
            for data in ({"json": {"type": "opened"}}, {"data": {"type": "closed"}}):
                async with http.post(hook.url, headers=headers, **data) as answer:
                    assert answer.status == 200
            async with http.put(hook.url + "/deep?x=1", data=b"plain \xff") as answer:
                assert answer.status == 200
            async with http.post(hook.url, data=b"x" * (MAX_BODY + 1)) as answer:
                assert answer.status == 413
            one, two, three = hook.events
            assert [e.number for e in hook.events] == [1, 2, 3]
            assert (one.body, two.body) == ({"type": "opened"}, {"type": "closed"})
            assert three.body is MISSING and three.path == "/hook/deep?x=1"
            assert one.headers["X-Kind"] == "a"
            assert "s3cret" not in str(one)

    asyncio.run(run())


def test_challenges_are_echoed() -> None:
    async def run() -> None:
        async with WebhookListener() as hook, aiohttp.ClientSession() as http:
            for name in ("challenge", "hub.challenge", "validationToken"):
                async with http.get(hook.url, params={name: "abc"}) as answer:
                    assert await answer.text() == "abc"
            async with http.post(hook.url, json={"challenge": "abc"}) as answer:
                assert await answer.json() == {"challenge": "abc"}

    asyncio.run(run())


def test_waiting_for_events_past_and_to_come() -> None:
    async def run() -> None:
        async with WebhookListener() as hook, aiohttp.ClientSession() as http:

            async def post(kind: str) -> None:
                async with http.post(hook.url, json={"a": [{"kind": kind, "id": 7}]}):
                    pass

            await post("opened")
            first = await hook.wait_for("opened", PATIENCE_S)
            assert first is not None and first.number == 1
            assert await hook.wait_for("opened", 0, after=1) is None
            waiting = [
                asyncio.create_task(hook.wait_for("opened 7", PATIENCE_S, after=1)),
                asyncio.create_task(hook.wait_for(lambda e: e.number == 3, PATIENCE_S)),
            ]
            await post("closed")
            await post("opened")
            assert [e and e.number for e in await asyncio.gather(*waiting)] == [3, 3]

    asyncio.run(run())


def test_words_are_whole_words() -> None:
    event = Event(1, "POST", "/hook", {"status": "inactive", "n": 12, "ok": True}, "")
    assert event.mentions("inactive") and event.mentions("12") and event.mentions("inactive 12")
    assert not event.mentions("active") and not event.mentions("1") and not event.mentions("n")
    assert Event(1, "POST", "/hook", MISSING, "depot.opened for d1").mentions("depot.opened d1")


def test_held_answers_come_when_released_or_waited_for() -> None:
    async def run() -> None:
        async with WebhookListener() as hook, aiohttp.ClientSession() as http:

            async def post(kind: str) -> int:
                async with http.post(hook.url, json={"kind": kind}) as answer:
                    return answer.status

            hook.hold()
            first = asyncio.create_task(post("first"))
            await until(lambda: len(hook.events) == 1)
            second = asyncio.create_task(post("second"))
            assert await hook.wait_for("second", PATIENCE_S) is not None
            assert await second == 200
            assert not first.done()
            with hook.attending(after=2):
                assert await post("third") == 200
            assert not first.done()
            with hook.attending(after=0):
                assert await first == 200
            fourth = asyncio.create_task(post("fourth"))
            await until(lambda: len(hook.events) == 4)
            hook.release()
            assert await fourth == 200

    asyncio.run(run())


def test_a_public_address_wins() -> None:
    assert WebhookListener("https://tunnel.example.com/x").url == "https://tunnel.example.com/x"
