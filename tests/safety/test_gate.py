"""The gate, branch by branch: which requests are held, why, and which are not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import load
from premises import ID, ROOM, SHOWN, body, document, said

from checker.domain.exchange import Exchange, Failure, Purpose, Request, Response
from checker.domain.operation import OperationId
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Held, Policy

HALL = {"name": "hall", "in": "path", "required": True, "schema": {"type": "integer"}}
WITH_ID = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
HOOK = {"type": "object", "properties": {"url": {"type": "string"}, "name": {"type": "string"}}}
LISTED = said("200", {"type": "array", "items": SHOWN})
PATHS: dict[str, Any] = {
    "/halls": {
        "get": {"responses": LISTED},
        "post": {"requestBody": body(ROOM), "responses": said("201", SHOWN)},
    },
    "/halls/{hall}": {"get": {"parameters": [HALL], "responses": said("200", SHOWN)}},
    "/halls/{hall}/seats": {
        "get": {"parameters": [HALL], "responses": LISTED},
        "post": {
            "parameters": [HALL],
            "requestBody": body(ROOM),
            "responses": said("201", SHOWN),
        },
    },
    "/halls/{hall}/seats/{id}": {
        "put": {"parameters": [HALL, ID], "requestBody": body(ROOM), "responses": said("200")}
    },
    "/desks/{id}": {
        "get": {"parameters": [ID], "responses": said("200", SHOWN)},
        "put": {"parameters": [ID], "requestBody": body(ROOM), "responses": said("200")},
        "delete": {"parameters": [ID], "responses": said("204")},
    },
    "/badges": {"post": {"requestBody": body(ROOM), "responses": said("201", SHOWN)}},
    "/rooms.update": {"post": {"requestBody": body(WITH_ID), "responses": said("200")}},
    "/deleteRoom": {
        "get": {
            "parameters": [
                {"name": "id", "in": "query", "required": True, "schema": {"type": "integer"}}
            ],
            "responses": said("200"),
        }
    },
    "/admin/reboot": {"get": {"responses": said("200")}},
    "/webhooks": {"post": {"requestBody": body(HOOK), "responses": said("201", WITH_ID)}},
}
LISTENER = "http://127.0.0.1:4711/hook"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def gates(folder: Path) -> Any:
    operations = {o.id: o for o in load(folder, document(**PATHS)).operations}

    def gate(**policy: Any) -> Gate:
        return Gate(Policy(**policy), operations, Ledger())

    return gate


def ask(
    method: str,
    path: str,
    given: Any = None,
    purpose: Purpose = "probe",
    query: Mapping[str, str] | None = None,
    **more: Any,
) -> Request:
    content = None if given is None else json.dumps(given).encode()
    pairs = tuple((query or {}).items())
    return Request(method, path, pairs, (), content, "application/json", purpose=purpose, **more)


def answered(gate: Gate, number: int, request: Request, data: Any, status: int = 200) -> None:
    """A request that was let out and its accepted answer."""
    gate.note_sent(number, request)
    response = Response(status, {"content-type": "application/json"}, data, json.dumps(data))
    gate.note(Exchange(request, response, number), accepted=True)


def created(gate: Gate, path: str, number: int, name: str = "kx81 attic") -> None:
    """One creation at a path, which brings a new text and is answered with it."""
    said = {"id": number, "name": f"{name} {number}"}
    answered(gate, number, ask("POST", path, {"name": said["name"]}), said, 201)


def seen(gate: Gate, path: str, number: int, name: str = "kx81 attic") -> None:
    """What was made at a path is read there."""
    answered(
        gate, number, ask("GET", f"{path}/{number}"), {"id": number, "name": f"{name} {number}"}
    )


def made(gate: Gate, path: str, number: int) -> None:
    """The run has made something of this number at a path, and another one before: both own; and
    its address was read."""
    created(gate, path, 1000 + number)
    created(gate, path, number)
    seen(gate, path, number)


def why(held: Held | None) -> str:
    return "" if held is None else held.reason


# -- what the policy says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        ask("POST", "/rooms", {"name": "a"}),
        ask("DELETE", "/rooms/7"),
        ask("DELETE", "/rooms/7", purpose="clean-up"),
        ask("POST", "/rooms", {"name": "a"}, purpose="step"),
        ask("POST", "/nowhere/zqabcdef"),
    ],
)
def test_read_only_reads_only(gates: Any, request_: Request) -> None:
    gate = gates(read_only=True, allow=("*",), allow_destructive=True, unknown=True)
    assert "--read-only" in why(gate.held(request_))
    assert gate.held(ask("GET", "/rooms")) is None


@pytest.mark.parametrize(
    ("pattern", "request_", "matches"),
    [
        ("POST /zxqv", ask("POST", "/zxqv"), True),
        ("/zxqv", ask("POST", "/zxqv"), True),
        ("*/zx*", ask("POST", "/zxqv"), True),
        ("* /zxqv", ask("POST", "/zxqv"), True),
        ("PUT /zxqv", ask("POST", "/zxqv"), False),
        ("zxqv", ask("POST", "/zxqv"), False),
        ("PUT /desks/{id}", ask("PUT", "/desks/7", {"name": "a"}), True),
        ("/desks/*", ask("PUT", "/desks/7", {"name": "a"}), True),
        ("/desks/7", ask("PUT", "/desks/7", {"name": "a"}), True),
        ("/desks/8", ask("PUT", "/desks/7", {"name": "a"}), False),
    ],
)
def test_deny_wins_over_allow(gates: Any, pattern: str, request_: Request, matches: bool) -> None:
    assert gates(allow=("*",)).held(request_) is None
    assert ("deny" in why(gates(allow=("*",), deny=(pattern,)).held(request_))) is matches


@pytest.mark.parametrize(
    ("pattern", "sent"),
    [("POST /zxqv", True), ("/zxqv", True), ("*", True), ("GET /zxqv", False), ("/zx", False)],
)
def test_allow_sends_what_it_names(gates: Any, pattern: str, sent: bool) -> None:
    assert (gates(allow=(pattern,)).held(ask("POST", "/zxqv")) is None) is sent


@pytest.mark.parametrize(
    "request_",
    [
        ask("GET", "/admin/reports"),
        ask("GET", "/rooms/7"),
        ask("PUT", "/rooms/zqabcdef", {"name": "a"}),
        ask("POST", "/stranger/zqabcdef"),
        ask("DELETE", "/rooms/7", purpose="clean-up"),
    ],
)
def test_deny_holds_for_whatever_is_sent(gates: Any, request_: Request) -> None:
    gate = gates(deny=("*/admin/*", "*/rooms/*", "*/stranger/*"), allow_destructive=True)
    made(gate, "/rooms", 7)
    assert "deny" in why(gate.held(request_))
    assert gate.held(ask("GET", "/rooms")) is None


@pytest.mark.parametrize(
    ("name", "policy", "sent"),
    [
        ("POST /shutdown", {}, False),
        ("POST /shutdown", {"test_system": True, "unknown": True, "borrow": True}, False),
        ("POST /shutdown", {"allow": ("POST /shutdown",)}, True),
        ("PATCH /me", {"test_system": True, "unknown": True, "borrow": True}, False),
        ("GET /admin/reboot", {"test_system": True, "unknown": True}, False),
        ("GET /admin/reboot", {"allow": ("/admin/*",)}, True),
        ("POST /emails", {}, False),
        ("POST /emails", {"unknown": True, "borrow": True, "allow_destructive": True}, False),
        ("POST /emails", {"test_system": True}, True),
        ("POST /zxqv", {}, False),
        ("POST /zxqv", {"test_system": True}, False),
        ("POST /zxqv", {"unknown": True}, True),
        ("POST /zxqv", {"unknown": True, "destructive": ("/zxqv",)}, False),
        (
            "POST /zxqv",
            {"unknown": True, "destructive": ("/zxqv",), "allow_destructive": True},
            True,
        ),
        ("PUT /settings", {}, False),
        ("PUT /settings", {"borrow": True}, False),  # not before it is borrowed
    ],
)
def test_effects_and_what_lets_them_out(
    gates: Any, name: str, policy: dict[str, Any], sent: bool
) -> None:
    held = gates(**policy).held(ask(*name.split(" ")))
    assert (held is None) is sent
    assert sent or held.reason


def test_what_is_certain_beforehand_is_told_with_what_allows_it(gates: Any) -> None:
    gate = gates()
    told = {
        str(o): gate.expected(gate.operations[o]).advice
        for o in gate.operations
        if gate.expected(gate.operations[o]) is not None
    }
    assert '`allow = ["POST /shutdown"]`' in told["POST /shutdown"]
    assert "--effects unknown" in told["POST /zxqv"]
    assert "--borrow" in told["PUT /settings"]
    assert "test_system" in told["POST /emails"]
    assert "--allow-destructive" in told["DELETE /rooms/{id}"]


# -- ownership -------------------------------------------------------------------------------------


CHANGE = ask("PUT", "/rooms/7", {"name": "a"})


def test_only_own_things_are_changed(gates: Any) -> None:
    gate = gates()
    held = gate.held(CHANGE)
    assert held is not None and held.kind == "foreign" and "that the room '7'" in held.reason
    created(gate, "/rooms", 7)
    held = gate.held(CHANGE)
    assert held is not None and held.look == "/rooms", "it may have answered with what was there"
    created(gate, "/rooms", 6)
    held = gate.held(CHANGE)
    assert held is not None and held.reading == Request("GET", "/rooms/7"), (
        "the address may be another's"
    )
    seen(gate, "/rooms", 7)
    seen(gate, "/rooms", 6)
    assert gate.held(CHANGE) is None
    assert gate.held(ask("PUT", "/rooms/6", {"name": "a"})) is None
    assert gate.held(ask("POST", "/rooms/7/archive")) is None
    assert gate.held(ask("PUT", "/rooms/8", {"name": "a"})) is not None


def test_what_has_gone_is_no_longer_own(gates: Any) -> None:
    gate = gates(allow_destructive=True)
    made(gate, "/rooms", 7)
    assert gate.held(CHANGE) is None
    answered(gate, 8, ask("DELETE", "/rooms/7"), None, 204)
    assert gate.held(CHANGE) is not None


def test_what_may_have_been_there_is_not_own(gates: Any) -> None:
    gate = gates()
    answered(gate, 1, ask("POST", "/rooms", {"name": "ab"}), {"id": 7, "name": "ab"})
    assert gate.ledger.unsure() and gate.held(CHANGE) is not None


def test_deleting_needs_both_the_option_and_an_own_thing(gates: Any) -> None:
    delete = ask("DELETE", "/rooms/7")
    careful, bold = gates(), gates(allow_destructive=True)
    for gate in (careful, bold):
        assert gate.held(delete) is not None
        made(gate, "/rooms", 7)
    assert why(careful.held(delete)) == "it deletes"
    assert bold.held(delete) is None


@pytest.mark.parametrize(
    "name, shown, nobodys",
    [
        ("kqzjvwxhplmb", {}, True),
        ("kqzjvwxhplmb", {"name": None, "tags": []}, True),
        ("kqzjvwxhplmb", {"name": "as for all"}, False),
        ("kqzjvwxh", {}, False),
        ("general-settings", {}, False),
    ],
    ids=["empty", "members that hold nothing", "something", "a short name", "a documented name"],
)
def test_what_reads_as_nothing_under_a_name_that_nobody_has_is_not_there(
    gates: Any, name: str, shown: Any, nobodys: bool
) -> None:
    gate = gates()
    gate.ledger.documented = frozenset({"general-settings"})
    change = ask("PUT", f"/rooms/{name}", {"name": "a"})
    held = gate.held(change)
    assert held is not None and held.look == change.url_path
    answered(gate, 1, ask("GET", change.url_path), shown)
    gate.note_looked(change.url_path, Response(200, {}, shown, json.dumps(shown)))
    assert (gate.held(change) is None) is nobodys


def test_nothing_is_harmed_where_nothing_is(gates: Any) -> None:
    gate = gates()
    held = gate.held(CHANGE)
    assert held is not None and held.look == "/rooms/7"
    gate.note_looked("/rooms/7", Response(404, {}))
    assert gate.held(CHANGE) is None
    assert gate.held(ask("PUT", "/halls/1/seats/zqabcdef", {"name": "a"})) is not None


def test_what_a_list_showed_needs_no_look(gates: Any) -> None:
    gate = gates()
    answered(gate, 1, ask("GET", "/rooms"), [{"id": 7, "name": "theirs"}])
    held = gate.held(CHANGE)
    assert held is not None and held.look == ""


def test_made_up_names_are_nobodys(gates: Any) -> None:
    assert gates().held(ask("PUT", "/rooms/zqabcdef", {"name": "a"})) is None


def test_a_parent_that_the_run_could_have_made_is_own_too(gates: Any) -> None:
    gate = gates()
    seat = ask("POST", "/halls/3/seats", {"name": "a"})
    held = gate.held(seat)
    assert held is not None and held.kind == "foreign" and "hall '3'" in held.reason
    made(gate, "/halls", 3)
    assert gate.held(seat) is None


def test_an_own_thing_in_a_foreign_parent(gates: Any) -> None:
    gate = gates()
    made(gate, "/halls", 3)
    made(gate, "/halls/3/seats", 9)
    assert gate.held(ask("PUT", "/halls/3/seats/9", {"name": "a"})) is None
    held = gate.held(ask("PUT", "/halls/4/seats/9", {"name": "a"}))
    assert held is not None and "hall '4'" in held.reason


def test_identifiers_outside_the_path(gates: Any) -> None:
    gate = gates(allow_destructive=True)
    made(gate, "/rooms", 7)
    assert gate.held(ask("POST", "/rooms.update", {"id": 7})) is None
    assert gate.held(ask("GET", "/deleteRoom", query={"id": "7"})) is None
    for given in ({"id": 8}, {"id": 8.0}, {"id": [7, 8]}, {"id": {"gt": 0}}, {"id": [7, {}]}):
        held = gate.held(ask("POST", "/rooms.update", given))
        assert held is not None and held.kind == "foreign", given
    for given in ({"name": "a"}, {"id": None}, {"id": {"zqx": [1]}}):
        held = gate.held(ask("POST", "/rooms.update", given))
        assert held is not None and "about everything" in held.reason, given
    for query in ({"id": "8"}, {}):
        assert gate.held(ask("GET", "/deleteRoom", query=query)) is not None


def test_what_deletes_by_a_reading_is_no_reading(gates: Any) -> None:
    gate = gates()
    made(gate, "/rooms", 7)
    assert why(gate.held(ask("GET", "/deleteRoom", query={"id": "7"}))) == "it deletes"


@pytest.mark.parametrize("name", ["id", "_id", "uuid"])
def test_a_creation_that_brings_a_foreign_identifier(gates: Any, name: str) -> None:
    gate = gates()
    answered(gate, 1, ask("GET", "/rooms"), [{"id": 5, "name": "theirs"}])
    held = gate.held(ask("POST", "/rooms", {name: 5, "name": "a"}))
    assert held is not None and "that was there" in held.reason
    held = gate.held(ask("POST", "/rooms", {name: 6, "name": "a"}))
    assert held is not None and "itself" in held.reason and held.look == "/rooms/6"
    gate.note_looked("/rooms/6", Response(404, {}))
    assert gate.held(ask("POST", "/rooms", {name: 6, "name": "a"})) is None, "nothing is there"
    assert gate.held(ask("POST", "/rooms", {name: "zqabcdef", "name": "a"})) is None


def test_a_long_text_that_nobody_can_have_brought_names_nothing_yet(gates: Any) -> None:
    gate = gates()
    assert gate.held(ask("POST", "/rooms", {"id": "wzqhscfelhicalhidglh", "name": "a"})) is None
    assert gate.held(ask("POST", "/rooms", {"id": "rosegarden", "name": "a"})) is not None
    answered(gate, 1, ask("GET", "/rooms"), [{"id": 5, "name": "the-garden-behind-the-house"}])
    held = gate.held(ask("POST", "/rooms", {"id": "the-garden-behind-the-house", "name": "a"}))
    assert held is not None, "an answer has shown it"


@pytest.mark.parametrize(
    ("first", "shown", "sent"),
    [
        ("kx81-qw", {"id": 5, "slug": "kx81-qw"}, True),
        ("rose-garden", {"id": 5, "slug": "rose-garden"}, False),  # a list had shown it before
        ("kx81-qw", {"id": 5, "slug": "kx81-qv"}, False),  # it answers with another one
        ("b2", {"id": 5, "slug": "b2"}, False),  # too short to be nobody's
    ],
)
def test_a_natural_key_that_this_run_was_the_first_to_bring(
    gates: Any, first: str, shown: Any, sent: bool
) -> None:
    gate = gates()
    answered(gate, 1, ask("GET", "/rooms"), [{"id": 5, "slug": "rose-garden"}])
    answered(gate, 2, ask("POST", "/rooms", {"slug": first, "name": "a"}), shown, 201)
    again = gate.held(ask("POST", "/rooms", {"slug": shown["slug"], "name": "b"}))
    assert (again is None) is sent, "what came back is something that was there, maybe by its name"


def test_a_natural_key_that_another_answer_shows_is_somebodys(gates: Any) -> None:
    gate, again = gates(), ask("POST", "/rooms", {"slug": "kx81-qw", "name": "b"})
    answered(gate, 1, ask("GET", "/rooms"), [{"id": 5, "slug": "rose-garden"}])
    answered(gate, 2, again, {"id": 5, "slug": "kx81-qw"}, 201)
    assert gate.held(again) is None
    answered(gate, 3, ask("GET", "/rooms"), [{"id": 5, "slug": "kx81-qw"}])
    assert "that was there" in why(gate.held(again))


def test_a_natural_key_that_a_reading_finds_is_somebodys(gates: Any) -> None:
    gate = gates()
    answered(gate, 1, ask("GET", "/rooms", query={"slug": "kx81-qw"}), [{"slug": "kx81-qw"}])
    held = gate.held(ask("POST", "/rooms", {"slug": "kx81-qw", "name": "b"}))
    assert "that was there" in why(held)


def test_a_body_names_what_its_path_names(gates: Any) -> None:
    gate = gates()
    made(gate, "/rooms", 7)
    assert gate.held(ask("PUT", "/rooms/7", {"id": 7, "name": "a"})) is None
    held = gate.held(ask("PUT", "/rooms/7", {"id": 8, "name": "a"}))
    assert held is not None and held.kind == "path"


# -- how much --------------------------------------------------------------------------------------


def test_so_many_things_and_a_share_for_steps(gates: Any) -> None:
    gate = gates(max_created=8)
    for number in range(6):
        assert gate.held(ask("POST", "/rooms", {"name": "a"})) is None
        created(gate, "/rooms", 11 + number)
    held = gate.held(ask("POST", "/rooms", {"name": "a"}))
    assert held is not None and held.kind == "created" and "--max-created" in held.mend
    step = ask("POST", "/rooms", {"name": "a"}, purpose="step")
    for number in range(2):
        assert gate.held(step) is None
        created(gate, "/rooms", 21 + number)
    assert gate.held(step) is not None
    assert gate.held(ask("POST", "/halls", {"name": "a"})) is None, "another collection"
    last = gate.deeds.again(step)
    assert last is not None and last.number == 22
    answered(gate, 31, ask("PUT", "/rooms/22", {"name": "b"}), None, 204)
    unused = gate.deeds.again(step)
    assert unused is not None and unused.number == 21, "nothing was done with it yet"
    assert gate.deeds.again(replace(step, token="other")) is None


def test_things_that_steps_use_again_take_turns(gates: Any) -> None:
    gate = gates(max_created=8)
    for number in (21, 22, 23, 24):
        created(gate, "/rooms", number)
    answered(gate, 31, ask("PUT", "/rooms/24", {"name": "b"}), None, 204)
    step = ask("POST", "/rooms", {"name": "a"}, purpose="step")
    again = [gate.deeds.again(step) for _ in range(4)]
    assert [e.number for e in again if e is not None] == [23, 22, 21, 23]


def test_what_may_be_somebodys_is_the_last_that_a_step_uses_again(gates: Any) -> None:
    """Nothing is done with it, so that it would look unused for ever."""
    gate = gates(max_created=8)
    for number in (21, 22):
        created(gate, "/rooms", number)
    answered(gate, 31, ask("PUT", "/rooms/21", {"name": "b"}), None, 204)
    gate.ledger.disown(next(t for t in gate.ledger.things if t.number == 22))
    step = ask("POST", "/rooms", {"name": "a"}, purpose="step")
    again = [gate.deeds.again(step) for _ in range(3)]
    assert [e.number for e in again if e is not None] == [21, 21, 21]


def test_no_share_is_kept_where_no_step_can_need_one(gates: Any) -> None:
    gate = gates(max_created=8)
    for number in range(8):
        assert gate.held(ask("POST", "/badges", {"name": "a"})) is None
        created(gate, "/badges", 11 + number)
    assert gate.held(ask("POST", "/badges", {"name": "a"})) is not None


# -- borrowed things -------------------------------------------------------------------------------


def test_what_is_borrowed_gets_documented_fields_only(gates: Any) -> None:
    gate = gates(borrow=True)
    write = ask("PUT", "/settings", {"opens": "09:00"})
    assert "isn't borrowed yet" in why(gate.held(write))
    gate.lent.add("/settings")
    assert gate.held(write) is None
    assert "undocumented 'zq'" in why(gate.held(ask("PUT", "/settings", {"opens": "a", "zq": 1})))
    gate.lent.clear()
    assert gate.held(write) is not None


def test_what_is_borrowed_is_not_deleted(gates: Any) -> None:
    gate = gates(borrow=True, allow_destructive=True)
    gate.lent.add("/desks/7")
    assert gate.held(ask("PUT", "/desks/7", {"name": "a"})) is None
    assert gate.held(ask("DELETE", "/desks/7")) is not None
    assert gate.held(ask("DELETE", "/desks/7", purpose="clean-up")) is not None


# -- ways around -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "way",
    [
        {"headers": (("X-HTTP-Method-Override", "DELETE"),)},
        {"headers": (("x_http_method", "put"),)},
        {"query": (("_method", "DELETE"),)},
        {"query": (("X-Method", "DELETE"),)},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_method_than_its_own(gates: Any, way: dict[str, Any], method: str) -> None:
    gate = gates(allow=("*",), unknown=True)
    held = gate.held(replace(ask(method, "/rooms"), **way))
    assert held is not None and held.kind == "path"
    same = {k: tuple((n, method) for n, _ in v) for k, v in way.items()}
    assert gate.held(replace(ask(method, "/rooms"), **same)) is None


@pytest.mark.parametrize("path", ["/rooms/", "/rooms/..", "/rooms/%2e%2e", "/rooms/x%2F..%2Fy"])
def test_paths_that_lead_elsewhere(gates: Any, path: str) -> None:
    gate = gates(allow=("*",), allow_destructive=True)
    key = OperationId("PUT", "/rooms/{id}")
    held = gate.held(ask("PUT", path, {"name": "a"}, operation=key))
    assert held is not None and held.kind == "path"


def test_random_figures_say_nothing(gates: Any) -> None:
    """Words that stand in a path's value do."""
    gate = gates()
    for value in ("be1a2fa9-71d1-4588-acf5-2305251e3552", "be1a2fa971d14588acf52305"):
        assert gate.held(ask("GET", f"/rooms/{value}")) is None
    held = gate.held(ask("GET", "/rooms/shutdown"))
    assert held is not None and held.kind == "path"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "QUERY"])
def test_what_no_document_has(gates: Any, method: str) -> None:
    gate = gates(unknown=True, allow_destructive=True, test_system=True)
    held = gate.held(ask(method, "/stranger"))
    assert held is not None and held.kind == "path" and "no document" in held.reason
    nowhere = Request(method, "/stranger/zqabcdef")
    assert gate.held(nowhere) == Held(
        "nothing shows that there is nothing at its path", look=nowhere.url_path, kind="path"
    )
    gate.note_looked(nowhere.url_path, Response(200, {}, {}, "{}"))
    assert gate.held(nowhere) is not None, "what answers everything may write everything"
    gate.note_looked(nowhere.url_path, Response(404, {}, {}, "{}"))
    assert gate.held(nowhere) is None, "nobody has such a route"
    assert "may be written to" in why(gate.held(replace(nowhere, content=b"{}")))
    assert "may be written to" in why(gate.held(replace(nowhere, query=(("name", "a"),))))
    assert gates(allow=(f"{method} /stranger",)).held(ask(method, "/stranger")) is None
    assert gates(allow=("/stranger",)).held(ask(method, "/stranger")) is None


def test_a_refusal_with_status_200_says_that_nothing_is_there_only_where_nothing_is_documented(
    gates: Any,
) -> None:
    gate = gates(unknown=True, test_system=True)
    nowhere = Request("POST", "/stranger/zqabcdef")
    gate.note_looked(nowhere.url_path, Response(200, {}, {}, "{}"), refused=True)
    assert gate.held(nowhere) is None
    gate.note_looked("/rooms/7", Response(200, {}, {}, "{}"), refused=True)
    assert not gate.ledger.absent("/rooms", "7"), "it may be the credential that is refused"


def test_an_operation_named_beside_the_path_counts_only_where_it_fits(gates: Any) -> None:
    gate = gates()
    search = OperationId("POST", "/rooms")
    assert gate.held(ask("POST", "/shutdown", operation=search)) is not None
    assert gate.held(ask("POST", "/zxqv", {"name": "a"}, operation=search)) is not None


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"url": LISTENER}, True),
        ({"url": f"{LISTENER}/3?x=1"}, True),
        ({"url": "https://elsewhere.example/hook"}, False),
        ({"url": f"{LISTENER}er"}, False),
        ({"url": "http://127.0.0.1:4711@elsewhere.example/hook"}, False),
        ({"url": LISTENER, "name": "https://elsewhere.example/"}, False),
        ({"name": "a"}, False),
    ],
)
def test_only_the_runs_own_listener_is_registered(
    gates: Any, given: dict[str, str], sent: bool
) -> None:
    gate = gates()
    assert gate.held(ask("POST", "/webhooks", {"url": LISTENER})) is not None
    gate.own_addresses = lambda: (LISTENER,)
    assert (gate.held(ask("POST", "/webhooks", given)) is None) is sent


# -- the clean-up ----------------------------------------------------------------------------------


@pytest.mark.parametrize("destructive", [False, True])
def test_the_clean_up_deletes_own_things_only(gates: Any, destructive: bool) -> None:
    gate = gates(allow_destructive=destructive, allow=("*",) if destructive else ())
    delete = ask("DELETE", "/rooms/7", purpose="clean-up")
    assert "not of this run's making" in why(gate.held(delete))
    made(gate, "/rooms", 7)
    assert gate.held(delete) is None
    assert gate.held(ask("DELETE", "/rooms/8", purpose="clean-up")) is not None
    gate.note_looked("/rooms/8", Response(404, {}))
    assert gate.held(ask("DELETE", "/rooms/8", purpose="clean-up")) is not None


@pytest.mark.parametrize(
    ("words", "policy", "sent"),
    [
        ("Deletes the room. The guest is told by e-mail.", {}, False),
        ("Deletes the room and refunds the guest.", {}, False),
        ("Löscht den Raum; die Teilnehmer erhalten eine Absage.", {}, False),
        ("Deletes the room. The deposit is paid back.", {}, False),
        ("Deletes the room. The guest is told by e-mail.", {"test_system": True}, True),
        ("Deletes the room. The guest is told by e-mail.", {"allow": ("DELETE /rooms/*",)}, True),
        ("Deletes the room and what is in it", {}, True),
    ],
)
def test_the_clean_up_tells_nobody_outside(
    gates: Any, words: str, policy: dict[str, Any], sent: bool
) -> None:
    deletion = OperationId("DELETE", "/rooms/{id}")
    known = gates().operations
    operations = {**known, deletion: replace(known[deletion], description=words)}
    gate = Gate(Policy(**policy), operations, Ledger())
    made(gate, "/rooms", 7)
    held = gate.held(ask("DELETE", "/rooms/7", purpose="clean-up"))
    assert (held is None) == sent
    assert held is None or ("outside" in held.reason and "allow" in held.mend)


def test_the_clean_up_writes_back_what_is_borrowed(gates: Any) -> None:
    gate = gates()
    back = ask("PUT", "/settings", {"opens": "08:00"}, purpose="clean-up")
    assert gate.held(back) is not None
    gate.lent.add("/settings")
    assert gate.held(back) is None


# -- redirects -------------------------------------------------------------------------------------


BASE = "http://host.example/v1"


@pytest.mark.parametrize(
    ("onward", "followed"),
    [
        ("/rooms/7", True),
        ("/rooms", True),
        ("/nothing/known", True),
        ("/admin/reboot", False),
        ("/admin/reboot?now=1", False),
        ("/deleteRoom?id=7", False),
        ("/secret/place", False),
    ],
)
def test_redirects_into_what_is_held(gates: Any, onward: str, followed: bool) -> None:
    gate = gates(deny=("*/secret/*",))
    assert (gate.held_hop(f"{BASE}/rooms", BASE + onward) is None) is followed
    assert gate.held_hop(BASE + onward, BASE + onward) is None, "it is where it was asked to go"


def test_a_redirect_to_what_deletes_is_not_followed_even_where_deleting_is_allowed(
    gates: Any,
) -> None:
    """Nobody has asked whose the thing is that stands in the new address."""
    gate = gates(allow_destructive=True)
    assert gate.held_hop(f"{BASE}/rooms", f"{BASE}/deleteRoom?id=7") is not None


# -- what answers teach ----------------------------------------------------------------------------


def test_what_is_refused_makes_nothing(gates: Any) -> None:
    gate = gates()
    request = ask("POST", "/rooms", {"name": "kx81 attic"})
    gate.note_sent(1, request)
    said = Response(201, {}, {"id": 7, "name": "kx81 attic"}, "")
    gate.note(Exchange(request, said, 1), accepted=False)
    assert gate.held(CHANGE) is not None
    gate.note(Exchange(request, Failure("reset", "gone"), 2), accepted=False)
    assert gate.ledger.things == []


def test_a_put_that_makes_what_it_names(gates: Any) -> None:
    gate = gates()
    other = ask("PUT", "/rooms/8", {"name": "a"})
    answered(gate, 1, CHANGE, {"id": 7, "name": "a"}, 201)
    assert gate.held(CHANGE) is None, "201: it wasn't there"
    answered(gate, 2, other, {"id": 8, "name": "a"}, 200)
    assert gate.held(other) is not None
    gate.note_looked("/rooms/8", Response(404, {}))
    answered(gate, 3, other, {"id": 8, "name": "a"}, 200)
    assert gate.ledger.own(("room",), "8", "/rooms") is not None


def test_writing_what_is_lent_makes_it_no_own_thing(gates: Any) -> None:
    gate = gates(borrow=True)
    write = ask("PUT", "/desks/7", {"name": "a"})
    gate.lent.add("/desks/7")
    answered(gate, 1, write, {"id": 7, "name": "a"}, 201)
    gate.lent.clear()
    assert gate.held(write) is not None


def draft(gate: Gate, path: str, number: int, name: str, **kept: Any) -> Held | None:
    """A creation that is answered with the one draft that was there, called so from now on; why
    the next one is held. `kept` is what else it shows."""
    given = {"name": f"{name} {number}"}
    answered(gate, number, ask("POST", path, given), {"id": 3, **given, **kept}, 201)
    return gate.held(ask("POST", path, {"name": f"another {name}"}))


@pytest.mark.parametrize("known", [True, False])
def test_what_always_answers_with_one_thing_is_not_sent_again(gates: Any, known: bool) -> None:
    """It changes what is there; whether that was seen before or not."""
    kept = {} if known else {"since": "2024-01-03"}
    gate, allowed = gates(), gates(allow=("POST /halls",))
    if known:
        answered(gate, 1, ask("GET", "/halls"), [{"id": 3, "name": "theirs"}])
    first = draft(gate, "/halls", 2, "kx81 attic", **kept)
    assert ("something that was there" in why(first)) is known, "a list had it"
    assert "one and the same thing" in why(draft(gate, "/halls", 3, "kx82 cellar", **kept))
    assert gate.held(ask("POST", "/badges", {"name": "kx83 roof"})) is None
    draft(allowed, "/halls", 2, "kx81 attic", **kept)
    assert draft(allowed, "/halls", 3, "kx82 cellar", **kept) is None


def test_what_answers_with_some_things_again_and_again_is_not_sent(gates: Any) -> None:
    """There is one for each weekday."""
    gate = gates()
    draft(gate, "/halls", 2, "kx81 attic")
    created(gate, "/halls", 4)
    assert draft(gate, "/halls", 3, "kx82 cellar") is not None


def test_what_may_keep_nothing_at_all_is_sent_again(gates: Any) -> None:
    """A stand-in answers everything with one number."""
    gate = gates()
    draft(gate, "/halls", 2, "kx81 attic")
    assert draft(gate, "/halls", 3, "kx82 cellar") is None


def test_within_an_own_thing_it_is_sent_again(gates: Any) -> None:
    gate = gates()
    made(gate, "/halls", 7)
    draft(gate, "/halls/7/seats", 20, "kx81 attic", since="2024-01-03")
    assert draft(gate, "/halls/7/seats", 21, "kx82 cellar", since="2024-01-03") is None


def by_title(folder: Path, *titles: tuple[str, int], listed: bool = True) -> Gate:
    """A gate after creations, each with a title and what it was answered with; a list was read
    before."""
    operations = {o.id: o for o in load(folder, document(**PATHS)).operations}
    gate = Gate(Policy(), operations, Ledger(frozenset({"Blue hall", "Green hall"})))
    if listed:
        answered(gate, 1, ask("GET", "/halls"), [{"id": 1, "name": "theirs"}])
    for number, (title, made) in enumerate(titles, start=2):
        given = {"name": title, "size": number}
        answered(gate, number, ask("POST", "/halls", given), {"id": made}, 201)
    return gate


BLUE = ("Blue hall", 3), ("Blue hall", 3)


@pytest.mark.parametrize(
    ("titles", "blue", "green"),
    [
        (BLUE, False, True),
        ((*BLUE, ("Green hall", 4)), True, True),
        ((*BLUE, ("Green hall", 3), ("Red hall", 5)), False, False),
    ],
    ids=["found by its title", "another title, another thing", "whatever is there"],
)
def test_what_finds_by_its_title_what_it_made_is_sent_with_another_title(
    tmp_path: Path, titles: tuple[tuple[str, int], ...], blue: bool, green: bool
) -> None:
    """No list had that before: it takes nothing from others."""
    gate = by_title(tmp_path, *titles)
    for title, sent in (("Blue hall", blue), ("Green hall", green)):
        held = gate.held(ask("POST", "/halls", {"name": title, "size": 9}))
        assert (held is None) is sent, title
        assert sent or "one and the same thing" in why(held)


def test_where_no_list_lacked_what_comes_back_another_title_is_no_way_out(tmp_path: Path) -> None:
    gate = by_title(tmp_path, *BLUE, ("Yellow hall", 4), listed=False)
    assert gate.held(ask("POST", "/halls", {"name": "Green hall"})) is not None


def test_the_same_request_may_be_answered_alike(gates: Any) -> None:
    gate, same = gates(), {"name": "kx81 attic"}
    for number in (2, 3):
        said = {"id": 3, "since": "2024-01-03"}
        answered(gate, number, ask("POST", "/halls", same), said, 201)
    assert gate.held(ask("POST", "/halls", {"name": "kx82 cellar"})) is None


def test_an_own_thing_is_not_called_as_something_that_was_there(gates: Any) -> None:
    """Some servers merge what is known by the same name."""
    gate = gates()
    answered(gate, 1, ask("GET", "/rooms"), [{"id": 3, "name": "theirs three"}])
    made(gate, "/rooms", 7)
    held = gate.held(ask("PUT", "/rooms/7", {"name": "theirs three"}))
    assert "something that was there" in why(held)
    assert gate.held(ask("PUT", "/rooms/7", {"name": "kx82 cellar"})) is None


@pytest.mark.parametrize("name", ["*", "_all", "kx81*"])
def test_what_may_stand_for_many_is_neither_changed_nor_deleted(gates: Any, name: str) -> None:
    """Be it what an own thing is called, or nothing at all."""
    gate = gates(allow_destructive=True)
    for number, called in ((1, "kx81 attic"), (2, "kx82 attic")):
        given = {"name": f"{called} {number}"}
        key = {"id": name if number == 2 else "kx83"}
        answered(gate, number, ask("POST", "/rooms", given), {**given, **key}, 201)
    path = f"/rooms/{name}"
    answered(gate, 3, ask("GET", path), {"id": name, "name": "kx82 attic 2"})
    for purpose in ("probe", "clean-up"):
        assert "many things" in why(gate.held(ask("DELETE", path, purpose=purpose)))
    gate.note_looked("/desks/*", Response(404, {}, None, ""))
    assert "many things" in why(gate.held(ask("DELETE", "/desks/*")))
    assert gate.held(ask("GET", path)) is None


def test_what_answered_with_what_was_there_is_sent_with_new_texts_only(gates: Any) -> None:
    """It may be found by what the request brought."""
    gate = gates()
    answered(gate, 1, ask("GET", "/halls"), [{"id": 3, "isrc": "AB", "name": "theirs"}])
    found = ask("POST", "/halls", {"isrc": "AB"})
    assert gate.held(found) is None
    answered(gate, 2, found, {"id": 3, "isrc": "AB", "name": "theirs"}, 201)
    assert "something that was there" in why(gate.held(found))
    assert gate.held(ask("POST", "/halls", {"name": "kx81 attic"}, "step")) is not None
    other = ask("POST", "/halls", {"isrc": "kx82 cellar"})
    assert gate.held(other) is None
    answered(gate, 3, other, {"id": 3, "isrc": "kx82 cellar", "name": "theirs"}, 201)
    assert gate.held(ask("POST", "/halls", {"isrc": "kx83 roof"})) is not None, "whatever is there"
    assert gate.held(ask("POST", "/badges", {"isrc": "AB"})) is None


def test_a_list_that_has_another_of_that_number_by_now_settles_it(gates: Any) -> None:
    """Each caller's are numbered anew."""
    gate, theirs = gates(), [{"id": 3, "name": "theirs"}, {"id": 4, "name": "others"}]
    answered(gate, 1, ask("GET", "/halls"), theirs)
    answered(gate, 2, ask("POST", "/halls", {"size": 4}), {"id": 3, "size": 4}, 201)
    again = ask("POST", "/halls", {"size": 5})
    held = gate.held(again)
    assert held is not None and held.look == "/halls"
    answered(gate, 3, ask("GET", "/halls"), theirs)
    held = gate.held(again)
    assert held is not None and held.look == "", "it is read again once"
    answered(gate, 4, ask("GET", "/halls"), [*theirs, {"id": 3, "size": 4}])
    assert gate.held(again) is None
    answered(gate, 5, again, {"id": 4, "size": 5}, 201)
    assert gate.held(again) is None


@pytest.mark.parametrize(
    ("seat", "plain", "held"),
    [
        (3, True, True),
        (4, True, False),
        (3, False, False),
        ("6f1e0f0e-9d53-4c0b-8a55-1b7b1f0a9a11", False, True),
    ],
    ids=["theirs", "another", "numbered within", "nobody else's name"],
)
def test_what_takes_others_into_an_own_thing_is_not_sent_again(
    tmp_path: Path, seat: int | str, plain: bool, held: bool
) -> None:
    listing = {"/seats": {"get": {"responses": LISTED}}} if plain else {}
    written = document(**PATHS, **listing)
    gate = Gate(Policy(), {o.id: o for o in load(tmp_path, written).operations}, Ledger())
    theirs = [{"id": 3, "user": 1}, {"id": "6f1e0f0e-9d53-4c0b-8a55-1b7b1f0a9a11", "user": 2}]
    answered(gate, 1, ask("GET", "/seats" if plain else "/halls/1/seats"), theirs)
    made(gate, "/halls", 7)
    given = {"user_id": 1}
    assert gate.held(ask("POST", "/halls/7/seats", given)) is None
    answered(gate, 20, ask("POST", "/halls/7/seats", given), {"id": seat, "user": 1}, 201)
    for content in (given, {"user_id": 1, "name": "kx81 attic"}):
        for purpose in ("probe", "step"):
            asked = ask("POST", "/halls/7/seats", content, purpose)
            assert (gate.held(asked) is not None) is held


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [(1, 7, True), (1, 2, False), (7, 7, False)],
    ids=["moved", "moved elsewhere", "it was there"],
)
def test_a_creation_that_moved_what_was_listed_is_not_sent_again(
    tmp_path: Path, before: int, now: int, held: bool
) -> None:
    """A new worker draws others along into its pool."""
    written = document(**PATHS)
    written["paths"]["/badges"]["get"] = {"responses": LISTED}
    gate = Gate(Policy(), {o.id: o for o in load(tmp_path, written).operations}, Ledger())
    answered(gate, 1, ask("GET", "/badges"), [{"id": 1, "hall_id": before}])
    made(gate, "/halls", 7)
    given = {"hall_id": 7, "name": "kx81 attic"}
    answered(gate, 20, ask("POST", "/badges", given), {"id": 2, **given}, 201)
    listed = [{"id": 1, "hall_id": now}, {"id": 2, "hall_id": 7, "name": "kx81 attic"}]
    answered(gate, 30, ask("GET", "/badges"), listed)
    found = gate.held(ask("POST", "/badges", {"name": "kx83 roof"}))
    assert ("since it was sent" in why(found)) is held


def test_what_is_known_to_have_been_taken_says_no_more_where_it_is_listed(tmp_path: Path) -> None:
    written = document(**PATHS)
    written["paths"]["/badges"]["get"] = {"responses": LISTED}
    gate = Gate(Policy(), {o.id: o for o in load(tmp_path, written).operations}, Ledger())
    theirs = {"id": 1, "isrc": "AB"}
    answered(gate, 1, ask("GET", "/badges"), [{**theirs, "hall_id": 1}])
    made(gate, "/halls", 7)
    given = {"hall_id": 7, "isrc": "AB"}
    answered(gate, 20, ask("POST", "/badges", given), {**theirs, "hall_id": 7}, 201)
    answered(gate, 30, ask("GET", "/badges"), [{**theirs, "hall_id": 7}])
    assert gate.held(ask("POST", "/badges", given)) is not None
    assert gate.held(ask("POST", "/badges", {"hall_id": 7, "isrc": "kx82 cellar"})) is None


def test_what_a_list_within_an_own_thing_gives_again_has_not_moved(gates: Any) -> None:
    """A number that is free again is given to another one."""
    gate = gates()
    made(gate, "/halls", 7)
    answered(gate, 20, ask("GET", "/halls/7/seats"), [{"id": 1, "hall_id": 2}])
    created(gate, "/halls/7/seats", 2)
    answered(gate, 30, ask("GET", "/halls/7/seats"), [{"id": 1, "hall_id": 7}])
    assert gate.held(ask("POST", "/halls/7/seats", {"name": "kx83 roof"})) is None
