"""The sandbox as a server: in an event loop, in a background thread, or for the command line."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType

import uvicorn

from checker.sandbox.app import FALLBACK, PRIMARY, build_app
from checker.sandbox.chaos import SWITCHES
from checker.sandbox.protocol import ResettableProtocol
from checker.sandbox.state import World
from checker.sandbox.webhooks import Activator

START_S = 15.0
"""How long a background start may take, in seconds."""


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @contextlib.contextmanager
    def until_signalled(self) -> Iterator[None]:
        """It stops serving at SIGINT or SIGTERM.

        A handler that raises could do so within a request: that would answer 500, and it would
        serve for ever. What the caller ignores (nohup) stays ignored.
        """

        def arrived(_: int, __: FrameType | None) -> None:
            self.should_exit = True

        numbers = [
            number
            for number in (signal.SIGINT, signal.SIGTERM)
            if signal.getsignal(number) is not signal.SIG_IGN
        ]
        before = {number: signal.signal(number, arrived) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Sandbox:
    """One sandbox with its own state on its own port (0: a free one).

    Use it with `async with`, or with `start()` and `stop()` in a background thread (also as a
    plain `with`). `activation_delay` passes between the creation of a channel or session and
    its event; a listener that hasn't answered after `answer_timeout` fails it (both in
    seconds). The port is bound on creation, so the addresses are known at once. Raises OSError
    where the port is taken and ValueError for an unknown chaos switch.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        chaos: Iterable[str] = frozenset(),
        *,
        activation_delay: float = 0.1,
        answer_timeout: float = 1.5,
    ) -> None:
        self.chaos = frozenset(chaos)
        if unknown := self.chaos - SWITCHES:
            raise ValueError(f"unknown chaos switch {min(unknown)!r}")
        self.world = World(seed)
        self._activator = Activator(self.world, activation_delay, answer_timeout)
        # The protocol is named so that asyncio turns Nagle's algorithm off for connections.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.host, self.port = host, int(self._socket.getsockname()[1])
        app = build_app(self.world, self._activator, self.chaos, seed)
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
            http=ResettableProtocol,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """The primary base URL."""
        return f"http://{self.host}:{self.port}{PRIMARY}"

    @property
    def fallback_url(self) -> str:
        """The fallback base URL."""
        return f"http://{self.host}:{self.port}{FALLBACK}"

    @property
    def tokens(self) -> dict[str, str]:
        """Token type → value; `key` travels in the header `x-api-key`, the others as Bearer."""
        return {
            "staff": self.world.staff_token,
            "app": self.world.app_token,
            "directory": self.world.directory_token,
            "key": self.world.key,
        }

    @property
    def variables(self) -> dict[str, str]:
        """What workflow records may use without asking for it first."""
        first = self.world.first
        channels = {
            f"{kind.replace('-', '_')}_channel_id": uid
            for kind, uid in self.world.application_channels.items()
        }
        return {
            "business_id": first.id,
            "staff_id": first.staff_id,
            "client_id": next(iter(first.clients)),
            "visitor_id": self.world.visitors[0],
            **channels,
        }

    # -- in an event loop --

    async def __aenter__(self) -> Sandbox:
        self._task = asyncio.create_task(self._serve())
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError("the sandbox didn't start")
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task

    async def _serve(self) -> None:
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            await self._activator.close()
            self._socket.close()

    # -- in a background thread --

    def start(self) -> Sandbox:
        """Serve in a background thread; returns when requests are answered."""
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="sandbox", daemon=True
        )
        self._thread.start()
        waiting = threading.Event()
        for _ in range(int(START_S / 0.005)):
            if self._server.started:
                return self
            if not self._thread.is_alive():
                break
            waiting.wait(0.005)
        raise RuntimeError("the sandbox didn't start")

    def stop(self) -> None:
        """Stop the background thread; harmless where it doesn't run."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(START_S)
            self._thread = None
        self._socket.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- for the command line --

    def export_lines(self) -> list[str]:
        """Its addresses and credentials as lines for a shell."""
        lines = [
            f"export DRIFTCHECK_BASE_URL={self.base_url}",
            f"export DRIFTCHECK_FALLBACK_URL={self.fallback_url}",
        ]
        lines += [f"export DRIFTCHECK_TOKEN_{k.upper()}={v}" for k, v in self.tokens.items()]
        lines += [f"# --var {name}={value}" for name, value in self.variables.items()]
        return lines

    def serve_forever(self) -> None:
        """Print the addresses and tokens, then serve until interrupted."""
        self._socket.listen(128)  # Whoever reads the addresses may connect at once.
        with self._server.until_signalled():
            print("\n".join(self.export_lines()), flush=True)
            asyncio.run(self._serve())
