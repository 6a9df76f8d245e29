"""Refusals in a successful status that every server words in its own way."""

from __future__ import annotations

from typing import Any

import pytest

from checker.domain.exchange import Request, Response
from checker.domain.finding import Verdict
from checker.planning.hints import signature
from checker.probing.oracle import Oracle


def judged(body: Any, request: Request | None = None) -> Verdict:
    answer = Response(200, {"content-type": "text/html"}, body, "")
    return Oracle().judge(answer, request)[0]


@pytest.mark.parametrize(
    "body",
    [
        {"errcode": 17, "errmsg": ""},
        {"errno": "4", "data": None},
        {"error_code": -1},
        {"errorCode": "E_INPUT", "id": 3},
        {"error": 5},
        {"status": "failed", "reason": "no"},
        {"result": "FAIL"},
    ],
)
def test_a_code_or_word_of_failure_refuses(body: Any) -> None:
    assert judged(body) is Verdict.REJECTED


@pytest.mark.parametrize(
    "body",
    [
        {"errcode": 0, "errmsg": "", "result": {}},
        {"errno": "0"},
        {"error_code": "00", "error": "0"},
        {"errorCode": None, "value": 1},
        {"error": 0, "items": []},
        {"id": 7, "name": "import", "status": "failed"},
    ],
)
def test_no_error_and_the_state_of_a_thing_do_not(body: Any) -> None:
    assert judged(body) is Verdict.ACCEPTED


def test_the_requests_own_word_comes_back() -> None:
    sent = Request("POST", "/checks/1/close", content=b'{"result": "FAIL", "by": "ann"}')
    assert judged({"sample": 1, "result": "FAIL"}, sent) is Verdict.ACCEPTED
    other = Request("POST", "/checks/1/close", content=b'{"result": "PASS", "by": "FAILURE"}')
    assert judged({"sample": 1, "result": "FAIL"}, other) is Verdict.REJECTED
    asked = Request("GET", "/checks", query=(("result", "FAIL"),))
    assert judged({"result": "FAIL", "items": []}, asked) is Verdict.ACCEPTED


def test_what_names_one_answer_alone_is_no_progress() -> None:
    said = '{{"code":"BadRequest","trace":"{}"}}'
    hexadecimal = [said.format(t) for t in ("9b1c2d3e4f5a6b7c8d9e", "aabbccddeeff00112233")]
    letters = [said.format(t) for t in ("K7fjQ2mXw9LpZ4vT", "x81Bc03Qq7RtYu5M")]
    short = [said.format(t) for t in ("req-4ae164938", "req-b69bf7088")]
    for one, other in (hexadecimal, letters, short):
        assert signature(400, one) == signature(400, other)
    assert signature(400, "deliveryAddress1 is missing") != signature(400, "deliveryCountry")
    assert signature(400, "field_1a is missing") != signature(400, "field_1b is missing")
    assert signature(400, "internationalization") != signature(400, "internationalisation")
