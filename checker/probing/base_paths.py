"""Is the documents' base path served at the base URL, or are the bare paths?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.operation import Operation
from checker.planning.encoding import expand_path, path_parameters
from checker.probing.refusals import nonsense_route, route_answer

MAX_PATHS = 3

Look = Callable[[str], Awaitable[Response | Failure]]
"""Gets a path without a token."""


async def unserved(look: Look, operations: Iterable[Operation]) -> dict[str, str]:
    """Base paths under which nothing is while the bare paths are there; why, for each.

    For a few paths of each base path: with it, the answer is that of a nonsense route (404);
    without it, it isn't. One path that is there speaks for the base path.
    """
    paths: dict[str, list[str]] = {}
    for operation in sorted(operations, key=lambda o: len(path_parameters(o.id.path))):
        base = operation.document.base_path.rstrip("/")
        if base and operation.id.path.startswith(base + "/"):
            paths.setdefault(base, []).append(operation.id.path)
    found: dict[str, str] = {}
    for base, own in paths.items():
        reason = ""
        for path in list(dict.fromkeys(own))[:MAX_PATHS]:
            filled = expand_path(path, dict.fromkeys(path_parameters(path), "1"))
            status, nowhere, _ = await _answers(look, filled)
            if not nowhere:
                reason = ""
                break
            bare, bare_nowhere, page = await _answers(look, filled.removeprefix(base))
            # A page for people at the bare path says nothing about the API.
            if status == 404 and bare not in (None, 404) and not (bare_nowhere or page):
                reason = reason or f"GET {path} is answered 404 with it and {bare} without it"
        if reason:
            found[base] = reason
    return found


async def _answers(look: Look, path: str) -> tuple[int | None, bool, bool]:
    """A path's answer: its status, whether a nonsense route beside it gets the same, and
    whether it is an HTML page.
    """
    request = Request("GET", path)
    here = Exchange(request, await look(request.url_path))
    other = nonsense_route(request)
    there = Exchange(other, await look(other.url_path))
    status = here.response.status if here.response is not None else None
    page = here.response is not None and "html" in here.response.media_type
    return status, route_answer(here) == route_answer(there), page
