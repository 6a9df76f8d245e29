"""Conventions for servers that name nothing, then single fields."""

from __future__ import annotations

from collections.abc import Iterator

from documented import operation

from checker.domain.exchange import Call
from checker.domain.operation import FieldKey, OperationId
from checker.domain.portal import Portal
from checker.domain.schema import MISSING
from checker.planning.candidates import Candidates
from checker.search.values import Candidate
from checker.search.worlds import worlds

MAKE = operation(
    {
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "job": {"type": "string"},
        },
    },
    id=OperationId("POST", "/orders/{id}"),
)
BODY = {"count": 3, "kind": "a", "job": "{{job}}"}
CALL = Call(MAKE.id, path={"id": "7"}, body=BODY, media_type="application/json")


def queue(key: FieldKey) -> Iterator[Candidate]:
    yield Candidate(f"first {key.leaf}", "documented")
    yield Candidate(MISSING, "absent")


def test_conventions_of_all_fields_come_before_single_ones() -> None:
    found = list(worlds(MAKE.fields, CALL, Candidates(Portal()), queue))
    bodies = [call.body for call in found]
    assert bodies[0] == {**BODY, "count": "3"}
    assert {**BODY, "kind": "b"} in bodies
    assert bodies[-4:] == [
        {**BODY, "count": "first count"},
        {**BODY, "kind": "first kind"},
        {"kind": "a", "job": "{{job}}"},
        {"count": 3, "job": "{{job}}"},
    ]


def test_what_others_gave_and_the_path_stay_and_nothing_comes_twice() -> None:
    found = list(worlds(MAKE.fields, CALL, Candidates(Portal()), queue))
    assert all(call.body["job"] == "{{job}}" and call.path == CALL.path for call in found)
    assert all(found.count(call) == 1 and call != CALL for call in found)
