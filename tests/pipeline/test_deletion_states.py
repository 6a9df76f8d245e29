"""In which states things can be deleted, told by single deletions."""

from __future__ import annotations

import pytest

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.observation import Rejection
from checker.domain.operation import OperationId
from checker.pipeline.removing.deletion_states import StateTrials, is_referred_to
from checker.safety.things import Thing

MADE, DELETION = OperationId("POST", "/orders"), OperationId("DELETE", "/orders/{id}")
Row = list[tuple[str | None, int, str]]
"""The state that was read, what the deletion was answered, and the credential."""


def told(row: Row) -> list[list[str]]:
    """The states that are told, each time that something is."""
    trials, found = StateTrials(DELETION), []
    for number, (state, status, token) in enumerate(row):
        shown = Exchange(
            Request("GET", "/orders/1"), Response(200, body={"status": state}), 2 * number
        )
        answer = Exchange(
            Request("DELETE", "/orders/1", token=token), Response(status), 2 * number + 1
        )
        if status == 204:
            trials.deleted(shown, answer)
        else:
            trials.left(answer, Rejection.CONFLICT, shown)
        seen = trials.news(MADE)
        found += [list(seen.detail["states"])] if seen is not None else []
    return found


GONE = [("draft", 204, "a")] * 2
STAYS = [("sent", 409, "a")] * 2


@pytest.mark.parametrize("row", [GONE + STAYS, STAYS + GONE, GONE + STAYS + GONE])
def test_two_of_each_are_told_once(row: Row) -> None:
    assert told(row) == [["draft", "sent"]]


@pytest.mark.parametrize(
    "row",
    [
        GONE + STAYS[:1],
        GONE[:1] + STAYS,
        [("sent", 204, "a"), *GONE, *STAYS],
        [("draft", 409, "a"), *GONE, *STAYS],
        [*GONE, *[("sent", 409, "b")] * 2],
        [(None, 204, "a")] * 2 + STAYS,
    ],
    ids=[
        "one stays",
        "one goes",
        "one goes all the same",
        "one stays all the same",
        "of another",
        "no state",
    ],
)
def test_less_is_told_of_nothing(row: Row) -> None:
    assert told(row) == []


def thing(name: str, **more: object) -> Thing:
    return Thing("order", "/orders", {name: "id"}, MADE, 1, **more)  # type: ignore[arg-type]


def test_what_another_one_needs_is_not_alone() -> None:
    own = thing("7")
    refers, given, inside, gone = (
        thing("8", refs=frozenset({("order", "7")})),
        thing("9", given={"order": "7"}),
        Thing("line", "/orders/7/lines", {"1": "id"}, MADE, 2),
        thing("10", refs=frozenset({("order", "7")}), gone=True),
    )
    assert not is_referred_to(own, [own, gone, thing("11")])
    for other in (refers, given, inside):
        assert is_referred_to(own, [own, other])
