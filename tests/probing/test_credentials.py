"""How a token travels where only the documents say it."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from documented import operation

from checker.domain.credential import Login
from checker.domain.operation import (
    DocumentInfo,
    FieldKey,
    Operation,
    OperationId,
    Place,
    Security,
    SecurityScheme,
)
from checker.domain.portal import Document, Portal
from checker.planning.configured import without_headers
from checker.planning.credentials import (
    documented_logins,
    documented_shapes,
    documented_tokens,
    joint,
    single,
    tokens_for,
    with_header_tokens,
    with_invalid,
    with_joint,
)
from checker.probing.attaching import with_cookie
from checker.settings import Target, Token


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


# -- schemes that go together, headers that are credentials ----------------------------------------


def _together(*schemes: SecurityScheme) -> Operation:
    names = tuple(s.name for s in schemes)
    return replace(operation(), security=Security((names,), {s.name: s for s in schemes}))


def test_schemes_that_go_together_are_one_credential_more() -> None:
    tokens = {"ApiKeyAuth": Token("ApiKeyAuth", "k"), "jwt": Token("jwt", "t")}
    both = _together(KEY, BEARER)
    found = with_joint(tokens, [both, _requiring(KEY)])
    assert list(found) == ["ApiKeyAuth", "jwt", "ApiKeyAuth+jwt"]
    assert [part.value for part in found["ApiKeyAuth+jwt"].also] == ["k", "t"]
    assert tokens_for(both.security, found)[0] == "ApiKeyAuth+jwt"
    assert "ApiKeyAuth+jwt" not in tokens_for(_requiring(KEY).security, found)
    assert single(with_invalid(found)) == ["ApiKeyAuth", "jwt"]
    assert with_invalid({"x": found["ApiKeyAuth+jwt"]}).keys() == {"x"}, "no nonsense of several"


def test_neither_of_two_that_go_together_is_documented_alone() -> None:
    found = documented_tokens(_together(KEY, BEARER).security, ["apikeyauth", "jwt"])
    assert found == []
    assert documented_tokens(_requiring(KEY, BEARER).security, ["jwt"]) == ["jwt"]


def test_where_one_of_them_is_missing_there_is_no_joint_one() -> None:
    assert list(with_joint({"jwt": Token("jwt", "t")}, [_together(KEY, BEARER)])) == ["jwt"]


def test_what_the_user_puts_together_is_tried_anywhere() -> None:
    parts = (Token("a", "1", header="X-A"), Token("b", "2"))
    tokens = {"both": joint(parts, "both", shaped=True)}
    assert tokens_for(_requiring(BEARER).security, tokens) == ["both", None]


@pytest.mark.parametrize(
    ("scheme", "header", "is_token"),
    [(KEY, "x-key", True), (BEARER, "Authorization", True), (KEY, "X-Tenant", False)],
)
def test_a_configured_header_that_is_a_credential_is_a_token(
    scheme: SecurityScheme, header: str, is_token: bool
) -> None:
    target = with_header_tokens(Target(headers={header: "v"}), [_requiring(scheme)])
    assert (list(target.tokens), list(target.headers)) == (
        ([scheme.name], []) if is_token else ([], [header])
    )


def test_a_login_is_found_below_the_documents_base_path() -> None:
    login = replace(operation(id=OperationId("POST", "/v1/login")), path_template="/login")
    token = Token("a", "p", source=Login("POST", "/login", token="$.token"))
    other = Token("b", "p", source=Login("POST", "/elsewhere", token="$.token"))
    found = documented_logins({"a": token, "b": other}, [login])
    assert [t.source.path for t in found.values() if isinstance(t.source, Login)] == [
        "/v1/login",
        "/elsewhere",
    ]


def test_a_configured_header_is_no_field() -> None:
    documented = operation(query={"X-Tenant": {}, "q": {}})
    key = FieldKey(Place.HEADER, "X-Tenant")
    fields = (replace(documented.parameters[0], key=key), documented.parameters[1])
    documented = replace(documented, parameters=fields)
    document = Document(DocumentInfo("a.json", "3.0"), (documented,))
    portal = without_headers(Portal((document,)), Target(headers={"x-tenant": "acme"}))
    assert [str(key) for o in portal.operations() for key in o.fields] == ["query q"]
