"""When a row of answers is suspicious, and what it says then."""

from __future__ import annotations

from typing import Any

import pytest

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Verdict
from checker.domain.operation import OperationId
from checker.pipeline.doubts.outage import (
    LONG_ROW,
    ROW,
    UNLIKE,
    UNPROVED_ROW,
    Outage,
    Stream,
    alike,
    explained,
    manner,
)
from checker.probing.oracle import Oracle

JSON = {"Content-Type": "application/json"}
GOOD = Response(200, JSON, {"name": "x"}, '{"name": "x"}')
PAGE = Response(200, {"Content-Type": "text/html"}, text="<html>Are you a robot?</html>")


class Feed:
    """Exchanges in order, with the verdict that an oracle has on them."""

    def __init__(self) -> None:
        self.stream, self.number = Stream(), 0

    def send(
        self,
        path: str,
        outcome: Any,
        times: int = 1,
        method: str = "GET",
        token: str | None = "staff",
    ) -> None:
        for _ in range(times):
            self.number += 1
            request = Request(method, path, token=token, operation=OperationId(method, path))
            exchange = Exchange(request, outcome, self.number)
            self.stream.note(exchange, Oracle().judge_exchange(exchange)[0])


def refused(status: int) -> Response:
    return Response(status, JSON, {"error": "no"}, '{"error": "no"}')


@pytest.fixture
def feed() -> Feed:
    made = Feed()
    made.send("/a", GOOD, 3)
    made.send("/b/{id}", GOOD, 2)
    return made


@pytest.mark.parametrize(
    ("outcome", "how", "row"),
    [
        (refused(401), "401", ROW),
        (refused(402), "402", ROW),
        (refused(429), "429", ROW),
        (refused(500), "500", ROW),
        (Response(302, {}), "302", ROW),
        (PAGE, UNLIKE, ROW),
        (Failure("reset", "gone"), "reset", ROW),
        (refused(422), "422", LONG_ROW),
        (refused(404), "404", LONG_ROW),
    ],
)
def test_a_row_is_suspicious_from_its_length_on(
    feed: Feed, outcome: Any, how: str, row: int
) -> None:
    feed.send("/a", outcome, row - 1)
    assert feed.stream.suspicion("staff") is None
    feed.send("/c", outcome)
    # A first answer of /c of another kind looks accepted: only what is known tells.
    if how == UNLIKE:
        feed.send("/a", outcome)
    assert feed.stream.suspicion("staff") == how


@pytest.mark.parametrize(("status", "ends"), [(401, False), (407, False), (403, True), (429, True)])
def test_who_has_no_credential_loses_none(status: int, ends: bool) -> None:
    """Signing up twice under one name is answered 401 as well."""
    feed = Feed()
    feed.send("/a", GOOD, method="POST", token=None)
    feed.send("/a", refused(status), ROW, method="POST", token=None)
    assert (feed.stream.suspicion(None) is not None) is ends


def test_an_acceptance_ends_a_row_and_another_credential_does_not(feed: Feed) -> None:
    feed.send("/a", refused(401), ROW - 1)
    feed.send("/a", GOOD, token="app")
    feed.send("/a", refused(401))
    assert feed.stream.suspicion("staff") == "401"
    feed.send("/a", GOOD)
    feed.send("/a", refused(401), ROW - 1)
    assert feed.stream.suspicion("staff") is None


def test_first_answers_of_another_kind_do_not_end_its_row(feed: Feed) -> None:
    for number in range(ROW):
        feed.send("/a", PAGE)
        feed.send(f"/new{number}", PAGE)
    assert feed.stream.suspicion("staff") == UNLIKE


def test_an_unfounded_suspicion_makes_the_next_row_longer(feed: Feed) -> None:
    feed.send("/a", refused(403), ROW)
    feed.stream.clear("staff", "403")
    feed.send("/a", refused(403), 2 * ROW - 1)
    assert feed.stream.suspicion("staff") is None
    feed.send("/a", refused(403))
    assert feed.stream.suspicion("staff") == "403"


def test_reads_prove_and_the_earliest_first(feed: Feed) -> None:
    feed.send("/c", GOOD, method="POST")
    feed.send("/d", GOOD)

    def paths(how: str) -> list[str]:
        return [e.request.url_path for e in feed.stream.proofs("staff", how)]

    assert paths("401") == ["/a", "/b/{id}", "/d"]
    # One thing may be gone for reasons of its own.
    assert paths("404") == ["/a", "/d"]


def test_without_a_read_what_made_something_first_proves() -> None:
    feed = Feed()
    for path in ("/a/{id}", "/b", "/c"):
        feed.send(path, GOOD, method="POST")
    feed.send("/d", GOOD, method="PUT")
    proofs = [e.request.url_path for e in feed.stream.proofs("staff", "401")]
    assert proofs == ["/b"]
    assert not feed.stream.proofs("staff", "404")


def test_without_a_read_only_refusals_of_the_caller_speak_for_themselves() -> None:
    feed = Feed()
    feed.send("/a", GOOD, 2, method="POST")
    feed.send("/a", refused(401), 3, method="POST")
    feed.send("/b", refused(401), UNPROVED_ROW - 3, method="POST")
    assert feed.stream.outage("staff", "401", unproved=True) is not None
    feed.send("/b", refused(422), method="POST")
    assert feed.stream.outage("staff", "401", unproved=True) is None


def test_an_outage_begins_after_the_last_acceptance(feed: Feed) -> None:
    feed.send("/new", GOOD)
    feed.send("/a", refused(401), ROW)
    found = feed.stream.outage("staff", "401")
    assert found is not None and found.since == 6
    request = Request("GET", "/a", token="staff", operation=OperationId("GET", "/a"))
    assert found.spoils(Exchange(request, GOOD, 7))
    assert not found.spoils(Exchange(request, GOOD, 6))
    other = Request("GET", "/a", token="app", operation=OperationId("GET", "/a"))
    assert not found.spoils(Exchange(other, GOOD, 7))


def test_a_first_answer_may_have_been_of_the_other_kind_already(feed: Feed) -> None:
    feed.send("/new", PAGE)
    feed.send("/a", PAGE, ROW)
    found = feed.stream.outage("staff", UNLIKE)
    assert found is not None and found.since == 5


@pytest.mark.parametrize(
    ("token", "manner_", "words"),
    [
        (
            "staff",
            "401",
            ("The token staff stopped working after 9 requests", "DRIFTCHECK_TOKEN_STAFF"),
        ),
        ("staff", "403", ("blocked", "DRIFTCHECK_TOKEN_STAFF")),
        (None, "401", ("stopped accepting", "Check the server")),
        ("staff", "402", ("quota", "--resume")),
        ("staff", "429", ("quota or rate limit", "--rate")),
        ("staff", UNLIKE, ("in the place of the API", "--resume")),
        ("staff", "500", ("answered 500 now", "Check the server")),
        ("staff", "timeout", ("by nobody now (timeout)", "Check the server")),
    ],
)
def test_it_is_explained(token: str | None, manner_: str, words: tuple[str, str]) -> None:
    found = Outage(token, manner_, 9, OperationId("GET", "/a"))
    said, mend = explained(found)
    assert words[0] in said and words[1] in mend


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Response(200, JSON, {"name": "y", "more": 1}, "x"), True),
        (Response(204, {}), True),
        (Response(200, JSON, {"captcha": "?"}, "x"), False),
        (Response(200, JSON, [], "[]"), True),
        (PAGE, False),
    ],
)
def test_alike(other: Response, same: bool) -> None:
    assert alike(GOOD, other) is same


def test_a_declared_failure_is_no_acceptance() -> None:
    request = Request("GET", "/a", operation=OperationId("GET", "/a"))
    exchange = Exchange(request, Response(200, JSON, {"success": False}, "x"), 1)
    assert manner(exchange, Verdict.REJECTED, None) == UNLIKE
    assert manner(Exchange(request, GOOD, 1), Verdict.ACCEPTED, None) is None
