"""Where only one of several can be something, making it an own one takes it from somebody's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import ROOM, SHOWN, body, said

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.operation import Operation
from checker.planning.displacing import displaces_itself
from checker.planning.restraint import gentle
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy

BECOMES = "The new version becomes the current one."
ENDS = "Begins a shift; the one that is on ends."
ONE = "Only one can be the default."
KEYS = [
    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name in ("desk", "id")
]


def gate_of(folder: Path, made: str = "", begun: str = "") -> Gate:
    """Shifts, at the top and below desks, that are made and begun, with words."""

    def paths(place: str, keys: list[dict[str, Any]]) -> dict[str, Any]:
        one = {"parameters": keys}
        read = {**one, "responses": said("200", SHOWN)}
        create = {"requestBody": body(ROOM), "responses": said("201", SHOWN)}
        above = {"parameters": keys[:-1]}
        return {
            place: {"post": {**above, **create, "description": made}},
            f"{place}/{{id}}": {"get": read},
            f"{place}/{{id}}/make-default": {"post": {**one, "responses": said("204")}},
            f"{place}/{{id}}/begin": {
                "post": {**one, "description": begun, "responses": said("204")}
            },
        }

    every = {
        **paths("/desks", KEYS[1:]),
        **paths("/shifts", KEYS[1:]),
        **paths("/desks/{desk}/shifts", KEYS),
    }
    every["/desks"]["post"]["description"] = ""
    operations = {o.id: o for o in load(folder, openapi(paths=every)).operations}
    return Gate(Policy(), operations, Ledger())


def posts(path: str, given: Any = None) -> Request:
    content = None if given is None else json.dumps(given).encode()
    return Request("POST", path, content=content, media_type="application/json")


def make(gate: Gate, path: str, start: int) -> None:
    """Two things; the second is named by start + 1 and was read."""
    for number in (start, start + 1):
        given = {"name": f"kqzw vbnm {number} lpoi"}
        gate.note_sent(number, posts(path, given))
        answer = Response(201, {}, {"id": str(number), **given}, "{}")
        gate.note(Exchange(posts(path, given), answer, number), True)
    read = Request("GET", f"{path}/{number}")
    gate.note(Exchange(read, Response(200, {}, {"id": str(number), **given}, "{}"), 90), True)


@pytest.mark.parametrize("made", [BECOMES, ""])
@pytest.mark.parametrize("begun", [ENDS, ""])
def test_what_only_one_can_be_is_taken_from_nobody(tmp_path: Path, made: str, begun: str) -> None:
    """Within an own thing there is nothing of others that could lose it."""
    gate = gate_of(tmp_path, made, begun)
    given = {"name": "kqzw three vbnm"}
    assert ("may lose" in str(gate.held(posts("/shifts", given)))) == bool(made)
    make(gate, "/shifts", 11)
    assert ("may lose" in str(gate.held(posts("/shifts/12/begin")))) == bool(begun)
    assert "may lose" in str(gate.held(posts("/shifts/12/make-default")))
    make(gate, "/desks", 31)
    assert gate.held(posts("/desks/32/shifts", given)) is None
    make(gate, "/desks/32/shifts", 51)
    assert gate.held(posts("/desks/32/shifts/52/begin")) is None
    assert gate.held(posts("/desks/32/shifts/52/make-default")) is None


def operation_of(folder: Path, words: str, members: dict[str, Any]) -> Operation:
    schema = {"type": "object", "properties": members}
    patch = {
        "parameters": KEYS[1:],
        "description": words,
        "requestBody": body(schema),
        "responses": said("200", SHOWN),
    }
    (found,) = load(folder, openapi(paths={"/cards/{id}": {"patch": patch}})).operations
    return found


RANK = {"type": "string", "enum": ["default", "normal"]}
FLAG = {"type": "boolean"}


@pytest.mark.parametrize(
    ("words", "members", "asked", "sent"),
    [
        (ONE, {"kind": RANK}, {"kind": "default"}, {"kind": "normal"}),
        (ONE, {"kind": RANK}, {"kind": "normal"}, {"kind": "normal"}),
        ("", {"theme": RANK}, {"theme": "default"}, {"theme": "default"}),
        ("", {"state": RANK}, {"state": "default"}, {"state": "normal"}),
        (ONE, {"as_default": FLAG}, {"as_default": True}, {}),
        (ONE, {"as_default": FLAG}, {"as_default": False}, {"as_default": False}),
        (
            "",
            {"kind": {**RANK, "description": ONE}},
            {"kind": "default"},
            {"kind": "normal"},
        ),
        ("", {"main": {**FLAG, "description": "If it is big."}}, {"main": True}, {"main": True}),
        (
            "",
            {"main": {**FLAG, "description": "The one that was it until now is unset."}},
            {"main": True},
            {},
        ),
    ],
)
def test_a_value_that_only_one_can_have_is_not_sent(
    tmp_path: Path, words: str, members: dict[str, Any], asked: Any, sent: Any
) -> None:
    """The operation is sent with others, where its words name the value."""
    operation = operation_of(tmp_path, words, members)
    assert gentle(Call(operation.id, body=asked), operation).body == sent
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    request = Request(
        "PATCH", "/cards/7", content=json.dumps(asked).encode(), media_type="application/json"
    )
    beyond = "more than the thing itself" in str(gate.held(request))
    assert beyond == (sent != asked)


REBALANCED = "The cluster is rebalanced."


def nodes(folder: Path, removed: str) -> Gate:
    """Nodes, at the top and below desks, whose removal has words."""

    def paths(place: str, keys: list[dict[str, Any]]) -> dict[str, Any]:
        create = {"requestBody": body(ROOM), "responses": said("201", SHOWN)}
        gone = {"description": removed, "responses": said("204")}
        one = {
            "parameters": keys,
            "get": {"responses": said("200", SHOWN)},
            "delete": gone if "nodes" in place else {"responses": said("204")},
        }
        return {place: {"parameters": keys[:-1], "post": create}, f"{place}/{{id}}": one}

    every = {
        **paths("/desks", KEYS[1:]),
        **paths("/nodes", KEYS[1:]),
        **paths("/desks/{desk}/nodes", KEYS),
    }
    operations = {o.id: o for o in load(folder, openapi(paths=every)).operations}
    return Gate(Policy(allow_destructive=True), operations, Ledger())


@pytest.mark.parametrize("removed", [REBALANCED, "Removes the node."])
def test_what_cannot_be_removed_without_others_is_neither_made_nor_deleted(
    tmp_path: Path, removed: str
) -> None:
    gate, loud = nodes(tmp_path, removed), removed == REBALANCED
    given = {"name": "kqzw three vbnm"}
    assert ("may lose" in str(gate.held(posts("/nodes", given)))) == loud
    make(gate, "/nodes", 11)
    assert ("may lose" in str(gate.held(Request("DELETE", "/nodes/12")))) == loud
    make(gate, "/desks", 31)
    assert gate.held(posts("/desks/32/nodes", given)) is None
    make(gate, "/desks/32/nodes", 51)
    assert gate.held(Request("DELETE", "/desks/32/nodes/52")) is None


def test_a_sentence_is_read_alike_with_and_without_its_period(tmp_path: Path) -> None:
    for end in ("", ".", "!"):
        found = operation_of(tmp_path, f"Bookings are not possible meanwhile{end}", {"name": FLAG})
        assert displaces_itself(found)
        told = {"name": {**FLAG, "description": f"The siren sounds{end}"}}
        siren = operation_of(tmp_path, "", told)
        assert gentle(Call(siren.id, body={"name": True}), siren).body == {}
