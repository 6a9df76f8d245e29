"""What an operation does to others, as told by small documents through the real loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import ID, ROOM, SHOWN, body

from checker.domain.operation import FieldKey, Operation, OperationId, Place
from checker.safety.assessor import Assessor
from checker.safety.effects import Assessment, Effect
from checker.safety.wording import MAX_SENTENCES, tries_a_proof

LISTS = {"200": {"type": "array", "items": SHOWN}}
SHOWS = {"200": SHOWN}
PAGE = {"200": {"type": "object", "properties": {"rooms": {"type": "array", "items": SHOWN}}}}
CREATED = {"201": SHOWN}
COUNTS = {"200": {"type": "object", "properties": {"count": {"type": "integer"}}}}
IDS = {"type": "object", "properties": {"ids": {"type": "array", "items": {"type": "integer"}}}}
ROOMS = {"type": "object", "properties": {"rooms": {"type": "array", "items": ROOM}}}
WITH_ID = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
CHAIRS = {"type": "array", "items": WITH_ID}
FURNISHED = {**SHOWN, "properties": {**SHOWN["properties"], "chairs": CHAIRS}}
QUERY_ID = {"name": "id", "in": "query", "required": True, "schema": {"type": "integer"}}
FILTER = {**QUERY_ID, "required": False}


def op(
    summary: str = "",
    takes: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
    parameters: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """An operation in a few words: its body, its answers by status, its words."""
    said = {
        status: {
            "description": "fine",
            **({"content": {"application/json": {"schema": schema}}} if schema else {}),
        }
        for status, schema in (answers or {"200": None}).items()
    }
    made: dict[str, Any] = {"responses": said, "parameters": list(parameters), **more}
    if summary:
        made["summary"] = summary
    if takes is not None:
        made["requestBody"] = body(takes)
    return made


def api(folder: Path, operations: dict[str, dict[str, Any]]) -> tuple[Operation, ...]:
    paths: dict[str, dict[str, Any]] = {}
    for name, made in operations.items():
        method, path = name.split(" ")
        if "{id}" in path:
            made = {**made, "parameters": [ID, *made.get("parameters", ())]}
        paths.setdefault(path, {})[method.lower()] = made
    return load(folder, openapi(paths=paths)).operations


def assessed(
    folder: Path,
    operations: dict[str, dict[str, Any]],
    makers: frozenset[OperationId] = frozenset(),
) -> Assessment:
    """What the first of the operations is taken for."""
    every = api(folder, operations)
    first = OperationId.parse(next(iter(operations)))
    return Assessor(every, makers).assess(next(o for o in every if o.id == first))


# What is asked about comes first; the others are its siblings.
TABLE: list[tuple[str, Effect, dict[str, dict[str, Any]]]] = [
    # -- the route alone
    ("reading", Effect.READS, {"GET /rooms": op()}),
    ("its head", Effect.READS, {"HEAD /rooms": op()}),
    ("its options", Effect.READS, {"OPTIONS /rooms": op()}),
    ("below an item", Effect.CREATES, {"POST /rooms": op(), "GET /rooms/{id}": op()}),
    ("listed", Effect.CREATES, {"POST /rooms": op(), "GET /rooms": op(answers=LISTS)}),
    ("listed in a page", Effect.CREATES, {"POST /rooms": op(), "GET /rooms": op(answers=PAGE)}),
    (
        "the one that is read there",
        Effect.SINGLETON,
        {"POST /foyer": op("Create", ROOM, CREATED), "GET /foyer": op(answers=SHOWS)},
    ),
    (
        "answered with the thing above",
        Effect.CHANGES,
        {
            "POST /rooms/{id}/chairs": op("Create a chair", ROOM, {"201": FURNISHED}),
            "GET /rooms/{id}": op(answers={"200": FURNISHED}),
        },
    ),
    (
        "answered with something else",
        Effect.CREATES,
        {
            "POST /rooms/{id}/chairs": op("Create a chair", ROOM, CREATED),
            "GET /rooms/{id}": op(answers=SHOWS),
        },
    ),
    (
        "the one of a thing",
        Effect.CHANGES,
        {
            "POST /rooms/{id}/plan": op("Create", ROOM, CREATED),
            "GET /rooms/{id}/plan": op(answers=SHOWS),
        },
    ),
    (
        "read there, but with paths for each",
        Effect.CREATES,
        {
            "POST /rooms": op("Create", ROOM, CREATED),
            "GET /rooms": op(answers=SHOWS),
            "GET /rooms/{id}": op(answers=SHOWS),
        },
    ),
    (
        "something else is read there",
        Effect.CREATES,
        {"POST /rooms": op("Creates a room", ROOM, CREATED), "GET /rooms": op(answers=COUNTS)},
    ),
    ("changing one", Effect.CHANGES, {"PUT /rooms/{id}": op()}),
    ("changing a part of one", Effect.CHANGES, {"PATCH /rooms/{id}": op()}),
    ("acting on one", Effect.CHANGES, {"POST /rooms/{id}": op()}),
    ("deleting one", Effect.DELETES, {"DELETE /rooms/{id}": op()}),
    ("a verb on one", Effect.CHANGES, {"POST /rooms/{id}/archive": op()}),
    ("deleting by a verb", Effect.DELETES, {"POST /rooms/{id}/delete": op()}),
    ("the only one", Effect.SINGLETON, {"PUT /logo": op()}),
    ("posting to settings", Effect.SINGLETON, {"POST /settings": op()}),
    ("all of them", Effect.SERVICE, {"DELETE /rooms": op()}),
    ("all below one", Effect.CHANGES, {"POST /rooms/{id}/seats": op()}),
    ("nothing told", Effect.UNKNOWN, {"POST /zxqv": op()}),
    ("a method of its own", Effect.UNKNOWN, {"TRACE /rooms": op()}),
    ("read once, no list", Effect.UNKNOWN, {"POST /logo": op(), "GET /logo": op(answers=SHOWS)}),
    # -- creation told otherwise
    ("201 and a new identifier", Effect.CREATES, {"POST /rooms": op(answers=CREATED)}),
    ("201 alone", Effect.UNKNOWN, {"POST /zxqv": op(answers={"201": None})}),
    (
        "201 with the identifier it was given",
        Effect.UNKNOWN,
        {"POST /zxqv": op(takes=WITH_ID, answers={"201": WITH_ID})},
    ),
    ("words", Effect.CREATES, {"POST /zxqv": op("Create an order")}),
    ("verb in the path", Effect.CREATES, {"POST /rooms/create": op()}),
    ("verb in the name", Effect.CREATES, {"POST /createRoom": op()}),
    ("a verb by reading", Effect.CREATES, {"GET /createRoom": op(answers=SHOWS)}),
    ("a verb by reading that tells of nothing", Effect.UNKNOWN, {"GET /createRoom": op()}),
    (
        "several at once, above which one is made",
        Effect.CREATES,
        {
            "POST /rooms/some": op(takes=ROOMS),
            "POST /rooms": op(takes=ROOM),
            "GET /rooms/{id}": op(),
        },
    ),
    # -- many things at once
    (
        "identifiers of many",
        Effect.UNKNOWN,
        {
            "POST /rooms/some": op(takes=IDS),
            "POST /rooms": op(takes=ROOM),
            "GET /rooms": op(answers=LISTS),
            "GET /rooms/{id}": op(),
        },
    ),
    ("bulk by its words", Effect.SERVICE, {"POST /x": op("Deletes all orders")}),
    ("bulk by its path", Effect.SERVICE, {"POST /rooms/bulk-delete": op(takes=IDS)}),
    # -- reading by POST
    ("a search", Effect.READS, {"POST /rooms/search": op(takes=ROOM)}),
    ("a preview", Effect.READS, {"POST /invoices/preview": op(takes=ROOM)}),
    ("a search by words", Effect.READS, {"POST /zxqv": op("Search the orders")}),
    (
        "what the list answers",
        Effect.READS,
        {"POST /rooms/zxqv": op(takes=ROOM, answers=PAGE), "GET /rooms": op(answers=PAGE)},
    ),
    (
        "what the list answers, with a list of what to act on",
        Effect.UNKNOWN,
        {"POST /rooms/zxqv": op(takes=IDS, answers=PAGE), "GET /rooms": op(answers=PAGE)},
    ),
    (
        "searches that are kept",
        Effect.CREATES,
        {"POST /searches": op("Search"), "GET /searches/{id}": op()},
    ),
    # -- words alone
    ("signing in", Effect.SIGNS_IN, {"POST /login": op()}),
    ("signing in by words", Effect.SIGNS_IN, {"POST /zxqv": op("Log in")}),
    ("signing out", Effect.ACCOUNT, {"POST /logout": op()}),
    ("the caller", Effect.ACCOUNT, {"PATCH /me": op()}),
    ("the caller by words", Effect.ACCOUNT, {"POST /zxqv": op("Change your own password")}),
    ("the switch", Effect.SERVICE, {"POST /shutdown": op()}),
    ("the switch by words", Effect.SERVICE, {"POST /zxqv": op("Stops the server")}),
    ("letters", Effect.OUTWARD, {"POST /emails": op()}),
    ("letters by words", Effect.OUTWARD, {"POST /zxqv": op("Sends a letter to the customer")}),
    ("an address to call", Effect.CALLBACK, {"POST /webhooks": op()}),
    # -- where they disagree the more harmful counts
    (
        "a creation that writes to people",
        Effect.OUTWARD,
        {"POST /emails": op("Create an email"), "GET /emails/{id}": op()},
    ),
    ("a change that stops", Effect.SERVICE, {"PUT /x/y": op("Shut the service down")}),
    ("a reading that stops", Effect.SERVICE, {"GET /admin/reboot": op()}),
    ("a reading that deletes", Effect.DELETES, {"GET /rooms/{id}/delete": op()}),
    ("a reading that changes", Effect.CHANGES, {"GET /rooms/{id}/activate": op()}),
    ("a reading that deletes all", Effect.SERVICE, {"GET /x/y": op("Удалить всё")}),
    ("a reading that deletes one by words", Effect.CHANGES, {"GET /x/{id}": op("Usuń klienta")}),
    ("a reading that wakes", Effect.SERVICE, {"HEAD /x/y": op("Wake the server")}),
    ("deleting by a path", Effect.DELETES, {"POST /usun-klienta": op("", ROOM, CREATED)}),
    ("deleting an own one", Effect.CHANGES, {"POST /x/{id}/usun": op("", ROOM, CREATED)}),
    ("deleting by words", Effect.DELETES, {"POST /x/y": op("Müşteriyi sil", ROOM, CREATED)}),
    ("duplicates go", Effect.SERVICE, {"POST /contacts/dedupe": op()}),
    ("duplicates of one go", Effect.SERVICE, {"POST /x/{id}/y": op("Fusionner les doublons")}),
    ("a call", Effect.OUTWARD, {"POST /x/y": op("Ring a number")}),
    (
        "an export that is mailed",
        Effect.OUTWARD,
        {"POST /items/export": op("Mails the export to the administrators")},
    ),
    (
        "a check that carries out",
        Effect.OUTWARD,
        {"POST /orders/validate": op("Validate", description="Valid orders are placed at once.")},
    ),
    ("a key of one's own", Effect.CREATES, {"POST /api_keys": op("Create a key", ROOM, CREATED)}),
    ("all keys", Effect.SERVICE, {"POST /api_keys/rotate": op()}),
    ("a reading that writes to people", Effect.OUTWARD, {"GET /x": op("Send an email")}),
    (
        "a list of what is called like a deed",
        Effect.READS,
        {
            "GET /pay-invoices": op(answers=LISTS, operationId="get_pay_invoices"),
            "GET /pay-invoices/{id}": op(answers=SHOWS),
        },
    ),
    (
        "one of what is called like a deed",
        Effect.READS,
        {
            "GET /pay-invoices/{id}": op(operationId="getPayInvoicesId"),
            "GET /pay-invoices": op(answers=LISTS),
        },
    ),
    (
        "a reading that is called like a deed, and of which there are no items",
        Effect.OUTWARD,
        {"GET /pay-invoices": op(answers=LISTS, operationId="get_pay_invoices")},
    ),
    (
        "a reading of one that is called like a deed",
        Effect.OUTWARD,
        {"GET /pay-invoice/{id}": op(operationId="get_pay_invoice_id")},
    ),
    (
        "a list whose words command",
        Effect.OUTWARD,
        {
            "GET /pay-invoices": op(
                "Pay all invoices", answers=LISTS, operationId="getPayInvoices"
            ),
            "GET /pay-invoices/{id}": op(answers=SHOWS),
        },
    ),
    (
        "the making of what is called like a deed",
        Effect.OUTWARD,
        {
            "POST /pay-invoices": op(takes=ROOM, operationId="post_pay_invoices"),
            "GET /pay-invoices": op(answers=LISTS),
            "GET /pay-invoices/{id}": op(answers=SHOWS),
        },
    ),
    (
        "the making of what is named after a deed",
        Effect.CREATES,
        {
            "POST /pay-runs": op(takes=ROOM, operationId="post_pay_runs"),
            "GET /pay-runs": op(answers=LISTS),
            "GET /pay-runs/{id}": op(answers=SHOWS),
        },
    ),
    ("publishing a thing", Effect.CHANGES, {"POST /events/{id}/publish": op("Publish an event")}),
    (
        "publishing a thing of which people are told",
        Effect.OUTWARD,
        {"POST /events/{id}/publish": op("Publish an event. All members are notified")},
    ),
    (
        "publishing what is for people",
        Effect.OUTWARD,
        {"POST /newsletters/{id}/publish": op("Publish it", operationId="publishNewsletter")},
    ),
    ("handing a thing over", Effect.CHANGES, {"POST /specimens/{id}/transfer": op()}),
    ("handing money over", Effect.OUTWARD, {"POST /accounts/{id}/transfer": op()}),
    ("a search that deletes", Effect.DELETES, {"DELETE /rooms/{id}": op("Search the rooms")}),
    ("a list called as a deletion", Effect.SERVICE, {"DELETE /rooms/search": op()}),
    ("a list of letters", Effect.READS, {"GET /emails": op("List the emails that were sent")}),
    ("the settings of one thing", Effect.CHANGES, {"PUT /rooms/{id}/settings": op()}),
    # -- RPC style
    (
        "changed by its query",
        Effect.CHANGES,
        {"POST /rooms/update": op(parameters=(QUERY_ID,)), "GET /rooms": op()},
    ),
    ("changed by its body", Effect.CHANGES, {"POST /rooms.update": op(takes=WITH_ID)}),
    (
        "one of many limits",
        Effect.CREATES,
        {"POST /limits": op(takes=ROOM), "DELETE /limits/{id}": op(), "GET /limits/{id}": op()},
    ),
    (
        "limits that stay",
        Effect.SINGLETON,
        {"POST /limits": op(takes=ROOM), "GET /limits/{id}": op()},
    ),
    ("the limits", Effect.SINGLETON, {"POST /limits": op(takes=ROOM), "GET /limits": op()}),
    ("deleted by its query", Effect.DELETES, {"DELETE /rooms": op(parameters=(QUERY_ID,))}),
    ("deleted by it or not", Effect.DELETES, {"DELETE /rooms": op(parameters=(FILTER,))}),
    (
        "all that a filter leaves",
        Effect.SERVICE,
        {"DELETE /rooms": op(parameters=(FILTER,)), "GET /rooms/{id}": op()},
    ),
    (
        "all that a filter leaves, changed",
        Effect.SINGLETON,
        {"PATCH /rooms": op(takes=ROOM, parameters=(FILTER,)), "PATCH /rooms/{id}": op()},
    ),
    ("deleted by a reading", Effect.DELETES, {"GET /deleteRoom": op(parameters=(QUERY_ID,))}),
    ("listed by a verb", Effect.READS, {"POST /rooms.list": op()}),
]


@pytest.mark.parametrize(
    ("effect", "operations"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_effects(tmp_path: Path, effect: Effect, operations: dict[str, dict[str, Any]]) -> None:
    found = assessed(tmp_path, operations)
    assert found.effect is effect, found.why
    assert found.why


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GET /tickets/next", ""),
        ("POST /tickets/next", "Get the next ticket"),
        ("GET /x/y", "Takes the oldest one"),
        ("GET /x/y", "Pobiera następne zadanie"),
        ("GET /sequence/nextval", "Number of the next invoice"),
        ("GET /x/y", "Returns a code. Nobody else is given the same one."),
    ],
)
def test_what_hands_out_the_next_one_is_no_reading(tmp_path: Path, name: str, said: str) -> None:
    summary, _, rest = said.partition(". ")
    asked = {name: op(summary, answers=CREATED, description=rest), "GET /tickets/{id}": op()}
    assert assessed(tmp_path, asked).effect is Effect.CHANGES


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GET /launches/next", "Returns the next launch"),
        ("GET /rooms/{id}/next", "Get the next page"),
        ("POST /tickets/search", "Get the next tickets"),
    ],
)
def test_what_shows_the_next_one_is_a_reading(tmp_path: Path, name: str, said: str) -> None:
    assert assessed(tmp_path, {name: op(said, answers=SHOWS)}).effect is Effect.READS


TAKEN = {"200": {"type": "object", "properties": {"message": {"type": "string"}}}}
STATE = {"type": "object", "properties": {"last": {"type": "string"}, "status": {"type": "string"}}}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GET /rooms/{id}/sync", op(answers=TAKEN)),
        ("GET /rooms/{id}/run", op("Run")),
        ("GET /rooms/{id}/backup", op("Backup Room", answers=TAKEN)),
        ("GET /rooms/{id}/Abgleich", op(answers=TAKEN)),
        ("GET /rooms/{id}/sauvegarde", op(answers={"204": None})),
        ("GET /rooms/{id}/measure", op("Measure", answers={"202": None})),
        ("GET /crawl", op(answers=TAKEN)),
    ],
)
def test_a_lone_verb_whose_answer_shows_nothing_is_a_deed(
    tmp_path: Path, name: str, said: dict[str, Any]
) -> None:
    found = assessed(tmp_path, {name: said, "GET /rooms/{id}": op(answers=SHOWS)})
    assert found.effect in (Effect.CHANGES, Effect.UNKNOWN), found.why


@pytest.mark.parametrize(
    "operations",
    [
        {"GET /rooms/{id}/sync": op(answers={"200": STATE})},
        {"GET /rooms/{id}/sync": op(answers=LISTS)},
        {"GET /rooms/{id}/sync": op(), "PUT /rooms/{id}/sync": op(takes=ROOM)},
        {"GET /rooms/{id}/sync": op(), "GET /rooms/{id}/sync/{id}": op()},
        {"GET /rooms/{id}/sync": op("Get the sync", answers=TAKEN)},
        {"GET /rooms/{id}/sync": op(), "GET /rooms/{id}": op()},
        {"GET /rooms/{id}/sync": op("State of the latest one", answers=TAKEN)},
        {"GET /rooms/{id}/syncs": op()},
        {"GET /rooms/{id}/health": op(answers=TAKEN)},
        {"GET /rooms/{id}/result": op(answers={"200": STATE, "202": None})},
    ],
)
def test_a_lone_noun_stays_a_reading(tmp_path: Path, operations: dict[str, dict[str, Any]]) -> None:
    assert assessed(tmp_path, operations).effect is Effect.READS


def test_every_effect_is_in_the_table() -> None:
    assert {effect for _, effect, _ in TABLE} == set(Effect)


def test_what_a_record_takes_an_identifier_from_makes_something(tmp_path: Path) -> None:
    operations = {"POST /zxqv": op(takes=ROOM)}
    assert assessed(tmp_path, operations).effect is Effect.UNKNOWN
    makers = frozenset({OperationId("POST", "/zxqv")})
    assert assessed(tmp_path, operations, makers).effect is Effect.CREATES


def test_a_record_makes_no_creation_of_a_verb(tmp_path: Path) -> None:
    makers = frozenset({OperationId("POST", "/rooms.launch")})
    assert assessed(tmp_path, {"POST /rooms.launch": op()}, makers).effect is not Effect.CREATES


@pytest.mark.parametrize(
    ("operations", "key"),
    [
        ({"PUT /rooms/{id}": op()}, FieldKey(Place.PATH, "id")),
        ({"POST /rooms/update": op(parameters=(QUERY_ID,))}, FieldKey(Place.QUERY, "id")),
        ({"POST /rooms.update": op(takes=WITH_ID)}, FieldKey(Place.BODY, "id")),
        ({"PUT /logo": op()}, None),
    ],
)
def test_what_names_the_thing(
    tmp_path: Path, operations: dict[str, dict[str, Any]], key: FieldKey | None
) -> None:
    assert assessed(tmp_path, operations).addressed == key


def test_words_that_are_worse_leave_the_route_known(tmp_path: Path) -> None:
    """What is allowed for its words all the same still changes own things only."""
    found = assessed(tmp_path, {"POST /emails": op(), "GET /emails/{id}": op()})
    assert (found.effect, found.route) == (Effect.OUTWARD, Effect.CREATES)
    assert "'/emails'" in found.why


def test_an_effect_is_read_wherever_it_stands_in_a_description(tmp_path: Path) -> None:
    last = "Takes a name. Answers a number. Be brief. Be kind. Deletes all orders."
    beyond = "Be brief. " * MAX_SENTENCES + "Deletes all orders."
    loud = assessed(tmp_path, {"POST /zxqv": op(description=last)})
    calm = assessed(tmp_path, {"POST /zxqv": op(description=beyond)})
    assert (loud.effect, calm.effect) == (Effect.SERVICE, Effect.UNKNOWN)


def test_what_can_be_made(tmp_path: Path) -> None:
    every = api(
        tmp_path,
        {
            "POST /rooms": op(),
            "GET /rooms/{id}": op(),
            "GET /halls/{id}": op(),
            "POST /emails": op(),
            "GET /emails/{id}": op(),
        },
    )
    assessor = Assessor(every)
    assert assessor.can_make("/rooms")
    assert not assessor.can_make("/halls") and not assessor.can_make("/emails")


@pytest.mark.parametrize(
    ("others", "needed"),
    [
        ({}, False),
        ({"GET /rooms": op(), "POST /halls": op(takes=ROOM)}, False),
        ({"GET /rooms/{id}/lights": op()}, True),
        ({"GET /hall/rooms": op()}, True),
        ({"GET /lights": op(parameters=({**QUERY_ID, "name": "room_id"},))}, True),
    ],
)
def test_what_others_may_need(
    tmp_path: Path, others: dict[str, dict[str, Any]], needed: bool
) -> None:
    every = api(tmp_path, {"POST /rooms": op(takes=ROOM), **others})
    made = next(o for o in every if o.id == OperationId("POST", "/rooms"))
    assert Assessor(every).is_needed(made) is needed
    assert Assessor(every, frozenset({made.id})).is_needed(made), "a record does"


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (["id", "name", "manager_email", "access_pin"], False),
        (["id", "name", "manager_email"], True),
        (["token"], True),
        ([], True),
    ],
)
def test_a_proof_that_comes_back_is_a_member_of_what_is_made(
    tmp_path: Path, answer: list[str], tries: bool
) -> None:
    text = {"type": "string"}
    taken = {
        "type": "object",
        "required": ["name", "access_pin"],
        "properties": dict.fromkeys(("name", "manager_email", "access_pin"), text),
    }
    shown = {"data": {"type": "object", "properties": dict.fromkeys(answer, text)}}
    posted = op("", taken, {"201": {"type": "object", "properties": shown}})
    (operation,) = api(tmp_path, {"POST /cost-centers": posted})
    assert tries_a_proof(operation) is tries


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (["id", "name", "account", "skills", "access_pin"], False),
        (["id", "name", "account", "skills"], True),
        (["id", "name", "skills", "access_pin"], True),
        (["id", "account", "access_pin"], True),
    ],
    ids=["one is missing", "the proof is", "the account is", "hardly more comes back"],
)
def test_an_answer_may_be_documented_without_one_of_what_is_made(
    tmp_path: Path, answer: list[str], tries: bool
) -> None:
    text = {"type": "string"}
    needed = ["name", "left_on", "account", "skills"]
    taken = {
        "type": "object",
        "required": needed,
        "properties": dict.fromkeys((*needed, "access_pin"), text),
    }
    posted = op("", taken, {"201": {"type": "object", "properties": dict.fromkeys(answer, text)}})
    (operation,) = api(tmp_path, {"POST /employees": posted})
    assert tries_a_proof(operation) is tries


@pytest.mark.parametrize(
    ("effect", "operations"),
    [
        (Effect.UNKNOWN, {"GET /setMyName": op()}),
        (Effect.UNKNOWN, {"HEAD /setMyName": op()}),
        (Effect.UNKNOWN, {"GET /domains/renew": op()}),
        (Effect.UNKNOWN, {"GET /domains/set-nameservers": op()}),
        (Effect.UNKNOWN, {"GET /domains.renew.json": op()}),
        (Effect.UNKNOWN, {"GET /sites/add": op()}),
        (Effect.UNKNOWN, {"GET /startBackup": op(answers=SHOWS)}),
        (Effect.UNKNOWN, {"GET /startBackups": op()}),
        (Effect.UNKNOWN, {"GET /banUser": op(operationId="getBanuser")}),
        (Effect.UNKNOWN, {"GET /quietDown": op()}),
        (Effect.UNKNOWN, {"GET /setWebhook": op()}),
        (Effect.CHANGES, {"GET /buySite/{id}": op()}),
        (Effect.CHANGES, {"GET /sites/{id}/renew": op()}),
        (Effect.CHANGES, {"GET /sites/{id}/copy": op("Copy a site")}),
        (Effect.CHANGES, {"GET /sites/{id}/copy": op(operationId="copySite")}),
        (Effect.UNKNOWN, {"GET /dodajStrone": op()}),
        (Effect.CHANGES, {"GET /numbers": op("Next number", description="Each call uses one up")}),
    ],
    ids=str,
)
def test_a_reading_that_is_called_by_a_deed_is_none(
    tmp_path: Path, effect: Effect, operations: dict[str, dict[str, Any]]
) -> None:
    assert assessed(tmp_path, operations).effect is effect


@pytest.mark.parametrize(
    "operations",
    [
        *({f"GET {path}": op()} for path in ("/orders", "/posts", "/settings", "/addresses")),
        *({f"GET {path}": op()} for path in ("/additions", "/closed-tickets", "/resets")),
        *({f"GET {path}": op()} for path in ("/startups", "/paid-invoices", "/bannedUsers")),
        *({f"GET {path}/{{id}}": op()} for path in ("/order", "/book", "/sets", "/copy")),
        *({f"GET /rooms/{verb}": op()} for verb in ("search", "export", "count", "report")),
        {"GET /rooms/getList": op()},
        {"GET /run-history": op()},
        {"GET /openCases": op(answers=LISTS)},
        {"GET /openTickets": op(answers=LISTS)},
        {"GET /sites/{id}/copy": op()},
        {"GET /sites/{id}/copy": op("Copy of a site")},
        {"GET /renewDomain": op("Get the offer for a renewal")},
        {"GET /renewDomain": op(operationId="getOffer")},
        {
            "GET /install-kits": op(answers=LISTS),
            "GET /install-kits/{id}": op(answers=SHOWS),
        },
    ],
    ids=str,
)
def test_a_reading_that_is_called_by_a_thing_stays_one(
    tmp_path: Path, operations: dict[str, dict[str, Any]]
) -> None:
    assert assessed(tmp_path, operations).effect is Effect.READS
