"""What a run says that it left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote

import pytest
from document_samples import load, openapi

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.operation import OperationId
from checker.pipeline.removing.cleanup import CleanUp
from checker.probing.bench import Bench
from checker.safety.gate import Gate, Policy
from checker.safety.ownership import Ledger


def made(ledger: Ledger, number: int, path: str, template: str, given: Any, said: Any) -> None:
    content = json.dumps(given).encode()
    request = Request("POST", path, content=content, media_type="application/json")
    ledger.note_sent(number, request)
    response = Response(201, {"content-type": "application/json"}, said, json.dumps(said))
    ledger.note_made(number, request, response, OperationId("POST", template))


@pytest.mark.parametrize("gone", [True, False])
def test_what_went_with_what_it_was_in_is_not_left_behind(gone: bool) -> None:
    """Something unsure and something nameless, in a hall that has been removed or has not."""
    ledger = Ledger()
    for number in (1, 2):
        hall = {"name": f"kx8{number} attic"}
        made(ledger, number, "/halls", "/halls", hall, {"id": number, **hall})
    made(ledger, 3, "/halls/1/rooms", "/halls/{hall}/rooms", {"size": 1}, {"id": 7})
    made(ledger, 4, "/halls/1/notes", "/halls/{hall}/notes", {"size": 1}, {})
    for thing in ledger.alive() if gone else ():
        ledger.note_gone(thing)
    lines = CleanUp(cast(Bench, None), Gate(Policy(), {}, ledger)).left()
    assert len(lines) == (0 if gone else 3), lines
    assert gone or ("rooms: 1 made" in lines[1] and "/halls/1/notes: 1 accepted" in lines[2])


def test_what_stands_in_what_has_gone_is_not_left_behind() -> None:
    """A file that was made by a request to its folder, which is an item itself."""
    ledger = Ledger()
    made(ledger, 1, "/files", "/files", {"name": "kx81 attic"}, {"name": "kx81 attic"})
    (folder,) = ledger.things
    where = {"Location": "/files/kx81%20attic/untitled"}
    request = Request("POST", "/files/kx81%20attic")
    ledger.note_sent(2, request)
    response = Response(201, where, {"name": "untitled"}, "")
    made_by = OperationId("POST", "/files/{path}")
    ledger.note_made(2, request, response, made_by, collection="/files")
    ledger.note_gone(folder)
    assert not CleanUp(cast(Bench, None), Gate(Policy(), {}, ledger)).left()


DELETION = openapi(
    paths={
        "/files/{path}": {
            "delete": {
                "parameters": [
                    {"name": "path", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"204": {"description": "Done."}},
            }
        }
    }
)


HELD = 0


class Files:
    """Stands for a bench and its transport: deletes files by their names, and says so."""

    tokens = ()

    def __init__(self, answers: Mapping[str, int]) -> None:
        self.answers, self.asked = answers, list[str]()

    def transport_of(self, account: int) -> Files:
        return self

    async def send(self, request: Request) -> Exchange:
        name = unquote(request.url_path.rpartition("/")[2])
        self.asked.append(name)
        if self.answers[name] == HELD:
            return Exchange(request, Failure("held", "nothing shows it there"), 9)
        return Exchange(request, Response(self.answers[name], {}, None, ""), 9)


@pytest.mark.parametrize(
    ("answers", "asked", "left"),
    [
        ({"kx81 attic": 404, "kx82 attic": 204}, ["kx81 attic", "kx82 attic"], 0),
        ({"kx81 attic": 404, "kx82 attic": 404}, ["kx81 attic", "kx82 attic"], 0),
        ({"kx81 attic": 404, "kx82 attic": 403}, ["kx81 attic", "kx82 attic"] * 2, 1),
        ({"kx81 attic": 204}, ["kx81 attic"], 0),
        ({"kx81 attic": 403}, ["kx81 attic"] * 2, 1),
        # Reading it by the first name shows nothing any more, so that no deletion is sent.
        ({"kx81 attic": HELD, "kx82 attic": 204}, ["kx81 attic", "kx82 attic"], 0),
        ({"kx81 attic": HELD, "kx82 attic": HELD}, ["kx81 attic", "kx82 attic"] * 2, 1),
    ],
)
def test_what_is_not_found_by_one_name_is_removed_by_another(
    tmp_path: Path, answers: dict[str, int], asked: list[str], left: int
) -> None:
    operations = {o.id: o for o in load(tmp_path, DELETION).operations}
    ledger = Ledger()
    request = Request("PUT", "/files/kx81%20attic")
    ledger.note_sent(1, request)
    thing = ledger.note_named(1, request, OperationId("PUT", "/files/{path}"))
    assert thing is not None
    thing.names["kx82 attic"] = "name"  # it was given another one
    files = Files(answers)
    tidier = CleanUp(cast(Bench, files), Gate(Policy(), operations, ledger))

    async def removed() -> tuple[str, ...]:
        await tidier.tidy("")
        return await tidier.finish()

    assert len(asyncio.run(removed())) == left
    assert [a for a in files.asked if a in answers] == asked


@pytest.mark.parametrize(
    ("given", "shown", "left"),
    [
        ({"name": "kx82 attic"}, {"name": "kx82 attic"}, 0),
        ({"name": "Kx82 Attic"}, {"name": "kx82=attic"}, 1),  # the server writes it otherwise
        ({"name": ""}, {"name": ""}, 1),
        ({"size": 3}, {"name": "kx81 attic"}, 0),
    ],
)
def test_what_got_a_name_that_is_not_known_is_told(
    tmp_path: Path, given: dict[str, Any], shown: dict[str, Any], left: int
) -> None:
    operations = {o.id: o for o in load(tmp_path, DELETION).operations}
    ledger = Ledger()
    made(ledger, 1, "/files", "/files", {"name": "kx81 attic"}, {"name": "kx81 attic"})
    (thing,) = ledger.things
    ledger.trust(thing)
    content = json.dumps(given).encode()
    change = Request("PUT", "/files/kx81%20attic", content=content, media_type="application/json")
    ledger.note_sent(2, change)
    ledger.note_changed(thing, 2, change, Response(200, {}, shown, json.dumps(shown)))
    files = Files({"kx81 attic": 404, "kx82 attic": 404})
    tidier = CleanUp(cast(Bench, files), Gate(Policy(), operations, ledger))
    assert len(asyncio.run(tidier.finish())) == left


KEPT = openapi(
    paths={
        "/halls": {
            "get": {"responses": {"200": {"description": "All."}}},
            "post": {"responses": {"201": {"description": "Made."}}},
        },
        "/halls/{id}": {
            "get": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"200": {"description": "One."}},
            }
        },
    }
)


class Halls(Files):
    """Stands for a bench and its transport: the gate is told of what it shows of a list."""

    def __init__(self, gate: Gate, shown: Any) -> None:
        super().__init__({})
        self.gate, self.shown = gate, shown
        self.wire = SimpleNamespace(left_out=())

    def first_account(self) -> Any:
        return SimpleNamespace(transport=self)

    async def send(self, request: Request) -> Exchange:
        response = Response(404, {}, None, "")
        if request.url_path == "/halls":
            response = Response(200, {}, self.shown, json.dumps(self.shown))
        exchange = Exchange(request, response, 99)
        self.gate.note(exchange, accepted=response.status == 200)
        return exchange


THEIRS = {"id": 1, "name": "theirs"}


@pytest.mark.parametrize(
    ("shown", "left"),
    [
        ([], 0),
        ({"halls": []}, 0),
        ([THEIRS], 0),
        ([THEIRS, {"id": 9, "name": "more"}], 1),
        ([THEIRS, {"seats": 4}], 1),
        ([{"seats": 4}], 1),
        ("nothing that could be read", 1),
        ({"message": "try again"}, 1),
    ],
)
def test_what_no_list_shows_any_more_is_not_left(tmp_path: Path, shown: Any, left: int) -> None:
    """It went with something else, or a deletion that was answered otherwise did delete it."""
    operations = {o.id: o for o in load(tmp_path, KEPT).operations}
    ledger = Ledger()
    gate = Gate(Policy(), operations, ledger)
    for number, listed in ((1, [THEIRS]), (2, [THEIRS, {"id": 2, "name": "somebody's"}])):
        reading = Request("GET", "/halls")
        gate.note_sent(number, reading)
        answer = Response(200, {}, listed, json.dumps(listed))
        gate.note(Exchange(reading, answer, number), accepted=True)
    posted = Request("POST", "/halls", operation=OperationId("POST", "/halls"))
    gate.note_sent(3, posted)
    gate.note(Exchange(posted, Response(201, {}, {}, "{}"), 3), accepted=True)
    assert ledger.nameless == {"/halls": 1}
    tidier = CleanUp(cast(Bench, Halls(gate, shown)), gate)
    assert len(asyncio.run(tidier.finish())) == left


@pytest.mark.parametrize(("read", "left"), [(True, 0), (False, 1)])
def test_what_was_read_and_is_not_there_any_more_is_not_left(
    tmp_path: Path, read: bool, left: int
) -> None:
    """There is no way to delete it, and it has gone all the same; what could never be read may
    be there."""
    operations = {o.id: o for o in load(tmp_path, KEPT).operations}
    ledger = Ledger()
    gate = Gate(Policy(), operations, ledger)
    hall = {"name": "kx81 attic"}
    made(ledger, 1, "/halls", "/halls", hall, {"id": 7, **hall})
    ledger.trust(ledger.things[0])
    reading, answer = Request("GET", "/halls/7"), {"id": 7, **hall}
    if read:
        gate.note_sent(2, reading)
        response = Response(200, {}, answer, json.dumps(answer))
        gate.note(Exchange(reading, response, 2), accepted=True)
    tidier = CleanUp(cast(Bench, Halls(gate, "nothing that could be read")), gate)
    assert len(asyncio.run(tidier.finish())) == left


@pytest.mark.parametrize(("used", "alive"), [(True, 0), (False, 1)])
def test_what_a_call_has_ended_makes_room(tmp_path: Path, used: bool, alive: int) -> None:
    """There is no way to delete it; nobody looks after what nothing was done with."""
    operations = {o.id: o for o in load(tmp_path, KEPT).operations}
    ledger = Ledger()
    gate = Gate(Policy(), operations, ledger)
    hall = {"id": 7, "name": "kx81 attic"}
    made(ledger, 1, "/halls", "/halls", {"name": "kx81 attic"}, hall)
    (thing,) = ledger.things
    ledger.trust(thing)
    gate.note_sent(2, Request("GET", "/halls/7"))
    gate.note(
        Exchange(Request("GET", "/halls/7"), Response(200, {}, hall, json.dumps(hall)), 2), True
    )
    if used:
        ledger.note_changed(
            thing, 3, Request("POST", "/halls/7/close"), Response(204, {}, None, "")
        )
    asyncio.run(CleanUp(cast(Bench, Halls(gate, [])), gate).tidy(""))
    assert ledger.count("/halls") == alive


ONE = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}
REMOVABLE = openapi(
    paths={
        "/halls": KEPT["paths"]["/halls"],
        "/halls/{id}": {
            **ONE,
            "get": {"responses": {"200": {"description": "One."}}},
            "delete": {"responses": {"204": {"description": "Gone."}}},
        },
    }
)


class Paged(Halls):
    """Lists two halls at a time, and deletes them."""

    def __init__(self, gate: Gate, halls: list[dict[str, Any]]) -> None:
        super().__init__(gate, halls)

    async def send(self, request: Request) -> Exchange:
        name = request.url_path.rpartition("/")[2]
        one = [h for h in self.shown if str(h["id"]) == name]
        response = Response(404, {}, None, "")
        if request.url_path == "/halls":
            response = Response(200, {}, self.shown[:2], json.dumps(self.shown[:2]))
        elif one and request.method == "DELETE":
            self.shown.remove(one[0])
            response = Response(204, {}, None, "")
        elif one:
            response = Response(200, {}, one[0], json.dumps(one[0]))
        exchange = Exchange(request, response, 99)
        self.gate.note(exchange, accepted=response.status < 300)
        return exchange


@pytest.mark.parametrize(("kind", "left"), [("timeout", 1), ("connect", 6)])
def test_what_no_answer_told_of_is_found_in_the_list(tmp_path: Path, kind: Any, left: int) -> None:
    """Five halls were made by a request that was answered too late; what never came to the server
    made nothing."""
    operations = {o.id: o for o in load(tmp_path, REMOVABLE).operations}
    ledger = Ledger()
    gate = Gate(Policy(), operations, ledger)
    reading, theirs = Request("GET", "/halls"), [{"id": 1, "name": "theirs"}]
    gate.note_sent(1, reading)
    gate.note(Exchange(reading, Response(200, {}, theirs, json.dumps(theirs)), 1), accepted=True)
    names = [f"kx8{n} attic" for n in range(5)]
    posted = Request(
        "POST",
        "/halls",
        content=json.dumps({"names": names}).encode(),
        media_type="application/json",
        operation=OperationId("POST", "/halls"),
    )
    gate.note_sent(2, posted)
    gate.note(Exchange(posted, Failure(kind, "no answer"), 2), accepted=False)
    halls = [*({"id": 7 + n, "name": name} for n, name in enumerate(names)), *theirs]
    bench = Paged(gate, halls)
    said = asyncio.run(CleanUp(cast(Bench, bench), gate).finish())
    assert len(halls) == left
    assert not said


def test_what_no_answer_told_of_and_no_list_shows_is_said(tmp_path: Path) -> None:
    operations = {o.id: o for o in load(tmp_path, DELETION).operations}
    gate = Gate(Policy(), operations, Ledger())
    gate.ledger.note_posted(
        Request("POST", "/halls"), OperationId("POST", "/halls"), answered=False
    )
    (line,) = CleanUp(cast(Bench, None), gate).left()
    assert "POST /halls: 1 without an answer" in line
