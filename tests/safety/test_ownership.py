"""The ledger: what makes a thing own, and what must not, whatever a server answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.domain.exchange import Request, Response
from checker.domain.operation import OperationId
from checker.safety.inventory import making_for
from checker.safety.ownership import Ledger
from checker.safety.recognition import is_marked
from checker.safety.things import Thing

JSON = {"content-type": "application/json"}
UUID = "6f1c2a9e-0d1b-4c55-9f3e-2b7a4c1d8e90"
Body = dict[str, Any] | list[Any] | None


def answer(data: Any, status: int = 200) -> Response:
    return Response(status, JSON, data, json.dumps(data))


@dataclass
class Run:
    """A ledger and the numbers of what is sent."""

    ledger: Ledger = field(default_factory=Ledger)
    number: int = 0

    def send(self, request: Request) -> int:
        self.number += 1
        self.ledger.note_sent(self.number, request)
        return self.number

    def creates(
        self, path: str, given: Body, said: Any, status: int = 200, template: str = ""
    ) -> list[Thing]:
        """An accepted creation, noted as the gate does."""
        content = None if given is None else json.dumps(given).encode()
        request = Request("POST", path, content=content, media_type="application/json")
        number, response = self.send(request), answer(said, status)
        operation = OperationId("POST", template or path)
        made = self.ledger.note_made(number, request, response, operation)
        self.ledger.note_seen(number, response, operation.path)
        return made

    def makes_one_more(self, path: str = "/rooms", template: str = "") -> None:
        """Another creation of the skeleton `{"name": …}`: what it brings comes back."""
        name = f"kx99 other {self.number}"
        self.creates(path, {"name": name}, {"id": 900 + self.number, "name": name}, 201, template)

    def lists(self, path: str, said: Any) -> None:
        request = Request("GET", path)
        number = self.send(request)
        self.ledger.note_seen(number, answer(said), path)
        self.ledger.note_listed(request, answer(said), path)

    def own(self, value: Any, noun: str = "room", collection: str = "/rooms") -> bool:
        return self.ledger.own((noun,), str(value), collection) is not None


@pytest.fixture
def run() -> Run:
    return Run(Ledger(frozenset({"Blue room"}), "a room is called green hall, for example"))


# -- what makes a thing own ------------------------------------------------------------------------


def test_a_new_text_that_comes_back(run: Run) -> None:
    (thing,) = run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"}, 201)
    assert thing.unsure and not run.own(7), "it may be what was there, called so just now"
    (other,) = run.creates("/rooms", {"name": "kx82 attic"}, {"id": 8, "name": "kx82 attic"})
    assert run.own(7) and not thing.unsure and run.own(8) and not other.unsure
    assert (thing.noun, thing.collection, thing.number) == ("room", "/rooms", 1)


def test_a_new_text_within_another(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "title": "Room kx81 attic (new)"})
    assert not run.own(7)
    run.makes_one_more()
    assert run.own(7)


def test_a_very_long_name_is_a_name(run: Run) -> None:
    """A probe asks how long a name may be: what was made with it is removed by it."""
    for number in (1, 2):
        name = f"kx8{number}" + "a" * 4_997
        run.creates("/rooms", {"names": [name]}, [{"name": name, "size": 3}], 201)
        assert run.own(name) is (number == 2)


def test_a_text_that_this_run_was_the_first_to_bring(run: Run) -> None:
    run.send(Request("POST", "/rooms", content=b'{"name": "kx81 attic"}'))
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"})
    run.makes_one_more()
    assert run.own(7)


def test_a_new_text_that_does_not_come_back_is_no_other_one(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"}, 201)
    run.creates("/rooms", {"name": "kx82 attic"}, {"id": 8, "name": "theirs"}, 201)
    assert not run.own(7) and not run.own(8)


def test_an_own_secret_that_several_things_have_is_no_name_of_others(run: Run) -> None:
    """It was shown with the first one, before anything had shown that this is own."""
    for name in ("kx81 attic", "kx82 attic", "kx83 attic"):
        given = {"name": name, "key": "husfbeuz"}
        run.creates("/rooms", given, {"id": f"{name}.", **given}, 201)
    assert all(run.own(f"kx8{n} attic.") for n in (1, 2, 3))


def test_what_is_found_by_a_key_is_still_theirs(run: Run) -> None:
    run.lists("/rooms", [{"id": "attic.", "name": "attic", "key": "husfbeuz"}])
    given = {"name": "kx81 attic", "key": "husfbeuz"}
    assert not run.creates("/rooms", given, {"id": "attic.", **given}, 201)


def test_where_nothing_else_names_it_the_key_does(run: Run) -> None:
    run.lists("/rooms", [{"name": "attic", "key": "husfbeuz"}])
    given = {"name": "kx81 attic", "key": "husfbeuz"}
    assert not run.creates("/rooms", given, given, 201)


def test_what_comes_back_however_it_is_called(run: Run) -> None:
    """The caller's only draft, that takes each name; later there is another one."""
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"}, 201)
    run.creates("/rooms", {"name": "kx82 attic"}, {"id": 7, "name": "kx82 attic"}, 201)
    run.creates("/rooms", {"name": "kx83 attic"}, {"id": 8, "name": "kx83 attic"}, 201)
    assert not run.own(7) and not run.own(8)


def test_own_things_that_come_back_are_doubted(run: Run) -> None:
    run.makes_one_more()
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"}, 201)
    assert run.own(7)
    run.creates("/rooms", {"name": "kx82 attic"}, {"id": 7, "name": "kx82 attic"}, 201)
    assert not run.own(7)


def test_what_else_is_brought_needs_two_of_its_own(run: Run) -> None:
    run.makes_one_more()
    run.makes_one_more()
    for number in (7, 8):
        name = f"kx81 attic {number}"
        given = {"name": name, "note": "Blue room"}
        run.creates("/rooms", given, {"id": number, **given}, 201)
        assert run.own(number) is (number == 8)
    assert run.own(7)


def test_the_same_request_that_brings_no_new_text(run: Run) -> None:
    """A queue's next one each time, for all that is known."""
    run.creates("/rooms", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    run.creates("/rooms", {"name": "Blue room"}, {"id": 8, "name": "Blue room"}, 201)
    assert not run.own(7) and not run.own(8)


@pytest.mark.parametrize("status", [201, 200])
def test_a_status_alone_proves_nothing(run: Run, status: int) -> None:
    for number in (7, 8):
        run.creates("/rooms", {"size": 3}, {"id": number, "size": 3}, status)
    assert not run.own(7) and not run.own(8)


def test_the_identifier_of_something_foreign_is_no_new_text(run: Run) -> None:
    run.lists("/halls", [{"id": UUID}])
    for number in (7, 8):
        run.creates("/rooms", {"hall_id": UUID}, {"id": number, "hall_id": UUID}, 201)
    assert not run.own(7) and not run.own(8)


def test_the_identifier_of_an_own_thing_is_as_good_as_a_new_text(run: Run) -> None:
    for number in (3, 4):
        name = f"kx81 hall {number}"
        run.creates("/halls", {"name": name}, {"id": number, "name": name}, 201)
    for number, hall in ((7, 3), (8, 4)):
        run.creates("/rooms", {"hall_id": hall}, {"id": number, "hall_id": hall}, 201)
        assert run.own(number) is (number == 8)
    assert run.own(7)


def test_a_whole_list_settles_what_is_unsure(run: Run) -> None:
    run.lists("/rooms", [{"id": 1}, {"id": 2}])
    run.creates("/rooms", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    assert not run.own(7)
    run.ledger.settle("/rooms")
    assert not run.own(7), "it was read but once"
    run.lists("/rooms", [{"id": 1}, {"id": 2}, {"id": 7}])
    run.ledger.settle("/rooms")
    assert run.own(7)


def test_a_link_to_the_list_itself_is_no_thing_in_it(run: Run) -> None:
    def page(*rooms: Any) -> Any:
        return {
            "_embedded": {"rooms": list(rooms)},
            "_links": {"self": {"href": "/api/rooms?page=0"}},
        }

    run.lists("/rooms", page({"id": 1}))
    run.creates("/rooms", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    run.lists("/rooms", page({"id": 1}, {"id": 7}))
    run.ledger.settle("/rooms")
    assert run.own(7) and not run.own(1)
    assert run.ledger.foreign(("room",), "1") and not run.ledger.foreign(("room",), "rooms")


def test_a_map_of_identifiers_is_a_list(run: Run) -> None:
    other = UUID.replace("6", "7")
    run.lists("/rooms", {"rooms": {UUID: {"name": "theirs"}}})
    run.creates("/rooms", {"name": "Blue room"}, {"id": other}, 201)
    run.lists("/rooms", {"rooms": {UUID: {"name": "theirs"}, other: {"name": "Blue room"}}})
    run.ledger.settle("/rooms")
    assert run.own(other) and not run.own(UUID)
    assert run.ledger.foreign(("room",), UUID)


def test_what_a_map_showed_before(run: Run) -> None:
    run.lists("/rooms", {UUID: {"name": "theirs"}})
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": UUID, "name": "kx81 attic"}, 201)
    run.makes_one_more()
    assert not run.own(UUID)


def test_another_reader_may_be_shown_more(run: Run) -> None:
    """What one credential's list lacked may have been there for others."""
    for token, shown in (("guest", [{"id": 1}]), ("staff", [{"id": 1}, {"id": 7}])):
        request = Request("GET", "/rooms", token=token)
        run.send(request)
        run.ledger.note_listed(request, answer(shown), "/rooms")
        run.creates("/rooms", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    run.ledger.settle("/rooms")
    assert not run.own(7)


@pytest.mark.parametrize("sent_first", [True, False])
def test_what_is_listed_while_it_is_made(run: Run, sent_first: bool) -> None:
    """A reading that shows a new thing before the creation's own answer has come."""
    run.makes_one_more()
    given = {"name": "kx81 attic"}
    request = Request("POST", "/rooms", content=json.dumps(given).encode())
    number = run.send(request) if sent_first else 0
    run.lists("/rooms", [{"id": 7, **given}])
    number = number or run.send(request)
    said = answer({"id": 7, **given}, 201)
    run.ledger.note_made(number, request, said, OperationId("POST", "/rooms"))
    assert run.own(7) is sent_first


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ([{"id": 1}, {"id": 7}], [{"id": 1}, {"id": 7}, {"id": 8}]),
        ([{"id": 1}, {"id": 2}], [{"id": 1}, {"id": 7}]),  # a page, cut where it was cut before
    ],
)
def test_a_list_that_does_not_prove_it_settles_nothing(
    run: Run, first: list[Any], then: list[Any]
) -> None:
    run.creates("/rooms", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    run.lists("/rooms", first)
    run.lists("/rooms", then)
    run.ledger.settle("/rooms")
    assert not run.own(7)


def test_location_names_what_was_made(run: Run) -> None:
    for name in ("kx81 attic", "kx82 attic"):
        request = Request("POST", "/rooms", content=json.dumps({"name": name}).encode())
        number = run.send(request)
        headers = {**JSON, "location": f"/rooms/{6 + number}"}
        response = Response(201, headers, {"name": name}, json.dumps({"name": name}))
        (thing,) = run.ledger.note_made(number, request, response, OperationId("POST", "/rooms"))
        assert thing.names[str(6 + number)] == "Location"
        assert run.own(7) is (number == 2)
    assert run.own(8)


def test_location_alone_proves_nothing(run: Run) -> None:
    for name in ("kx81 attic", "kx82 attic"):
        request = Request("POST", "/rooms", content=json.dumps({"name": name}).encode())
        number = run.send(request)
        response = Response(201, {"location": f"/rooms/{6 + number}"})
        run.ledger.note_made(number, request, response, OperationId("POST", "/rooms"))
    assert not run.own(7) and not run.own(8)


@pytest.mark.parametrize(
    ("location", "repeats"),
    [("/sign-in", False), ("/v1/login?next=/rooms", False), ("/rooms/7", True)],
)
def test_a_redirect_elsewhere_names_nothing(run: Run, location: str, repeats: bool) -> None:
    """Whom a page to sign in is shown twice has made nothing twice."""
    run.makes_one_more()
    for name in ("kx81 attic", "kx82 attic"):
        request = Request("POST", "/rooms", content=json.dumps({"name": name}).encode())
        number = run.send(request)
        run.ledger.note_made(
            number, request, Response(302, {"location": location}), OperationId("POST", "/rooms")
        )
    assert run.ledger.comes_back(OperationId("POST", "/rooms")) is repeats


def test_a_form_brings_texts_too(run: Run) -> None:
    kind = "application/x-www-form-urlencoded"
    for name in ("kx81 attic", "kx82 attic"):
        content = f"name={name.replace(' ', '+')}".encode()
        request = Request("POST", "/rooms", content=content, media_type=kind)
        number = run.send(request)
        said = answer({"id": 6 + number, "name": name})
        run.ledger.note_made(number, request, said, OperationId("POST", "/rooms"))
        assert run.own(7) is (number == 2)
    assert run.own(8)


def test_a_name_that_was_given_by_the_path(run: Run) -> None:
    request = Request("PUT", "/rooms/kx81%20attic")
    thing = run.ledger.note_named(run.send(request), request, OperationId("PUT", "/rooms/{name}"))
    assert thing is not None and run.own("kx81 attic")
    assert run.ledger.note_named(2, request, OperationId("PUT", "/rooms/{name}")) is None


def test_a_name_that_a_change_gives(run: Run) -> None:
    (thing,) = run.creates("/rooms", {"name": "kx81 attic"}, {"slug": "kx81 attic"})
    request = Request("PUT", "/rooms/kx81 attic", content=b'{"slug": "kx82 cellar"}')
    run.ledger.note_changed(thing, run.send(request), request, answer({"slug": "kx82 cellar"}))
    assert run.own("kx82 cellar")
    assert is_marked({"slug": "kx82 cellar"}, thing.marks)


def test_what_was_made_for_a_purpose(run: Run) -> None:
    with making_for("GET /rooms"):
        run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"})
    run.creates("/rooms", {"name": "kx82 attic"}, {"id": 8, "name": "kx82 attic"})
    assert [t.number for t in run.ledger.alive("GET /rooms")] == [1]
    assert [t.number for t in run.ledger.alive()] == [2, 1]
    assert run.ledger.count("/rooms") == 2
    run.ledger.note_gone(run.ledger.things[0])
    assert run.ledger.count("/rooms") == 1 and not run.ledger.has(1)


def test_things_are_read_back_from_disk(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"})
    run.makes_one_more()
    thing = run.ledger.things[0]
    assert not thing.unsure
    thing.probed = False  # what made it is told of this run only
    thing.purpose, thing.earlier = "", True
    assert thing.marks and is_marked({"name": "kx81 attic"}, thing.marks)
    assert Thing.from_json(json.loads(json.dumps(thing.to_json()))) == thing


def test_what_a_first_list_lacked_is_kept_with_the_thing(run: Run) -> None:
    run.lists("/rooms", [{"id": 1, "name": "theirs"}])
    (new,) = run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"})
    assert new.unlisted == 2
    run.ledger.disown(new)
    assert new.unlisted is None and new.unsure
    (other,) = run.creates("/halls", {"name": "kx83 attic"}, {"id": 9, "name": "kx83 attic"})
    assert other.unlisted is None


def test_an_earlier_run_s_thing_is_no_proof(run: Run) -> None:
    """What has its number by now may be somebody's."""
    made = Thing("room", "/rooms", {"7": "id"}, OperationId("POST", "/rooms"), 1)
    run.ledger.take_over(Thing.from_json(made.to_json()))
    assert run.own(7) and not run.ledger.below_own("/rooms/7/beds")
    referred = run.ledger._referred(Request("POST", "/beds", content=b'{"room_id": "7"}'), {})
    assert not referred.own and not referred.echoed


# -- what must not ---------------------------------------------------------------------------------


def test_what_a_list_showed_before(run: Run) -> None:
    run.lists("/rooms", [{"id": 7, "name": "theirs"}])
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"}, 201)
    run.makes_one_more()
    run.makes_one_more()
    assert not run.own(7)


def test_a_creation_that_answers_what_was_there(run: Run) -> None:
    for _ in range(3):
        run.creates("/rooms", {"name": "ab"}, {"id": 7, "name": "ab"}, 201)
    assert not run.own(7)


def test_a_creation_that_answers_something_called_otherwise(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic", "size": 3}, {"id": 7, "name": "theirs"}, 201)
    for text in ("kx82 attic", "kx83 attic"):
        run.creates("/rooms", {"name": text, "size": 3}, {"id": text, "name": text}, 201)
    assert run.own("kx82 attic") and not run.own(7)


@pytest.mark.parametrize("name", ["Blue room", "green hall", "Green Hall"])
def test_documented_values_that_come_back(run: Run, name: str) -> None:
    for number in (7, 8):
        run.creates("/rooms", {"name": name}, {"id": number, "name": name}, 201)
    run.makes_one_more()
    run.makes_one_more()
    assert not run.own(7) and not run.own(8)


@pytest.mark.parametrize("text", ["00000", "aaaaaaa", "-----", "ababab"])
def test_texts_that_come_back_by_chance(run: Run, text: str) -> None:
    for number in (7, 8):
        run.creates("/rooms", {"note": text}, {"id": number, "at": f"12:00:00.{text}Z"})
    assert not run.own(7) and not run.own(8)


def test_a_text_that_an_answer_showed_before(run: Run) -> None:
    run.lists("/halls", [{"id": 1, "name": "their attic"}])
    run.creates("/rooms", {"name": "their attic"}, {"id": 7, "name": "their attic"}, 201)
    run.makes_one_more()
    run.makes_one_more()
    assert not run.own(7)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "said",
    [
        {"status": "fine", "owner": {"id": 5}},
        {"ok": True, "created_by": {"id": 5, "role": "admin"}},
        {"room": {"title": "kx81 attic"}, "owner": {"id": 5}},
    ],
)
def test_an_identifier_of_another_thing_in_the_answer(run: Run, said: Any, status: int) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, said, status)
    run.makes_one_more()
    run.makes_one_more()
    assert not run.own(5)
    inside = {"ok": 1, "owner": {"id": 6, "name": "kx82 attic"}}
    run.creates("/rooms", {"name": "kx82 attic"}, inside, status)
    assert not run.own(6), "whoever is called so by now was there"


@pytest.mark.parametrize("wrapper", ["room", "rooms", "data", "newRoom", "item"])
def test_a_wrapper_is_no_other_thing(run: Run, wrapper: str) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {wrapper: {"id": 7, "name": "kx81 attic"}})
    run.makes_one_more()
    assert run.own(7)


def test_owners_beside_an_own_thing_are_foreign(run: Run) -> None:
    run.creates(
        "/rooms",
        {"name": "kx81 attic"},
        {"id": 7, "name": "kx81 attic", "owner": {"id": 5}, "hall_id": 6},
    )
    run.makes_one_more()
    assert run.own(7)
    assert run.ledger.foreign(("owner",), "5") and run.ledger.foreign(("hall",), "6")
    assert not run.own(5) and not run.own(5, "owner", "/owners") and not run.own(6, "hall")


def test_an_answer_that_lists_all(run: Run) -> None:
    """Of all rooms only the one that shows what was sent can be new; a list settles it."""
    run.lists("/rooms", [{"id": 1, "name": "one of theirs"}, {"id": 2, "name": "two of theirs"}])
    theirs = [{"id": 1, "name": "one of theirs"}, {"id": 2, "name": "two of theirs"}]
    new = {"id": 7, "name": "kx81 attic"}
    run.creates("/rooms", {"name": "kx81 attic"}, [*theirs, new], 201)
    assert not run.own(7) and not run.own(1) and not run.own(2)
    run.lists("/rooms", [*theirs, new])
    run.ledger.settle("/rooms")
    assert run.own(7) and not run.own(1) and not run.own(2)


def test_each_of_an_answers_things_is_looked_at_for_itself(run: Run) -> None:
    theirs = {"id": 1, "name": "one of theirs"}
    new = {"id": 7, "name": "kx81 attic"}
    run.creates("/rooms", {"name": "kx81 attic"}, [theirs, new], 201)
    run.makes_one_more()
    assert run.own(7) and not run.own(1)


@pytest.mark.parametrize("given", [{"size": 3}, None, {"name": "ab"}])
def test_an_answer_that_lists_all_to_a_request_without_texts(run: Run, given: Body) -> None:
    theirs = [{"id": 1, "name": "ab"}, {"id": 2, "name": "ab"}]
    run.creates("/rooms", given, [*theirs, {"id": 7, "name": "ab"}], 201)
    run.creates("/rooms", given, [*theirs, {"id": 7, "name": "ab"}, {"id": 8, "name": "ab"}], 201)
    assert not run.own(1) and not run.own(2)


def test_short_identifiers_of_another_kind(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"})
    run.makes_one_more()
    assert run.own(7) and not run.own(7, "hall", "/halls")
    run.creates("/halls", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    assert not run.own(7, "hall", "/halls"), "that a room is called so proves nothing"


def test_long_identifiers_need_no_kind(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": UUID, "name": "kx81 attic"})
    assert not run.own(UUID, "", "/anything")
    run.makes_one_more()
    assert run.own(UUID, "", "/anything")


def test_identifiers_of_another_parent(run: Run) -> None:
    said = {"id": 1, "name": "kx81 attic"}
    template = "/halls/{hall}/rooms"
    run.creates("/halls/3/rooms", {"name": "kx81 attic"}, said, template=template)
    run.makes_one_more("/halls/3/rooms", template)
    assert run.own(1, collection="/halls/3/rooms")
    assert not run.own(1, collection="/halls/4/rooms")


def test_what_is_in_a_thing_goes_with_it(run: Run) -> None:
    for name in ("kx81 attic", "kx82 attic"):
        (thing,) = run.creates("/halls", {"name": name}, {"id": name, "name": name}, 201)
    assert not run.ledger.went("/halls/kx82%20attic/rooms")
    run.ledger.note_gone(thing)
    assert run.ledger.went("/halls/kx82%20attic/rooms")
    assert not run.ledger.went("/halls/kx81%20attic/rooms")
    assert not run.ledger.went("/halls")


def test_identifiers_of_what_has_gone(run: Run) -> None:
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 7, "name": "kx81 attic"})
    run.creates("/rooms", {"name": "kx82 attic"}, {"id": UUID, "name": "kx82 attic"})
    for thing in list(run.ledger.things):
        run.ledger.note_gone(thing)
    assert not run.own(7), "another may be called so by now"
    assert run.own(UUID)


def test_what_is_unsure_is_not_removed(run: Run) -> None:
    run.creates("/rooms", {"name": "Blue room"}, {"id": 7, "name": "Blue room"}, 201)
    assert run.ledger.alive() == [] and len(run.ledger.unsure()) == 1
    assert run.ledger.count("/rooms") == 1, "it may be own: it counts among what was made"


def test_the_same_name_is_not_the_same_thing(run: Run) -> None:
    run.creates(
        "/rooms", {"name": "Blue room", "x": "kx81a"}, {"id": 7, "name": "Blue room", "x": "kx81a"}
    )
    run.creates(
        "/rooms", {"name": "Blue room", "x": "kx82a"}, {"id": 8, "name": "Blue room", "x": "kx82a"}
    )
    assert run.own(7)
    run.creates("/rooms", {"name": "Blue room"}, {"id": 3, "name": "Blue room"}, 201)
    assert not run.own(3)


# -- any order of things, on any such server -------------------------------------------------------

NAMES = ("ab", "Blue room", "green hall", "theirs 1", "theirs 2")
ACTS = st.one_of(
    st.tuples(st.just("list"), st.booleans()),
    st.tuples(st.just("create"), st.sampled_from([*NAMES, None, "new", "new", "again"])),
    st.tuples(st.just("delete"), st.integers(0, 9)),
)


@dataclass
class Server:
    """Rooms by identifier; a name that is taken is answered with what has it, where `reuses`.

    Identifiers of what was removed are given again, where `recycles`. `wholly`: a creation
    answers all rooms.
    """

    reuses: bool
    recycles: bool
    wholly: bool
    status: int
    nested: bool
    uuids: bool
    rooms: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    count: int = 0

    def add(self, name: str | None) -> str:
        number = self.count
        if self.recycles:
            number = next(n for n in range(100) if self._called(n) not in self.rooms)
        self.count += 1
        key = self._called(number)
        self.rooms[key] = {"id": key if self.uuids else int(key), "owner": {"id": 1}}
        if name is not None:
            self.rooms[key]["name"] = name
        return key

    def _called(self, number: int) -> str:
        return f"{number:08x}-0000-4000-8000-000000000000" if self.uuids else str(number)

    def create(self, name: str | None) -> Any:
        """What a creation answers; `made` are the identifiers that the run's requests made."""
        found = None
        if self.reuses:
            found = next((k for k, r in self.rooms.items() if r.get("name") == name), None)
        if found is None:
            found = self.add(name)
            self.made.add(found)
        if self.wholly:
            return list(self.rooms.values())
        return {"ok": 1, "room": self.rooms[found]} if self.nested else self.rooms[found]


SERVERS = st.builds(
    Server,
    reuses=st.booleans(),
    recycles=st.booleans(),
    wholly=st.booleans(),
    status=st.sampled_from([200, 200, 201]),
    nested=st.booleans(),
    uuids=st.booleans(),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    server=SERVERS,
    theirs=st.lists(st.sampled_from(NAMES), max_size=4),
    acts=st.lists(ACTS, max_size=14),
)
def test_what_was_there_is_never_own(
    server: Server, theirs: list[str], acts: list[tuple[str, Any]]
) -> None:
    """Lists (whole or cut), creations (that make something or answer what was there) and
    deletions of what is own, in any order."""
    run = Run(Ledger(frozenset({"Blue room"}), "green hall"))
    for name in theirs:
        server.add(name)
    before = set(server.rooms)
    fresh, known = 0, {"Blue room", "green hall"}
    for act, what in acts:
        if act == "list":
            shown = list(server.rooms.values())
            shown = shown if what else shown[:1]
            run.lists("/rooms", shown)
            known |= {r.get("name") for r in shown}
        elif act == "create":
            fresh += what == "new"
            name = f"kx81 attic {fresh}" if what in ("new", "again") else what
            if name in theirs and name not in known:
                name = "ab"  # a run can't know what nobody told it
            # A server that says 201 of what was there lies only where the text can be compared.
            status = 201 if name is not None or not server.reuses else 200
            given = {"size": 3} if name is None else {"name": name}
            run.creates("/rooms", given, server.create(name), min(status, server.status))
        else:
            own = [t for t in run.ledger.alive() if run.own(next(iter(t.names)))]
            if own:
                thing = own[what % len(own)]
                identifier = next(iter(thing.names))
                assert identifier in server.made
                server.rooms.pop(identifier, None)
                server.made.discard(identifier)
                run.ledger.note_gone(thing)
        for identifier in before:
            assert not run.own(identifier), f"{identifier} was there before"
        for identifier in server.rooms.keys() - server.made:
            assert not run.own(identifier)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(server=SERVERS, names=st.lists(st.integers(0, 5), min_size=2, max_size=6))
def test_what_is_new_is_own_in_the_end(server: Server, names: list[int]) -> None:
    """A ledger that takes nothing for own would harm nobody, and leave everything behind."""
    run = Run()
    run.lists("/rooms", [])
    for number, name in enumerate(names):
        text = f"kx81 attic {number} {name}"
        run.creates("/rooms", {"name": text}, server.create(text), server.status)
    if server.wholly:  # the same things come back each time: only reading tells
        run.lists("/rooms", list(server.rooms.values()))
        run.ledger.settle("/rooms")
    assert all(run.own(key) for key in server.made)


@pytest.mark.parametrize("kept", [{"since": "2024-01-03"}, {}])
def test_what_comes_back_with_what_nobody_brought_was_there(run: Run, kept: dict[str, str]) -> None:
    """Be it taken for own meanwhile; a stand-in that keeps nothing shows nothing else."""
    first, second = {"name": "kx81 attic"}, {"name": "kx82 attic"}
    (thing,) = run.creates("/rooms", first, {"id": 7, **first, **kept}, 201)
    run.ledger.trust(thing)
    assert not run.ledger.comes_back(OperationId("POST", "/rooms"))
    run.creates("/rooms", second, {"id": 7, **second, **kept}, 201)
    assert run.ledger.comes_back(OperationId("POST", "/rooms")) is bool(kept)


@pytest.mark.parametrize(
    ("name", "status", "listed", "own"),
    [
        ("Blue room", 201, True, True),
        ("Blue room", 201, False, False),
        ("Blue room", 200, True, False),
        ("somebody's", 200, True, True),
        (7, 200, True, True),
        (7, 201, False, False),
    ],
)
def test_a_list_that_hid_a_thing_of_a_documented_title_proves_nothing(
    run: Run, name: Any, status: int, listed: bool, own: bool
) -> None:
    """The archived one may come back to lists when a creation finds it; a number finds one, too."""
    run.lists("/rooms", [{"id": 1}, {"id": 2}])
    run.creates("/rooms", {"name": name}, {"id": 3, "name": name}, status)
    more = [{"id": 3}] if listed else [{"id": 4}]
    run.lists("/rooms", [{"id": 1}, {"id": 2}, *more])
    run.ledger.settle("/rooms")
    assert run.own(3) is own


@pytest.mark.parametrize(
    ("full", "brought", "status", "own"),
    [
        (True, {}, 201, True),
        (False, {}, 201, False),
        (True, {"name": "Blue room"}, 201, True),
        (True, {"name": "Blue room"}, 200, False),
        (False, {"name": "Blue room"}, 201, False),
    ],
)
def test_where_a_page_is_full_what_it_lacks_may_be_new(
    run: Run, full: bool, brought: dict[str, str], status: int, own: bool
) -> None:
    """What is surely own isn't on it either."""
    run.lists("/rooms", [{"id": 1}])
    run.creates("/rooms", {"name": "kx81 attic"}, {"id": 5, "name": "kx81 attic"}, 201)
    run.lists("/rooms", [{"id": 1}, {"id": 5, "name": "kx81 attic"}])
    run.ledger.settle("/rooms")
    run.creates("/rooms", brought, {"id": 7, **brought}, status)
    run.lists("/rooms", [{"id": 1}, {"id": 6 if full else 5}])
    run.ledger.settle("/rooms")
    assert run.own(5) and run.own(7) is own


def test_what_was_in_a_thing_goes_with_it(run: Run) -> None:
    """A server may give its number to the next one, in another thing."""
    zones = []
    for name in ("kx81 north", "kx82 south"):
        zones += run.creates("/zones", {"name": name}, {"id": name, "name": name}, 201)
    keys = []
    for number, name in enumerate(("kx81 north", "kx82 south"), 28):
        keys += run.creates(f"/zones/{name}/keys", {"size": 9}, {"id": number}, 201)
    run.ledger.note_gone(zones[0])
    assert [key.gone for key in keys] == [True, False] and not zones[1].gone


@pytest.mark.parametrize("theirs", [False, True])
def test_the_number_of_what_went_unproved_may_be_that_of_an_own_one(run: Run, theirs: bool) -> None:
    """It was seen as foreign only because nothing had shown yet that it is own."""
    if theirs:
        run.lists("/zones/others/keys", [{"id": 28}])
    (zone, _) = [
        *run.creates("/zones", {"name": "kx81 north"}, {"id": "kx81 north"}, 201),
        *run.creates("/zones", {"name": "kx82 south"}, {"id": "kx82 south"}, 201),
    ]
    template = "/zones/{zone}/keys"
    run.creates("/zones/kx81 north/keys", {"size": 9}, {"id": 28}, 201, template)
    run.lists("/zones/kx81 north/keys", [{"id": 28}])
    run.ledger.note_gone(zone)
    place = "/zones/kx82 south/keys"
    for number, size in ((28, "kx83 one"), (29, "kx84 two"), (30, "kx85 ten")):
        run.creates(place, {"size": size}, {"id": number, "size": size}, 201, template)
    assert run.own(28, "key", place) is not theirs and run.own(29, "key", place)


@pytest.mark.parametrize(
    ("said", "given", "held"),
    [
        ({"name": "kx81 attic"}, {"name": ""}, True),
        ({"name": "kx81 attic"}, {"name": " "}, True),
        ({"name": "kx81 attic"}, {"name": "kx82 attic", "note": ""}, False),
        ({"id": "kx81 attic.", "name": "kx81 attic"}, {"name": ""}, True),
        ({"id": 7, "name": "kx81 attic"}, {"name": ""}, False),
    ],
)
def test_what_is_called_by_its_name_alone_is_not_made_without(
    run: Run, said: Body, given: Body, held: bool
) -> None:
    """Nothing could remove it: no address leads to it."""
    run.creates("/rooms", {"name": "kx81 attic", "note": "kx81 note"}, said, 201)
    request = Request("POST", "/rooms", content=json.dumps(given).encode())
    assert run.ledger.leaves_unnamed(request, OperationId("POST", "/rooms")) is held


def test_the_names_of_a_list_are_no_empty_ones(run: Run) -> None:
    run.creates("/rooms", {"names": ["kx81 attic"]}, [{"name": "kx81 attic", "size": 3}], 201)
    request = Request("POST", "/rooms", content=b'{"names": [""]}')
    assert run.ledger.leaves_unnamed(request, OperationId("POST", "/rooms"))
