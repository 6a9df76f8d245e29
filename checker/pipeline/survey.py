"""Reading first: what there is before the run makes anything. What lists show is foreign."""

from __future__ import annotations

from collections.abc import Iterable

from checker.domain.exchange import Call
from checker.domain.operation import Operation, Place
from checker.planning.encoding import build_request, path_parameters
from checker.probing.bench import Bench
from checker.safety.gate import Gate

MAX_SURVEYED = 100


async def survey(bench: Bench, gate: Gate, operations: Iterable[Operation]) -> None:
    """Read each collection once, without optional parameters, with the first token.

    The gate notes the identifiers that come back: what a creation answers later with one of
    them was there before.
    """
    account = bench.first_account()
    token = bench.default_token(account)
    asked = 0
    for operation in operations:
        if asked >= MAX_SURVEYED or not _plain(operation) or gate.expected(operation) is not None:
            continue
        asked += 1
        await account.transport.send(build_request(Call(operation.id, token=token), operation))


def _plain(operation: Operation) -> bool:
    """Whether an operation reads and needs nothing to do it."""
    if operation.id.method != "GET" or path_parameters(operation.id.path):
        return False
    return not any(f.required and f.key.place is Place.QUERY for f in operation.parameters)
