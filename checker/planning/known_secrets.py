"""What a run knows to be secret: of its targets, of its environment, of what it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checker.domain.credential import Login, OAuth2, Source
from checker.domain.exchange import Exchange, Response
from checker.domain.schema import MISSING
from checker.redaction import Secrets, is_open_header, is_secret_name
from checker.settings import Target, Token, token_variable

TOKEN_PREFIX = "DRIFTCHECK_TOKEN_"
VARIABLE_PREFIX = "DRIFTCHECK_VAR_"


def _learn_headers(secrets: Secrets, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not is_open_header(name):
            secrets.learn_header(name, value)


def learn_target(secrets: Secrets, target: Target) -> None:
    """Keep a target's tokens, its headers, the credentials of its addresses, and its variables
    that are secrets by their names."""
    for token in target.tokens.values():
        if token.source is None and not token.also:
            learn_token(secrets, token, token.value)
        learn_source(secrets, token.source)
        _learn_headers(secrets, {n: v for n, v in token.headers.items() if "{" not in v})
    _learn_headers(secrets, target.headers)
    addresses = (target.base_url, target.fallback_url, target.webhook_url)
    for url in (*addresses, target.connection.proxy):
        secrets.learn_url(url or "")
    for name, value in target.variables.items():
        if is_secret_name(name):
            secrets.learn(str(value), places=(name,))


def learn_source(secrets: Secrets, source: Source | None) -> None:
    """Keep what a credential is got with."""
    if isinstance(source, OAuth2):
        for value in (source.client_secret, source.password, source.refresh_token):
            secrets.learn(value)
        secrets.learn_url(source.token_url)
    elif isinstance(source, Login):
        for name, value in source.body.items():
            if isinstance(value, str) and "{" not in value and is_secret_name(name):
                secrets.learn(value, places=(name,))


def learn_token(secrets: Secrets, token: Token, value: str, *, named: bool = True) -> None:
    """Keep a value of a token, with the places where it travels; `named` for the one that the
    user gave, which its variable holds."""
    places = (token.header or "Authorization", token.scheme, token.query, token.cookie)
    secrets.learn(value, token_variable(token.type) if named else "", places)


def learn_environment(secrets: Secrets, environment: Mapping[str, str]) -> None:
    """Keep the tokens and credentials of the environment: before there are settings, and where a
    command has none."""
    for variable, value in environment.items():
        if variable.startswith(TOKEN_PREFIX):
            secrets.learn(value, variable, ("Authorization", "Bearer"))
        elif variable.startswith(VARIABLE_PREFIX) and is_secret_name(variable):
            secrets.learn(value)
        elif "://" in value and (
            variable.startswith("DRIFTCHECK_") or variable.lower().endswith("_proxy")
        ):
            secrets.learn_url(value)


def learn_arguments(secrets: Secrets, arguments: Iterable[str]) -> None:
    """Keep the credentials of a command line, wherever they stand in it."""
    option = ""
    for argument in arguments:
        name, equals, rest = argument.partition("=")
        if name in ("--token", "--var") and equals:
            _learn_pair(secrets, name, rest)
        elif option in ("--token", "--var"):
            _learn_pair(secrets, option, argument)
        elif "--header" in (name, option):
            _learn_header(secrets, argument if option == "--header" else rest)
        if "://" in argument:
            secrets.learn_url(argument if "://" in name else rest)
        option = argument


def learn_exchange(secrets: Secrets, exchange: Exchange) -> None:
    """Keep the credentials that an answer hands out."""
    outcome = exchange.outcome
    if not isinstance(outcome, Response):
        return
    request = exchange.request
    content = (request.content or b"").decode("utf-8", "replace")
    sent = " ".join([request.url_path, *(v for _, v in request.query), content])
    secrets.learn_answer(
        sent, list(outcome.cookies), None if outcome.body is MISSING else outcome.body
    )


def _learn_header(secrets: Secrets, text: str) -> None:
    name, _, value = text.partition(":")
    if not is_open_header(name.strip()):
        secrets.learn_header(name.strip(), value)


def _learn_pair(secrets: Secrets, option: str, pair: str) -> None:
    name, _, value = pair.partition("=")
    if option == "--token":
        secrets.learn(value, token_variable(name.strip()), ("Authorization", "Bearer"))
    elif is_secret_name(name):
        secrets.learn(value)
