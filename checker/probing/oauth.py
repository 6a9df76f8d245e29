"""Requests for OAuth 2.0 tokens and their answers (RFC 6749). Pure."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, urlsplit

from checker.domain.credential import OAuth2
from checker.domain.exchange import Request, Response
from checker.probing.attaching import Session

SHOWN = 120
FORM = "application/x-www-form-urlencoded"


def token_request(source: OAuth2, refresh_token: str = "") -> Request:
    """The request for a token; for another one in its place where there is a `refresh_token`."""
    from oauthlib.oauth2.rfc6749.parameters import prepare_token_request

    in_form = source.client_auth == "form"
    form = {"scope": source.scope, **source.extra}
    if in_form:
        form["client_secret"] = source.client_secret
    grant = source.grant
    if refresh_token:
        grant = "refresh_token"
        form["refresh_token"] = refresh_token
    elif grant == "password":
        form |= {"username": source.username, "password": source.password}
    content = prepare_token_request(
        grant, include_client_id=in_form, client_id=source.client_id, **form
    )
    headers = [("Accept", "application/json")]
    if source.client_id and not in_form:
        headers.append(("Authorization", _basic(source.client_id, source.client_secret)))
    parts = urlsplit(source.token_url)
    return Request(
        "POST",
        parts.path or "/",
        headers=tuple(headers),
        content=content.encode(),
        media_type=FORM,
        purpose="token",
    )


def session_in(answer: Response, now: float) -> Session | str:
    """The session that an answer to such a request opens, or why there is none; `now` in seconds
    since the epoch."""
    from oauthlib.oauth2 import OAuth2Error
    from oauthlib.oauth2.rfc6749.errors import MissingTokenError
    from oauthlib.oauth2.rfc6749.parameters import parse_token_response

    try:
        granted = parse_token_response(answer.text)
    except MissingTokenError:
        said = " ".join(answer.text.split())[:SHOWN]
        return f"{answer.status} without an access token {said}".rstrip()
    except OAuth2Error as error:
        return f"{answer.status}: {error.error} {error.description or ''}".strip()
    except (ValueError, AttributeError, TypeError):
        return f"{answer.status} with something else than a token"
    lasts = granted.get("expires_in")
    return Session(
        str(granted["access_token"]),
        refresh_token=str(granted.get("refresh_token") or ""),
        expires_at=now + lasts if isinstance(lasts, (int, float)) and lasts > 0 else None,
    )


def _basic(user: str, password: str) -> str:
    """Both are encoded as in a form before they are joined (RFC 6749, 2.3.1)."""
    pair = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return "Basic " + b64encode(pair.encode()).decode()
