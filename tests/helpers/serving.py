"""A server that runs while a test does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import unquote

Server = TypeVar("Server", bound=ThreadingHTTPServer)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server, answering; closed at the end with its thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class JsonServer(ThreadingHTTPServer):
    """A server on loopback that speaks JSON; `answer` gives the status and what is said (None:
    nothing) to a method, the segments of a path and a body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _JsonHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer_to(self, caller: str, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """As `answer`, to whoever brings this credential ("" for none)."""
        return self.answer(method, path, body)

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        raise NotImplementedError


class PromptHandler(BaseHTTPRequestHandler):
    """Sends an answer's body right behind its head: else that waits for the client to confirm the
    head, which takes 40 ms of each answer on a connection that is kept."""

    disable_nagle_algorithm = True


class _JsonHandler(PromptHandler):
    server: JsonServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        path = [unquote(s) for s in self.path.partition("?")[0].split("/") if s]
        caller = (self.headers.get("Authorization") or "").rpartition(" ")[2]
        status, said = self.server.answer_to(caller, self.command, path, body)
        text = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any
