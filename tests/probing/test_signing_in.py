"""Credentials that are got before they are sent: each from a server that demands it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from demanding_server import NO, YES, Caller, Demanding, Said, Seen, calling, demanding, with_source

from checker.domain.credential import Csrf, Login, OAuth2
from checker.domain.exchange import Request
from checker.errors import TargetError
from checker.planning.credentials import with_invalid
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Token

CLIENT = ("Basic " + base64.b64encode(b"me:sh%20h").decode()).replace("\n", "")


class Issuer:
    """Gives tokens for one hour, t1, t2, …, and an API that takes the newest alone."""

    def __init__(self, **more: Any) -> None:
        self.more = more
        self.given = 0
        self.refused: set[str] = set()

    def __call__(self, seen: Seen) -> Said:
        if seen.line.startswith("POST /token"):
            return self._grant(seen)
        return YES if seen.headers.get("authorization") == f"Bearer t{self.given}" else NO

    def _grant(self, seen: Seen) -> Said:
        if seen.form["grant_type"] in self.refused:
            return Said(400, {"error": "invalid_grant", "error_description": "it has ended"})
        if seen.headers.get("authorization") != CLIENT and seen.form.get("client_secret") != "sh h":
            return Said(401, {"error": "invalid_client"})
        self.given += 1
        return Said(200, {"access_token": f"t{self.given}", "token_type": "bearer", **self.more})


def by_oauth(server: Demanding, **changes: Any) -> Token:
    known = {"client_id": "me", "client_secret": "sh h", **changes}
    return with_source(Token("staff", ""), source=OAuth2(server.url + "/token", **known))


def run(
    reply: Callable[[Seen], Said],
    tokens: Callable[[Demanding], Token],
    act: Callable[[Caller, Demanding], Any],
    **options: Any,
) -> Any:
    """What `act` does with a caller that holds a token, at a server."""

    async def go() -> Any:
        async with demanding(reply) as server, calling(server.url, tokens(server), **options) as c:
            return await act(c, server)

    return asyncio.run(go())


async def twice(caller: Caller, server: Demanding) -> tuple[list[int], list[str]]:
    return [await caller.status("staff") for _ in range(2)], server.lines


# -- OAuth 2.0 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("client_auth", ["basic", "form"])
def test_client_credentials_are_asked_for_once(client_auth: str) -> None:
    def token(server: Demanding) -> Token:
        return by_oauth(server, client_auth=client_auth, scope="a b", extra={"audience": "x"})

    async def act(caller: Caller, server: Demanding) -> tuple[list[int], Seen, int]:
        statuses, _ = await twice(caller, server)
        return statuses, server.seen[0], len(server.seen)

    statuses, asked, requests = run(Issuer(expires_in=3600), token, act)
    assert (statuses, requests) == ([200, 200], 3)
    assert asked.form["grant_type"] == "client_credentials"
    assert (asked.form["scope"], asked.form["audience"]) == ("a b", "x")
    assert ("client_secret" in asked.form) is (client_auth == "form")


def test_a_token_is_got_again_before_it_ends() -> None:
    async def act(caller: Caller, server: Demanding) -> tuple[list[int], list[str]]:
        statuses = [await caller.status("staff")]
        caller.time[0] += 3580
        return [*statuses, await caller.status("staff")], [
            seen.form["grant_type"] for seen in server.seen if seen.form
        ]

    assert run(Issuer(expires_in=3600), by_oauth, act) == (
        [200, 200],
        ["client_credentials", "client_credentials"],
    )


@pytest.mark.parametrize(
    ("refused", "asked"),
    [((), ["client_credentials", "refresh_token"]), (("refresh_token",), None)],
)
def test_a_refresh_token_is_used_as_long_as_it_works(refused: Any, asked: Any) -> None:
    issuer = Issuer(expires_in=3600, refresh_token="r1")
    issuer.refused |= set(refused)

    async def act(caller: Caller, server: Demanding) -> tuple[list[int], list[str]]:
        statuses = [await caller.status("staff")]
        caller.time[0] += 4000
        statuses.append(await caller.status("staff"))
        return statuses, [seen.form["grant_type"] for seen in server.seen if seen.form]

    found = run(issuer, by_oauth, act)
    fallen_back = ["client_credentials", "refresh_token", "client_credentials"]
    assert found == ([200, 200], asked or fallen_back)


def test_the_grants_of_a_user() -> None:
    def by_password(server: Demanding) -> Token:
        return by_oauth(server, grant="password", username="ann", password="pw1")

    async def act(caller: Caller, server: Demanding) -> dict[str, str]:
        assert await caller.status("staff") == 200
        return server.seen[0].form

    form = run(Issuer(), by_password, act)
    assert (form["grant_type"], form["username"], form["password"]) == ("password", "ann", "pw1")

    def by_refresh(server: Demanding) -> Token:
        return by_oauth(server, grant="refresh_token", refresh_token="r0")

    assert run(Issuer(), by_refresh, act)["refresh_token"] == "r0"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Said(401, {"error": "invalid_client"}), "401: invalid_client"),
        (Said(200, {"ok": True}), "without an access token"),
        (Said(200, []), "something else than a token"),
        (Said(500, {}), "500 without an access token"),
    ],
)
def test_no_token_is_one_sentence_without_a_secret(answer: Said, words: str) -> None:
    async def act(caller: Caller, server: Demanding) -> str:
        with pytest.raises(TargetError) as error:
            await caller.status("staff")
        return str(error.value)

    said = run(lambda seen: answer, by_oauth, act)
    assert words in said and "tokens.staff" in said and "sh h" not in said


def test_the_nonsense_credential_signs_nobody_in() -> None:
    async def act(caller: Caller, server: Demanding) -> tuple[int, list[str]]:
        caller.tokens = with_invalid(caller.tokens)
        return await caller.status("invalid"), server.lines

    assert run(Issuer(), by_oauth, act) == (401, ["GET /things"])


# -- operations that sign in -----------------------------------------------------------------------


def jwt(expires: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode()
    return f"h.{claims.rstrip('=')}.s"


LOGIN = Login("POST", "/login", {"name": "ann", "deep": {"password": "{pw}"}}, token="$.data.token")


def test_a_login_answers_the_token_and_again_when_it_ends() -> None:
    def reply(seen: Seen) -> Said:
        if seen.line.startswith("POST /login"):
            known = json.loads(seen.body) == {"name": "ann", "deep": {"password": "s3cr3t"}}
            return Said(200, {"data": {"token": jwt(1_000_600)}}) if known else NO
        return YES if seen.headers.get("authorization") == f"Bearer {jwt(1_000_600)}" else NO

    async def act(caller: Caller, server: Demanding) -> tuple[list[int], list[str]]:
        statuses, _ = await twice(caller, server)
        caller.time[0] = 1_000_580
        return [*statuses, await caller.status("staff")], server.lines

    statuses, lines = run(reply, lambda _: with_source(Token("staff", ""), source=LOGIN), act)
    assert statuses == [200, 200, 200]
    assert lines == ["POST /login", "GET /things", "GET /things", "POST /login", "GET /things"]


def test_a_login_answers_a_header() -> None:
    def reply(seen: Seen) -> Said:
        if seen.line.startswith("POST"):
            return Said(200, {}, (("X-Session", "abcdefgh"),)) if seen.form == {"u": "a"} else NO
        return YES if seen.headers.get("x-session") == "abcdefgh" else NO

    login = Login("POST", "/login", {"u": "a"}, form=True, header="X-Session")
    token = with_source(Token("staff", "", header="X-Session", shaped=True), source=login)
    assert run(reply, lambda _: token, twice)[0] == [200, 200]


@pytest.mark.parametrize("rotates", [False, True])
def test_a_cookie_session_with_a_value_against_forged_requests(rotates: bool) -> None:
    after = "second" if rotates else "first"

    def reply(seen: Seen) -> Said:
        if seen.line.startswith("GET /form"):
            return Said(200, {}, (("Set-Cookie", "csrf=first; Path=/"),))
        value = seen.cookies.get("csrf")
        if not value or seen.headers.get("x-csrf") != value:
            return Said(403, {"error": "forged"})
        if seen.line.startswith("POST /login"):
            cookies = [("Set-Cookie", "lang=en"), ("Set-Cookie", "sid=12345678; HttpOnly")]
            cookies += [("Set-Cookie", f"csrf={after}; Path=/")] if rotates else []
            return Said(200, {}, tuple(cookies))
        return YES if (seen.cookies.get("sid"), value) == ("12345678", after) else NO

    login = Login("POST", "/login", {"name": "ann"}, cookie="sid")
    shape = Token("staff", "", cookie="sid", shaped=True)
    token = with_source(shape, source=login, csrf=Csrf("X-CSRF", "csrf", page="/form"))

    async def act(caller: Caller, server: Demanding) -> tuple[list[int], int]:
        caller.tokens = with_invalid(caller.tokens)
        posted = Request("POST", "/things", token="staff", content=b"{}")
        written = (await caller.wire.send(posted, caller.tokens, {})).response
        statuses = [await caller.status("staff"), await caller.status("invalid")]
        return statuses, written.status if written is not None else 0

    assert run(reply, lambda _: token, act) == ([200, 403], 200)


def test_a_login_that_is_refused_or_answers_no_token_is_one_sentence() -> None:
    async def act(caller: Caller, server: Demanding) -> str:
        with pytest.raises(TargetError) as error:
            await caller.status("staff")
        return str(error.value)

    token = with_source(Token("staff", ""), source=LOGIN)
    said = run(lambda seen: NO, lambda _: token, act)
    assert "POST /login answers 401" in said and "s3cr3t" not in said
    assert "has no $.data.token" in run(lambda seen: YES, lambda _: token, act)


@pytest.mark.parametrize(
    ("policy", "source", "arrives"),
    [
        (Policy(dry_run=True), "login", 0),
        (Policy(dry_run=True), "oauth", 0),
        (Policy(read_only=True), "login", 0),
        (Policy(read_only=True), "oauth", 2),
        (Policy(deny=("POST /login",)), "login", 0),
        (Policy(), "login", 2),
    ],
)
def test_the_gate_is_asked(policy: Policy, source: str, arrives: int) -> None:
    """Reading only, a token is still had of an authorisation server; the API gets no POST."""

    def token(server: Demanding) -> Token:
        return (
            with_source(Token("staff", ""), source=LOGIN) if source == "login" else by_oauth(server)
        )

    async def act(caller: Caller, server: Demanding) -> int:
        try:
            await caller.status("staff")
        except TargetError as error:
            assert "--read-only" in str(error) or "deny" in str(error) or "--dry-run" in str(error)
        return len(server.seen)

    def reply(seen: Seen) -> Said:
        return Said(200, {"access_token": "t", "data": {"token": "12345678"}})

    assert run(reply, token, act, gate=Gate(policy, {}, Ledger())) == arrives
