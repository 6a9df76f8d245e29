"""How configured headers and a credential get into a request. Pure.

What the user configured replaces what was generated under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.settings import Token

Headers = list[tuple[str, str]]
COOKIE = "cookie"


@dataclass(frozen=True, slots=True)
class Session:
    """What is sent for a credential at the moment: its value, and what goes with it.

    `expires_at` is the time since the epoch in seconds; None where nobody said it.
    """

    value: str
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float | None = None


def attached(
    token: Token,
    session_of: Callable[[Token], Session],
    headers: Sequence[tuple[str, str]],
    variables: Mapping[str, Any],
) -> tuple[Headers, list[tuple[str, str]]]:
    """The headers with a credential, and the query pairs that it adds.

    A joint credential adds each of its parts.
    """
    out, query = list(headers), list[tuple[str, str]]()
    for part in token.also or (token,):
        session = session_of(part)
        own = dict(session.headers)
        cookies = dict(session.cookies)
        if part.query:
            query.append((part.query, session.value))
        elif part.cookie:
            cookies[part.cookie] = session.value
        elif part.header:
            own[part.header] = session.value
        else:
            own["Authorization"] = (
                f"{part.scheme} {session.value}" if part.scheme else session.value
            )
        own |= {n: header_safe(filled(t, variables)) for n, t in part.headers.items()}
        out = merged(own.items(), out)
        for name, value in cookies.items():
            out = with_cookie(out, name, value)
    return out, query


def merged(configured: Iterable[tuple[str, str]], generated: Sequence[tuple[str, str]]) -> Headers:
    """All headers; of those with one name the configured one alone, cookies pair by pair."""
    mine = [(name, header_safe(value)) for name, value in configured]
    if not mine:
        return list(generated)
    names = {name.lower() for name, _ in mine} - {COOKIE}
    out = [(k, v) for k, v in generated if k.lower() not in names]
    for name, value in mine:
        if name.lower() != COOKIE:
            out.append((name, value))
            continue
        for pair in value.split(";"):
            left, _, right = pair.strip().partition("=")
            out = with_cookie(out, left, right)
    return out


def with_cookie(headers: Sequence[tuple[str, str]], name: str, value: str) -> Headers:
    """The headers with one more cookie, instead of one of that name; a request has one Cookie
    header at most."""
    others = [p.strip() for k, v in headers if k.lower() == COOKIE for p in v.split(";")]
    others = [p for p in others if p and p.partition("=")[0] != name]
    rest = [(k, v) for k, v in headers if k.lower() != COOKIE]
    return [*rest, ("Cookie", "; ".join([*others, f"{name}={value}"]))]


def filled(template: str, variables: Mapping[str, Any]) -> str:
    """A text with each `{name}` of a variable replaced."""
    for name, value in variables.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def header_safe(value: str) -> str:
    """A text as a header can hold it."""
    return (
        value.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace").decode("latin-1")
    )
