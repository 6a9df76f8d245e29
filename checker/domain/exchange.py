"""A request as it is sent and what came back. Tokens stand here by name only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from checker.domain.operation import OperationId
from checker.domain.schema import MISSING, Missing

Base = Literal["primary", "fallback"]
Purpose = Literal["probe", "step", "clean-up", "renewal", "sign-in", "token"]

CREDENTIALS: tuple[Purpose, ...] = ("sign-in", "token")
"""What requests are for that get a credential: they are no part of what is examined."""
INVALID = "invalid"
"""The name of a token of the right shape with a nonsense value."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to an operation in the operation's own terms: values by place.

    `body` is MISSING for no body. `token` is the token type's name; None sends no credential.
    `raw_body` replaces the encoded body (a certainly bad request).
    """

    operation: OperationId
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    cookie: Mapping[str, Any] = field(default_factory=dict)
    body: Any = MISSING
    media_type: str | None = None
    token: str | None = None
    base: Base = "primary"


@dataclass(frozen=True, slots=True)
class Request:
    """What goes on the wire, but for the credential, which the transport adds from `token`.

    `url_path` is percent-encoded and starts with `/`; it is appended to the base URL.
    `query` pairs are unencoded. `content` is None for no body.
    """

    method: str
    url_path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    media_type: str | None = None
    token: str | None = None
    base: Base = "primary"
    operation: OperationId | None = None
    purpose: Purpose = "probe"
    """A `step` makes what a probe needs; `clean-up` deletes own things, whatever may be deleted
    else; `renewal` signs in again, by what was accepted before. `sign-in` gets a configured
    credential from the API, `token` from an authorisation server."""
    account: int = 0
    """The account it is sent with: 0 the given one, then those that set-ups made."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `body` is the parsed JSON, MISSING where it isn't JSON; `text` is capped."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any | Missing = MISSING
    text: str = ""
    elapsed_s: float = 0.0
    moved_to: str = ""
    """The path that redirects led to, where they led to another one."""
    cookies: tuple[str, ...] = field(default=(), repr=False)
    """All Set-Cookie headers; `headers` has the first of each name."""

    @property
    def media_type(self) -> str:
        """The bare media type in lower case, empty where the server names none."""
        value = self.headers.get("Content-Type")
        if value is None:
            value = next((v for n, v in self.headers.items() if n.lower() == "content-type"), "")
        return _bare(value)


@lru_cache(maxsize=500)
def _bare(content_type: str) -> str:
    return content_type.split(";")[0].strip().lower()


REDIRECTS = (301, 302, 303, 307, 308)
"""Statuses that lead to another address."""
FailureKind = Literal["timeout", "connect", "reset", "broken-body", "redirect", "held"]
"""`held`: the gate let no request out; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer."""

    kind: FailureKind
    message: str
    cause: str = ""
    """Of what was held: "created" where the run has made as many things as it may. Of what
    couldn't connect: "certificate" where the server's isn't trusted."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its outcome; `number` counts from 1 in the order of sending in a run."""

    request: Request
    outcome: Response | Failure
    number: int = 0

    @property
    def response(self) -> Response | None:
        return self.outcome if isinstance(self.outcome, Response) else None

    @property
    def held(self) -> str:
        """Why the gate let the request not out; empty where it was sent."""
        outcome = self.outcome
        return outcome.message if isinstance(outcome, Failure) and outcome.kind == "held" else ""
