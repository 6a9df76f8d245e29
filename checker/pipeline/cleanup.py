"""Removes what a run created, where that is allowed and the API can; lists the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Verdict
from checker.domain.operation import Operation, OperationId
from checker.errors import DriftcheckError
from checker.planning.encoding import build_request, path_parameters
from checker.planning.producers import identifier_of
from checker.planning.recipe import match_path
from checker.planning.routes import resource_of
from checker.probing.bench import Bench

Seen = Mapping[OperationId, Sequence[tuple[Exchange, Verdict]]]


async def clean_up(bench: Bench, seen: Seen, operations: Sequence[Operation]) -> tuple[str, ...]:
    """One line for each operation whose creations are left behind."""
    left: list[str] = []
    for operation in operations:
        if operation.id.method != "POST":
            continue
        made = [e for e, v in seen.get(operation.id, ()) if v is Verdict.ACCEPTED]
        if not made:
            continue
        remover = _remover(operation.id, operations)
        if remover is None:
            left.append(f"{operation.id}: {len(made)} created; no documented way to delete them")
            continue
        if not bench.settings.allow_destructive:
            left.append(
                f"{operation.id}: {len(made)} created; "
                f"`--allow-destructive` would remove them with {remover.id}"
            )
            continue
        failed = 0
        for exchange in made:
            failed += not await _remove(bench, operation, remover, exchange)
        if failed:
            left.append(f"{operation.id}: {failed} of {len(made)} created could not be removed")
    return tuple(left)


def _remover(creator: OperationId, operations: Sequence[Operation]) -> Operation | None:
    for operation in operations:
        head, _, last = operation.id.path.rstrip("/").rpartition("/")
        if operation.id.method == "DELETE" and head == creator.path.rstrip("/") and "{" in last:
            return operation
    return None


async def _remove(bench: Bench, creator: Operation, remover: Operation, exchange: Exchange) -> bool:
    if exchange.response is None:
        return True
    values = match_path(creator.id.path, exchange.request.url_path) or {}
    own = path_parameters(creator.id.path)
    names = path_parameters(remover.id.path)
    path = {n: values.get(o) for n, o in zip(names, own, strict=False)}
    hit = identifier_of(exchange.response, names[-1], resource_of(creator.id.path))
    if hit is None:
        return False
    path[names[-1]] = hit[1]
    call = Call(remover.id, path=path, token=exchange.request.token, base=exchange.request.base)
    try:
        answer = await bench.first_account().transport.send(build_request(call, remover))
    except DriftcheckError:
        return False
    return answer.response is not None and answer.response.status < 500
