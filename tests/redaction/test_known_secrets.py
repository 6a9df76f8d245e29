"""What a run knows to be secret before it has sent anything."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from checker.domain.credential import Connection, Login, OAuth2
from checker.domain.exchange import Exchange, Request, Response
from checker.planning.known_secrets import (
    learn_arguments,
    learn_environment,
    learn_exchange,
    learn_target,
)
from checker.redaction import Secrets
from checker.settings import Target, Token

TARGET = Target(
    base_url="https://me:url-secret-1@host/x",
    fallback_url="https://url-secret-2@host",
    webhook_url="https://u:url%2Dsecret-3@host",
    tokens={
        "staff": Token("staff", "tok-secret-4", headers={"X-For": "{id}", "X-Sub": "sub-secret-5"}),
        "key": Token("key", "k1", header="x-key"),
        "got": Token(
            "got",
            "driftcheck-session-got",
            source=OAuth2("https://i/t", "me", "src-secret-8", refresh_token="src-secret-9"),
        ),
        "in": Token("in", "p", source=Login("POST", "/in", {"password": "src-secret-10"})),
    },
    connection=Connection(proxy="http://me:url-secret-11@proxy:3128"),
    headers={"X-Proxy-Key": "hdr-secret-6", "X-Env": "staging", "Accept": "application/v1+json"},
    variables={"admin_password": "var-secret-7", "city": "Springfield-42"},
)
KNOWN = (
    "url-secret-1",
    "url-secret-2",
    "url-secret-3",
    "url%2Dsecret-3",
    "tok-secret-4",
    "sub-secret-5",
    "hdr-secret-6",
    "var-secret-7",
    "src-secret-8",
    "src-secret-9",
    "src-secret-10",
    "url-secret-11",
)


@pytest.mark.parametrize("value", KNOWN)
def test_a_target_s_secrets(value: str) -> None:
    secrets = Secrets()
    learn_target(secrets, TARGET)
    assert value not in secrets.text(f"x {value} y")


def test_what_is_none() -> None:
    secrets = Secrets()
    learn_target(secrets, TARGET)
    text = "On staging in Springfield-42, application/v1+json, {id}, k1, me, session, got"
    assert secrets.text(text) == text
    assert secrets.text("X-Env: staging; x-key: k1") == "X-Env: ***; x-key: $DRIFTCHECK_TOKEN_KEY"
    assert secrets.text("tok-secret-4") == "$DRIFTCHECK_TOKEN_STAFF"


def test_the_environment() -> None:
    secrets = Secrets()
    environment = {
        "DRIFTCHECK_TOKEN_A__STAFF": "env-secret-1",
        "DRIFTCHECK_VAR_USER_PASSWORD": "env-secret-2",
        "https_proxy": "http://me:env-secret-3@proxy:3128",
        "DRIFTCHECK_BASE_URL": "http://me:env-secret-4@host",
        "HOME_URL": "http://me:else-where-5@host",
    }
    learn_environment(secrets, environment)
    assert secrets.text("env-secret-1") == "$DRIFTCHECK_TOKEN_A__STAFF"
    said = "env-secret-2 env-secret-3 env-secret-4 else-where-5"
    assert secrets.text(said) == "*** *** *** else-where-5"


def test_the_command_line() -> None:
    secrets = Secrets()
    arguments = ["docs", "--token", "staff=arg-secret-1", "--token=app=arg-secret-2"]
    arguments += ["--base-url=http://u:arg-secret-3@h", "--fallback-url", "http://u:arg-secret-4@h"]
    arguments += ["--var", "api_key=arg-secret-5", "--var", "city=arg-place-6"]
    arguments += ["--header", "X-Key: arg-secret-7", "--header=X-Key: arg-secret-8"]
    arguments += ["--proxy", "http://u:arg-secret-9@h"]
    learn_arguments(secrets, arguments)
    assert secrets.text("arg-secret-1") == "$DRIFTCHECK_TOKEN_STAFF"
    assert secrets.text("arg-secret-2") == "$DRIFTCHECK_TOKEN_APP"
    said = "arg-secret-3 arg-secret-4 arg-secret-5 arg-place-6"
    assert secrets.text(said) == "*** *** *** arg-place-6"
    assert secrets.text("arg-secret-7 arg-secret-8 arg-secret-9") == "*** *** ***"


def test_every_cookie_of_an_answer() -> None:
    secrets = Secrets()
    cookies = ("lang=en; Path=/", "sid=cookie-secret-1x; HttpOnly", "csrf=cookie-secret-2x")
    response = Response(200, {"Set-Cookie": cookies[0]}, cookies=cookies)
    learn_exchange(secrets, Exchange(Request("GET", "/"), response, 1))
    assert secrets.text("cookie-secret-1x cookie-secret-2x") == "*** ***"


def test_what_was_masked_before_a_secret_was_known_is_masked_anew() -> None:
    secrets = Secrets()
    said = "the key is q7Zk-93hfLw0-aaTu"
    assert secrets.text(said) == said
    secrets.learn("q7Zk-93hfLw0-aaTu")
    assert "q7Zk" not in secrets.text(said)
    secrets.learn("q7Zk-93hfLw0-aaTu", name="KEY")
    assert secrets.text(said) == "the key is $KEY"


def test_a_secret_is_masked_in_two_spellings_of_one_text() -> None:
    secrets = Secrets()
    secrets.learn("q7Zk/93hfLw0+aaTu")
    assert secrets.page("q7Zk/93hfLw0+aaTu and q7Zk%2F93hfLw0%2BaaTu") == "*** and ***"


def calls_to_mask_one_of(count: int) -> int:
    """How many functions are called where that many cookies were learned, and one is masked."""
    secrets, called = Secrets(), 0
    secrets.learn("q7Zk-93hfLw0-aaTu", name="KEY")

    def note(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal called
        called += event == "call"

    cookies = [
        f"s=2|1:0|10:17643{n:05}|4:user|28:kQ{n:05}wZx9Lm3p|9f{n:05}c81ab" for n in range(count)
    ]
    secrets.learn_answer("", cookies, None)
    sys.setprofile(note)
    try:
        shown = secrets.text(f"set {cookies[-1]}")
    finally:
        sys.setprofile(None)
    assert shown == "set s=***"
    return called


def test_secrets_are_not_compared_with_each_other() -> None:
    """A server may set another cookie with each answer."""
    assert calls_to_mask_one_of(400) < 6 * calls_to_mask_one_of(100)


def test_a_password_is_one_secret_whatever_is_in_it() -> None:
    secrets = Secrets()
    secrets.learn("Basic bWU6b3Blbi1zZXNhbWUtMTpkb29yLTdxLWxlZnQ=")
    assert secrets.text("open-sesame-1:door-7q-left") == "***"
    assert secrets.text("door-7q-left") == "door-7q-left"


def test_a_name_gives_way_to_a_secret_in_it_whichever_is_learned_first() -> None:
    for order in (1, -1):
        secrets = Secrets()
        for value, name in [("q7Zk-93hfLw0-aaTu", "OPEN_SESAME"), ("open_sesame", "")][::order]:
            secrets.learn(value, name)
        assert secrets.text("q7Zk-93hfLw0-aaTu") == "***"
