"""Is an operation without a witness missing from the server? Its answer against a nonsense
route's, with a control that the server tells the two kinds of absence apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Exchange
from checker.domain.finding import Evidence, Verdict
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import Operation
from checker.planning.encoding import build_request, path_parameters
from checker.probing.bench import Bench
from checker.probing.trial import NoWitness, Witness

_NEVER = "zq-no-such-route-xxxxx"
_NO_METHOD = (405, 501)


async def look(
    bench: Bench, operation: Operation, found: NoWitness, witnesses: Iterable[Witness]
) -> Observation | None:
    """The observation that the operation doesn't exist, or None.

    A 404 may also be about a value in the path. Where one of them isn't known to exist, the
    404 only counts on a server that answers an unknown identifier otherwise than an unknown
    route.
    """
    if not found.absent or found.last is None or found.last.response is None:
        return None
    account = bench.first_account()
    given = found.last.request
    nonsense = given.url_path.rstrip("/").rpartition("/")[0] + "/" + _NEVER
    probes: list[Exchange] = []
    for _ in range(2):
        request = replace(given, url_path=nonsense, query=(), operation=None)
        probes.append(await account.transport.send(request))
    again = await account.transport.send(given)
    if again.response is None or any(p.response is None for p in probes):
        return None
    status = again.response.status
    alike = all(route_answer(p) == route_answer(again) for p in probes)
    if status not in _NO_METHOD:
        if status != 404 or not alike:
            return None
        if found.unbound and not await _tells_apart(bench, witnesses):
            return None
    evidence = [Evidence("probe", found.last, Verdict.REJECTED, "the documented operation")]
    evidence += [Evidence("control", p, Verdict.REJECTED, "a nonsense route") for p in probes]
    evidence.append(Evidence("probe", again, Verdict.REJECTED, "the documented operation"))
    return Observation(
        operation.id,
        Kind.EXIST,
        Verdict.REJECTED,
        rejection=Rejection.ABSENCE,
        confirmed=True,
        evidence=tuple(evidence),
        detail={"status": status},
    )


async def _tells_apart(bench: Bench, witnesses: Iterable[Witness]) -> bool:
    """Whether an unknown identifier is answered otherwise than an unknown route."""
    account = bench.first_account()
    for witness in witnesses:
        operation = witness.operation
        names = path_parameters(operation.id.path)
        if operation.id.method != "GET" or not names:
            continue
        call = witness.recipe.call
        path = {**call.path, **dict.fromkeys(names, "zqnosuchthing")}
        item = await account.transport.send(build_request(replace(call, path=path), operation))
        if item.response is None or item.response.status < 400:
            continue
        there = item.request.url_path.rpartition("/")[0] + "/" + _NEVER
        route = await account.transport.send(replace(item.request, url_path=there, query=()))
        return route.response is not None and route_answer(route) != route_answer(item)
    return False


def route_answer(exchange: Exchange) -> tuple[Any, ...]:
    """An answer without what names the very path, to compare answers of two routes."""
    response = exchange.response
    if response is None:
        return ()
    path = exchange.request.url_path
    text = response.text
    for part in (path, path.rpartition("/")[2]):
        if len(part) > 1:
            text = text.replace(part, "#")
    return (response.status, response.media_type, "".join(c for c in text if not c.isdigit()))
