"""Words that stand beside an operation's own: of members, answers, tags; and deeds by noun."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import SHOWN, body, said

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.operation import Operation
from checker.planning.restraint import gentle
from checker.safety.assessor import Assessor
from checker.safety.effects import Effect
from checker.safety.extras import extra
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy

TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}


def operation_of(folder: Path, path: str, item: dict[str, Any], **more: Any) -> Operation:
    method, _, where = path.partition(" ")
    data = openapi(paths={where: {method.lower(): item}}, **more)
    (found,) = load(folder, data).operations
    return found


def post(members: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": members, "required": list(required)}
    return {"requestBody": body(schema), "responses": said("201", SHOWN), **more}


def effect_of(operation: Operation) -> Effect:
    return Assessor([operation]).assess(operation).effect


def held(operation: Operation, given: dict[str, Any], **policy: Any) -> str:
    gate = Gate(Policy(**policy), {operation.id: operation}, Ledger())
    content = json.dumps(given).encode()
    request = Request("POST", operation.id.path, content=content, media_type="application/json")
    found = gate.held(request)
    return "" if found is None else found.reason


TRIGGERED: dict[str, Any] = {"name": TEXT, "trigger": TEXT, "actions": TEXT}
ON: dict[str, Any] = {**FLAG, "default": True}
LIVE: dict[str, Any] = {**TEXT, "enum": ["live", "parked"]}
ARMED: dict[str, Any] = {**TEXT, "enum": ["armed", "dry"]}
ISSUED: dict[str, Any] = {**TEXT, "enum": ["published", "draft"]}
FIGURE: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 1}
SAID = "Either `automatic` or `manual`."
OPTIONS: dict[str, Any] = {"type": "object", "properties": {"assign_open": ON}}
SETTINGS: dict[str, Any] = {"type": "object", "properties": {"active": ON}}


@pytest.mark.parametrize(
    ("path", "members", "asked", "made"),
    [
        ("POST /automations", {"enabled": ON}, {}, {"enabled": False}),
        ("POST /automations", {"enabled": FLAG}, {}, {"enabled": False}),
        ("POST /schedules", {"is_paused": FLAG}, {"is_paused": False}, {"is_paused": True}),
        ("POST /rules", {**TRIGGERED, "active": ON}, {"name": "x"}, {"name": "x", "active": False}),
        ("PATCH /schedules", {"active": FLAG}, {}, {}),
        ("PATCH /schedules", {"active": FLAG}, {"active": True}, {}),
        ("POST /rules", {**TRIGGERED, "state": LIVE}, {"state": "live"}, {"state": "parked"}),
        ("POST /playbooks", {"mode": ARMED}, {}, {"mode": "dry"}),
        ("POST /flows", {"when": TEXT, "then": TEXT, "status": ISSUED}, {}, {"status": "draft"}),
        ("POST /automations", {"is_live": FIGURE}, {"is_live": 1}, {"is_live": 0}),
        ("POST /monitors", {"threshold": TEXT, "muted": FLAG}, {"muted": None}, {"muted": True}),
        ("POST /bots", {"activation": {**TEXT, "description": SAID}}, {}, {"activation": "manual"}),
        ("POST /automations", {"options": SETTINGS}, {}, {"options": {"active": False}}),
    ],
)
def test_what_acts_by_itself_is_made_switched_off(
    tmp_path: Path, path: str, members: Any, asked: Any, made: Any
) -> None:
    """A rule that fits everything that happens fires at what it does itself, without end."""
    operation = operation_of(tmp_path, path, post(members))
    assert gentle(Call(operation.id, body=asked), operation).body == made
    if path.startswith("POST"):
        assert "more than the thing itself" in held(operation, asked)
        assert held(operation, made) == ""


def test_what_acts_by_itself_inside_another_is_made_switched_off(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"active": ON, "cron": TEXT}}
    members = {"active": ON, "schedules": {"type": "array", "items": inner}}
    operation = operation_of(tmp_path, "POST /deployables", post(members))
    asked = {"schedules": [{"cron": "0 0 * * *"}]}
    made = {"schedules": [{"cron": "0 0 * * *", "active": False}]}
    assert gentle(Call(operation.id, body=asked), operation).body == made
    assert held(operation, {"schedules": [{"active": True}]})
    assert gentle(Call(operation.id, body={"active": True}), operation).body == {"active": True}


@pytest.mark.parametrize(
    ("method", "given", "sent"),
    [
        ("POST", {"name": "a", "state": "parked"}, True),
        ("POST", {"name": "a", "state": "live"}, False),
        ("POST", {"name": "a", "state": "zqxkjw"}, False),
        ("POST", {"name": "a", "state": None}, False),
        ("POST", {"name": "a", "x": {"state": "parked"}}, False),
        ("POST", [{"state": "parked"}], False),
        ("PUT", {"name": "a"}, False),
        ("PATCH", {"name": "a"}, True),
        ("PATCH", {"state": "zqxkjw"}, False),
        ("PATCH", [{"path": "/state", "value": "live"}], False),
    ],
)
def test_no_value_of_a_switch_but_the_one_for_off_is_sent(
    tmp_path: Path, method: str, given: Any, sent: bool
) -> None:
    """What isn't documented may be taken for on, and so may what is left out."""
    item = post({**TRIGGERED, "state": LIVE})
    operation = operation_of(tmp_path, f"{method} /rules", item)
    content = json.dumps(given).encode()
    request = Request(method, "/rules", content=content, media_type="application/json")
    assert (extra(request, operation) == "") is sent


@pytest.mark.parametrize(
    ("switch", "given", "sent"),
    [
        (SETTINGS, {"options": {"active": False}}, True),
        (SETTINGS, {"name": "a"}, True),
        (SETTINGS, {"options": {}}, False),
        (SETTINGS, {"options": None}, False),
    ],
)
def test_a_change_that_replaces_the_settings_around_a_switch_brings_it(
    tmp_path: Path, switch: Any, given: Any, sent: bool
) -> None:
    operation = operation_of(tmp_path, "PATCH /automations", post({"options": switch}))
    content = json.dumps(given).encode()
    request = Request("PATCH", "/automations", content=content, media_type="application/json")
    assert (extra(request, operation) == "") is sent


@pytest.mark.parametrize(
    ("path", "members", "effect"),
    [
        ("/triggers", {"event": TEXT, "run": TEXT}, Effect.OUTWARD),
        ("/rules", TRIGGERED, Effect.OUTWARD),
        ("/rules", {**TRIGGERED, "state": {**TEXT, "enum": ["new", "parked"]}}, Effect.OUTWARD),
        ("/rules", {**TRIGGERED, "trigger": {**TEXT, "enum": ["auto", "manual"]}}, Effect.OUTWARD),
        ("/autoresponders", {"subject": TEXT}, Effect.OUTWARD),
        ("/rules", {**TRIGGERED, "state": LIVE}, Effect.CREATES),
        ("/rules", {"rule": {"type": "object", "properties": TRIGGERED}}, Effect.OUTWARD),
        ("/schedules", {"name": TEXT, "starts": TEXT}, Effect.CREATES),
        ("/orders", {"name": TEXT, "status": LIVE}, Effect.CREATES),
    ],
)
def test_what_cannot_be_had_switched_off_is_not_made(
    tmp_path: Path, path: str, members: dict[str, Any], effect: Effect
) -> None:
    operation = operation_of(tmp_path, f"POST {path}", post(members))
    assert effect_of(operation) is effect
    assert Assessor([operation]).assess(operation).route is Effect.CREATES
    if effect is Effect.OUTWARD:
        assert "switched off" in held(operation, {}) and not held(operation, {}, test_system=True)


@pytest.mark.parametrize(
    ("path", "effect"),
    [
        ("POST /rules/{id}/enable", Effect.OUTWARD),
        ("POST /rules/{id}/run", Effect.OUTWARD),
        ("PUT /rules/{id}/state", Effect.OUTWARD),
        ("POST /rules/{id}/disable", Effect.CHANGES),
        ("POST /rules/{id}/archive", Effect.CHANGES),
        ("POST /orders/{id}/activate", Effect.CHANGES),
    ],
)
def test_what_acts_by_itself_is_not_set_going(tmp_path: Path, path: str, effect: Effect) -> None:
    named = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    acts = {"parameters": [named], "responses": said("200", SHOWN)}
    method, _, where = path.partition(" ")
    paths = {
        "/rules": {"post": post({**TRIGGERED, "state": LIVE})},
        "/orders": {"post": post({"name": TEXT, "state": LIVE})},
        where: {method.lower(): acts},
    }
    every = load(tmp_path, openapi(paths=paths)).operations
    found = {str(o.id): Assessor(every).assess(o) for o in every}
    assert found[path].effect is effect and found[path].route is Effect.CHANGES


def test_what_it_does_to_others_is_no_switch_of_its_own(tmp_path: Path) -> None:
    """An automation that pauses a run: without `state` it may do something else."""
    does = {"type": "object", "properties": {"kind": TEXT, "state": LIVE}}
    members = {"enabled": FLAG, "actions_on_trigger": {"type": "array", "items": does}}
    operation = operation_of(tmp_path, "POST /automations", post(members))
    call = Call(operation.id, body={"actions_on_trigger": [{"kind": "tag"}]})
    made = {"actions_on_trigger": [{"kind": "tag"}], "enabled": False}
    assert gentle(call, operation).body == made
    assert held(operation, made) == ""


def test_an_ordinary_thing_has_any_status(tmp_path: Path) -> None:
    operation = operation_of(tmp_path, "POST /orders", post({"name": TEXT, "status": LIVE}))
    assert held(operation, {"name": "a", "status": "live"}) == ""
    assert gentle(Call(operation.id, body={"name": "a"}), operation).body == {"name": "a"}


@pytest.mark.parametrize(
    ("members", "asks", "spares"),
    [
        ({"send_invitation": {**FLAG, "default": True}}, {}, {"send_invitation": False}),
        ({"send_invitation": FLAG}, {"send_invitation": True}, {}),
        ({"x": {**FLAG, "description": "Overwrites the row that is there."}}, {"x": True}, {}),
        ({"notify_email": TEXT}, {"notify_email": "a@example.com"}, {}),
        ({"replaces": {"type": "integer"}}, {"replaces": 1}, {}),
        (
            {"kind": {**TEXT, "enum": ["export", "purge_inactive_users"]}},
            {"kind": "purge_inactive_users"},
            {"kind": "export"},
        ),
        (
            {"m": {**TEXT, "enum": ["add", "swap"], "description": "With `swap` the rows go."}},
            {"m": "swap"},
            {"m": "add"},
        ),
        ({"is_default": FLAG}, {"is_default": True}, {}),
        (
            {"assign_to": {**TEXT, "enum": ["none", "all_devices"]}},
            {"assign_to": "all_devices"},
            {"assign_to": "none"},
        ),
        (
            {"visibility": {**TEXT, "enum": ["public", "private"]}},
            {"visibility": "public"},
            {"visibility": "private"},
        ),
        ({"n": {**TEXT, "description": "The others below it move down."}}, {"n": "1"}, {}),
        ({"how": {**TEXT, "enum": ["preview", "apply"]}}, {"how": "apply"}, {"how": "preview"}),
        ({"dry_run": {**FLAG, "default": True}}, {"dry_run": False}, {"dry_run": True}),
        ({"full_sync": ON}, {}, {"full_sync": False}),
        ({"sync": {**FLAG, "description": "Defaults to true."}}, {}, {"sync": False}),
        ({"close_previous": FLAG}, {"close_previous": True}, {}),
        ({"options": OPTIONS}, {}, {"options": {"assign_open": False}}),
        ({"options": OPTIONS}, {"options": {}}, {"options": {"assign_open": False}}),
        (
            {"m": {**TEXT, "enum": ["add", "new"], "description": "`new` ends the old plan."}},
            {"m": "new"},
            {"m": "add"},
        ),
        ({"corriger": FLAG}, {"corriger": True}, {}),
        ({"correct": {**FLAG, "description": "Corrects the stock."}}, {"correct": True}, {}),
        ({"active": {**FLAG, "description": "Takes jobs at once."}}, {"active": True}, {}),
        ({"x": {**FLAG, "description": "Korrigiert den Bestand."}}, {"x": True}, {}),
        ({"count": {"type": "integer", "maximum": 100000}}, {"count": 100000}, {"count": 10}),
    ],
)
def test_what_a_member_asks_for_is_left_out_or_spared(
    tmp_path: Path, members: dict[str, Any], asks: dict[str, Any], spares: dict[str, Any]
) -> None:
    named = {"name": TEXT, **members}
    operation = operation_of(tmp_path, "POST /things", post(named, "name"))
    assert effect_of(operation) is Effect.CREATES, "the operation itself may be called"
    assert held(operation, {"name": "a", **asks}) != ""
    assert held(operation, {"name": "a", **spares}) == ""
    assert held(operation, {"name": "a", **asks}, test_system=True) == ""
    call = Call(operation.id, body={"name": "a", **asks}, media_type="application/json")
    assert gentle(call, operation).body == {"name": "a", **spares}


@pytest.mark.parametrize(
    ("schema", "words", "value", "left"),
    [
        ({**TEXT, "enum": ["1"]}, "Set to 1 to force recheck of all sites.", "1", {}),
        (TEXT, "Recheck this site", "whatever", {}),
        ({**TEXT, "enum": ["muted", "unmuted"]}, "Set mute state", "muted", {}),
        ({**TEXT, "enum": ["paused", "unpaused"]}, "Set pause state", "paused", {}),
        ({"type": "boolean"}, "Set pause state", "false", {}),
        (TEXT, "`on` will turn the output on.", "on", {}),
        (TEXT, "A value will reset the settings of the output.", "1", {}),
        (TEXT, "A value will reset the cursor.", "1", {"x": "1"}),
        ({**TEXT, "enum": ["1"]}, "Set to 1 to list muted sites only.", "1", {"x": "1"}),
    ],
)
def test_what_a_parameter_of_a_reading_commands_is_left_out(
    tmp_path: Path, schema: dict[str, Any], words: str, value: str, left: dict[str, str]
) -> None:
    taken = {"name": "x", "in": "query", "schema": schema, "description": words}
    operation = operation_of(
        tmp_path, "GET /sites", {"parameters": [taken], "responses": said("200", SHOWN)}
    )
    call = Call(operation.id, query={"x": value})
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    found = gate.held(Request("GET", "/sites", query=(("x", value),)))
    assert (found is None) is bool(left)
    assert gentle(call, operation).query == left
    assert gate.held(Request("GET", "/sites")) is None


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"apply": True}, False),
        ({"ausfuehren": True}, False),
        ({"apply": False}, True),
        ({"dry_run": False}, False),
        ({"dry_run": True}, True),
        ({"applied": True}, True),
    ],
)
def test_what_makes_a_preview_the_deed_is_not_sent(
    tmp_path: Path, given: dict[str, bool], sent: bool
) -> None:
    """Neither the flag that carries it out nor the flag that spares, set to no."""
    members = {"text": TEXT, **dict.fromkeys(given, FLAG)}
    operation = operation_of(tmp_path, "POST /records/search", post(members))
    assert effect_of(operation) is Effect.READS
    assert (held(operation, {"text": "a", **given}) == "") == sent
    creates = operation_of(tmp_path, "POST /records", post({**members, "name": TEXT}))
    assert held(creates, {"dry_run": False}) == "", "what is made is made"


def test_what_is_carried_out_without_a_rehearsal_is_what_the_member_is_for(tmp_path: Path) -> None:
    how = {"how": {**TEXT, "enum": ["apply", "reject"]}}
    operation = operation_of(tmp_path, "POST /things", post(how))
    assert held(operation, {"how": "apply"}) == ""


def test_what_a_member_of_a_change_commands_is_what_it_is_for(tmp_path: Path) -> None:
    state = {"state": {**TEXT, "description": "Set mute state"}}
    operation = operation_of(tmp_path, "POST /sites", post(state))
    assert held(operation, {"state": "muted"}) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("correct", "Whether the answer is correct. Defaults to true."),
        ("active", "Whether the user can sign in"),
        ("merged", "Is on by default"),
    ],
)
def test_a_flag_of_the_thing_itself_is_sent(tmp_path: Path, name: str, words: str) -> None:
    operation = operation_of(tmp_path, "POST /things", post({name: {**FLAG, "description": words}}))
    call = Call(operation.id, body={name: True}, media_type="application/json")
    assert gentle(call, operation).body == {name: True}
    assert gentle(replace(call, body={}), operation).body == {}


@pytest.mark.parametrize("name", ["full", "recursive", "sync", "override_cache"])
def test_a_reading_may_ask_for_more(tmp_path: Path, name: str) -> None:
    words = "Defaults to true. Also changes the order."
    query = {"name": name, "in": "query", "schema": FLAG, "description": words}
    item = {"parameters": [query], "responses": said("200", SHOWN)}
    operation = operation_of(tmp_path, "GET /things", item)
    call = Call(operation.id, query={name: True})
    assert gentle(call, operation) == call


def test_an_operation_that_cannot_be_called_without_is_held(tmp_path: Path) -> None:
    number = {**TEXT, "description": "A code is sent to it by SMS."}
    operation = operation_of(tmp_path, "POST /numbers", post({"number": number}, "number"))
    assert effect_of(operation) is Effect.OUTWARD


@pytest.mark.parametrize(
    "words",
    [
        "With `purge` the old rows are deleted.",
        "If no rows are left, any existing notes will be deleted as well.",
        "What is sent.",
    ],
)
def test_what_some_values_do_is_not_what_the_member_does(tmp_path: Path, words: str) -> None:
    mode = {**TEXT, "description": words}
    operation = operation_of(tmp_path, "POST /numbers", post({"mode": mode}, "mode"))
    assert effect_of(operation) is Effect.CREATES


def test_answers_tags_and_the_document_are_read(tmp_path: Path) -> None:
    answer = {"201": {**said("201", SHOWN)["201"], "description": "Done. The guest is mailed."}}
    told = operation_of(tmp_path, "POST /guests", {**post({"name": TEXT}), "responses": answer})
    words = [{"name": "guests", "description": "Guests get a mail with a link."}]
    words[0]["description"] = "Each of the guests receives a mail."
    tagged = post({"name": TEXT}, tags=["guests"])
    by_tag = operation_of(tmp_path, "POST /guests", tagged, tags=words)
    plain = operation_of(tmp_path, "POST /guests", tagged)
    assert [effect_of(o) for o in (told, by_tag, plain)] == [
        Effect.OUTWARD,
        Effect.OUTWARD,
        Effect.CREATES,
    ]


def test_a_reading_that_shows_nothing_and_takes_values_is_not_known(tmp_path: Path) -> None:
    turn = {"name": "turn", "in": "query", "schema": TEXT}
    fine = {"type": "object", "properties": {"ok": FLAG}}
    asks = {"parameters": [turn], "responses": said("200", fine)}
    assert effect_of(operation_of(tmp_path, "GET /relay", asks)) is Effect.UNKNOWN
    shows = {"parameters": [turn], "responses": said("200", SHOWN)}
    assert effect_of(operation_of(tmp_path, "GET /relay", shows)) is Effect.READS


def test_an_address_that_the_server_calls_is_a_callback(tmp_path: Path) -> None:
    address = {"upstream": {**TEXT, "format": "uri"}}
    pulls = post(address, description="Pulls everything from upstream.")
    assert effect_of(operation_of(tmp_path, "POST /copies", pulls)) is Effect.CALLBACK
    site = {"website": {**TEXT, "format": "uri"}}
    assert effect_of(operation_of(tmp_path, "POST /firms", post(site))) is Effect.CREATES


def test_a_deed_needs_an_own_thing_to_be_done_to(tmp_path: Path) -> None:
    members = {"ticket_id": {"type": "integer"}, "note": TEXT}
    deed = operation_of(tmp_path, "POST /approvals", post(members, "ticket_id"))
    assert effect_of(deed) is Effect.CHANGES
    assert Assessor([deed]).assess(deed).route is Effect.CREATES, "it is cleaned up"
    assert "own" in held(deed, {"ticket_id": 1, "note": "a"})
    other = operation_of(tmp_path, "POST /labels", post(members, "ticket_id"))
    assert held(other, {"ticket_id": 1, "note": "a"}) == ""


def test_a_header_that_widens_what_is_done_is_left_out(tmp_path: Path) -> None:
    wide = {"name": "X-Scope", "in": "header", "schema": {**TEXT, "enum": ["own", "tenant"]}}
    operation = operation_of(
        tmp_path, "POST /things", {**post({"name": TEXT}), "parameters": [wide]}
    )
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    content, json_type = b'{"name": "a"}', "application/json"

    def asked(scope: str) -> Request:
        headers = (("X-Scope", scope),)
        return Request("POST", "/things", (), headers, content, json_type)

    assert gate.held(asked("tenant")) is not None and gate.held(asked("own")) is None
    call = Call(operation.id, header={"X-Scope": "tenant"}, body={"name": "a"})
    assert gentle(call, operation).header == {"X-Scope": "own"}


@pytest.mark.parametrize(
    ("path", "members", "effect"),
    [
        ("/tips", ("amount",), Effect.OUTWARD),
        ("/tips", ("title",), Effect.CREATES),
        ("/articles", ("amount",), Effect.CREATES),
        ("/recalls", ("batch",), Effect.UNKNOWN),
        ("/batches", ("batch",), Effect.CREATES),
    ],
)
def test_noun_and_members_are_read_together(
    tmp_path: Path, path: str, members: tuple[str, ...], effect: Effect
) -> None:
    operation = operation_of(tmp_path, f"POST {path}", post(dict.fromkeys(members, TEXT)))
    assert effect_of(operation) is effect
    assert Assessor([operation]).assess(operation).route is Effect.CREATES, "it is cleaned up"


def tried(
    gate: Gate, operation: Operation, status: int, times: int = 1, content: bytes = b"{}"
) -> bool:
    """Some guesses at a proof, answered alike; whether another one would be held."""
    request = Request("POST", operation.id.path, content=content, media_type="application/json")
    for _ in range(times):
        number = 1 + gate.ledger._last
        gate.note_sent(number, request)
        gate.note(Exchange(request, Response(status, {}, {}, "{}"), number), status < 400)
    return gate.held(request) is not None


@pytest.mark.parametrize(
    ("path", "members", "bounded"),
    [
        ("/sessions", ("email", "password"), True),
        ("/visits", ("card", "pin"), True),
        ("/users", ("email", "password"), False),
    ],
)
def test_wrong_proofs_are_few_whatever_they_are_called(
    tmp_path: Path, path: str, members: tuple[str, ...], bounded: bool
) -> None:
    """More may lock somebody's account."""
    operation = operation_of(tmp_path, f"POST {path}", post(dict.fromkeys(members, TEXT)))
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    assert not tried(gate, operation, 403, 2)
    assert not tried(gate, operation, 201), "one that is accepted begins anew"
    assert not tried(gate, operation, 403, 2)
    assert tried(gate, operation, 403) is bounded


@pytest.mark.parametrize(
    ("content", "held"),
    [
        (b'{"name": "a", "operator_email": "a@example.com"}', False),
        (b'{"name": "a", "operator_email": "a@example.com", "access_pin": "1"}', True),
    ],
    ids=["it has none", "it has one"],
)
def test_a_request_without_the_proof_tries_none(tmp_path: Path, content: bytes, held: bool) -> None:
    """A thing may have a secret that nobody needs to give."""
    members = dict.fromkeys(("name", "operator_email", "access_pin"), TEXT)
    operation = operation_of(tmp_path, "POST /sites", post(members))
    gate = Gate(Policy(), {operation.id: operation}, Ledger())
    assert tried(gate, operation, 422, 3, content) is held


@pytest.mark.parametrize("coined", [True, False], ids=["made up", "documented"])
def test_what_takes_a_proof_that_was_made_up_checks_none(tmp_path: Path, coined: bool) -> None:
    members = dict.fromkeys(("name", "operator_email", "access_pin"), TEXT)
    operation = operation_of(tmp_path, "POST /sites", post(members))
    documented = {"boss@theirs.example"} | (set() if coined else {"qwzklhjm"})
    ledger = Ledger(documented=frozenset(documented))
    gate = Gate(Policy(), {operation.id: operation}, ledger)
    guess = b'{"name": "a", "operator_email": "jvhqxwyz@example.com", "access_pin": "qwzklhjm"}'
    assert not tried(gate, operation, 201, content=guess)
    assert tried(gate, operation, 422, 3, guess) is not coined
    theirs = guess.replace(b"jvhqxwyz@example.com", b"boss@theirs.example")
    assert tried(gate, operation, 422, 3, theirs), "one that is there may well be checked"
