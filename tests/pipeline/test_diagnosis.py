"""Which tokens are refused wherever another one is accepted."""

from __future__ import annotations

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.operation import OperationId
from checker.pipeline.doubts.diagnosis import useless


def answered(token: str | None, status: int) -> Judged:
    verdict = Verdict.ACCEPTED if status < 400 else Verdict.REJECTED
    return Judged(Exchange(Request("GET", "/x", token=token), Response(status)), verdict, None)


def seen(*operations: list[Judged]) -> dict[OperationId, list[Judged]]:
    return {OperationId("GET", f"/{n}"): list(own) for n, own in enumerate(operations)}


GOOD, BAD = answered("admin", 200), answered("guest", 403)


def test_refused_wherever_another_is_accepted() -> None:
    assert useless(seen([GOOD, BAD], [BAD, GOOD], [GOOD, BAD, BAD]), ("admin", "guest")) == {
        "guest": 3
    }


def test_too_few_operations_say_nothing() -> None:
    assert useless(seen([GOOD, BAD], [GOOD, BAD]), ("guest",)) == {}


def test_one_that_takes_it_proves_it_wherever_it_stands() -> None:
    taken = answered("guest", 404)
    for place in range(4):
        operations = [[GOOD, BAD] for _ in range(3)]
        operations.insert(place, [GOOD, taken])
        assert useless(seen(*operations), ("guest",)) == {}


def test_operations_that_prove_nothing_dont_count() -> None:
    open_to_all = [GOOD, BAD, answered(None, 200)]
    closed_to_all = [answered("admin", 403), answered("guest", 404)]
    assert useless(seen(open_to_all, closed_to_all, [GOOD, BAD], [GOOD]), ("guest",)) == {}
    counted = seen(open_to_all, closed_to_all, *([GOOD, BAD] for _ in range(3)))
    assert useless(counted, ("guest",)) == {"guest": 3}


def test_what_is_open_to_all_by_its_document_proves_no_token() -> None:
    """The token has ended: what needs none goes on answering."""
    operations = seen([GOOD, BAD], [GOOD, BAD], [GOOD, BAD], [GOOD, answered("guest", 200)])
    assert useless(operations, ("guest",)) == {}
    assert useless(operations, ("guest",), [OperationId("GET", "/3")]) == {"guest": 3}
