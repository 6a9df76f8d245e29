"""What is sent again as it is, and what anew, while two versions are looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

from documented import POST

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.finding import Verdict
from checker.domain.observation import Observation, Rejection
from checker.probing.populations import two_ways

REFUSAL = Exchange(Request("POST", "/things"), Response(422, text="no"), 1)


def look(accepts: Callable[[int, int], bool], repeatable: bool) -> tuple[Observation | None, str]:
    """The proof, and the numbers of the calls that were sent; `accepts` gets a call's number and
    the place of the request."""
    calls, places, sent = count(), count(1), []

    async def fresh() -> Call:
        return Call(POST, body=next(calls))

    async def send(call: Call) -> tuple[Exchange, Verdict, Rejection | None]:
        sent.append(str(call.body))
        if accepts(call.body, next(places)):
            return Exchange(REFUSAL.request, Response(201)), Verdict.ACCEPTED, None
        return REFUSAL, Verdict.REJECTED, Rejection.VALIDATION

    work = two_ways(POST, REFUSAL, send, fresh, repeatable=repeatable, changed=False)
    return asyncio.run(work), "".join(sent)


def test_the_refused_one_is_sent_again_as_it_is() -> None:
    found, sent = look(lambda _, place: place % 2 == 0, repeatable=False)
    assert found is not None and sent == "001122"


def test_a_repeatable_one_stays_the_same() -> None:
    found, sent = look(lambda _, place: place % 2 == 0, repeatable=True)
    assert found is not None and sent == "000000"


def test_values_that_are_refused_whenever_they_are_sent_are_no_second_version() -> None:
    found, sent = look(lambda number, _: number % 2 == 0, repeatable=False)
    assert found is None and sent.startswith("0111")
