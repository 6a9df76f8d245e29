"""What is noted of an operation that only the clean-up sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from document_samples import load, openapi
from report_samples import make_result

from checker.domain.exchange import Exchange, Purpose, Request, Response
from checker.domain.finding import Verdict
from checker.domain.judged import Judged
from checker.domain.observation import OperationOutcome
from checker.domain.operation import Operation, OperationId
from checker.domain.progress import silent
from checker.pipeline.bookkeeping import Book
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.doubts.sufficiency import judged
from checker.pipeline.journal import Journal, LiveResult
from checker.pipeline.removing.removed import ONLY_REMOVED, with_removals
from checker.pipeline.written.recorder import Recorder
from checker.probing.judge import Judge
from checker.settings import Settings, Target

DELETION = OperationId("DELETE", "/rooms/{id}")
HELD = OperationOutcome(DELETION, "skipped", "it deletes", 1, "--allow-destructive.")


def answered(
    status: int = 204, purpose: Purpose = "clean-up", method: str = "DELETE", number: int = 1
) -> Exchange:
    request = Request(method, "/rooms/7", operation=DELETION, purpose=purpose)
    return Exchange(request, Response(status), number)


def seen(status: int = 204, **more: Any) -> Judged:
    verdict = Verdict.ACCEPTED if status < 300 else Verdict.REJECTED
    return Judged(answered(status, **more), verdict, None)


def test_what_is_left_of_being_held_back() -> None:
    found = with_removals(HELD, [seen(409), seen(), seen(200, method="GET")])
    assert (found.status, found.reason) == ("partial", f"it deletes: {ONLY_REMOVED}")
    assert (found.requests, found.help) == (3, HELD.help)


@pytest.mark.parametrize(
    "exchanges",
    [[], [seen(409)], [seen(200, method="GET")], [seen(purpose="probe")]],
    ids=["nothing sent", "refused", "only read", "no clean-up"],
)
def test_what_stays_held_back(exchanges: list[Judged]) -> None:
    assert with_removals(HELD, exchanges) == HELD


def test_what_was_asked_itself_stays_as_it_is() -> None:
    for status in ("probed", "partial", "no-witness", "inconclusive"):
        outcome = OperationOutcome(DELETION, status)
        assert with_removals(outcome, [seen()]) == outcome


def test_it_counts_where_enough_has_to_be_examined() -> None:
    outcomes = (OperationOutcome(OperationId("POST", "/rooms"), "probed"), HELD)
    more = [OperationOutcome(OperationId("DELETE", f"/{n}"), "skipped") for n in range(1)]
    few = judged(make_result(operations=(*outcomes, *more), findings=()))
    assert few.shortfall.startswith("Only 1 of the 3")
    counted = (outcomes[0], with_removals(HELD, [seen()]), *more)
    assert not judged(make_result(operations=counted, findings=())).shortfall


class Kept:
    """Stands for the journal on disk."""

    def __init__(self) -> None:
        self.statuses: list[str] = []

    def operation(self, outcome: OperationOutcome, *, settled: bool = True) -> None:
        self.statuses.append(outcome.status)


def book(folder: Path) -> tuple[Book, Operation, Kept]:
    paths = {"/rooms/{id}": {"delete": {"responses": {"204": {"description": "Done."}}}}}
    (operation,) = load(folder, openapi(paths=paths)).operations
    selection, kept = Selection(current=(operation,)), Kept()
    made = Book(
        Settings(),
        Target(base_url="http://x"),
        selection,
        Journal(selection, Judge([operation])),
        LiveResult(),
        silent,
        cast(Recorder, kept),
    )
    made.result.outcomes[operation.id] = HELD
    return made, operation, kept


def test_what_the_clean_up_shows_later_goes_to_disk_as_long_as_it_tells_more(
    tmp_path: Path,
) -> None:
    made, operation, kept = book(tmp_path)
    made.keep(operation)
    made.keep_removed()
    assert kept.statuses == ["skipped"]
    for number in range(1, 5):
        made.journal.observe(answered(number=number))
        made.keep_removed()
        made.keep_removed()
    assert kept.statuses == ["skipped", "partial", "partial"]
    made.close(None)
    assert made.result.outcomes[operation.id].status == "partial"


@pytest.mark.parametrize(("method", "status"), [("POST", "skipped"), ("GET", "partial")])
def test_nothing_is_said_where_writing_to_nowhere_is_accepted(
    tmp_path: Path, method: str, status: str
) -> None:
    """What accepts a creation at a route that doesn't exist accepts a deletion, too."""
    made, operation, _ = book(tmp_path)
    made.journal.observe(answered())
    made.swallowed.add(OperationId(method, "/stubs"))
    assert (made.so_far(operation.id) is None) == (status == "skipped")
    made.close(None)
    assert made.result.outcomes[operation.id].status == status
    assert (operation.id in made.result.observed) == (status == "partial")
