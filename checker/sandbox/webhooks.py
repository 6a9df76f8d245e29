"""Asynchronous activation: events posted to the registered listeners over HTTP.

Only addresses of this machine are called: what a client registers is not trusted.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from checker.sandbox.state import Channel, Session, World

NO_LISTENER_S = 30.0
"""How long a resource stays pending where no listener is registered."""


class Activator:
    """Posts activation events; a 2xx answer activates, silence for `answer_s` fails.

    `delay_s` passes between the creation of a resource and its event.
    """

    def __init__(self, world: World, delay_s: float = 0.1, answer_s: float = 1.5) -> None:
        self.world = world
        self.delay_s = delay_s
        self.answer_s = answer_s
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def channel(self, channel: Channel) -> None:
        """Announce a new channel."""
        event = {
            "event": "channel.activation",
            "channel_uid": channel.uid,
            "business_uid": channel.business,
            "type": channel.type,
            "status": channel.status,
        }
        self._start(channel, event, "error")

    def session(self, session: Session) -> None:
        """Announce a new session."""
        event = {
            "event": "session.activation",
            "session_uid": session.uid,
            "channel_uid": session.channel,
            "contact_uid": session.contact,
            "external_uid": session.external,
            "status": session.status,
        }
        self._start(session, event, "failed")

    def refresh(self, resource: Channel | Session, failed: str) -> None:
        """Fail a resource that nobody has been told about for too long."""
        waited = time.monotonic() - resource.made_at
        if resource.status == "pending" and not self.world.listeners and waited > NO_LISTENER_S:
            resource.status = failed

    async def close(self) -> None:
        """Stop waiting for listeners."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _start(self, resource: Channel | Session, event: dict[str, Any], failed: str) -> None:
        if not self.world.listeners:
            return
        urls = tuple(self.world.listeners)
        task = asyncio.create_task(self._announce(resource, event, failed, urls))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _announce(
        self, resource: Channel | Session, event: dict[str, Any], failed: str, urls: tuple[str, ...]
    ) -> None:
        """Post to all addresses at once; the first 2xx answer activates."""
        await asyncio.sleep(self.delay_s)
        posts = [asyncio.create_task(self._post(url, event)) for url in urls if is_local(url)]
        try:
            for answered in asyncio.as_completed(posts):
                if await answered:
                    break
            else:
                if resource.status == "pending":
                    resource.status = failed
                return
            if resource.status == "pending":
                resource.status = "active"
        finally:
            # The others have been told too: they may still answer, in vain.
            self._tasks.update(posts)
            for post in posts:
                post.add_done_callback(self._tasks.discard)

    async def _post(self, url: str, event: dict[str, Any]) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self.answer_s)
        try:
            async with self._session.post(
                url, json=event, timeout=limit, allow_redirects=False
            ) as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return False


def is_local(url: str) -> bool:
    """Whether a URL's host is this machine's loopback."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
