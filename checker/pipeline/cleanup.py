"""Removes what a run created, where that is allowed and the API can; lists the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from checker.domain.exchange import Call, Exchange
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.operation import Operation, OperationId
from checker.domain.schema import MISSING
from checker.errors import DriftcheckError
from checker.planning.answered import identifier_of, located, value_at
from checker.planning.encoding import build_request, path_parameters
from checker.planning.recipe import match_path
from checker.planning.routes import acts_on_item, name_given, resource_of
from checker.probing.bench import Bench, created_identifier

Seen = Mapping[OperationId, Sequence[Judged]]


async def clean_up(bench: Bench, seen: Seen, operations: Sequence[Operation]) -> tuple[str, ...]:
    """One line for each operation whose creations are left behind."""
    left: list[str] = []
    for operation in sorted(operations, key=lambda o: o.id.method):
        accepted = [e for e, v, _ in seen.get(operation.id, ()) if v is Verdict.ACCEPTED]
        made = list(_made(operation, accepted, bench.named))
        if not made:
            continue
        remover = _remover(operation, operations)
        if remover is None:
            left.append(f"{operation.id}: {len(made)} created; no documented way to delete them")
            continue
        if not bench.settings.allow_destructive:
            left.append(
                f"{operation.id}: {len(made)} created; "
                f"`--allow-destructive` would remove them with {remover.id}"
            )
            continue
        gone = {e.request.url_path for e, v, _ in seen.get(remover.id, ()) if v is Verdict.ACCEPTED}
        failed = 0
        for exchange in made:
            failed += not await _remove(bench, operation, remover, exchange, gone)
        if failed:
            left.append(f"{operation.id}: {failed} of {len(made)} created could not be removed")
    return tuple(left)


def _made(
    operation: Operation, accepted: Sequence[Exchange], named: Collection[str]
) -> Iterator[Exchange]:
    """The exchanges that made something: where the request gives the name, one for each that
    the server says it made, or that is among those `named` by the run."""
    if operation.id.method == "POST":
        yield from (e for e in accepted if not _made_nothing(operation, e))
        return
    if operation.id.method == "PATCH":
        yield from (e for e in accepted if _renamed(operation, e, named))
        return
    naming = name_given(operation)
    if naming is None:
        return
    names: set[Any] = set()
    for exchange in accepted:
        sent = match_path(operation.id.path, exchange.request.url_path) or {}
        name = str(sent.get(naming.name, ""))
        created = exchange.response is not None and exchange.response.status == 201
        if name and name not in names and (created or name in named):
            yield exchange
        names.add(name)


def _renamed(operation: Operation, exchange: Exchange, named: Collection[str]) -> bool:
    """Whether an answer calls an item that the run had named by another name."""
    names = path_parameters(operation.id.path)
    sent = match_path(operation.id.path, exchange.request.url_path) or {}
    if not names or exchange.response is None or str(sent.get(names[-1])) not in named:
        return False
    now = value_at(exchange.response.body, names[-1])
    return isinstance(now, str) and now != sent[names[-1]]


def _made_nothing(operation: Operation, exchange: Exchange) -> bool:
    """Whether an accepted POST did something to the item that its path names, and no more."""
    response = exchange.response
    sent = match_path(operation.id.path, exchange.request.url_path) or {}
    if response is None or not sent:
        return False
    own = {str(v) for v in sent.values()}
    there = located(response)
    if there is not None:
        return there in own
    if response.body is MISSING:
        return response.status != 201 and acts_on_item(operation.id)
    return str(created_identifier(response.body)) in own


def _remover(creator: Operation, operations: Sequence[Operation]) -> Operation | None:
    """The operation that deletes one of what another makes: below its path, or at the very
    path where that names an item."""
    path = creator.id.path.rstrip("/")
    at_path: Operation | None = None
    for operation in operations:
        head, _, last = operation.id.path.rstrip("/").rpartition("/")
        if operation.id.method == "DELETE" and head == path and "{" in last:
            return operation
        if operation.id.method == "DELETE" and operation.id.path.rstrip("/") == path:
            at_path = operation
    return at_path if path.endswith("}") else None


async def _remove(
    bench: Bench,
    creator: Operation,
    remover: Operation,
    exchange: Exchange,
    gone: Collection[str],
) -> bool:
    if exchange.response is None:
        return True
    values = match_path(creator.id.path, exchange.request.url_path) or {}
    own = path_parameters(creator.id.path)
    names = path_parameters(remover.id.path)
    path = {n: values.get(o) for n, o in zip(names, own, strict=False)}
    if creator.id.method != "PUT":
        found = _identifier(creator, names, own, exchange)
        if found is MISSING:
            return False
        path[names[-1]] = found
    call = Call(remover.id, path=path, token=exchange.request.token, base=exchange.request.base)
    request = build_request(call, remover)
    if request.url_path in gone:
        return True
    try:
        answer = await bench.first_account().transport.send(request)
    except DriftcheckError:
        return False
    return answer.response is not None and answer.response.status < 500


def _identifier(
    creator: Operation, names: Sequence[str], own: Sequence[str], exchange: Exchange
) -> Any:
    """What the answer calls the new item, or MISSING; at the creator's own path only by the very
    name of the parameter."""
    assert exchange.response is not None
    if len(names) == len(own):
        return value_at(exchange.response.body, names[-1])
    hit = identifier_of(exchange.response, names[-1], resource_of(creator.id.path))
    return MISSING if hit is None else hit[1]
