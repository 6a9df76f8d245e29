"""A token that ends during a run: who had signed in before does it again, and nobody else."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from serving import running

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.pipeline.renewal import subject_of
from checker.settings import Settings, Target, Token

FIRST = "opal-marigold-31"
ENDS_AFTER = 60
LATER = 70
"""Some operations were examined by then, with every token."""
NAMES = "abcdefgh"


def jwt(subject: str, number: int) -> str:
    """A token that says whom it is about."""
    parts = ({"alg": "none"}, {"iss": "shop", "sub": subject, "iat": number})
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*coded, "sig"])


class Shop(ThreadingHTTPServer):
    """`hand_out` gives the next token to who signs in; the first one is known at the start."""

    daemon_threads = True

    def __init__(
        self, first: str, hand_out: Callable[[Shop], str], ends_after: int = ENDS_AFTER
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.first = first
        self.ends_after = ends_after
        self.hand_out = hand_out
        self.valid = {first}
        self.count = 0
        self.signed_in: list[Any] = []
        self.late: list[int] = []
        """Statuses of the sign-ins after the first token's end."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shop

    def log_message(self, *_: Any) -> None:
        pass

    def reply(self, content: bytes) -> tuple[int, Any]:
        server = self.server
        if self.path == "/login":
            return self.sign_in(content)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in server.valid:
            return 401, {"error": "who are you"}
        known = self.path.removeprefix("/shop/") in list(NAMES)
        return (200, {"name": "x"}) if known else (404, {"error": "no such route"})

    def sign_in(self, content: bytes) -> tuple[int, Any]:
        server = self.server
        try:
            fine = json.loads(content) == {"username": "demo", "password": "demo-pass"}
        except ValueError:
            fine = False
        if server.first not in server.valid:
            server.late.append(200 if fine else 401)
        if not fine:
            return 401, {"error": "wrong"}
        token = server.hand_out(server)
        if not token:
            return 403, {"error": "no more"}
        server.valid.add(token)
        return 200, {"session": token}

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.count += 1
            if self.server.count == self.server.ends_after:
                self.server.valid.clear()
            status, data = self.reply(content)
        answer = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = handle_any


def answered(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "fine", "content": {"application/json": {"schema": schema}}}


def document(words: str = "") -> dict[str, Any]:
    shown = {"type": "object", "properties": {"name": {"type": "string"}}}
    text = {"type": "string"}
    sign_in = {
        "summary": "Start a session",
        "security": [],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["username", "password"],
                        "properties": {"username": text, "password": text},
                    },
                    "example": {"username": "demo", "password": "demo-pass"},
                }
            },
        },
        "responses": {"200": answered({"type": "object", "properties": {"session": text}})},
    }
    reading = {
        "description": words,
        "security": [{"bearer": []}],
        "responses": {"200": answered(shown), "401": {"description": "no"}},
    }
    return openapi(
        paths={"/login": {"post": sign_in}, **{f"/shop/{n}": {"get": reading} for n in NAMES}},
        components={"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    )


def examined(
    folder: Path, first: str, hand_out: Callable[[Shop], str], **variables: str
) -> tuple[RunResult, Shop]:
    write(folder, document())
    with running(Shop(first, hand_out)) as server:
        tokens = {"staff": Token("staff", first)}
        target = Target(base_url=server.url, tokens=tokens, variables=variables)
        settings = Settings(paths=(folder,), targets=(target,), fuzz=False, concurrency=1)
        return run(settings), server


def same_then_next(server: Shop) -> str:
    return server.first if server.first in server.valid else f"{server.first}-{server.count}"


@pytest.mark.parametrize(
    ("first", "hand_out"),
    [
        (FIRST, same_then_next),
        (jwt("demo", 1), lambda server: jwt("demo", server.count)),
    ],
)
def test_who_had_signed_in_signs_in_again(
    tmp_path: Path, first: str, hand_out: Callable[[Shop], str]
) -> None:
    result, server = examined(tmp_path, first, hand_out)
    assert server.count > ENDS_AFTER and not result.error
    reads = [o for o in result.operations if "/shop/" in str(o.operation)]
    assert {o.status for o in reads} == {"probed"} and not any(o.unasked for o in reads)
    assert not [f.issue for f in result.findings if "/shop/" in str(f.operation)]
    assert server.late[0] == 200, "what had been accepted before"
    said = [n for n in result.notes if "signed in again by POST /login" in n]
    assert len(said) == 1 and "token staff" in said[0]


@pytest.mark.parametrize(
    ("first", "hand_out"),
    [
        (FIRST, lambda server: f"other-{server.count:08}"),
        (jwt("somebody", 1), lambda server: jwt("demo", server.count)),
    ],
)
def test_nobody_signs_in_as_another(
    tmp_path: Path, first: str, hand_out: Callable[[Shop], str]
) -> None:
    result, _ = examined(tmp_path, first, hand_out)
    assert "The token staff stopped working after" in result.error
    assert not any("signed in again" in n for n in result.notes)


def test_what_the_user_gave_is_meant_for_it(tmp_path: Path) -> None:
    given = {"username": "demo", "password": "demo-pass"}
    other = f"other-{ENDS_AFTER:08}"
    result, _ = examined(tmp_path, FIRST, lambda server: f"{other}{server.count}", **given)
    assert not result.error and any("signed in again" in n for n in result.notes)


def test_a_sign_in_that_is_refused_ends_the_run(tmp_path: Path) -> None:
    def hand_out(server: Shop) -> str:
        return server.first if server.first in server.valid else ""

    result, server = examined(tmp_path, FIRST, hand_out)
    assert "The token staff stopped working after" in result.error
    assert server.late == [200], "tried once"


def test_another_token_that_may_have_ended_is_told_of_nothing(tmp_path: Path) -> None:
    """It was accepted before, and by none of the operations that come after the end."""
    write(tmp_path, document("*Available for **Staff and App** tokens*"))
    with running(Shop(FIRST, same_then_next, LATER)) as server:
        server.valid.add("quartz-lantern-77")
        tokens = {"staff": Token("staff", FIRST), "app": Token("app", "quartz-lantern-77")}
        target = Target(base_url=server.url, tokens=tokens)
        settings = Settings(paths=(tmp_path,), targets=(target,), fuzz=False, concurrency=1)
        result = run(settings)
    assert any("signed in again" in n for n in result.notes)
    assert not [f.issue for f in result.findings if f.rule == "token-rejected"]


def test_subjects() -> None:
    assert subject_of(jwt("a", 1)) == subject_of(jwt("a", 2)) == "shop a"
    assert subject_of("a.b.c") == subject_of("opal") == subject_of("a.bnVsbA.c") == ""
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert subject_of(f"a.{deep}.c") == ""
