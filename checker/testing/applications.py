"""An ASGI or WSGI application on a loopback port of its own, for as long as a test needs it."""

from __future__ import annotations

import inspect
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from checker.errors import TargetError

HOST = "127.0.0.1"
_WSGI_PARAMETERS = 2
"""`environ` and `start_response`; an ASGI application takes three, or one and then two."""

Application = Callable[..., Any]


@contextmanager
def serving(application: Application) -> Iterator[str]:
    """The application's address while it is served in a thread of this process.

    What it is is told from how it is called. Raises TargetError where it doesn't start.
    """
    serve = _serving_wsgi if is_wsgi(application) else _serving_asgi
    with serve(application) as address:
        yield address


def is_wsgi(application: Application) -> bool:
    """Whether it is called as WSGI says, and not as ASGI does."""
    called = (application, type(application).__call__)
    if any(inspect.iscoroutinefunction(one) for one in called):
        return False
    try:
        parameters = inspect.signature(application).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in positional and p.default is p.empty]
    return len(needed) == _WSGI_PARAMETERS


@contextmanager
def _serving_asgi(application: Application) -> Iterator[str]:
    import uvicorn

    # Bound here, so that the address is known and nobody else takes it.
    with socket.create_server((HOST, 0)) as listening:
        server = uvicorn.Server(
            uvicorn.Config(application, log_config=None, ws="none", timeout_graceful_shutdown=1)
        )

        def run() -> None:
            with suppress(SystemExit):  # which is how it says that it didn't start
                server.run([listening])

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise TargetError(
                        "The application doesn't start: its lifespan failed.", "Its log says why."
                    )
                thread.join(0.01)
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Tests are no place for an access log."""


@contextmanager
def _serving_wsgi(application: Application) -> Iterator[str]:
    with make_server(HOST, 0, application, _Server, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
