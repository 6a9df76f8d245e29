"""Refusals inside a 200: their class is learned from a stranger's and a nonsense route's."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import Any

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.observation import Rejection
from checker.domain.operation import OperationId
from checker.probing.refusals import Refusals, ask_nowhere, nonsense_route

MAKE = OperationId("POST", "/api/things.make")
NUMBERS = itertools.count()


def answered(body: Any, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, body, "")


def told(code: str) -> Response:
    return answered({"fine": "no", "why": code, "trace": f"t{next(NUMBERS)}"})


def asking(token: str | None = "main") -> Request:
    return Request("POST", "/api/things.make", token=token, operation=MAKE)


def learned(stranger: str, nowhere: str, refusal: str) -> Refusals:
    async def send(request: Request) -> Exchange:
        if "zq-no-such-route" in request.url_path:
            return Exchange(request, told(nowhere))
        return Exchange(request, told(stranger if request.token is None else refusal))

    refusals = Refusals()
    asyncio.run(refusals.learn(send, Exchange(asking(), told(refusal))))
    return refusals


def test_classes_are_learned_whatever_the_words() -> None:
    refusals = learned("wer?", "wo?", "was?")
    assert refusals.class_of(told("wer?")) is Rejection.AUTHORISATION
    assert refusals.class_of(told("wo?")) is Rejection.ABSENCE
    assert refusals.class_of(told("was?")) is None


def test_a_nonsense_route_that_was_held_back_is_asked_again() -> None:
    held = Failure("held", "not now")

    async def send(request: Request) -> Exchange:
        nowhere = "zq-no-such-route" in request.url_path
        return Exchange(request, (held if closed else told("wo?")) if nowhere else told("wer?"))

    refusals, closed = Refusals(), True
    asyncio.run(refusals.learn(send, Exchange(asking(), told("was?"))))
    assert not refusals.is_nowhere(told("wo?"))
    closed = False
    asyncio.run(refusals.learn(send, Exchange(asking(), told("was?"))))
    assert refusals.is_nowhere(told("wo?"))


def test_a_target_that_says_one_thing_to_everything_tells_nothing() -> None:
    refusals = learned("no", "no", "no")
    assert refusals.class_of(told("no")) is None
    assert not refusals.is_nowhere(told("no"))


def test_a_token_that_was_refused_is_remembered() -> None:
    refusals = learned("wer?", "wo?", "was?")
    said = answered({"fine": "no", "why": "not yours"})
    refusals.note_forbidden(said)
    assert refusals.class_of(said) is Rejection.AUTHORISATION
    twice = answered({"fine": "no", "why": "x"})
    refusals.note(MAKE, twice)
    refusals.note_forbidden(twice)
    assert refusals.class_of(twice) is None


def test_a_nonsense_route_brings_nothing_that_a_server_could_keep() -> None:
    full = replace(asking(), content=b'{"name": "a"}', media_type="application/json")
    bare = nonsense_route(replace(full, query=(("name", "a"),)))
    assert (bare.method, bare.content, bare.media_type, bare.query) == ("POST", None, None, ())


def test_where_no_write_is_let_out_a_reading_tells_how_a_nonsense_route_is_answered() -> None:
    asked: list[str] = []

    async def send(request: Request) -> Exchange:
        asked.append(request.method)
        held = Failure("held", "not now")
        return Exchange(request, held if request.method == "POST" else told("wo?"))

    answer = asyncio.run(ask_nowhere(send, nonsense_route(asking())))
    assert asked == ["POST", "GET"] and answer.response is not None


def test_a_nonsense_route_keeps_the_form_of_the_real_one() -> None:
    dotted = nonsense_route(asking())
    assert dotted.url_path.startswith("/api/things.zq-no-such-route")
    item = Request("GET", "/v1/things/17", operation=OperationId("GET", "/v1/things/{id}"))
    path = nonsense_route(item).url_path
    assert path.startswith("/v1/zq-no-such-route")
    assert path.endswith("/17")
    assert nonsense_route(item, 1).url_path != nonsense_route(item, 2).url_path
