"""How a token travels where only the documents say it."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from documented import operation

from checker.domain.operation import Operation, Security, SecurityScheme
from checker.planning.credentials import documented_shapes
from checker.probing.http import with_cookie
from checker.settings import Token


def _requiring(*schemes: SecurityScheme) -> Operation:
    names = tuple((s.name,) for s in schemes)
    security = Security(names, {s.name: s for s in schemes})
    return replace(operation(), security=security)


KEY = SecurityScheme("ApiKeyAuth", "apiKey", "header", "X-Key")
COOKIE = SecurityScheme("session", "apiKey", "cookie", "sid")
QUERY = SecurityScheme("access", "apiKey", "query", "api_key")
BEARER = SecurityScheme("jwt", "http", scheme="bearer")
BASIC = SecurityScheme("login", "http", scheme="basic")


@pytest.mark.parametrize(
    ("scheme", "field", "value"),
    [(KEY, "header", "X-Key"), (COOKIE, "cookie", "sid"), (QUERY, "query", "api_key")],
)
def test_the_only_scheme_shapes_any_token(scheme: SecurityScheme, field: str, value: str) -> None:
    shaped = documented_shapes({"mine": Token("mine", "v")}, [_requiring(scheme)])["mine"]
    assert getattr(shaped, field) == value


def test_a_name_tells_which_of_several_schemes_is_meant() -> None:
    tokens = {n: Token(n, "v") for n in ("api_key_auth", "jwt", "staff")}
    shaped = documented_shapes(tokens, [_requiring(KEY, BEARER)])
    assert shaped["api_key_auth"].header == "X-Key"
    assert shaped["jwt"] == tokens["jwt"]
    assert shaped["staff"] == tokens["staff"]


def test_what_the_user_configured_stays() -> None:
    token = Token("mine", "v", header="X-Other", shaped=True)
    assert documented_shapes({"mine": token}, [_requiring(KEY)])["mine"] == token


def test_basic_credentials_are_encoded() -> None:
    shaped = documented_shapes({"login": Token("login", "me:pw")}, [_requiring(BASIC)])["login"]
    assert shaped.scheme == "Basic"
    assert base64.b64decode(shaped.value) == b"me:pw"


def test_an_authorization_header_takes_a_complete_value_as_it_is() -> None:
    own = SecurityScheme("auth", "apiKey", "header", "Authorization")
    shaped = documented_shapes(
        {"a": Token("a", "Token abc"), "b": Token("b", "abc")}, [_requiring(own)]
    )
    assert (shaped["a"].scheme, shaped["b"].scheme) == ("", "Bearer")


def test_cookies_share_one_header() -> None:
    headers = with_cookie([("Cookie", "a=1"), ("X-B", "2")], "sid", "s")
    assert headers == [("X-B", "2"), ("Cookie", "a=1; sid=s")]
