"""An own thing's address is read before it is changed or deleted there: it may be another's."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, openapi
from premises import body, said
from registers import DOCUMENT, INSIDE, NAMED, SHOWN, Registers, registers

from checker.domain.exchange import Exchange, Purpose, Request, Response
from checker.probing.http import Wire
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Target

AMOUNT = {"type": "object", "properties": {"amount": {"type": "integer"}}}
PAGE_ID = {"name": "page_id", "in": "path", "required": True, "schema": {"type": "integer"}}
SHELF = {"name": "shelf", "in": "path", "required": True, "schema": {"type": "integer"}}
COUNTED: dict[str, Any] = {
    "/shelves/{shelf}/pages": {
        "post": {"parameters": [SHELF], "requestBody": body(AMOUNT), "responses": said("201")}
    },
    "/pages/{page_id}": {"get": {"parameters": [PAGE_ID], "responses": said("200", AMOUNT)}},
    "/pages/{page_id}/close": {"post": {"parameters": [PAGE_ID], "responses": said("204")}},
}
"""Made in one place, they stand at another, and nothing in them is this run's own text."""

Pairs = tuple[tuple[str, str], ...]


def sent(server: Registers, folder: Path, *requests: Request) -> list[Exchange]:
    """What became of requests that were sent one after the other."""
    operations = {o.id: o for o in load(folder, DOCUMENT).operations}
    gate = Gate(Policy(), operations, Ledger())

    async def ran() -> list[Exchange]:
        async with Wire(Target(base_url=server.url), gate, max_requests=50) as wire:
            wire.observers.append(lambda e: gate.note(e, e.response is not None))
            return [await wire.send(r, {}, {}) for r in requests]

    return asyncio.run(ran())


def ask(
    method: str,
    path: str,
    name: str = "",
    query: Pairs = (),
    headers: Pairs = (),
    purpose: Purpose = "probe",
) -> Request:
    content = json.dumps({"name": name}).encode() if name else None
    return Request(method, path, query, headers, content, "application/json", purpose=purpose)


def makes(path: str, query: Pairs = (), headers: Pairs = ()) -> list[Request]:
    """Two creations: they show that each makes another one. The second is number 22."""
    return [ask("POST", path, f"kqzw {n} vbnm", query, headers) for n in ("one", "two")]


def changes(path: str, query: Pairs = (), headers: Pairs = ()) -> list[Request]:
    return [
        ask("PUT", path, "another name", query, headers),
        ask("DELETE", path, "", query, headers, purpose="clean-up"),
    ]


DRAFT: Pairs = (("branch", "draft"),)
TRIAL: Pairs = (("X-Desk", "trial"),)


@pytest.mark.parametrize(
    ("made_at", "item", "query", "headers"),
    [
        ("/pages", "/pages/22", DRAFT, ()),  # made in another branch
        ("/files", "/files/22", (), TRIAL),  # made at another desk
        ("/trial/notes", "/notes/22", (), ()),  # a collection that is called alike
        ("/papers", "/papers/22", (), ()),  # the number of the job that makes it
        ("/notices", "/notices/22", (), ()),  # the same, where nothing can be read
        ("/sheets", "/sheets/22", (), ()),  # the end of an identifier with a slash
        ("/brands", "/brands/kqzw%20two%20vbnm", (), ()),  # a name that is read as a number
    ],
)
def test_what_stands_at_the_address_is_anothers(
    tmp_path: Path, made_at: str, item: str, query: Pairs, headers: Pairs
) -> None:
    with registers() as server:
        before = server.theirs()
        done = sent(server, tmp_path, *makes(made_at, query, headers), *changes(item))
        assert server.theirs() == before
    assert all(e.response is not None and e.response.status == 201 for e in done[:2])
    assert all(e.held for e in done[2:])


@pytest.mark.parametrize(
    ("path", "item", "query", "headers"),
    [
        ("/cards", "/cards/922", (), ()),
        ("/pages", "/pages/22", DRAFT, ()),
        ("/files", "/files/22", (), TRIAL),
    ],
)
def test_what_is_read_there_is_own(
    tmp_path: Path, path: str, item: str, query: Pairs, headers: Pairs
) -> None:
    """One reading of an address is enough, with what places it."""
    with registers() as server:
        before = server.theirs()
        requests = makes(path, query, headers) + changes(item, query, headers)
        done = sent(server, tmp_path, *requests)
        assert server.theirs() == before
    assert [e.response.status for e in done[2:] if e.response] == [200, 204]
    assert len([a for a in server.asked if a.startswith("GET")]) == 1


def test_what_was_renamed_is_read_again_before_it_is_met_by_its_old_name(tmp_path: Path) -> None:
    with registers() as server:
        server.rows["brands", ""]["kqzw two vbnm"] = "kqzw two vbnm"
        renamed = changes("/brands/kqzw%20two%20vbnm")
        server.renames = True
        done = sent(server, tmp_path, *makes("/brands"), renamed[0], *renamed)
        assert server.theirs()["brands"] == 1
    assert not done[2].held and done[3].held and done[4].held


def posts(path: str, given: Any) -> Request:
    content = json.dumps(given).encode()
    return Request("POST", path, content=content, media_type="application/json")


def test_what_opens_again_what_was_closed_brings_new_keys_only(tmp_path: Path) -> None:
    """A short code may be that of something that is closed and not shown."""
    with registers() as server:
        short = {"code": "ZA", "name": "kqzw one vbnm"}
        long = {"code": "kqzwvbnmqt", "name": "kqzw two vbnm"}
        done = sent(server, tmp_path, posts("/centres", short), posts("/centres", long))
    assert "'ZA'" in done[0].held and not done[1].held


def test_what_the_words_name_is_what_a_thing_is_known_by(tmp_path: Path) -> None:
    """A value of a closed set, or a number, is somebody's wherever there is one for each."""
    day = {"type": "string", "enum": ["mon", "tue"]}
    plan = {"type": "object", "properties": {"day": day, "seats": {"type": "integer"}}}
    words = "One for each day: a second takes the place of the first."
    made = {"requestBody": body(plan), "responses": said("201"), "summary": "Create a plan"}
    paths = {"/plans": {"post": {**made, "description": words}}, "/tables": {"post": made}}
    operations = {o.id: o for o in load(tmp_path, openapi(paths=paths)).operations}
    gate = Gate(Policy(), operations, Ledger())
    assert "day 'mon'" in str(gate.held(posts("/plans", {"day": "mon", "seats": 3})))
    assert gate.held(posts("/plans", {"seats": 3})) is None
    assert gate.held(posts("/tables", {"day": "mon", "seats": 3})) is None


def test_within_an_own_thing_nothing_of_others_is_opened_again(tmp_path: Path) -> None:
    paths = {
        **DOCUMENT["paths"],
        "/folders/{id}/centres": {"post": {**INSIDE, **DOCUMENT["paths"]["/centres"]["post"]}},
    }
    operations = {o.id: o for o in load(tmp_path, openapi(paths=paths)).operations}
    gate = Gate(Policy(), operations, Ledger())
    for number, name in enumerate(("kqzw one vbnm", "kqzw two vbnm"), start=1):
        made, answer = ask("POST", "/folders", name), {"id": str(number), "name": name}
        gate.note_sent(number, made)
        gate.note(Exchange(made, Response(201, {}, answer, "{}"), number), True)
    read = Response(200, {}, {"id": "2", "name": "kqzw two vbnm"}, "{}")
    gate.note(Exchange(ask("GET", "/folders/2"), read, 3), True)
    short = {"code": "ZA", "name": "kqzw six vbnm"}
    assert gate.held(posts("/folders/2/centres", short)) is None
    assert gate.held(posts("/folders/9/centres", short)) is not None
    assert gate.held(posts("/centres", short)) is not None


@pytest.mark.parametrize(
    "given", [{"card_ids": ["7"]}, {"cards": [{"card_id": "7"}]}, {"cards": [{"id": "7"}]}]
)
def test_only_own_things_are_gathered(tmp_path: Path, given: dict[str, Any]) -> None:
    """What is put into a folder may be taken out of where it was, and go with the folder."""
    named = {"name": "kqzw one vbnm"}
    with registers() as server:
        done = sent(
            server, tmp_path, posts("/folders", {**named, **given}), posts("/folders", named)
        )
    assert "card '7'" in done[0].held and not done[1].held


@pytest.mark.parametrize("what", ["papers", "notes"])
@pytest.mark.parametrize("card", ["7", "", "5b0f6c1e-7f1d-4c64-9a55-0c5d8f3f4a21"])
def test_what_was_put_into_a_thing_may_go_with_it(tmp_path: Path, card: str, what: str) -> None:
    """A folder stays as long as something is in it that refers to what may be somebody's: by a
    number, and not by an identifier that nobody can have brought before."""
    given = {"name": "kqzw three vbnm", **({"card_id": card} if card else {})}
    with registers() as server:
        inside = posts(f"/folders/kx22q/{what}", given)
        deletion = ask("DELETE", "/folders/kx22q", purpose="clean-up")
        done = sent(server, tmp_path, *makes("/folders"), inside, deletion)
    assert done[2].response is not None and done[2].response.status == 201
    assert ("may go with it" in done[3].held) == (card == "7")


IN_IT = "Deletes it and the documents in it."
PRODUCT = {"type": "object", "properties": {"product_id": {"description": "Goes with its card."}}}


@pytest.mark.parametrize(
    ("given", "shown", "words", "goes"),
    [
        ({"product_id": 5}, {}, IN_IT, True),
        ({"product": {"id": 5}}, {}, IN_IT, True),
        ({"product": "7"}, {}, IN_IT, True),  # as products are listed
        ({"product_id": 5}, {}, "Deletes it and its product.", True),
        ({"product_id": 5}, {}, "Löscht die Karte samt Inhalt.", True),
        ({"product_id": 5}, {}, "", False),
        ({"product_id": 5}, {}, "Deletes it and its notes.", False),
        ({}, {}, IN_IT, False),
        ({"size": 7}, {}, IN_IT, False),
        # an unknown name may have been taken for a known one, unless it comes back
        ({"product_id": "kqzwvtrnbd"}, {"product_id": 5}, IN_IT, True),
        ({"product_id": "kqzwvtrnbd"}, {"product_id": "kqzwvtrnbd"}, IN_IT, False),
    ],
)
@pytest.mark.parametrize("later", [True, False])
def test_what_a_thing_refers_to_may_go_with_it_where_words_say_so(
    tmp_path: Path,
    given: dict[str, Any],
    shown: dict[str, Any],
    words: str,
    goes: bool,
    later: bool,
) -> None:
    """Given to it when it was made, or by a change."""
    gate = gate_of_cards(tmp_path, words)
    listed = Response(200, {}, [{"id": "7", "name": "theirs"}], "[]")
    gate.note(Exchange(ask("GET", "/products"), listed, 9), True)
    named = {"name": "kqzw two vbnm"}
    make_cards(gate, {} if later else given, {} if later else shown)
    if later:
        change = replace(posts("/cards/2", {**named, **given}), method="PUT")
        gate.note_sent(4, change)
        answer = {"id": "2", **named, **given, **shown}
        gate.note(Exchange(change, Response(200, {}, answer, "{}"), 4), True)
    for purpose in ("probe", "clean-up"):
        held = gate.held(replace(ask("DELETE", "/cards/2"), purpose=purpose))
        assert ("may go with it" in str(held)) == goes


def test_the_member_itself_may_say_that_something_goes_with_the_thing(tmp_path: Path) -> None:
    for made, goes in ((PRODUCT, True), (NAMED, False)):
        gate = gate_of_cards(tmp_path, "", made)
        make_cards(gate, {"product_id": 5}, {})
        held = gate.held(ask("DELETE", "/cards/2", purpose="clean-up"))
        assert ("may go with it" in str(held)) == goes


def gate_of_cards(folder: Path, words: str, made: dict[str, Any] = NAMED) -> Gate:
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    listed = {"type": "array", "items": SHOWN}
    acts: dict[str, Any] = {
        "get": {"parameters": [key], "responses": said("200", SHOWN)},
        "put": {"parameters": [key], "requestBody": body(NAMED), "responses": said("200", SHOWN)},
        "delete": {"parameters": [key], "description": words, "responses": said("204")},
    }
    paths = {
        "/cards": {"post": {"requestBody": body(made), "responses": said("201", SHOWN)}},
        "/cards/{id}": acts,
        "/products": {"get": {"responses": said("200", listed)}},
    }
    operations = {o.id: o for o in load(folder, openapi(paths=paths)).operations}
    return Gate(Policy(allow_destructive=True), operations, Ledger())


def make_cards(gate: Gate, given: dict[str, Any], shown: dict[str, Any]) -> None:
    """Two cards, of which the second was read."""
    for number, name in enumerate(("kqzw one vbnm", "kqzw two vbnm"), start=1):
        whole = {"name": name, **given}
        answer = {"id": str(number), **whole, **shown}
        gate.note_sent(number, posts("/cards", whole))
        made = Exchange(posts("/cards", whole), Response(201, {}, answer, "{}"), number)
        gate.note(made, True)
    read = Response(200, {}, {"id": "2", "name": "kqzw two vbnm"}, "{}")
    gate.note(Exchange(ask("GET", "/cards/2"), read, 3), True)


@pytest.mark.parametrize("series", ["5", ""])
@pytest.mark.parametrize("words", ["An event of a series goes with its series.", ""])
def test_what_belongs_to_others_takes_nothing_along(
    tmp_path: Path, series: str, words: str
) -> None:
    """Deleting one event of a series deletes them all, and moving one moves them."""
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    one = {"parameters": [key], "description": words}
    acts: dict[str, Any] = {
        "get": {"parameters": [key], "responses": said("200", SHOWN)},
        "put": {**one, "requestBody": body(NAMED), "responses": said("200", SHOWN)},
        "delete": {**one, "responses": said("204")},
    }
    makes_one = {"requestBody": body(NAMED), "responses": said("201", SHOWN)}
    paths = {"/cards": {"post": makes_one}, "/cards/{id}": acts}
    operations = {o.id: o for o in load(tmp_path, openapi(paths=paths)).operations}
    gate = Gate(Policy(), operations, Ledger())
    for number, name in enumerate(("kqzw one vbnm", "kqzw two vbnm"), start=1):
        given = {"name": name, **({"series_id": series} if series else {})}
        answer = {"id": str(number), **given}
        gate.note_sent(number, posts("/cards", given))
        made = Exchange(posts("/cards", given), Response(201, {}, answer, "{}"), number)
        gate.note(made, True)
    read = Response(200, {}, {"id": "2", "name": "kqzw two vbnm"}, "{}")
    gate.note(Exchange(ask("GET", "/cards/2"), read, 3), True)
    held = [gate.held(request) for request in changes("/cards/2")]
    assert all(("go along" in str(h)) == bool(series and words) for h in held)


def test_where_nothing_reads_an_item_its_plain_address_has_to_do(tmp_path: Path) -> None:
    with registers() as server:
        before = server.theirs()
        done = sent(server, tmp_path, *makes("/slips"), *changes("/slips/kx22q"))
        assert server.theirs() == before
    assert [e.response.status for e in done[2:] if e.response] == [200, 204]


@pytest.mark.parametrize(
    ("status", "location", "held"),
    [
        (201, "/pages/22", False),
        (201, "http://127.0.0.1/api/pages/22", False),  # below a base path
        (202, "/pages/22", True),  # nothing is made yet
        (201, "/jobs/22", True),
    ],
)
def test_the_server_itself_says_where_it_has_made_something(
    tmp_path: Path, status: int, location: str, held: bool
) -> None:
    operations = {o.id: o for o in load(tmp_path, openapi(paths=COUNTED)).operations}
    gate = Gate(Policy(), operations, Ledger())
    for number, amount in enumerate((5, 7), start=1):
        made = ask("POST", "/shelves/3/pages")
        made = replace(made, content=json.dumps({"amount": amount}).encode())
        where = location.replace("22", str(20 + number))
        gate.note_sent(number, made)
        gate.note(Exchange(made, Response(status, {"Location": where}, {}, ""), number), True)
    for thing in gate.ledger.things:
        gate.ledger.trust(thing)
    assert gate.ledger.things
    closes = ask("POST", "/pages/22/close")
    assert (gate.held(closes) is not None) is held
    # Another base URL may lead to another server, which counts by itself.
    elsewhere = gate.held(replace(closes, base="fallback"))
    assert elsewhere is not None and (
        elsewhere.reading is None or elsewhere.reading.base != "primary"
    )


def answered(gate: Gate, number: int, request: Request, shown: Any, status: int = 200) -> None:
    """Note an exchange as the wire does."""
    gate.note_sent(number, request)
    gate.note(Exchange(request, Response(status, {}, shown, json.dumps(shown)), number), True)


def brands(folder: Path) -> Gate:
    operations = {o.id: o for o in load(folder, DOCUMENT).operations}
    return Gate(Policy(), operations, Ledger())


WRITTEN = {"id": "za=5Fa.", "name": "za_a.", "url": "/v1/brands/za=5Fa."}
"""How a server shows what was made with the name `ZA a`."""


@pytest.mark.parametrize(
    ("given", "shown", "read", "held"),
    [
        # The identifier stands at the end of an address, too, or is what people call it.
        ("x.y.", {"id": "x.y.", "url": "/v1/brands/x.y."}, {}, False),
        ("x.y.", {"id": "x.y.", "name": "x.y."}, {}, False),
        # It has nothing but a name.
        ("7", {"name": "7"}, {"since": "today"}, False),
        ("7", {"name": "7"}, {"name": "theirs"}, True),
        ("7", {"name": "7", "uuid": "9"}, {}, True),
        # The server writes a name in its own way, and the answer to the creation said how.
        ("ZA a", WRITTEN, {}, False),
        ("ZA a", WRITTEN, {"name": "theirs"}, True),
        ("ZA a", {"id": "22", "name": "za_a."}, {"name": "ZA a"}, True),
    ],
)
def test_a_thing_without_coined_texts_is_known_by_what_its_creation_showed(
    tmp_path: Path, given: str, shown: dict[str, str], read: dict[str, str], held: bool
) -> None:
    gate = brands(tmp_path)
    answered(gate, 1, ask("POST", "/brands", given), shown, 201)
    (thing,) = gate.ledger.things
    gate.ledger.trust(thing)
    item = f"/brands/{shown.get('id', given)}".replace("=", "%3D")
    deletion = ask("DELETE", item, purpose="clean-up")
    first = gate.held(deletion)
    assert first is not None and first.reading is not None
    answered(gate, 2, first.reading, {**shown, **read})
    assert (gate.held(deletion) is not None) is held
    elsewhere = replace(deletion, base="fallback")
    look = gate.held(elsewhere)
    assert look is not None and look.reading is not None and look.reading.base == "fallback"
    answered(gate, 3, look.reading, {**shown, **read})
    assert gate.held(elsewhere) is not None  # nothing in it is this run's own text


def test_what_has_its_name_for_an_identifier_is_read_again_when_it_got_another(
    tmp_path: Path,
) -> None:
    gate = brands(tmp_path)
    shown = {"id": "x.y.", "name": "x.y."}
    answered(gate, 1, ask("POST", "/brands", "x.y."), shown, 201)
    (thing,) = gate.ledger.things
    gate.ledger.trust(thing)
    answered(gate, 2, ask("GET", "/brands/x.y."), shown)
    renames = ask("PUT", "/brands/x.y.", "kqzw two vbnm")
    assert gate.held(renames) is None
    answered(gate, 3, renames, {"id": "kqzw two vbnm", "name": "kqzw two vbnm"})
    again = gate.held(ask("DELETE", "/brands/x.y.", purpose="clean-up"))
    assert again is not None and again.reading is not None
