"""What is an acceptance: the operation's own answer, in its shape; not what only looks like one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from response_cases import schema

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.location import Location
from checker.domain.observation import Kind, Observation, Rejection
from checker.domain.operation import (
    DocumentedResponse,
    DocumentInfo,
    Field,
    FieldKey,
    Operation,
    OperationId,
    Place,
    Security,
)
from checker.domain.schema import MISSING
from checker.pipeline.choosing.selection import Selection
from checker.pipeline.journal import Journal
from checker.probing.judge import Judge

READ = OperationId("GET", "/things/{id}")
MAKE = OperationId("POST", "/things")
THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "errors": {"type": "integer"},
        "fault": {"type": "string"},
        "valid": {"type": "boolean"},
    },
}
PAGE = "<!DOCTYPE html><html><head></head><body><form></form></body></html>"
NUMBERS = iter(range(1, 10_000))


def documented(
    id: OperationId = READ,
    *,
    body: Mapping[str, Any] | None = THING,
    statuses: tuple[str, ...] = ("200",),
    media: str = "application/json",
    protected: bool = False,
) -> Operation:
    content = {media: schema(body)} if body is not None else {}
    answers = tuple(
        DocumentedResponse(s, Location("api.json", f"/r/{s}"), "", content if s[0] == "2" else {})
        for s in statuses
    )
    return Operation(
        id,
        DocumentInfo("api.json", "3.0"),
        Location("api.json"),
        id.path,
        responses=answers,
        security=Security(alternatives=(("key",),) if protected else None),
    )


def answered(
    body: Any = MISSING,
    *,
    id: OperationId = READ,
    sent: Any = None,
    status: int = 200,
    media: str = "application/json",
    text: str = "",
    token: str | None = "key",
    moved_to: str = "",
    **headers: str,
) -> Exchange:
    content = None if sent is None else json.dumps(sent).encode()
    path = id.path.replace("{id}", "7")
    request = Request(id.method, path, content=content, token=token, operation=id)
    said = text or ("" if body is MISSING else json.dumps(body))
    outcome = Response(status, {"Content-Type": media, **headers}, body, said, moved_to=moved_to)
    return Exchange(request, outcome, next(NUMBERS))


def page(**more: Any) -> Exchange:
    return answered(media="text/html", text=PAGE, **more)


GOOD = {"id": 7, "name": "a", "valid": True}


def taught(operation: Operation | None = None, good: Any = GOOD, **more: Any) -> Judge:
    """A judge that knows an accepted answer."""
    judge = Judge([operation or documented()])
    judge.keep(answered(good, **more))
    return judge


AUTHORISATION = (Verdict.REJECTED, Rejection.AUTHORISATION)
ELSEWHERE = (Verdict.INCONCLUSIVE, Rejection.ELSEWHERE)


def verdict(judge: Judge, exchange: Exchange) -> tuple[Verdict, Rejection | None]:
    return judge.judged(exchange)[1:]


# -- another answer ------------------------------------------------------------------


def test_a_page_is_no_answer_where_json_is_documented() -> None:
    assert verdict(Judge([documented()]), page()) == ELSEWHERE
    assert verdict(taught(), page()) == ELSEWHERE


def test_a_page_is_the_answer_where_one_is_documented() -> None:
    operation = documented(body={"type": "string"}, media="text/html")
    assert Judge([operation]).accepted(page())


def test_where_nothing_is_documented_what_was_accepted_tells() -> None:
    operation = documented(body=None)
    assert Judge([operation]).accepted(page())
    assert verdict(taught(operation), page()) == ELSEWHERE
    judge = Judge([operation])
    judge.keep(page())
    assert judge.accepted(page())


def test_json_of_somebody_else_is_another_answer() -> None:
    judge = taught()
    assert verdict(judge, answered({"notice": "slow", "ref": 4})) == ELSEWHERE
    assert verdict(judge, answered([{"notice": 1}])) == ELSEWHERE
    assert judge.accepted(answered({"name": "b"}))
    assert judge.accepted(answered({}))
    assert judge.accepted(answered(status=204))


def test_an_open_map_has_whatever_members() -> None:
    operation = documented(body={"type": "object", "additionalProperties": {"type": "integer"}})
    judge = taught(operation, {"red": 1})
    assert judge.accepted(answered({"blue": 2}))


def test_other_documented_forms_are_answers() -> None:
    operation = documented()
    csv = {"text/csv": schema({"type": "string"})}
    both = replace(operation.responses[0], content={**operation.responses[0].content, **csv})
    judge = taught(replace(operation, responses=(both,)))
    table = answered(media="text/csv", text="id;name")
    assert judge.accepted(table)
    assert verdict(taught(), table) == ELSEWHERE


def test_what_a_redirect_led_to_is_another_place() -> None:
    operation = documented(body={"type": "string"}, media="text/html")
    judge = Judge([operation])
    judge.keep(page())
    assert verdict(judge, page(moved_to="/login")) == ELSEWHERE
    assert judge.accepted(page(moved_to="/things/7/"))


def test_a_refusal_in_another_form_that_was_learned_is_a_refusal() -> None:
    operation = documented(MAKE)
    judge = taught(operation, id=MAKE)
    refused = answered(id=MAKE, media="text/plain", text="E 22")
    judge.learn(answered(GOOD, id=MAKE), refused)
    assert verdict(judge, refused)[0] is Verdict.REJECTED
    assert verdict(judge, page(id=MAKE)) == ELSEWHERE


# -- ways elsewhere ------------------------------------------------------------------


def test_a_documented_redirect_is_an_answer() -> None:
    there = answered(status=302, token=None, Location="/new")
    for statuses in (("302",), ("3XX",), ("200", "302")):
        judge = Judge([documented(statuses=statuses)])
        assert judge.accepted(there) and judge.stays(there.request, 302)
        with_credential = answered(status=302, token="key", Location="/new")
        assert judge.accepted(with_credential) == ("200" not in statuses)
    for statuses in (("200",), ("default",), ("200", "308")):
        judge = Judge([documented(statuses=statuses)])
        assert verdict(judge, there) == ELSEWHERE and not judge.stays(there.request, 302)


@pytest.mark.parametrize("statuses", [("200", "302"), ("2XX", "302"), ("302",)])
def test_beside_a_success_a_way_elsewhere_lets_no_credential_in(statuses: tuple[str, ...]) -> None:
    judge = Judge([documented(statuses=statuses, protected=True)])
    there = answered(status=302, Location="/elsewhere")
    assert judge.accepted(there) == (statuses == ("302",))
    assert judge.stays(there.request, 302)


@pytest.mark.parametrize(
    ("location", "accepted"),
    [
        ("/things/12", True),
        ("12", True),
        ("http://outside.example/api/things/12", True),
        ("/things", False),
        ("/things/7", False),
        ("/login", False),
        ("/things/7/login", False),
    ],
)
def test_a_way_to_another_of_the_same_things_is_an_answer(location: str, accepted: bool) -> None:
    judge = Judge([documented(statuses=("200", "302"), protected=True)])
    assert judge.accepted(answered(status=302, Location=location)) == accepted


@pytest.mark.parametrize(
    ("protected", "stranger", "accepted"),
    [
        (True, "/login", False),
        (True, "/elsewhere", True),
        (False, "/login", True),
    ],
)
def test_where_strangers_are_led_too_nothing_is_opened(
    protected: bool, stranger: str, accepted: bool
) -> None:
    judge = Judge([documented(statuses=("302",), protected=protected)])

    async def send(request: Request) -> Exchange:
        assert request.token is None
        return Exchange(request, Response(302, {"Location": f"{stranger}?next=1"}))

    judged = judge.judged(answered(status=302, Location="/login?next=/things/7"))
    assert asyncio.run(judge.inquire(send, judged)).accepted is accepted


# -- envelopes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"data": None, "errors": [{"message": "no"}]},
        {"data": {"thing": None}, "errors": [{"message": "no"}]},
        {"data": [], "errors": ["no"]},
        {"errors": ["no"]},
    ],
)
def test_errors_beside_nothing_are_a_refusal(body: Any) -> None:
    judge = Judge([documented(body=None)])
    assert verdict(judge, answered(body))[0] is Verdict.REJECTED


@pytest.mark.parametrize(
    ("sent", "said", "rejection"),
    [
        ({"kind": "blue"}, 'Value "blue" does not exist in the enum', Rejection.VALIDATION),
        ({"kind": "blue"}, "The thing does not exist", Rejection.ABSENCE),
        ({"kind": "a"}, "No such thing as a thing", Rejection.ABSENCE),
        ({"of": [{"kind": "blue"}]}, "kind blue not found", Rejection.VALIDATION),
        (None, "Thing 7 not found", Rejection.ABSENCE),
    ],
)
def test_what_does_not_exist_is_a_thing_or_a_value(
    sent: Any, said: str, rejection: Rejection
) -> None:
    judge = Judge([documented(body=None)])
    exchange = answered({"data": None, "errors": [{"message": said}]}, sent=sent)
    assert verdict(judge, exchange) == (Verdict.REJECTED, rejection)


@pytest.mark.parametrize(("enum", "is_choice"), [(("week", "year"), True), (None, False)])
def test_a_choice_in_a_path_is_a_value_and_no_thing(
    enum: tuple[str, ...] | None, is_choice: bool
) -> None:
    where = Location("api.json", "/p")
    choice = schema({"type": "string", **({"enum": enum} if enum else {})})
    field = Field(FieldKey(Place.PATH, "id"), True, choice, where, where)
    judge = Judge([replace(documented(body=None), parameters=(field,))])
    body = {"data": None, "errors": [{"message": "Value month does not exist"}]}
    exchange = answered(body)
    exchange = replace(exchange, request=replace(exchange.request, url_path="/things/month"))
    wanted = Rejection.VALIDATION if is_choice else Rejection.ABSENCE
    assert verdict(judge, exchange) == (Verdict.REJECTED, wanted)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"thing": {"id": 1}}, "errors": [{"message": "a part"}]},
        {"data": None, "errors": None},
        {"data": {"id": 1}, "errors": []},
        {"errors": 0, "total": 3},
        {"error": None, "id": 2},
        {"fault": "none", "id": 2},
    ],
)
def test_errors_beside_something_or_none_are_not(body: Any) -> None:
    assert Judge([documented(body=None)]).accepted(answered(body))


def test_members_that_the_document_gives_are_the_things_own() -> None:
    judge = Judge([documented()])
    for own in ({"errors": 3}, {"fault": "E7"}, {"valid": False}):
        assert judge.accepted(answered({"id": 1, "name": "a", **own})), own
    assert not Judge([documented(body=None)]).accepted(answered({"id": 1, "errors": 3}))


def test_they_are_not_where_the_rest_differs() -> None:
    judge = Judge([documented()])
    for refused in ({"fault": "no such name"}, {"id": None, "name": None, "fault": "no"}):
        assert not judge.accepted(answered(refused)), refused
    assert not judge.accepted(answered({"id": 1, "name": "a", "errors": ["of another type"]}))
    envelope = {
        "type": "object",
        "properties": {"error": {"type": "string"}, "trace": {"type": "string"}, "data": {}},
    }
    judge = Judge([documented(body=envelope)])
    assert not judge.accepted(answered({"error": "no", "trace": "t1", "data": None}))


def test_a_part_of_a_thing_may_be_called_as_an_envelope() -> None:
    """Only where the thing has its identifier, and a documented set has the value."""
    texts = {n: {"type": "string"} for n in ("id", "name", "owner", "place", "note")}
    faults = {"type": "string", "enum": ["EMPTY", "RESET"]}
    reply = {"type": "object", "properties": {"fault": faults, "error": {"type": "string"}}}
    stub = {"type": "object", "properties": {**texts, "response": reply}}
    judge = Judge([documented(body=stub)])
    assert judge.accepted(answered({"id": "7", "response": {"status": 200, "fault": "EMPTY"}}))
    for refused in (
        {"id": "7", "response": {"fault": "no such stub"}},
        {"id": "7", "response": {"error": "EMPTY"}},
        {"id": None, "response": {"fault": "EMPTY"}},
        {"id": "7", "response": {"fault": "EMPTY", "error": "no"}},
    ):
        assert not judge.accepted(answered(refused)), refused
    assert not Judge([documented()]).accepted(answered({"id": "7", "response": {"fault": "RESET"}}))


def test_what_the_request_brought_comes_back() -> None:
    judge = Judge([documented(MAKE, body=None)])
    report = {"error": "disk full", "host": "a"}
    assert judge.accepted(answered({"key": 3, **report}, id=MAKE, sent=report))
    other = answered({"error": "error is too long"}, id=MAKE, sent=report)
    assert not judge.accepted(other)


# -- what teaches --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"id": 1, "name": "a", "note": "b"}, {"id": 2, "name": None, "note": None}),
        ({"id": 1, "name": "a", "active": True}, {"id": 2, "name": "", "active": False}),
        ({"data": {"id": 1, "note": "b"}}, {"data": {"id": 2, "note": None}}),
    ],
)
def test_an_accepted_bad_request_teaches_no_refusals(good: Any, bad: Any) -> None:
    judge = Judge([documented(MAKE, body=None)])
    judge.learn(answered(good, id=MAKE), answered(bad, id=MAKE))
    assert judge.accepted(answered(bad, id=MAKE))


def test_what_the_document_demands_of_the_thing_shows_an_acceptance() -> None:
    body = {"type": "object", "required": ["by"], "properties": {"by": {}, "note": {}}}
    judge = Judge([documented(MAKE, body=body)])
    bad = answered({"by": "me", "note": None}, id=MAKE)
    judge.learn(answered({"by": "me", "note": "x"}, id=MAKE), bad)
    assert judge.accepted(bad)


def test_a_documented_member_that_the_good_answer_had_empty_teaches_no_refusals() -> None:
    """The bad search was passed over: it finds more than fits on a page."""
    members = {"rooms": {}, "next": {"type": ["string", "null"]}, "error": {"type": "string"}}
    body = {"type": "object", "required": ["rooms", "next"], "properties": members}
    judge = Judge([documented(MAKE, body=body)])
    none, every = {"rooms": [], "next": None}, {"rooms": [{"id": 1}], "next": "/rooms?page=2"}
    judge.learn(answered(none, id=MAKE), answered(every, id=MAKE))
    assert judge.accepted(answered(every, id=MAKE))
    for unlike in ({"error": "no such room"}, {"why": "no such room"}):
        bad = {"rooms": [{}], "next": None, **unlike}
        judge = Judge([documented(MAKE, body=body)])
        judge.learn(answered(none, id=MAKE), answered(bad, id=MAKE))
        assert not judge.accepted(answered(bad, id=MAKE)), unlike


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"fine": "yes", "thing": {"n": 1}}, {"fine": "no", "why": "name"}),
        ({"done": True, "trace": "a"}, {"done": False, "trace": "b"}),
        ({"fine": "yes", "thing": {"n": 1}}, {"fine": "no", "thing": None}),
    ],
)
def test_a_refused_one_does(good: Any, bad: Any) -> None:
    judge = Judge([documented(MAKE, body=None)])
    judge.learn(answered(good, id=MAKE), answered(bad, id=MAKE))
    assert not judge.accepted(answered(bad, id=MAKE))
    assert judge.accepted(answered(good, id=MAKE))


def test_another_page_teaches_nothing() -> None:
    judge = taught(documented(MAKE), id=MAKE)
    judge.learn(answered(GOOD, id=MAKE), page(id=MAKE))
    assert verdict(judge, page(id=MAKE)) == ELSEWHERE


def test_an_operation_open_to_all_teaches_nothing_about_strangers() -> None:
    judge = Judge([documented(MAKE, body=None)])

    async def send(request: Request) -> Exchange:
        if "zq-no-such-route" in request.url_path:
            return Exchange(request, Response(404))
        return Exchange(request, answered({"state": "held", "queue": 4}).outcome)

    refused = judge.judged(answered({"error": "no", "state": "none"}, id=MAKE))
    asyncio.run(judge.inquire(send, refused))
    assert not judge.refusals.strangers


def test_an_accepted_answer_is_never_noted_as_forbidden() -> None:
    judge = taught()
    judge.note_forbidden(answered(GOOD))
    assert not judge.refusals.forbidden
    judge.note_forbidden(answered({"error": "not yours"}))
    assert judge.refusals.forbidden


def test_what_one_operation_taught_counts_at_all_others() -> None:
    judge = Judge([documented(body=None), documented(MAKE, body=None)])
    theirs = answered({"error": "not yours"}, id=MAKE)
    assert verdict(judge, answered({"error": "not yours"})) != AUTHORISATION
    judge.note_forbidden(theirs)
    assert verdict(judge, answered({"error": "not yours"})) == AUTHORISATION


# -- one verdict ---------------------------------------------------------------------


def journal(judge: Judge) -> Journal:
    return Journal(Selection(current=(documented(),)), judge)


def test_the_journal_is_judged_again_when_the_target_has_taught() -> None:
    judge = Judge([documented(body=None)])
    kept = journal(judge)
    early = page()
    kept.observe(early)
    probe = Evidence("probe", early, Verdict.ACCEPTED)
    seen = Observation(READ, Kind.REMOVE, Verdict.ACCEPTED, confirmed=True, evidence=(probe,))
    kept.made[READ] = [seen]
    own = answered(GOOD)
    kept.observe(own)
    judge.keep(own)
    assert [j.accepted for j in kept.seen[READ]] == [True, True]
    kept.judge_again()
    assert [j.rejection for j in kept.seen[READ]] == [Rejection.ELSEWHERE, None]
    contract = kept.observed()[READ]
    assert contract.exchanges == ((own, Verdict.ACCEPTED),)
    assert contract.observations[0].verdict is Verdict.INCONCLUSIVE
    assert not contract.observations[0].confirmed


def test_what_still_holds_stays_confirmed() -> None:
    judge = taught()
    kept = journal(judge)
    own = answered(GOOD)
    kept.observe(own)
    probe = Evidence("probe", own, Verdict.ACCEPTED)
    seen = Observation(READ, Kind.REMOVE, Verdict.ACCEPTED, confirmed=True, evidence=(probe,))
    kept.made[READ] = [seen]
    kept.judge_again()
    assert kept.observed()[READ].observations == (seen,)


def test_a_way_elsewhere_is_an_operations_own_where_no_other_leads_there() -> None:
    other = OperationId("GET", "/others")
    judge = Judge([documented(), documented(other)])
    kept = Journal(Selection(current=(documented(), documented(other))), judge)
    moved = answered(status=303, Location="/things/7/state")
    for exchange in (moved, answered(status=302, Location="/login")):
        kept.observe(exchange)
    kept.observe(answered(status=302, Location="/login", id=other))
    assert kept.observed()[READ].exchanges == ((moved, Verdict.INCONCLUSIVE),)
    assert not kept.observed().get(other, kept.observed()[READ]).exchanges[1:]


def test_what_was_learned_outlives_a_second_introduction() -> None:
    operation = documented(body=None)
    judge = taught(operation)
    judge.add(operation)
    assert verdict(judge, page()) == ELSEWHERE


@pytest.mark.parametrize(
    ("path", "location", "others", "accepted"),
    [
        ("/api/things", "/api/sign-in", (), False),
        ("/api/things/latest", "/api/things/12", ("/api/things",), True),
        ("/api/things/latest", "/api/things/12", (), False),
    ],
    ids=["below a prefix", "in a list", "of which no list is known"],
)
def test_what_stands_beside_an_address_is_another_thing_only_in_a_collection(
    path: str, location: str, others: tuple[str, ...], accepted: bool
) -> None:
    asked = OperationId("GET", path)
    operations = [documented(asked, statuses=("200", "302"), protected=True)]
    operations += [documented(OperationId("GET", other)) for other in others]
    there = answered(id=asked, status=302, Location=location)
    assert Judge(operations).accepted(there) is accepted
