"""Requests and answers as the handlers see them: parsing, envelopes, failures."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from checker.sandbox.state import Identity, World

GATEWAY = "gateway"
PLATFORM = "platform"
SENDING = "sending"

MAX_NUMBER = 1e300


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request: `code` is one of the gateway's error codes."""

    code: str
    message: str


class Failure(Exception):
    """Ends a handler with an error answer. `body` replaces the API's own envelope."""

    def __init__(self, status: int, *problems: Problem, body: Any = None) -> None:
        super().__init__(problems[0].message if problems else str(status))
        self.status = status
        self.problems = problems
        self.body = body


@dataclass(frozen=True, slots=True)
class Call:
    """A request after authentication and parsing. `base` is `/apigw` or `/api2`."""

    world: World
    identity: Identity
    base: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer; `text` replaces the JSON body."""

    status: int
    body: Any = None
    text: str | None = None
    media_type: str = "application/json"


Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation. `tokens` empty: nobody is asked for a token.

    `refusals` are token types that get another answer than 401.
    """

    api: str
    method: str
    path: str
    handler: Handler
    tokens: tuple[str, ...] = ()
    takes_body: bool = False
    refusals: Mapping[str, Failure] = field(default_factory=dict)


def respond(reply: Reply) -> Response:
    """The HTTP answer of a reply."""
    if reply.text is not None:
        return Response(reply.text, reply.status, media_type=reply.media_type)
    return Response(dump(reply.body), reply.status, media_type=reply.media_type)


def dump(body: Any) -> bytes:
    """JSON in ASCII, so that any text a client sent can be echoed."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")


def refuse(api: str, failure: Failure) -> Response:
    """The error answer in the API's own envelope."""
    return Response(dump(envelope(api, failure)), failure.status, media_type="application/json")


def envelope(api: str, failure: Failure) -> Any:
    """The error body of one of the three APIs."""
    if failure.body is not None:
        return failure.body
    if api == GATEWAY:
        errors = [{"code": p.code, "message": p.message} for p in failure.problems]
        return {"success": False, "errors": errors}
    message = "; ".join(p.message for p in failure.problems)
    if api == PLATFORM:
        return {"status": "Error", "error": message}
    return {"error": {"code": failure.problems[0].code, "message": message}}


def api_of(path: str) -> str:
    """The API a path belongs to, for answers to routes that don't exist."""
    if "/business/communication" in path:
        return GATEWAY
    return SENDING if "/v1/communication" in path else PLATFORM


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if abs(value) > MAX_NUMBER:
        raise ValueError("number out of range")
    return value


def parse_body(raw: bytes, content_type: str) -> Any:
    """The JSON value of a request body; Failure 400 where it isn't JSON in UTF-8."""
    bare = content_type.partition(";")[0].strip().lower()
    if bare != "application/json" and not (bare.startswith("application/") and "+json" in bare):
        raise Failure(400, Problem("unexpected", "The body must be application/json."))
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Failure(400, Problem("unexpected", "The body is not valid JSON.")) from None
