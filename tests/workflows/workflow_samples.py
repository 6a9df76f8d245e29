"""Records and a small stateful API that the workflow tests share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from open_gate import open_gate

from checker.planning.variables import Scope
from checker.probing.http import AccountTransport, Wire
from checker.probing.judge import Judge
from checker.probing.steps import StepRunner
from checker.probing.webhook import WebhookListener
from checker.settings import Target, Token

RECORD = f"""---
endpoint: "POST /parcels/{{depot}}/labels"
domain: parcels
tags: [labels]
swagger: parcels.yaml
status: skip
skipReason: "needs a
  depot: with a printer"
savedAt: "2026-01-01T00:00:00Z"
timesReused: 0
tokens: [clerk]
---

# Print Label

## Summary
Prints a label; a table follows.{"   "}

| a | b |
|---|---|

## Prerequisites

```yaml
steps:
  - id: open_depot
    method: POST
    path: "/depots"
    body:
      name: "Depot {{{{now_timestamp}}}}"
    extract:
      depot: "$.data.uid"
    expect:
      status: [200, 201]
    onFail: abort
```

## Test Request

```yaml
steps:
  - id: print
    method: POST
    path: "/parcels/{{{{depot}}}}/labels"
    body: {{text: "Hello {{{{depot}}}}"}}
    expect:
      status: 201
```

## Notes

Ends without a newline, with trailing spaces  """


@dataclass
class Api:
    """Depots that open when their webhook was answered; everything it got is kept."""

    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    depots: dict[str, str] = field(default_factory=dict)
    hook: str = ""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    failures: list[int] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        self.seen.append((request.method, request.raw_path, dict(request.headers), content))
        if self.failures:
            return web.json_response({"error": "busy"}, status=self.failures.pop(0))
        path = request.path.removeprefix("/main").removeprefix("/other")
        parts = [p for p in path.split("/") if p]
        if request.method == "POST" and parts == ["depots"]:
            uid = f"d{len(self.depots) + 1}"
            self.depots[uid] = "pending" if self.hook else "open"
            if self.hook:
                task = asyncio.create_task(self._announce(uid))
                self.tasks.add(task)
            return web.json_response({"data": {"uid": uid, "status": self.depots[uid]}}, status=201)
        if request.method == "GET" and parts[:1] == ["depots"] and len(parts) == 2:
            status = self.depots.get(parts[1])
            return web.json_response({"data": {"status": status}}, status=200 if status else 404)
        if parts[:1] == ["parcels"] and len(parts) == 3:
            if self.depots.get(parts[1]) != "open":
                return web.json_response({"error": "the depot is not open"}, status=422)
            return web.json_response({"data": {"id": 7, "tags": [{"k": "a", "v": 1}]}}, status=201)
        if parts == ["soft"]:
            return web.json_response({"success": False})
        if parts == ["text"]:
            return web.Response(text="plain")
        return web.json_response({"ok": True, "items": [{"n": 1, "s": "x"}, {"n": 2, "s": "y"}]})

    async def _announce(self, uid: str) -> None:
        async with aiohttp.ClientSession() as session:
            body = {"event": "depot.opened", "uid": uid}
            with suppress(aiohttp.ClientError):
                async with session.post(self.hook, json=body) as answer:
                    if answer.status < 300:
                        self.depots[uid] = "open"


@dataclass
class Bench:
    """A running API, a transport to it, and a listener."""

    api: Api
    transport: AccountTransport
    listener: WebhookListener
    given: dict[str, Any]

    def runner(self, **options: Any) -> StepRunner:
        scope = Scope(given=self.given, webhook_url=self.listener.url)
        options.setdefault("accepted", Judge().accepted)
        options = {"listener": self.listener, "default_token": "clerk", **options}
        return StepRunner(self.transport, scope, **options)


@asynccontextmanager
async def bench(*, hooks: bool = False, **given: Any) -> AsyncIterator[Bench]:
    """Everything on free loopback ports; `hooks`: depots need their event answered."""
    api = Api()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", api.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    tokens = {"clerk": Token("clerk", "clerk-value"), "chief": Token("chief", "chief-value")}
    target = Target(base_url=f"{root}/main", fallback_url=f"{root}/other", tokens=tokens)
    try:
        async with Wire(target, open_gate()) as wire, WebhookListener() as listener:
            api.hook = listener.url if hooks else ""
            yield Bench(api, AccountTransport(wire, tokens, given), listener, given)
            for task in api.tasks:
                task.cancel()
    finally:
        await runner.cleanup()
