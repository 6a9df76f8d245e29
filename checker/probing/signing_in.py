"""Credentials that are got before they are sent, and got again before they end.

By OAuth 2.0 from an authorisation server, or by an operation of the API that signs in. Both go
through the gate, count and are paced like any request; they are no part of what is examined.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from checker.domain.credential import Csrf, Login, OAuth2
from checker.domain.exchange import Failure, Request, Response
from checker.domain.schema import MISSING
from checker.errors import TargetError
from checker.planning.json_tokens import claims_of
from checker.planning.known_secrets import learn_token
from checker.probing.attaching import Session, filled, with_cookie
from checker.probing.oauth import FORM, session_in, token_request
from checker.probing.pacing import Clock, Sleep, backoff
from checker.probing.steps import find
from checker.redaction import Secrets
from checker.settings import Token

TRIES = 3
MARGIN_S = 30.0
"""So long before its end a credential is got again, or after nine tenths of its life."""
SHOWN = 120

Send = Callable[[Request, str], Awaitable[Response | Failure]]
"""Sends a request as it is: to the address given, or to the API where that is empty."""


class SigningIn:
    """The sessions of one target; `sessions` are the present ones, by the token's given value.

    `now` is the time since the epoch.
    """

    def __init__(self, send: Send, now: Clock, sleep: Sleep) -> None:
        self.sessions: dict[str, Session] = {}
        self.secrets = Secrets()
        self._send = send
        self._now = now
        self._sleep = sleep
        self._lock = asyncio.Lock()

    async def ready(self, token: Token | None, variables: Mapping[str, Any]) -> None:
        """Before a request with a credential: there is one that still lasts.

        Raises TargetError where there is none to be had.
        """
        for part in (token.also or (token,)) if token is not None else ():
            if not self._is_due(part):
                continue
            async with self._lock:
                if self._is_due(part):
                    await self.again(part, variables)

    def _is_due(self, token: Token) -> bool:
        if not isinstance(token.source, (OAuth2, Login)):
            return False
        session = self.sessions.get(token.value)
        if session is None:
            return True
        return session.expires_at is not None and self._now() >= session.expires_at

    async def again(self, token: Token, variables: Mapping[str, Any]) -> None:
        """A new session in the place of the present one, if there is any; raises as `ready`."""
        if isinstance(token.source, OAuth2):
            session = await self._authorised(token, token.source)
        else:
            assert isinstance(token.source, Login)
            session = await self._logged_in(token, token.source, variables)
        self._learn(token, session)
        self.sessions[token.value] = replace(session, expires_at=self._until(session))

    def _until(self, session: Session) -> float | None:
        """When it is to be got again, by what its answer or the token itself says."""
        ends, now = session.expires_at, self._now()
        if ends is None:
            told = claims_of(session.value).get("exp")
            ends = float(told) if isinstance(told, (int, float)) and told > now else None
        return None if ends is None else ends - min(MARGIN_S, (ends - now) / 10)

    def _learn(self, token: Token, session: Session) -> None:
        for secret in (session.value, session.refresh_token, *session.headers.values()):
            learn_token(self.secrets, token, secret, named=False)
        for name, secret in session.cookies.items():
            self.secrets.learn(secret, places=(name,))

    # -- OAuth 2.0 -----------------------------------------------------------------------------

    async def _authorised(self, token: Token, source: OAuth2) -> Session:
        known = self.sessions.get(token.value)
        refresh = (known.refresh_token if known else "") or source.refresh_token
        if refresh:
            got = await self._granted(token, source, refresh)
            if isinstance(got, Session):
                return replace(got, refresh_token=got.refresh_token or refresh)
            if source.grant == "refresh_token":
                raise _refused(token, got)
        got = await self._granted(token, source)
        if isinstance(got, Session):
            return got
        raise _refused(token, got)

    async def _granted(self, token: Token, source: OAuth2, refresh: str = "") -> Session | str:
        """The session, or why there is none."""
        answer = await self._answer(token, token_request(source, refresh), source.token_url)
        got = session_in(answer, self._now())
        return got if isinstance(got, Session) else f"{source.token_url} answers {got}"

    # -- an operation that signs in ------------------------------------------------------------

    async def _logged_in(
        self, token: Token, source: Login, variables: Mapping[str, Any]
    ) -> Session:
        cookies: dict[str, str] = {}
        headers: dict[str, str] = {}
        if token.csrf is not None and token.csrf.page:
            page = Request("GET", token.csrf.page, purpose="sign-in")
            headers, cookies = _kept(token.csrf, await self._answer(token, page), cookies)
        request = _login(source, variables, headers, cookies)
        answer = await self._answer(token, request)
        line = f"{source.method} {source.path}"
        if answer.status >= 400:
            said = " ".join(answer.text.split())[:SHOWN]
            raise _refused(token, f"{line} answers {answer.status} {said}".rstrip())
        again, cookies = _kept(token.csrf, answer, cookies)
        value = _value(source, answer, cookies)
        if not value:
            looked = source.token or source.cookie or source.header
            raise _refused(token, f"the answer of {line} ({answer.status}) has no {looked}")
        beside = {name: v for name, v in cookies.items() if name != token.cookie}
        return Session(value, beside, headers | again)

    async def _answer(self, token: Token, request: Request, url: str = "") -> Response:
        """The answer, asked for again where it may come later; raises TargetError without one."""
        outcome: Response | Failure = Failure("connect", "nothing was sent")
        for attempt in range(TRIES):
            outcome = await self._send(request, url)
            later = isinstance(outcome, Response) and outcome.status in (429, 503)
            lost = isinstance(outcome, Failure) and outcome.kind == "connect"
            if not (later or lost):
                break
            await self._sleep(backoff(attempt))
        if isinstance(outcome, Failure):
            where = url or f"{request.method} {request.url_path}"
            raise _refused(token, f"{where}: {outcome.message}")
        return outcome


def _login(
    source: Login,
    variables: Mapping[str, Any],
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
) -> Request:
    body = _filled(source.body, variables)
    sent = list(headers.items())
    for name, value in cookies.items():
        sent = with_cookie(sent, name, value)
    return Request(
        source.method,
        source.path,
        headers=tuple(sent),
        content=(urlencode(body) if source.form else json.dumps(body)).encode(),
        media_type=FORM if source.form else "application/json",
        purpose="sign-in",
    )


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    match value:
        case str():
            return filled(value, variables)
        case Mapping():
            return {name: _filled(v, variables) for name, v in value.items()}
        case list() | tuple():
            return [_filled(v, variables) for v in value]
    return value


def _kept(
    csrf: Csrf | None, answer: Response, before: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The header against forged requests that an answer leads to, and all cookies of the session
    after it."""
    cookies = {**before, **cookies_in(answer)}
    value = ""
    if csrf is not None:
        value = _text(csrf.token, answer) if csrf.token else cookies.get(csrf.cookie, "")
    return ({csrf.header: value} if csrf is not None and value else {}), cookies


def cookies_in(answer: Response) -> dict[str, str]:
    """The cookies that an answer sets."""
    pairs = (line.partition(";")[0].partition("=") for line in answer.cookies)
    return {name.strip(): value.strip() for name, _, value in pairs if value.strip()}


def _value(source: Login, answer: Response, cookies: Mapping[str, str]) -> str:
    if source.token:
        return _text(source.token, answer)
    if source.cookie:
        return cookies.get(source.cookie, "")
    wanted = source.header.lower()
    return next((v for name, v in answer.headers.items() if name.lower() == wanted), "")


def _text(path: str, answer: Response) -> str:
    found = find(path, answer.body)
    usable = found is not MISSING and isinstance(found, (str, int)) and found is not True
    return str(found) if usable else ""


def _refused(token: Token, why: str) -> TargetError:
    return TargetError(
        f"The token {token.type} can't be had: {why}.",
        f"Check tokens.{token.type} in the config, and the variables that it names.",
    )
