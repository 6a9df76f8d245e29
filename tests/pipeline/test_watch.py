"""The watch asks again before it says that there is an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import OperationId
from checker.errors import TargetError
from checker.pipeline.doubts.outage import LEAST_BROKEN, ROW
from checker.pipeline.doubts.watch import OutageWatch
from checker.probing.judge import Judge
from checker.settings import Token

JSON = {"Content-Type": "application/json"}
GOOD = Response(200, JSON, {"name": "x"}, '{"name": "x"}')
STAFF = {"staff": Token("staff", "given")}


def refused(status: int) -> Response:
    return Response(status, JSON, {"error": "no"}, '{"error": "no"}')


class FakeWire:
    """Answers by path, and remembers what was asked; strangers are let in at `/open` only."""

    def __init__(self, answer: Callable[[str], Response]) -> None:
        self.answer, self.asked, self.sent = answer, [], 0
        self.ended: set[str] = set()
        self.renewed: dict[str, str] = {}

    async def send(self, request: Request, tokens: Mapping[str, Token], _: Any) -> Exchange:
        assert tokens == STAFF
        self.asked.append(request.url_path)
        self.sent += 1
        stranger = request.token is None and not request.url_path.endswith("/open")
        answer = refused(401) if stranger else self.answer(request.url_path)
        return Exchange(request, answer, self.sent)


def watched(
    answer: Callable[[str], Response],
    outcomes: list[Response],
    tokens: Mapping[str, Token] = STAFF,
    last: bool = False,
    first: tuple[str, ...] = (),
) -> tuple[FakeWire, str]:
    """What was asked again after answers to one read, and why the run would end."""
    wire = FakeWire(answer)

    async def main() -> str:
        watch = OutageWatch(wire, STAFF, {}, Judge())  # type: ignore[arg-type]
        request = Request("GET", "/shop/a", token="staff", operation=OperationId("GET", "/shop/a"))
        try:
            for path in first:
                wire.sent += 1
                other = replace(request, url_path=path, operation=OperationId("GET", path))
                await watch.after(Exchange(other, GOOD, wire.sent), tokens)
            for outcome in outcomes:
                wire.sent += 1
                await watch.after(Exchange(replace(request), outcome, wire.sent), tokens)
            if last:
                await watch.last_look()
        except TargetError as error:
            return error.message
        return ""

    return wire, asyncio.run(main())


def test_one_read_is_asked_twice() -> None:
    wire, said = watched(lambda _: refused(401), [GOOD, *[refused(401)] * ROW])
    assert wire.asked == ["/shop/a", "/shop/a"]
    assert said.startswith("The token staff stopped working after 1 request ")


def test_a_read_that_is_accepted_again_ends_nothing() -> None:
    wire, said = watched(lambda _: GOOD, [GOOD, *[refused(401)] * (2 * ROW)])
    assert wire.asked == ["/shop/a", "/shop/a"] and not said


@pytest.mark.parametrize(("status", "ends"), [(401, True), (404, False)])
def test_a_read_that_is_open_to_all_proves_nothing_of_a_credential(status: int, ends: bool) -> None:
    def answer(path: str) -> Response:
        return GOOD if path.endswith("/open") else refused(status)

    paths = ("/shop/open", "/shop/a")
    wire, said = watched(answer, [GOOD, *[refused(status)] * ROW], first=paths)
    assert bool(said) is ends
    assert ("/shop/a" in wire.asked) is ends


@pytest.mark.parametrize("status", [500, 302])
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_server_that_has_an_answer_of_its_own_elsewhere_is_there(
    status: int, everywhere: bool
) -> None:
    """One read falls over for good: that is its own affair unless all else does too."""

    def answer(path: str) -> Response:
        return refused(status) if path == "/shop/a" or everywhere else refused(404)

    wire, said = watched(answer, [GOOD, *[refused(status)] * ROW])
    assert wire.asked[-1].startswith("/shop/zq-")
    assert bool(said) is everywhere


@pytest.mark.parametrize("last", [True, False])
def test_at_the_end_a_short_row_is_looked_at(last: bool) -> None:
    _, said = watched(lambda _: refused(401), [GOOD, *[refused(401)] * LEAST_BROKEN], last=last)
    assert bool(said) is last


def test_tokens_that_a_set_up_made_are_not_watched() -> None:
    made = {"staff": Token("staff", "made")}
    wire, said = watched(lambda _: refused(401), [GOOD, *[refused(401)] * ROW], made)
    assert not wire.asked and not said
