"""The queues of values, and what the memory of a target makes of them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from documented import operation

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.portal import Portal
from checker.domain.schema import MISSING
from checker.planning.candidates import Candidates
from checker.planning.wrong_values import COMMON_TEXTS
from checker.search.complaints import Complaint, ComplaintKind, Wants
from checker.search.conversions import LONGEST
from checker.search.growth import poorer
from checker.search.memory import Memory
from checker.search.values import Candidate, Subject, Values

PLAN = FieldKey(Place.BODY, "plan")


def queue(
    complaint: Complaint, current: Any, schema: dict[str, Any], memory: Memory | None = None
) -> list[Candidate]:
    wanted = operation(
        {"type": "object", "properties": {"plan": schema}}, id=OperationId("POST", "/orders")
    )
    body = {} if current is MISSING else {"plan": current}
    call = Call(wanted.id, body=body, media_type="application/json")
    values = Values(
        Candidates(Portal()), memory or Memory(), lambda *parts: random.Random(str(parts))
    )
    return list(values.of(Subject(PLAN, wanted.fields[PLAN], call, wanted), complaint))


def test_what_is_wanted_comes_before_what_is_documented() -> None:
    told = Complaint(PLAN, ComplaintKind.INVALID, Wants(values=("x", "y")))
    found = queue(told, "basic", {"type": "string", "enum": ["basic", "plus"]})
    assert [c.value for c in found][:3] == ["x", "y", "plus"]


def test_a_list_is_given_wanted_items() -> None:
    told = Complaint(PLAN, ComplaintKind.INVALID, Wants(values=("x",)))
    found = queue(told, ["a"], {"type": "array", "items": {"type": "string"}})
    assert found[0].value == ["x"]


def test_another_type_before_another_length() -> None:
    told = Complaint(PLAN, ComplaintKind.INVALID, Wants(types=("number",), least=300, sized=True))
    assert queue(told, "abc", {"type": "string"})[0].value == 1


def test_bounds_are_kept_however_large_they_are() -> None:
    told = Complaint(PLAN, ComplaintKind.INVALID, Wants(least=5, most=float("inf")))
    assert queue(told, 1, {"type": "integer"})[0].value == 5
    long = Complaint(PLAN, ComplaintKind.INVALID, Wants(least=1e12, sized=True))
    assert all(len(str(c.value)) < 20_000 for c in queue(long, "a", {"type": "string"}))
    room = Complaint(PLAN, ComplaintKind.INVALID, Wants(least=3, most=2e14, sized=True))
    assert {len(str(c.value)) for c in queue(room, "a", {"type": "string"})} >= {3, LONGEST}


@pytest.mark.parametrize(
    ("wants", "current", "first"),
    [
        (Wants(least=3, most=5, sized=True), "a", ["aab", "123", "abcde"]),
        (Wants(most=2, sized=True), "4711", ["47", "12"]),
        (Wants(least=2, sized=True), ["x"], [["x", "x"]]),
        (Wants(least=0.5, most=1), 7, [0.5, 1, 0.75]),
        (Wants(most=9), 12, [9, 8]),
        (Wants(least=3, most=4), "12", ["3", "4"]),
    ],
)
def test_what_is_within_bounds_is_tried(wants: Wants, current: Any, first: list[Any]) -> None:
    kind = {str: "string", list: "array", int: "number", float: "number"}[type(current)]
    found = [
        c.value
        for c in queue(Complaint(PLAN, ComplaintKind.INVALID, wants), current, {"type": kind})
    ]
    assert found[: len(first)] == first


def test_what_must_not_be_there_is_left_out() -> None:
    (only,) = queue(Complaint(PLAN, ComplaintKind.UNKNOWN), "a", {"type": "string"})
    assert only.value is MISSING


def test_a_taken_value_is_made_another_one_inside_a_list_too() -> None:
    found = queue(Complaint(PLAN, ComplaintKind.TAKEN), ["abc"], {"type": "array"})
    assert isinstance(found[0].value, list)
    assert found[0].value != ["abc"]


def test_what_has_worked_on_a_target_comes_first() -> None:
    memory, told = Memory(), Complaint(PLAN, ComplaintKind.INVALID)
    schema = {"type": "string", "enum": ["basic", "plus"]}
    assert queue(told, "basic", schema, memory)[0].source == "documented"
    for _ in range(3):
        memory.note("ladder", told.kind, True)
    assert queue(told, "basic", schema, memory)[0].source == "ladder"


@pytest.mark.parametrize(
    ("path", "beside", "first"), [("/orders", {}, False), ("/sessions", {"password": {}}, True)]
)
def test_a_code_in_a_creation_is_one_of_its_own_and_in_a_sign_in_as_it_is_shown(
    path: str, beside: dict[str, Any], first: bool
) -> None:
    """It may find somebody's thing; and a wrong name beside a password may lock an account."""
    wanted = operation(
        {"type": "object", "properties": {"login": {"examples": ["KX-4471"]}, **beside}},
        id=OperationId("POST", path),
    )
    key = FieldKey(Place.BODY, "login")
    call = Call(wanted.id, body={"login": "x"}, media_type="application/json")
    values = Values(Candidates(Portal()), Memory(), lambda *parts: random.Random(str(parts)))
    told = Complaint(key, ComplaintKind.INVALID)
    found = list(values.of(Subject(key, wanted.fields[key], call, wanted), told))
    assert (found[0].value == "KX-4471") is first


def test_no_value_comes_twice() -> None:
    found = queue(Complaint(PLAN, ComplaintKind.INVALID), "abc", {"type": "string"})
    shown = [repr(c.value) for c in found]
    assert len(shown) == len(set(shown))
    assert repr("abc") not in shown


def test_an_emptied_list_is_poorer_and_a_longer_member_is_not() -> None:
    assert poorer({"items": [1], "total": 1}, {"items": [], "total": 0})
    assert poorer({"a": 1, "b": 2}, {"a": 1})
    assert not poorer({"items": [1, 2]}, {"items": [1]})
    assert not poorer({"items": []}, {"items": []})
    assert not poorer({"a": 1}, {"b": 1})


def test_a_list_that_may_be_empty_is_tried_empty_after_what_could_be_in_it() -> None:
    told = Complaint(PLAN, ComplaintKind.MISSING)
    found = [c.value for c in queue(told, MISSING, {"type": "array", "items": {"type": "integer"}})]
    assert 0 < found.index([]) < found.index(COMMON_TEXTS[0])
    least = {"type": "array", "minItems": 1, "items": {"type": "integer"}}
    assert [] not in [c.value for c in queue(told, MISSING, least)]
