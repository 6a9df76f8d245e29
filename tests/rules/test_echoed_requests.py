"""What a request brought against its own schema is no drift of the answer that shows it back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from response_cases import answer, json_response, operation, run, schema

from checker.domain.exchange import Exchange
from checker.domain.finding import Verdict
from checker.domain.operation import Operation
from checker.drift.rule import Rule
from checker.drift.rules.response_enum_undocumented import ResponseEnumUndocumented
from checker.drift.rules.response_field_missing import ResponseFieldMissing
from checker.drift.rules.response_type_mismatch import ResponseTypeMismatch

DOOR = {
    "type": "object",
    "required": ["name", "side", "number"],
    "properties": {
        "name": {"type": "string"},
        "side": {"type": "string", "enum": ["left", "right"]},
        "number": {"type": "integer", "readOnly": True},
    },
}
HOUSE = {"type": "object", "properties": {"door": DOOR}}
GOOD = {"name": "n", "side": "left", "number": 1}
MISSING, ENUM, TYPE = ResponseFieldMissing(), ResponseEnumUndocumented(), ResponseTypeMismatch()


def documented() -> Operation:
    shown = {"type": "object", "properties": {"data": HOUSE, "door": DOOR}}
    made = operation(json_response(shown), method="POST")
    return replace(made, body={"application/json; charset=utf-8": schema(HOUSE, "/request")})


def asked(sent: Any, shown: Any) -> tuple[Exchange, Verdict]:
    exchange, verdict = answer(200, shown, method="POST")
    content = json.dumps({"door": sent}).encode()
    request = replace(exchange.request, content=content, media_type="application/json")
    return replace(exchange, request=request), verdict


CASES: dict[str, tuple[Rule, dict[str, Any]]] = {
    "left out": (MISSING, {"side": "left", "number": 1}),
    "another value": (ENUM, {**GOOD, "side": "up"}),
    "another type": (TYPE, {**GOOD, "name": 5}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("wrapped", [True, False])
def test_what_the_request_brought_is_silent(name: str, wrapped: bool) -> None:
    rule, door = CASES[name]
    shown = {"data": {"door": door}} if wrapped else {"door": door}
    assert run(rule, documented(), [asked(door, shown)] * 2) == []


@pytest.mark.parametrize("name", CASES)
def test_what_it_did_not_bring_speaks(name: str) -> None:
    rule, door = CASES[name]
    assert len(run(rule, documented(), [asked(GOOD, {"door": door})] * 2)) == 1


def test_another_value_than_the_one_brought_speaks() -> None:
    one = asked({**GOOD, "side": "up"}, {"door": {**GOOD, "side": "down"}})
    assert [f.observed for f in run(ENUM, documented(), [one])] == [["down"]]


def test_what_only_answers_have_need_not_be_brought() -> None:
    """The request lacks the number, as it should; the answer should not."""
    sent = {"name": "n", "side": "left"}
    assert len(run(MISSING, documented(), [asked(sent, {"door": sent})] * 2)) == 1
