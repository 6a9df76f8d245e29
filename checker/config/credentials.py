"""Tokens of the config file: their values, or where those are got from."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from checker.config.file import ConfigFile
from checker.config.values import mapping, nearest, url
from checker.domain.credential import Csrf, Grant, Login, OAuth2
from checker.domain.operation import OperationId
from checker.errors import UsageError
from checker.settings import Token

Where = Callable[..., str]
OAUTH2_KEYS = (
    *("token_url", "client_id", "client_secret_env", "scope", "grant", "username"),
    *("password_env", "refresh_token_env", "client_auth", "extra"),
)
LOGIN_KEYS = ("operation", "body", "form", "token", "cookie", "header")
CSRF_KEYS = ("header", "cookie", "token", "page")
CLIENT_AUTH = ("basic", "form")
SHAPE = ("scheme", "header", "query", "cookie")
PLACES = ("header", "query", "cookie")
"""Where a bare value goes; one at most."""
SOURCES = ("file", "env", "user", "oauth2", "login", "together")
"""The keys that say what a token's value is; one at most."""


@dataclass(slots=True)
class Reading:
    """One token's table while it is read. `lacking` are the variables that it names and the
    environment hasn't."""

    config: ConfigFile
    keys: tuple[str, ...]
    raw: Mapping[str, Any]
    environment: Mapping[str, str]
    lacking: list[str] = field(default_factory=list)

    def where(self, *more: str) -> str:
        """`file:line: a.b.c` for errors."""
        return self.config.where(*self.keys, *more)

    def text(self, table: Mapping[str, Any], key: str, *above: str) -> str:
        """A text member; empty where there is none."""
        value = table.get(key, "")
        if not isinstance(value, str):
            raise UsageError(f"{self.where(*above, key)}: must be a text.")
        return value

    def table(self, key: str, known: Iterable[str]) -> Mapping[str, Any]:
        """A member that is a table with known keys only."""
        value, words = self.raw[key], tuple(known)
        if not isinstance(value, Mapping):
            raise UsageError(f"{self.where(key)}: must be a table.", f"It has {', '.join(words)}.")
        for name in value:
            if name not in words:
                raise UsageError(f"{self.where(key, name)}: unknown key.", nearest(name, words))
        return value

    def variable(self, table: Mapping[str, Any], key: str, *above: str) -> str:
        """What the environment variable that a member names holds."""
        name = self.text(table, key, *above)
        if not name:
            return ""
        value = self.environment.get(name, "")
        if not value:
            self.lacking.append(name)
        return value

    def choice(self, table: Mapping[str, Any], key: str, known: Iterable[str], *above: str) -> Any:
        """A member that is one of some words, the first where there is none."""
        words = tuple(known)
        value = self.text(table, key, *above) or words[0]
        if value not in words:
            raise UsageError(f"{self.where(*above, key)}: is {value!r}.", nearest(value, words))
        return value


def read_token(
    config: ConfigFile,
    target: str,
    name: str,
    raw: Mapping[str, Any],
    environment: Mapping[str, str],
) -> Token:
    """A token as the config has it, without a value where that has to come from elsewhere.

    Raises UsageError with file and line.
    """
    reading = Reading(config, ("targets", target, "tokens", name), raw, environment)
    given = [key for key in SOURCES if key in raw]
    if len(given) > 1:
        raise UsageError(
            f"{reading.where(given[1])}: the token has {given[0]} already.", "Keep one of them."
        )
    shape = {key: reading.text(raw, key) for key in SHAPE}
    placed = [key for key in PLACES if shape[key]]
    if len(placed) > 1:
        raise UsageError(
            f"{reading.where(placed[1])}: the token goes into its {placed[0]} already.",
            "Keep one of them.",
        )
    shaped = any(key in raw for key in SHAPE)
    token = Token(
        type=name,
        value=_value(reading),
        scheme=raw.get("scheme", "Bearer"),
        header=shape["header"],
        headers=mapping(raw.get("headers", {}), reading.where("headers")),
        query=shape["query"],
        cookie=shape["cookie"],
        shaped=shaped,
    )
    token = _with_source(reading, token)
    lacking = tuple(reading.lacking)
    return replace(token, lacking=lacking, value="" if lacking else token.value)


def _value(reading: Reading) -> str:
    raw = reading.raw
    if "file" in raw:
        return _from_file(reading)
    if "env" in raw:
        return reading.variable(raw, "env")
    if "user" not in raw:
        if "password_env" in raw:
            raise UsageError(f"{reading.where('password_env')}: there is no user.", "Add user.")
        return ""
    if "password_env" not in raw:
        raise UsageError(f"{reading.where('user')}: there is no password.", "Add password_env.")
    user, password = reading.text(raw, "user"), reading.variable(raw, "password_env")
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _from_file(reading: Reading) -> str:
    path = reading.config.folder / reading.text(reading.raw, "file")
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{reading.where('file')}: {path} can't be read.") from None
    if not value:
        raise UsageError(f"{reading.where('file')}: {path} is empty.")
    return value


def _with_source(reading: Reading, token: Token) -> Token:
    raw = reading.raw
    csrf = _csrf(reading) if "csrf" in raw else None
    if csrf is not None and "login" not in raw:
        raise UsageError(f"{reading.where('csrf')}: belongs to a login.", "Add login = { … }.")
    if "user" in raw:
        return token if token.shaped else replace(token, scheme="Basic", shaped=True)
    if "oauth2" in raw:
        source = _oauth2(reading)
        # What it answers is a bearer token, whatever the documents call the scheme.
        return replace(token, source=source, value=placeholder(token.type), shaped=True)
    if "login" not in raw:
        return token
    token = _as_given_out(token, _login(reading))
    return replace(token, csrf=csrf, value=placeholder(token.type))


def _as_given_out(token: Token, login: Login) -> Token:
    """A token that a login gives out: it travels as the login says, where nothing else does."""
    if not token.shaped and (login.cookie or login.header):
        token = replace(token, cookie=login.cookie, header=login.header, shaped=True)
    return replace(token, source=login)


def placeholder(token_type: str) -> str:
    """Stands for a value that is got later: nobody is ever sent it."""
    return f"driftcheck-session-{token_type}"


def _oauth2(reading: Reading) -> OAuth2:
    table = reading.table("oauth2", OAUTH2_KEYS)
    if "token_url" not in table:
        raise UsageError(f"{reading.where('oauth2')}: has no token_url.", "Add it.")
    grant: Grant = reading.choice(table, "grant", get_args(Grant), "oauth2")
    source = OAuth2(
        token_url=url(table["token_url"], reading.where("oauth2", "token_url")),
        client_id=reading.text(table, "client_id", "oauth2"),
        client_secret=reading.variable(table, "client_secret_env", "oauth2"),
        scope=reading.text(table, "scope", "oauth2"),
        grant=grant,
        username=reading.text(table, "username", "oauth2"),
        password=reading.variable(table, "password_env", "oauth2"),
        refresh_token=reading.variable(table, "refresh_token_env", "oauth2"),
        client_auth=reading.choice(table, "client_auth", CLIENT_AUTH, "oauth2"),
        extra=mapping(table.get("extra", {}), reading.where("oauth2", "extra")),
    )
    needed = {
        "client_credentials": ("client_id",),
        "password": ("username", "password_env"),
        "refresh_token": ("refresh_token_env",),
    }
    for key in needed[grant]:
        if key not in table:
            raise UsageError(f"{reading.where('oauth2')}: {grant} needs {key}.", "Add it.")
    return source


def _login(reading: Reading) -> Login:
    table = reading.table("login", LOGIN_KEYS)
    text = reading.text(table, "operation", "login")
    try:
        operation = OperationId.parse(text)
    except ValueError:
        raise UsageError(
            f"{reading.where('login')}: operation is {text!r}.", 'Write it as "POST /login".'
        ) from None
    body = table.get("body", {})
    if not isinstance(body, Mapping):
        raise UsageError(f"{reading.where('login', 'body')}: must be a table.")
    if not any(table.get(key) for key in ("token", "cookie", "header")):
        raise UsageError(
            f"{reading.where('login')}: doesn't say where the credential is.",
            'Add token = "$.token", cookie = "…" or header = "…".',
        )
    form = table.get("form", False)
    if not isinstance(form, bool):
        raise UsageError(f"{reading.where('login', 'form')}: must be true or false.")
    return Login(
        method=operation.method,
        path=operation.path,
        body=body,
        form=form,
        token=_path(reading, table, "login"),
        cookie=reading.text(table, "cookie", "login"),
        header=reading.text(table, "header", "login"),
    )


def _csrf(reading: Reading) -> Csrf:
    table = reading.table("csrf", CSRF_KEYS)
    if not table.get("header") or not (table.get("cookie") or table.get("token")):
        raise UsageError(
            f"{reading.where('csrf')}: needs the header and where its value is.",
            'Write { header = "X-CSRF-Token", cookie = "csrftoken" }, or token = "$.csrf".',
        )
    page = reading.text(table, "page", "csrf").removeprefix("GET ").strip()
    if page and not page.startswith("/"):
        raise UsageError(f"{reading.where('csrf', 'page')}: must be a path, such as /login.")
    return Csrf(
        header=reading.text(table, "header", "csrf"),
        cookie=reading.text(table, "cookie", "csrf"),
        token=_path(reading, table, "csrf"),
        page=page,
    )


def _path(reading: Reading, table: Mapping[str, Any], above: str) -> str:
    """A member that is a JSONPath."""
    from jsonpath import JSONPathError, compile

    text = reading.text(table, "token", above)
    try:
        if text:
            compile(text)
    except (JSONPathError, ValueError, RecursionError):
        where = reading.where(above, "token")
        raise UsageError(f"{where}: {text!r} is not a JSONPath.", "Write $.token.") from None
    return text
