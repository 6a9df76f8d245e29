"""Tokens and connections in the config: what is read, and what is said of what can't be."""

from __future__ import annotations

import base64
import socket
from pathlib import Path
from typing import Any

import pytest

from checker.config import Loaded, load_settings
from checker.domain.credential import Csrf, Login, OAuth2, SetUp
from checker.errors import UsageError
from checker.settings import Target

OAUTH = """
[targets.x.tokens.staff]
oauth2 = { token_url = "https://idp/token", client_id = "me", client_secret_env = "S", scope = "a" }
"""
LOGIN = """
[targets.x.tokens.staff]
login = { operation = "POST /login", body = { name = "ann", password = "{pw}" }, cookie = "sid" }
csrf = { header = "X-CSRF", cookie = "csrf", page = "GET /form" }
"""


def loaded(
    folder: Path, text: str, environment: dict[str, str] | None = None, **options: Any
) -> Loaded:
    """Settings of a config with these tables below a target `x`."""
    head = '[targets.x]\nbase_url = "http://localhost:1"\n'
    (folder / "driftcheck.toml").write_text(head + text)
    tokens = options.pop("tokens", None)
    return load_settings([folder], options, environment or {}, tokens=tokens)


def target(
    folder: Path, text: str, environment: dict[str, str] | None = None, **more: Any
) -> Target:
    (found,) = loaded(folder, text, environment, **more).settings.targets
    return found


def test_oauth2_is_read(tmp_path: Path) -> None:
    token = target(tmp_path, OAUTH, {"S": "hush"}).tokens["staff"]
    assert token.source == OAuth2("https://idp/token", "me", "hush", scope="a")
    assert token.value and "hush" not in repr(token)


def test_a_variable_that_is_missing_is_named_and_the_token_left_out(tmp_path: Path) -> None:
    found = loaded(tmp_path, OAUTH)
    assert not found.settings.targets[0].tokens
    assert found.warnings == ("Target x: token 'staff' has no value and isn't used; set S.",)


def test_a_given_value_wins_over_how_it_would_be_got(tmp_path: Path) -> None:
    for more in ({"environment": {"DRIFTCHECK_TOKEN_STAFF": "v"}}, {"tokens": {"staff": "v"}}):
        token = target(tmp_path, OAUTH, **more).tokens["staff"]
        assert (token.value, token.source) == ("v", None)


def test_a_login_is_read(tmp_path: Path) -> None:
    token = target(tmp_path, LOGIN).tokens["staff"]
    body = {"name": "ann", "password": "{pw}"}
    assert token.source == Login("POST", "/login", body, cookie="sid")
    assert token.csrf == Csrf("X-CSRF", "csrf", page="/form")
    assert (token.cookie, token.shaped) == ("sid", True)


def test_basic_and_a_variable_of_any_name(tmp_path: Path) -> None:
    text = (
        '[targets.x.tokens.a]\nuser = "ann"\npassword_env = "P"\n[targets.x.tokens.b]\nenv = "B"\n'
    )
    tokens = target(tmp_path, text, {"P": "pw:1", "B": "b1"}).tokens
    assert (tokens["a"].scheme, base64.b64decode(tokens["a"].value)) == ("Basic", b"ann:pw:1")
    assert tokens["b"].value == "b1"


def test_tokens_that_go_together(tmp_path: Path) -> None:
    text = '[targets.x.tokens.key]\nheader = "X-Key"\n[targets.x.tokens.both]\n'
    text += 'together = ["key", "jwt"]\n[targets.x.tokens.jwt]\n'
    environment = {"DRIFTCHECK_TOKEN_KEY": "k", "DRIFTCHECK_TOKEN_JWT": "j"}
    both = target(tmp_path, text, environment).tokens["both"]
    assert [(part.header, part.value) for part in both.also] == [("X-Key", "k"), ("", "j")]
    found = loaded(tmp_path, text, {"DRIFTCHECK_TOKEN_KEY": "k"})
    assert list(found.settings.targets[0].tokens) == ["key"]
    assert "'both' has no value and isn't used; set DRIFTCHECK_TOKEN_JWT." in found.warnings[0]


def test_how_a_target_is_reached_and_that_options_win(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        (tmp_path / "ca.pem").write_text("x")
        text = 'insecure = true\nunix_socket = "s"\ncacert = "ca.pem"\nproxy = "http://a:1"\n'
        text += 'headers = { X-Tenant = "acme", X-Other = "o" }\n'
        options = {"proxy": "b:2", "header": ("x-tenant: mine",)}
        found = target(tmp_path, text, **options)
    way = found.connection
    assert (way.insecure, way.proxy) == (True, "http://b:2")
    assert (way.unix_socket, way.cacert) == (str(tmp_path / "s"), str(tmp_path / "ca.pem"))
    assert found.headers == {"X-Other": "o", "x-tenant": "mine"}


WRONG = {
    "two sources": ('[targets.x.tokens.a]\nenv = "A"\nfile = "f"', "has file already"),
    "oauth2 without address": ("[targets.x.tokens.a]\noauth2 = { client_id = 'm' }", "token_url"),
    "oauth2 is a text": ("[targets.x.tokens.a]\noauth2 = 'm'", "must be a table"),
    "unknown key": ("[targets.x.tokens.a]\noauth2 = { token_uri = 'm' }", "Did you mean"),
    "unknown grant": (
        "[targets.x.tokens.a]\noauth2 = { token_url = 'http://i/t', grant = 'implicit' }",
        "implicit",
    ),
    "grant without user": (
        "[targets.x.tokens.a]\noauth2 = { token_url = 'http://i/t', grant = 'password' }",
        "needs username",
    ),
    "login without operation": ("[targets.x.tokens.a]\nlogin = { token = '$.t' }", "POST /login"),
    "login without place": ("[targets.x.tokens.a]\nlogin = { operation = 'POST /l' }", "$.token"),
    "no JSONPath": (
        "[targets.x.tokens.a]\nlogin = { operation = 'POST /l', token = '$.[' }",
        "not a JSONPath",
    ),
    "csrf without login": (
        "[targets.x.tokens.a]\ncsrf = { header = 'X', cookie = 'c' }",
        "belongs to a login",
    ),
    "password without user": ("[targets.x.tokens.a]\npassword_env = 'P'", "no user"),
    "together with nobody": ("[targets.x.tokens.a]\ntogether = ['b']", "no token 'b'"),
    "no certificate": ("cacert = 'nowhere.pem'", "nowhere.pem doesn't exist"),
    "no socket": ("unix_socket = 'driftcheck.toml'", "is no socket"),
    "socks": ("proxy = 'socks5://h:1'", "SOCKS"),
    "line break in a header": ('headers = { X = "a\\nb" }', "a line break"),
    "name of a header": ('headers = { "X y" = "b" }', "no name of a header"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_can_not_be_read_is_said_with_its_line(name: str, tmp_path: Path) -> None:
    text, words = WRONG[name]
    with pytest.raises(UsageError) as error:
        target(tmp_path, text)
    assert words in str(error.value)
    assert "driftcheck.toml:" in str(error.value)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x00b", "a\u2026b"])
@pytest.mark.parametrize("way", ["option", "environment", "file"])
def test_a_token_that_no_header_can_hold(value: str, way: str, tmp_path: Path) -> None:
    """Told before anything is sent, and without the value."""
    text, more = "", {}
    if way == "file":
        (tmp_path / "f").write_text(f"x{value}y", newline="")
        text = "[targets.x.tokens.staff]\nfile = 'f'\n"
    elif way == "option":
        more = {"tokens": {"staff": value}}
    else:
        more = {"environment": {"DRIFTCHECK_TOKEN_STAFF": value}}
    with pytest.raises(UsageError) as error:
        target(tmp_path, text, **more)
    assert "staff" in str(error.value).lower() and "which no header can" in str(error.value)
    assert value not in str(error.value)


SET_UP = """---
endpoint: POST /oauth/token
---
# Get a token

## Test Request
```yaml
steps:
  - id: token
    method: POST
    path: /oauth/token
    body: {client: me}
    extract:
      oauth: $.access_token
```
"""


def test_the_set_up_gives_a_token_that_it_extracts(tmp_path: Path) -> None:
    (tmp_path / "setup.md").write_text(SET_UP)
    text = 'setup = "setup.md"\n[targets.x.tokens.oauth]\n[targets.x.tokens.other]\n'
    found = loaded(tmp_path, text)
    (only,) = found.settings.targets
    assert [t.source for t in only.tokens.values()] == [SetUp()]
    assert list(found.declared["x"]) == ["other"]
    given = target(tmp_path, text, {"DRIFTCHECK_TOKEN_OAUTH": "v"}).tokens["oauth"]
    assert (given.value, given.source) == ("v", None)


@pytest.mark.parametrize("text", [LOGIN, 'setup = "setup.md"\n[targets.x.tokens.oauth]\n'])
def test_reading_only_no_token_is_got_by_writing(text: str, tmp_path: Path) -> None:
    (tmp_path / "setup.md").write_text(SET_UP)
    found = loaded(tmp_path, text, read_only="true")
    assert not found.settings.targets[0].tokens
    assert "DRIFTCHECK_TOKEN_" in found.warnings[0]


def test_reading_only_a_token_is_asked_of_an_authorisation_server(tmp_path: Path) -> None:
    assert "staff" in target(tmp_path, OAUTH, {"S": "hush"}, read_only="true").tokens
