"""A token that ends during a run: who had signed in before does it again, and nobody else."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from document_samples import openapi, write
from serving import JsonServer, running

from checker.domain.credential import Login
from checker.domain.run import RunResult
from checker.pipeline import run
from checker.pipeline.doubts.renewal import subject_of
from checker.reporting.formats import render
from checker.settings import Settings, Target, Token

FIRST = "opal-marigold-31"
ENDS_AFTER = 60
LATER = 82
"""Some operations were examined by then, with every token."""
NAMES = ("a", "b", "c", "d", "e", "f", "g", "h")
OPEN = ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh")


def jwt(subject: str, number: int) -> str:
    """A token that says whom it is about."""
    parts = ({"alg": "none"}, {"iss": "shop", "sub": subject, "iat": number})
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*coded, "sig"])


class Shop(JsonServer):
    """`hand_out` gives the next token to who signs in; the first one is known at the start.

    `demo` signs in with a password; readings of `OPEN` are for everybody. After so many requests
    every token ends.
    """

    def __init__(
        self, first: str, hand_out: Callable[[Shop], str], ends_after: int = ENDS_AFTER
    ) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.first = first
        self.ends_after = ends_after
        self.hand_out = hand_out
        self.valid = {first}
        self.count = 0
        self.unknown = 401
        """What it answers to whom it doesn't know."""
        self.late: list[int] = []
        """Statuses of the sign-ins after the first token's end."""

    def answer_to(self, caller: str, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        with self.lock:
            self.count += 1
            if self.count == self.ends_after:
                self.valid.clear()
            if path == ["login"]:
                return self.sign_in(body)
            open_ = path in [["shop", name] for name in OPEN]
            if not open_ and caller not in self.valid:
                return self.unknown, {"error": "who are you"}
            known = open_ or path in [["shop", name] for name in NAMES]
            return (200, {"name": "x"}) if known else (404, {"error": "no such route"})

    def sign_in(self, body: Any) -> tuple[int, Any]:
        fine = body == {"username": "demo", "password": "demo-pass"}
        if self.first not in self.valid:
            self.late.append(200 if fine else 401)
        if not fine:
            return 401, {"error": "wrong"}
        token = self.hand_out(self)
        if not token:
            return 403, {"error": "no more"}
        self.valid.add(token)
        return 200, {"session": token}


def answered(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "fine", "content": {"application/json": {"schema": schema}}}


BEARER = [{"bearer": []}]
BOTH = "*Available for **Staff and App** tokens*"
APP = Token("app", "quartz-lantern-77")


def document(words: str = "", open_: list[Any] | None = None) -> dict[str, Any]:
    """`words` are said of every reading; `open_` is the security that those have which are open."""
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
    refused = {status: {"description": "no"} for status in ("401", "403")}
    reading = {"description": words, "responses": {"200": answered(shown), **refused}}
    shop = {f"/shop/{n}": {"get": {**reading, "security": BEARER}} for n in NAMES}
    free = {f"/shop/{n}": {"get": {**reading, "security": open_}} for n in OPEN}
    return openapi(
        paths={"/login": {"post": sign_in}, **shop, **(free if open_ is not None else {})},
        components={"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    )


def examined(
    folder: Path, first: str, hand_out: Callable[[Shop], str], unknown: int = 401, **variables: str
) -> tuple[RunResult, Shop]:
    write(folder, document())
    with running(Shop(first, hand_out)) as server:
        server.unknown = unknown
        return checked(folder, server, **variables), server


def checked(folder: Path, server: Shop, *others: Token, **variables: str) -> RunResult:
    """A run with the first token and others beside it."""
    server.valid |= {token.value for token in others}
    tokens = {token.type: token for token in (Token("staff", server.first), *others)}
    target = Target(base_url=server.url, tokens=tokens, variables=variables)
    return run(Settings(paths=(folder,), targets=(target,), fuzz=False, concurrency=1))


def same_then_next(server: Shop) -> str:
    return server.first if server.first in server.valid else f"{server.first}-{server.count}"


@pytest.mark.parametrize(
    ("first", "hand_out", "unknown"),
    [
        (FIRST, same_then_next, 401),
        (FIRST, same_then_next, 403),
        (jwt("demo", 1), lambda server: jwt("demo", server.count), 401),
    ],
)
def test_who_had_signed_in_signs_in_again(
    tmp_path: Path, first: str, hand_out: Callable[[Shop], str], unknown: int
) -> None:
    result, server = examined(tmp_path, first, hand_out, unknown)
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


GIVEN = {"username": "demo", "password": "demo-pass"}


def somebody(server: Shop) -> str:
    return f"other-{ENDS_AFTER:08}{server.count}"


def test_what_the_user_gave_is_meant_for_it(tmp_path: Path) -> None:
    result, _ = examined(tmp_path, FIRST, somebody, **GIVEN)
    assert not result.error and any("signed in again" in n for n in result.notes)


def test_of_two_accounts_nobody_knows_which_one_is_meant(tmp_path: Path) -> None:
    write(tmp_path, document())
    with running(Shop(FIRST, somebody)) as server:
        result = checked(tmp_path, server, APP, **GIVEN)
    assert "The token staff stopped working after" in result.error
    assert not any("signed in again" in n for n in result.notes)


def test_a_sign_in_that_is_refused_ends_the_run(tmp_path: Path) -> None:
    def hand_out(server: Shop) -> str:
        return server.first if server.first in server.valid else ""

    result, server = examined(tmp_path, FIRST, hand_out)
    assert "The token staff stopped working after" in result.error
    assert server.late == [200], "tried once"


def test_another_token_that_may_have_ended_is_told_of_nothing(tmp_path: Path) -> None:
    """It was accepted before, and later at most by operations that accept anything."""
    write(tmp_path, document(BOTH, []))
    with running(Shop(FIRST, same_then_next, LATER)) as server:
        result = checked(tmp_path, server, APP)
    assert any("signed in again" in n for n in result.notes)
    assert not [f.issue for f in result.findings if f.rule == "token-rejected"]


def test_without_a_token_that_ended_for_good_the_run_goes_on_with_the_renewed_one(
    tmp_path: Path,
) -> None:
    """Both are documented for everything; some requests were found with the one that is gone."""
    write(tmp_path, document("*Available for **App and Staff** tokens*"))
    with running(Shop(FIRST, same_then_next)) as server:
        result = checked(tmp_path, server, APP)
    assert not result.error
    assert any("signed in again" in n for n in result.notes)
    (said,) = [n for n in result.notes if "The token app stopped working" in n]
    assert "DRIFTCHECK_TOKEN_APP" in said and said.endswith("went on with the others.")
    reads = {str(o.operation): o for o in result.operations if "/shop/" in str(o.operation)}
    halfway = [o for o in reads.values() if o.status == "inconclusive"]
    assert len(halfway) <= 1, "at most the one that was being examined just then"
    assert not any(o.unasked for o in reads.values())
    assert not [f.issue for f in result.findings if "/shop/" in str(f.operation)]


def test_subjects() -> None:
    assert subject_of(jwt("a", 1)) == subject_of(jwt("a", 2)) == "shop a"
    assert subject_of("a.b.c") == subject_of("opal") == subject_of("a.bnVsbA.c") == ""
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert subject_of(f"a.{deep}.c") == ""


BODY = {"username": "{user}", "password": "{password}"}
KNOWN = {"user": "demo", "password": "demo-pass"}


def with_login(folder: Path, server: Shop, **variables: str) -> RunResult:
    """A run that has no token at hand, but the way to one."""
    login = Login("POST", "/login", BODY, token="$.session")
    token = Token("staff", "a-placeholder", source=login)
    target = Target(base_url=server.url, tokens={"staff": token}, variables=variables)
    return run(Settings(paths=(folder,), targets=(target,), fuzz=False, concurrency=1))


def test_a_configured_login_opens_the_run_and_again_what_has_ended(tmp_path: Path) -> None:
    write(tmp_path, document())
    with running(Shop(FIRST, lambda shop: f"{FIRST}-{shop.count}")) as server:
        server.valid.clear()
        result = with_login(tmp_path, server, **KNOWN)
    done = {o.operation.path for o in result.operations if o.status == "probed"}
    assert {f"/shop/{name}" for name in NAMES} <= done
    assert not result.error
    assert any("got again, as the config says" in note for note in result.notes)
    told = json.dumps(json.loads(render("json", result)))
    assert FIRST not in told and "demo-pass" not in told and "a-placeholder" not in told


def test_a_run_whose_login_is_refused_ends_before_it_asks_anything(tmp_path: Path) -> None:
    write(tmp_path, document())
    with running(Shop(FIRST, lambda shop: FIRST)) as server:
        result = with_login(tmp_path, server, user="demo", password="another-pass")
    assert result.exit_status == 3
    assert "POST /login answers 401" in result.error and "another-pass" not in result.error
    assert server.count < 12
