"""A refused example is a finding unless only somebody has its unique value."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from documented import FILE, schema

from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, OperationId
from checker.drift.rule import Case
from checker.drift.rules.example_rejected import ExampleRejected
from checker.experiments.examples import Examples

from .harness import Incoming, contract, lab, operation, run

BODY = {"code": "BC-1234", "size": 3}
FIELDS = {"code": {"type": "string"}, "size": {"type": "integer"}}


class Shop:
    """Takes each code once, and nothing that is larger than 9."""

    def __init__(self, *taken: str) -> None:
        self.taken = set(taken)

    def __call__(self, request: Incoming) -> bool:
        code, size = request.body.get("code"), request.body.get("size")
        if not re.fullmatch(r"[A-Z]{2}-\d{4}", str(code)) or code in self.taken or size > 9:
            return False
        self.taken.add(code)
        return True


def told(
    fields: Mapping[str, Any],
    *whole: Mapping[str, Any],
    shop: Any = None,
    body: Mapping[str, Any] = MappingProxyType(BODY),
) -> list[str]:
    """The fields whose examples are told; `body` for a whole request's."""
    documented = replace(
        operation({"type": "object", "properties": dict(fields)}), body_examples=whole
    )

    async def go() -> list[str]:
        validate = shop or Shop("AA-0060")
        async with lab(documented, validate, dict(body), vary=True) as (context, _):
            assert await context.lab.control()
            assert shop or {k.name for k in context.lab.varied} >= {"code"}
            await run(context, Examples())
            assert not context.lab.broken
            case = Case(documented.id, contract(context), documented)
            fields = [f.field for f in ExampleRejected().check(case)]
            return [f.name or f.place for f in fields if f is not None]

    return asyncio.run(go())


def test_an_example_request_whose_unique_value_is_taken() -> None:
    assert told(FIELDS, {"code": "AA-0060", "size": 5}) == []


def test_an_example_request_that_is_refused_whatever_is_unique() -> None:
    assert told(FIELDS, {"code": "AA-0060", "size": 50}) == ["body"]


@pytest.mark.parametrize("theirs", ["usr_1", ["usr_1", "usr_2"]])
def test_an_example_request_that_names_somebody(theirs: Any) -> None:
    """A field that the witness does without; what it names exists nowhere, or isn't ours."""
    kind = {"type": "array", "items": {"type": "string"}} if isinstance(theirs, list) else {}
    fields = {**FIELDS, "owner_id": {"type": "string", **kind}}

    def shop(request: Incoming) -> bool:
        return "owner_id" not in request.body

    assert told(fields, {"code": "AA-0060", "size": 5, "owner_id": theirs}, shop=shop) == []


def test_an_example_that_is_taken() -> None:
    assert told({**FIELDS, "code": {"type": "string", "examples": ["AA-0060"]}}) == []


def test_an_example_of_another_shape_than_the_unique_values_have() -> None:
    assert told({**FIELDS, "code": {"type": "string", "examples": ["60"]}}) == ["code"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("one of BC-1234, DE-5678", []),
        ("muss BC-1234 sein, oder so", []),
        ("wrong", ["code"]),
    ],
)
def test_an_example_outside_a_set_that_the_refusal_names(said: str, wanted: list[str]) -> None:
    """The set is what isn't documented."""

    def choosy(request: Incoming) -> Any:
        return request.body.get("code") in ("BC-1234", "DE-5678") or f"code must be {said}"

    fields = {**FIELDS, "code": {"type": "string", "examples": ["AA-0060"]}}
    assert told(fields, shop=choosy) == wanted


@pytest.mark.parametrize(
    ("properties", "wanted"),
    [
        ({"to": ["2031-01-02"]}, []),
        ({"to": ["2031-01-02"], "from": ["2031-01-01"]}, []),
        ({"to": ["2031-01-02"], "from": ["2032-01-01"]}, []),
        ({"to": ["2030-01-02"]}, ["to"]),
        ({"least": [7]}, []),
        ({"least": [700]}, ["least"]),
        ({"most": [2]}, []),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_an_example_that_only_does_not_go_with_the_other_values(
    properties: Mapping[str, list[Any]], wanted: list[str], strict: bool
) -> None:
    """An end lies behind its start, and a least number below the most; nothing before 2031."""
    body = {"from": "2031-06-01", "to": "2031-07-01", "least": 1, "most": 3}

    def ordered(request: Incoming) -> bool:
        sent = {**body, **request.body}
        pairs = (sent["from"], sent["to"]), (sent["least"], sent["most"])
        equal = any(one == other for one, other in pairs)
        ordered = all(one <= other for one, other in pairs) and not (strict and equal)
        return ordered and sent["from"] >= "2031" and sent["most"] < 100

    fields = {
        name: {"type": "integer" if isinstance(value, int) else "string"}
        | ({"examples": properties[name]} if name in properties else {})
        for name, value in body.items()
    }
    assert told(fields, shop=ordered, body=body) == wanted


def test_a_list_of_identifiers_stays_the_requests_own() -> None:
    fields = {"room_ids": {"type": "array", "items": {"type": "string"}}, **FIELDS}
    example = {"room_ids": ["theirs"], "code": "BC-1234", "size": 4}
    body = {"room_ids": ["ours"], **BODY}

    def shop(request: Incoming) -> bool:
        return bool(request.body.get("room_ids") == ["ours"])

    assert told(fields, example, shop=shop, body=body) == []


def test_what_an_answer_hands_out_is_illustrated() -> None:
    """A cursor of the example's own can't be anybody's; a filter's value can."""
    text = {"type": "string", "examples": ["Quiet concert"]}
    shape = schema({"type": "object", "properties": {"next_cursor": {"type": "string"}}}, "/r")
    shown = DocumentedResponse("201", Location(FILE, "/r"), content={"application/json": shape})
    documented = replace(
        operation(query={"cursor": text, "label": text}, id=OperationId("GET", "/things")),
        responses=(shown,),
    )

    def takes(request: Incoming) -> bool:
        return not any("Quiet" in value for value in request.query.values())

    async def go() -> list[str]:
        query = {"cursor": "c1", "label": "l1"}
        async with lab(documented, takes, query=query) as (context, _):
            await run(context, Examples())
            case = Case(documented.id, contract(context), documented)
            return [f.field.name for f in ExampleRejected().check(case)]

    assert asyncio.run(go()) == ["label"]
