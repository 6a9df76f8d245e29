"""Own things that are there stand in for those that a server makes no more of, as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checker.domain.exchange import Exchange, Request
from checker.domain.operation import OperationId
from checker.safety.ownership import Ledger
from checker.safety.things import Thing

Accepted = Callable[[OperationId], Iterable[Exchange]]
"""The accepted exchanges with an operation."""


def standing_in(
    ledger: Ledger, accepted: Accepted, operation: OperationId, request: Request
) -> Iterator[Exchange]:
    """The accepted exchanges that made what a refused creation asks for: in the same place, with
    the same account, of things that are this run's own and there still. Those come first with
    which nothing was done yet, and that the same token made."""
    things = [
        t
        for t in ledger.alive()
        if t.operation == operation
        and t.is_in(request.url_path)
        and t.account == request.account
        and not (t.beside or t.earlier)
    ]

    def rank(thing: Thing) -> tuple[bool, bool, int]:
        return (thing.used > 0, thing.token != request.token, thing.used)

    made = {e.number: e for e in accepted(operation)}
    for thing in sorted(things, key=rank):
        if thing.number in made:
            yield made[thing.number]


def done_before(accepted: Accepted, refused: Exchange) -> Exchange | None:
    """The accepted exchange of the very request that is refused now: what it asks for was done to
    that thing already, when it stood in before. None without one."""
    request = refused.request
    own = accepted(request.operation) if request.operation is not None else ()
    same = [
        e
        for e in own
        if (e.request.url_path, e.request.query, e.request.content)
        == (request.url_path, request.query, request.content)
    ]
    return same[-1] if same else None
