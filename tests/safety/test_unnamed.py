"""A change of an own thing must not take it the name by which alone it is found."""

from __future__ import annotations

import json

import pytest
from documented import operation

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import OperationId
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy

MAKE, CHANGE = OperationId("POST", "/users"), OperationId("PATCH", "/users/{name}")
NAME = "kx81vbnm"


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ({"name": ""}, True),
        ({"name": "  ", "admin": "no"}, True),
        ({"name": "kx82other"}, False),
        ({"nickname": ""}, False),
        ({}, False),
    ],
)
def test_what_is_found_by_its_name_keeps_one(given: dict[str, str], held: bool) -> None:
    body = {"type": "object", "properties": {"name": {"type": "string"}}}
    documented = [operation(body, id=MAKE), operation(body, id=CHANGE)]
    gate = Gate(Policy(), {o.id: o for o in documented}, Ledger())
    for number, name in enumerate(("kqzw3other", NAME), 1):
        content = json.dumps({"name": name}).encode()
        made = Request(
            "POST", "/users", content=content, media_type="application/json", operation=MAKE
        )
        shown = {"name": name, "admin": False}
        answer = Response(
            201, {"content-type": "application/json"}, body=shown, text=json.dumps(shown)
        )
        gate.note_sent(number, made)
        gate.note(Exchange(made, answer, number), True)
    assert gate.ledger.own(("user",), NAME, "/users") is not None
    change = Request(
        "PATCH",
        f"/users/{NAME}",
        content=json.dumps(given).encode(),
        media_type="application/json",
        operation=CHANGE,
    )
    found = gate.claims.unnamed(change, gate.operations[CHANGE])
    assert (found is not None) is held
