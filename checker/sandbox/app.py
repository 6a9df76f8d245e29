"""The ASGI application: all three APIs below the primary and the fallback base."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from checker.sandbox import catalog, gateway, multichannel, platform_v1
from checker.sandbox.chaos import Chaos
from checker.sandbox.state import Identity, World
from checker.sandbox.webhooks import Activator
from checker.sandbox.wire import (
    Call,
    Endpoint,
    Failure,
    Problem,
    api_of,
    parse_body,
    refuse,
    respond,
)

PRIMARY = "/apigw"
FALLBACK = "/api2"
_NOBODY = Identity("")
_UNAUTHORIZED = Failure(401, Problem("unauthorized", "Unauthorized"))


def build_app(
    world: World, activator: Activator, chaos: Iterable[str] = (), seed: int = 0
) -> ASGIApp:
    """The application over a world; `chaos` are switches of `checker.sandbox.chaos`."""
    table = [
        *gateway.endpoints(activator),
        *platform_v1.endpoints(),
        *catalog.endpoints(),
        *multichannel.endpoints(),
    ]
    mounts = [
        Mount(base, routes=[_route(endpoint, world, base) for endpoint in table])
        for base in (PRIMARY, FALLBACK)
    ]
    app = Starlette(routes=mounts, exception_handlers={HTTPException: _no_route})
    app.router.redirect_slashes = False
    for mount in mounts:
        mount.app.redirect_slashes = False  # type: ignore[attr-defined]
    return Chaos(app, chaos, seed) if chaos else app


async def _no_route(request: Request, error: Exception) -> Response:
    """404 and 405 in the envelope of the API whose path it is."""
    assert isinstance(error, HTTPException)
    problem = Problem("missing" if error.status_code == 404 else "unexpected", error.detail)
    answer = refuse(api_of(request.url.path), Failure(error.status_code, problem))
    answer.headers.update(error.headers or {})
    return answer


def _route(endpoint: Endpoint, world: World, base: str) -> Route:
    return Route(endpoint.path, _serving(endpoint, world, base), methods=[endpoint.method])


def _serving(
    endpoint: Endpoint, world: World, base: str
) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            identity = _identify(endpoint, world, request)
            call = Call(
                world,
                identity,
                base,
                request.path_params,
                request.query_params,
                await _body(endpoint, request),
            )
            return respond(await endpoint.handler(call))
        except Failure as failure:
            return refuse(endpoint.api, failure)

    return serve


async def _body(endpoint: Endpoint, request: Request) -> dict[str, object]:
    """The parsed body, whatever its type: handlers say what they need."""
    if not endpoint.takes_body:
        return {}
    parsed: dict[str, object] = parse_body(
        await request.body(), request.headers.get("content-type", "")
    )
    return parsed


def _identify(endpoint: Endpoint, world: World, request: Request) -> Identity:
    """Who asks; Failure 401 (or the endpoint's own refusal) where they may not."""
    if not endpoint.tokens:
        return _NOBODY
    if endpoint.tokens == multichannel.KEY:
        found = world.tokens.get(request.headers.get("x-api-key", ""))
    else:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        found = world.tokens.get(value.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise _UNAUTHORIZED
    if found.type not in endpoint.tokens:
        raise endpoint.refusals.get(found.type, _UNAUTHORIZED)
    return found
