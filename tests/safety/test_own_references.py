"""What is new because of what it refers to, where it was made or what it is called."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load
from premises import ID, ROOM, SHOWN, body, document, said

from checker.domain.exchange import Exchange, Request, Response
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.safety.references import roles, without

KIND = {"type": "string", "enum": ["small", "large"]}
COUNT = {"type": "integer"}
SEAT = {
    "type": "object",
    "properties": {"kind": KIND, "count": COUNT, "number": COUNT, "id": COUNT},
}
SEATS: dict[str, Any] = {
    "/rooms/{id}/seats": {
        "post": {"parameters": [ID], "requestBody": body(SEAT), "responses": said("201", SHOWN)}
    },
    "/rooms/{id}/guests": {
        "post": {"parameters": [ID], "requestBody": body(ROOM), "responses": said("201", SHOWN)}
    },
    "/orders": {
        "post": {"requestBody": body(ROOM), "responses": said("201", SHOWN)},
        "get": {"responses": said("200", {"type": "array", "items": SHOWN})},
    },
    "/notes/{name}": {
        m: {
            "parameters": [{**ID, "name": "name", "schema": {"type": "string"}}],
            "responses": said("201", SHOWN),
        }
        for m in ("put", "post", "delete")
    },
}


class Run:
    """A gate that is told of requests and their answers as a run would."""

    def __init__(self, folder: Path) -> None:
        operations = {o.id: o for o in load(folder, document(**SEATS)).operations}
        self.gate = Gate(Policy(allow_destructive=True), operations, Ledger())
        self.numbers = itertools.count(1)

    def did(
        self, name: str, given: Any = None, answer: Any = None, status: int = 201, **headers: str
    ) -> None:
        method, path = name.split(" ")
        content = None if given is None else json.dumps(given).encode()
        request = Request(method, path, content=content, media_type="application/json")
        response = Response(
            status=status,
            headers={"content-type": "application/json", **headers},
            body=answer,
            text="" if answer is None else json.dumps(answer),
        )
        number = next(self.numbers)
        self.gate.note_sent(number, request)
        self.gate.note(Exchange(request, response, number), True)

    def own(self, noun: str, value: str, collection: str) -> bool:
        return self.gate.ledger.own((noun,), value, collection) is not None

    def two_rooms(self) -> None:
        for number in (3, 4):
            name = f"kqzw{number}vbnm"
            self.did("POST /rooms", {"name": name}, {"id": number, "name": name})
        assert self.own("room", "3", "/rooms")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_what_answers_with_an_own_reference_is_new(run: Run) -> None:
    run.two_rooms()
    for room, number in ((3, 21), (4, 22)):
        given = {"room": {"id": room}, "kind": "small"}
        run.did("POST /orders", given, {"data": {"id": number, **given}})
    assert run.own("order", "21", "/orders") and run.own("order", "22", "/orders")


@pytest.mark.parametrize("reference", [{"room": {"id": 99}}, {"shelf": {"id": 3}}, {}])
def test_other_references_prove_nothing(run: Run, reference: dict[str, Any]) -> None:
    run.two_rooms()
    for number in (21, 22):
        run.did("POST /orders", reference, {"id": number, **reference})
    assert not run.own("order", "21", "/orders")


@pytest.mark.parametrize(
    ("names", "documented", "new"),
    [
        (("roo_7c10a944e", "roo_7c10b155f"), False, True),
        (("roo_7c10a944e", "roo_7c10b155f"), True, False),
        (("north-hall", "south-hall"), False, False),
    ],
    ids=["what no other kind is called", "what others may have from the documents", "a word"],
)
def test_an_own_thing_may_be_called_by_what_it_is_for(
    run: Run, names: tuple[str, str], documented: bool, new: bool
) -> None:
    run.gate.ledger.documented = frozenset(names if documented else ())
    for number, name in enumerate(names):
        title = f"kqzw{number}vbnm"
        run.did("POST /rooms", {"name": title}, {"id": name, "name": title})
    assert all(run.own("room", name, "/rooms") for name in names)
    for name, number in zip(names, (21, 22), strict=True):
        given = {"venueRef": name, "size": 1}
        run.did("POST /orders", given, {"id": number, **given})
    assert run.own("order", "21", "/orders") is new


def test_a_reference_that_does_not_come_back_proves_nothing(run: Run) -> None:
    run.two_rooms()
    for number in (21, 22):
        run.did("POST /orders", {"room": {"id": 3}}, {"id": number})
    assert not run.own("order", "21", "/orders")


def test_another_value_beside_the_reference_needs_two_of_its_own(run: Run) -> None:
    run.two_rooms()
    for room, size, number in ((3, 1, 21), (4, 2, 22)):
        given = {"room": {"id": room}, "size": size}
        run.did("POST /orders", given, {"id": number, **given})
    assert not run.own("order", "21", "/orders")


def test_nothing_was_in_an_own_thing_before(run: Run) -> None:
    run.two_rooms()
    run.did("POST /rooms/3/seats", {"kind": "small", "count": 1}, {"id": 31})
    assert run.own("seat", "31", "/rooms/3/seats")


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/rooms/9/seats", {"kind": "small"}, 201),
        ("/rooms/3/seats", {"kind": "small"}, 200),
        ("/rooms/3/guests", {"name": "Ann"}, 201),
        ("/rooms/3/guests", {"guest_id": 31}, 201),
        ("/rooms/3/seats", {"number": 9}, 201),
    ],
    ids=["a foreign thing", "not created", "called by a name", "somebody's identifier", "a number"],
)
def test_what_was_put_into_it_may_have_been_there(
    run: Run, path: str, given: Any, status: int
) -> None:
    run.two_rooms()
    run.did("POST /rooms", {"name": "Ann"}, {"id": 5, "name": "Ann"})
    run.did(f"GET {path}", None, [{"id": 77, "name": "Ann"}], 200)
    run.did(
        f"POST {path}",
        given,
        {"id": 31, **{k: v for k, v in given.items() if k == "number"}},
        status,
    )
    assert not run.own(path.rpartition("/")[2].removesuffix("s"), "31", path)


def test_a_number_that_the_server_does_not_take_over_names_nothing(run: Run) -> None:
    run.two_rooms()
    run.did("POST /rooms/3/seats", {"id": 1, "kind": "small"}, {"id": 31, "kind": "small"})
    assert run.own("seat", "31", "/rooms/3/seats")


def test_a_name_that_only_the_location_tells(run: Run) -> None:
    for number in (1, 2):
        given = {"name": f"kqzw{number}vbnm"}
        run.did("POST /rooms", given, None, location=f"/rooms/kqzw{number}vbnm-{number}")
    assert run.own("room", "kqzw1vbnm-1", "/rooms")


def test_a_list_that_is_sent_as_one_text_comes_back_in_parts(run: Run) -> None:
    for number in (1, 2):
        rows = [f"kqzw{number}vbnm", f"plmx{number}trew"]
        run.did("POST /rooms", {"name": ",".join(rows)}, {"id": number, "rows": rows})
    assert run.own("room", "1", "/rooms")


def test_a_name_may_be_given_again(run: Run) -> None:
    for _ in range(2):
        run.did("PUT /notes/kqzwvbnm", {}, {"name": "kqzwvbnm"})
        assert run.own("note", "kqzwvbnm", "/notes")
        run.did("DELETE /notes/kqzwvbnm", None, None, 204)
        assert not run.own("note", "kqzwvbnm", "/notes")


def test_an_action_may_make_another_thing_beside_its_own(run: Run) -> None:
    run.did("PUT /notes/kqzwvbnm", {}, {"name": "kqzwvbnm"})
    run.did("POST /notes/kqzwvbnm", None, {"name": "kqzwvbnm.1"})
    assert run.own("note", "kqzwvbnm.1", "/notes")
    run.did("GET /rooms", None, [{"id": 77, "name": "somebody"}], 200)
    run.did("POST /notes/kqzwvbnm", {"from": "somebody"}, {"name": "other"})
    assert not run.own("note", "other", "/notes")


def test_an_action_that_shows_its_own_thing_makes_none(run: Run) -> None:
    run.did("PUT /notes/kqzwvbnm", {}, {"name": "kqzwvbnm"})
    before = len(run.gate.ledger.things)
    run.did("POST /notes/kqzwvbnm", None, {"name": "kqzwvbnm"})
    assert len(run.gate.ledger.things) == before


def test_roles() -> None:
    given = {"room": {"id": 3}, "hallIds": ["a", "b"], "count": 1, "id": 9, "on": True}
    found = set(roles(given))
    assert {("room", "3"), ("hall", "a"), ("hall", "b")} <= found
    assert ("", "9") not in found and not any(value == "True" for _, value in found)
    assert without(given, {("room", "3"), ("hall", "b")}) == {
        **given,
        "room": {"id": "\0"},
        "hallIds": ["a", "\0"],
    }


def test_a_route_of_nonsense_may_be_asked(run: Run) -> None:
    def held(path: str) -> bool:
        if (first := run.gate.held(Request("POST", path))) is not None and first.look:
            run.gate.note_looked(first.look, Response(404, {}, {}, "{}"))
        return run.gate.held(Request("POST", path)) is not None

    assert not held("/zq-no-such-route-xxxxx") and not held("/rooms.zq-no-such-route-xxxxx")
    assert held("/rooms.nothing")


@pytest.mark.parametrize(
    ("shown", "own"),
    [
        ({"name": "", "size": 3}, True),
        ({"name": "", "size": 4}, False),
        ({"size": 3}, False),
    ],
)
def test_what_comes_back_as_it_was_sent_is_it_whatever_it_stands_in(
    run: Run, shown: dict[str, Any], own: bool
) -> None:
    for number in (1, 2):
        name = f"kqzw{number}vbnm"
        back = {**shown, **({"name": name} if "name" in shown else {})}
        given = {"name": name, "size": 3, "floor": "low"}
        run.did("POST /rooms", given, {"status": "fine", "outcome": {"id": number, **back}})
    assert run.own("room", "1", "/rooms") is own
