"""The search on real servers: complaints answered together, controls, waits, second passes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from documented import operation, schema
from open_gate import open_gate

from checker.domain.operation import (
    DocumentedResponse,
    Field,
    FieldKey,
    Operation,
    OperationId,
    Place,
)
from checker.domain.portal import Portal
from checker.domain.schema import MISSING
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.trial import NoWitness, Witness
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.search import waits
from checker.search.attempts import Attempt
from checker.search.solver import Solver
from checker.settings import Settings, Target, Token

TEXT = {"type": "string"}
ORDERS = OperationId("POST", "/orders")
MARKS = "/pupils/{pupil_id}/marks"
Answer = tuple[int, Any]


class Server:
    """Answers by a function of method, path, query and body; keeps what it got. A credential is
    shown in the query."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.seen: list[tuple[str, str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.seen.append((request.method, request.path, body))
        query = dict(request.query)
        if credential := request.headers.get("Authorization"):
            query["credential"] = credential
        status, shown = self._answer(request.method, request.path, query, body)
        return web.json_response(shown, status=status)


def search(
    answer: Any,
    *operations: Operation,
    again: bool = False,
    tokens: Mapping[str, Token] = MappingProxyType({}),
    gate: Gate | None = None,
) -> tuple[Any, Server]:
    """What is found of the first of the operations, and the server that was asked. `again`: all
    others are searched, too, before it is searched once more. All is let out without a `gate`."""

    async def go() -> tuple[Witness | NoWitness, Server]:
        server = Server(answer)
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", server.answer)
        async with TestServer(app) as running:
            target = Target(base_url=str(running.make_url("")).rstrip("/"), tokens=tokens)
            async with Wire(target, gate or open_gate(), max_requests=500) as wire:
                bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
                solver = Solver(bench, operations, {}, Candidates(Portal()))
                found = await solver.find(operations[0])
                for other in operations[1:] if again else ():
                    await solver.find(other)
                if again and solver.again(operations[0]):
                    found = await solver.find(operations[0])
                return found, server

    return asyncio.run(go())


def body_of(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def problems(**said: str) -> Answer:
    return 422, {"errors": [{"field": k, "message": v} for k, v in said.items()]}


ORDER = operation(body_of("a", "b", "c", a=TEXT, b=TEXT, c=TEXT, note=TEXT), id=ORDERS)
WANTED = {"a": ["red", "blue"], "b": ["left", "right"], "c": ["big", "small"]}


def choosy(method: str, path: str, query: Any, body: Any) -> Answer:
    """Refuses what isn't one of a set, all fields at once."""
    wrong = {k: v for k, v in WANTED.items() if (body or {}).get(k) not in v}
    if wrong:
        return problems(**{k: f"must be one of: {', '.join(v)}" for k, v in wrong.items()})
    return 201, {"id": "t1", **body}


def test_all_complaints_are_answered_in_one_request() -> None:
    found, server = search(choosy, ORDER)
    assert isinstance(found, Witness), found
    assert {k: found.lean.body[k] for k in WANTED} == {"a": "red", "b": "left", "c": "big"}
    accepted = next(n for n, s in enumerate(server.seen) if (s[2] or {}).get("c") == "big")
    assert accepted <= 6, "two blind requests, four to learn the errors by, one with all edits"


def test_no_field_is_edited_of_which_nothing_is_said() -> None:
    found, server = search(choosy, ORDER)
    first = next(body for _, _, body in server.seen if body and "note" not in body)
    mended = found.lean.body
    assert {k for k in mended if mended[k] != first.get(k)} == set(WANTED)


@pytest.mark.parametrize("echo", [True, False])
def test_an_echoing_server_costs_what_a_silent_one_does(echo: bool) -> None:
    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        status, shown = choosy(method, path, query, body)
        return status, {**shown, "input": body} if echo and status == 422 else shown

    _, silent = search(choosy, ORDER)
    found, server = search(answer, ORDER)
    assert isinstance(found, Witness)
    assert abs(len(server.seen) - len(silent.seen)) <= len(silent.seen) / 10


def test_other_words_and_another_order_cost_no_more() -> None:
    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        status, shown = choosy(method, path, query, body)
        if status != 422:
            return status, shown
        said = [
            {
                "message": e["message"].replace("must be one of", "muss eins sein von"),
                "field": e["field"],
            }
            for e in reversed(shown["errors"])
        ]
        return status, {"errors": said}

    shuffled = operation(body_of("c", "a", "b", note=TEXT, c=TEXT, b=TEXT, a=TEXT), id=ORDERS)
    _, plain = search(choosy, ORDER)
    found, server = search(answer, shuffled)
    assert isinstance(found, Witness)
    assert abs(len(server.seen) - len(plain.seen)) <= max(1, len(plain.seen) / 10)


def test_an_edit_gets_no_credit_for_what_time_has_done() -> None:
    """The server wakes up while the search edits: the first request is the witness."""
    begun: list[int] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        begun.append(1)
        if len(begun) < 9:
            return problems(a="is not valid")
        return 201, {"id": "t1", **body}

    found, server = search(answer, ORDER)
    assert isinstance(found, Witness)
    first = next(body for _, _, body in server.seen if body and "note" not in body)
    assert found.lean.body["a"] == first["a"]


def test_what_is_not_there_at_once_is_waited_for() -> None:
    """Reads lag behind writes."""
    made: dict[str, float] = {}

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "POST":
            made[f"t{len(made)}"] = time.monotonic()
            return 201, {"id": f"t{len(made) - 1}"}
        name = path.rpartition("/")[2]
        if name in made and time.monotonic() - made[name] > 0.2:
            return 200, {"id": name}
        return 404, {"message": "Not found"}

    make = operation(body_of(), id=ORDERS)
    read = operation(None, id=OperationId("GET", "/orders/{id}"))
    found, _ = search(answer, read, make)
    assert isinstance(found, Witness), found
    assert found.recipe.steps[-1].settle_ms > 0
    assert found.recipe.steps[-1].sleep_ms == 0, "no condition that an experiment would report"


@pytest.mark.parametrize("tokens", [{}, {"a": Token("a", "a"), "b": Token("b", "b")}])
def test_what_something_else_has_moved_is_not_put_down_to_time(
    tokens: dict[str, Token],
) -> None:
    """The first thing is moved by somebody while the search waits, or tries another credential;
    all others by being read."""
    read: dict[str, int] = {}
    tries: list[str] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if path == "/orders":
            read[f"t{len(read)}"] = 0
            return 201, {"id": f"t{len(read) - 1}"}
        name = path.split("/")[2]
        if method == "GET":
            read[name] += 1
            return 200, {"id": name}
        tries.append(name)
        ready = read[name] > 1 or (name == tries[0] and tries.count(name) > 2)
        refused = 422 if tokens else 409
        return (200, {"paid": 1}) if ready else (refused, {"error": "Not possible in this state"})

    make = operation(body_of(), id=ORDERS)
    look = operation(None, id=OperationId("GET", "/orders/{id}"))
    pay = operation(None, id=OperationId("POST", "/orders/{id}/pay"))
    found, _ = search(answer, pay, make, look, tokens=tokens)
    assert isinstance(found, Witness), found
    assert [s.method for s in found.recipe.steps].count("GET") > 1
    assert not any(s.sleep_ms for s in found.recipe.steps)


def test_what_cannot_be_used_at_once_is_waited_for() -> None:
    """Nothing repeats a write that finds nothing but the search itself."""
    made: dict[str, float] = {}

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if path == "/orders":
            made[f"t{len(made)}"] = time.monotonic()
            return 201, {"id": f"t{len(made) - 1}"}
        name = path.split("/")[2]
        if name in made and time.monotonic() - made[name] > 0.2:
            return 200, {"id": name, "paid": True}
        return 404, {"message": "Not found"}

    make = operation(body_of(), id=ORDERS)
    pay = operation(body_of(), id=OperationId("POST", "/orders/{id}/pay"))
    found, _ = search(answer, pay, make)
    assert isinstance(found, Witness), found
    assert found.recipe.steps[-1].settle_ms > 0
    assert found.recipe.steps[-1].sleep_ms == 0


@pytest.mark.parametrize(
    ("needed", "spoiling"), [({"side"}, set()), ({"side", "berth"}, set()), ({"side"}, {"deck"})]
)
def test_what_may_be_left_out_is_tried_where_nothing_is_named(
    needed: set[str], spoiling: set[str]
) -> None:
    """A reading operation is asked without what its documents let be left out, at first."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if needed <= set(query) and not spoiling & set(query):
            return 200, {"total": 3}
        return 400, {"code": 22}

    optional = {"side": TEXT, "berth": TEXT, "deck": TEXT}
    found, server = search(answer, operation(None, query=optional, id=OperationId("GET", "/quay")))
    assert isinstance(found, Witness), found
    assert set(found.lean.query) == needed, "no more than is needed"
    assert len(server.seen) < 20


def test_what_another_operation_takes_under_the_name_is_tried() -> None:
    """At the same place; all together they spoil one another, and the documents have no value."""
    want = {"code": 22}
    others = {f"deck{number}": {"type": "integer"} for number in range(12)}

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if path == "/cranes":
            return (200, {"total": 1}) if query.get("berth") == "north-7" else (400, want)
        alone = query.get("berth") == "north-7" and not set(query) & set(others)
        return (200, {"total": 3}) if alone else (400, want)

    quay = operation(None, query={**others, "berth": TEXT}, id=OperationId("GET", "/quay"))
    berth = {"type": "string", "enum": ["north-7"], "required": True}
    cranes = operation(None, query={"berth": berth}, id=OperationId("GET", "/cranes"))
    found, _ = search(answer, quay)
    assert isinstance(found, NoWitness)
    found, _ = search(answer, quay, cranes, again=True)
    assert isinstance(found, Witness), found
    assert found.lean.query == {"berth": "north-7"}


def test_a_filter_that_empties_a_list_is_no_growth() -> None:
    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        return 200, {"items": [] if query else [{"id": "t1"}]}

    wanted = operation(None, query={"colour": TEXT}, id=OperationId("GET", "/orders"))
    found, server = search(answer, wanted)
    assert isinstance(found, Witness)
    assert len(server.seen) > 1
    assert found.exchange.response is not None
    assert found.exchange.response.body["items"]


def test_a_failure_is_tried_again_when_more_is_known() -> None:
    """The second operation brings what the first one lacked."""
    opened: list[str] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if path == "/doors":
            opened.append("open")
            return 201, {"id": "d1"}
        return (201, {"id": "t1"}) if opened else (409, {"message": "Closed"})

    order = operation(body_of(), id=ORDERS)
    door = operation(body_of(), id=OperationId("POST", "/doors"))
    found, _ = search(answer, order)
    assert isinstance(found, NoWitness)
    found, _ = search(answer, order, door, again=True)
    assert isinstance(found, Witness)


def test_a_failure_says_what_stayed_open_and_what_was_tried() -> None:
    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        return problems(a="is not valid")

    found, server = search(answer, ORDER)
    assert isinstance(found, NoWitness)
    assert "open: body a (invalid, after" in found.reason
    assert len(server.seen) <= 45


def test_a_value_that_is_not_known_is_told_from_a_field() -> None:
    """The words are those for an unknown field; but the field is missed where it isn't."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        plan = (body or {}).get("plan")
        if plan != "sha256":
            return 422, {"error": f"unknown plan {plan}"}
        return 201, {"id": "t1"}

    plan = {**TEXT, "enum": ["md5", "sha1", "sha256"]}
    found, _ = search(answer, operation(body_of("plan", plan=plan), id=ORDERS))
    assert isinstance(found, Witness), found
    assert found.lean.body == {"plan": "sha256"}


def test_a_body_whose_type_is_refused_got_less_far_than_none() -> None:
    """Nothing was read of it: what is mended is the request that was read."""
    made: list[str] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "POST" and path == "/orders":
            made.append((body or {}).get("state", "new"))
            return 201, {"id": f"t{len(made) - 1}", "state": made[-1]}
        if body is not None:
            return 415, {"error": "refused"}
        ready = made[int(path.split("/")[2][1:])] == "checked"
        return (200, {"done": True}) if ready else (400, {"error": "refused"})

    state = {**TEXT, "enum": ["new", "checked"]}
    make = operation(body_of(state=state), id=ORDERS)
    pack = operation(None, id=OperationId("POST", "/orders/{id}/pack"))
    found, _ = search(answer, pack, make)
    assert isinstance(found, Witness), found
    assert found.recipe.call.body is MISSING
    assert found.recipe.steps[-1].body["state"] == "checked"


def test_one_sentence_for_an_absent_value_and_a_wrong_type_is_no_step_further() -> None:
    """A list isn't nearer than a text, though the words are others than those for the text."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        plan = (body or {}).get("plan")
        if not isinstance(plan, str):
            return 422, {"error": "Key 'plan' not present or not a String"}
        return (201, {"id": "t1"}) if plan == "12345" else (400, {"error": f"Invalid plan: {plan}"})

    found, server = search(answer, operation(body_of(plan=TEXT, note=TEXT), id=ORDERS))
    assert isinstance(found, Witness), found
    plans = [(body or {}).get("plan") for _, _, body in server.seen]
    assert sum(isinstance(p, list) for p in plans) <= 2


def test_a_part_is_called_as_the_whole_that_the_request_is_about() -> None:
    """The whole has a name, too: what is repeated of a part's is about the part's."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "POST":
            return 201, {"id": f"{body['name']}.example"}
        zone, parts = path.split("/")[2], (body or {}).get("parts")
        if not parts:
            return 422, {"error": "No parts given in the update"}
        for part in parts:
            if not isinstance(part.get("name"), str):
                return 422, {"error": "Key 'name' not present or not a String"}
            if not part["name"].endswith(zone):
                return 422, {"error": f"Part {part['name']} IN: Name is out of zone"}
        return 200, {"ok": True}

    part = {"type": "array", "items": body_of("name", name={**TEXT, "examples": ["www.other"]})}
    make = operation(body_of("name", name=TEXT), id=OperationId("POST", "/zones"))
    change = operation(body_of(name=TEXT, parts=part), id=OperationId("PATCH", "/zones/{zone_id}"))
    found, _ = search(answer, change, make)
    assert isinstance(found, Witness), found
    assert found.recipe.call.body["parts"][0]["name"].startswith("{{")


def of_one(made: Operation) -> Operation:
    """The operation with its path's parameter."""
    key = FieldKey(Place.PATH, "id")
    field = Field(key, True, schema(TEXT), made.location, made.location)
    return replace(made, parameters=(field,))


@pytest.mark.parametrize("there", [False, True])
def test_a_change_of_what_is_not_there_is_no_witness(there: bool) -> None:
    """Whatever is named, the change is accepted; only the reading tells."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "PATCH":
            return 200, {}
        return (200, {"id": "1"}) if there else (404, {"error": "Not found"})

    change = of_one(operation(body_of(note=TEXT), id=OperationId("PATCH", "/orders/{id}")))
    read = of_one(operation(None, id=OperationId("GET", "/orders/{id}")))
    found, _ = search(answer, change, read)
    assert isinstance(found, Witness if there else NoWitness)


SECTION = "/sections/{id}"


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("absent", [(404, {"error": "Not found"}), (200, {}), (200, {"a": None})])
def test_a_change_makes_what_is_not_there(keeps: bool, absent: Answer) -> None:
    """Nothing else makes such things: the run gives a name that nobody has, below which nothing is
    shown, and what it wrote is shown there afterwards."""
    kept: dict[str, Any] = {}

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "PATCH" and not (body or {}).get("note"):
            return problems(note="is required")
        if method == "PATCH":
            kept[path] = body if keeps else {}
            return 200, body
        return (200, kept[path]) if kept.get(path) else absent

    change = of_one(operation(body_of("note", note=TEXT), id=OperationId("PATCH", SECTION)))
    read = of_one(operation(None, id=OperationId("GET", SECTION)))
    gate = Gate(Policy(), {o.id: o for o in (change, read)}, Ledger())
    found, server = search(answer, change, read, gate=gate)
    assert isinstance(found, Witness if keeps else NoWitness), found
    own = {path for method, path, _ in server.seen if method == "PATCH"}
    asked = {path for method, path, _ in server.seen if method == "GET"}
    assert own and own <= asked, "what is written to was read before"
    assert not keeps or found.recipe.call.path["id"] in {p.rpartition("/")[2] for p in own}


def test_what_takes_changes_of_nothing_is_asked_about_what_a_description_names() -> None:
    """A change of a name that nobody has is accepted in vain; the words say what is meant."""
    there: list[str] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        name = path.rpartition("/")[2]
        if method == "POST":
            there.append(f"t{len(there) + 1}")
            return 201, {"id": there[-1], **(body or {})}
        if method == "GET":
            return (200, {"id": name}) if name in there else (404, {"error": "Not found"})
        return 204, None

    change = of_one(operation(body_of(note=TEXT), id=OperationId("PATCH", "/places/{id}")))
    told = replace(change.parameters[0], description="The identifier of an order.")
    change = replace(change, parameters=(told,))
    read = of_one(operation(None, id=OperationId("GET", "/places/{id}")))
    make = operation(body_of("a", a=TEXT), id=ORDERS)
    found, _ = search(answer, change, read, make)
    assert isinstance(found, Witness), found
    assert found.recipe.steps, "an order is made"


def test_a_change_is_not_sent_where_something_is_shown_under_any_name() -> None:
    """Nothing tells what is there from what isn't."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        return 200, {"note": "as for all"}

    change = of_one(operation(body_of(note=TEXT), id=OperationId("PATCH", SECTION)))
    read = of_one(operation(None, id=OperationId("GET", SECTION)))
    gate = Gate(Policy(), {o.id: o for o in (change, read)}, Ledger())
    found, server = search(answer, change, read, gate=gate)
    assert isinstance(found, NoWitness)
    assert {method for method, _, _ in server.seen} == {"GET"}


@pytest.mark.parametrize("answered", [True, False], ids=["answers tell its type", "nothing does"])
def test_what_no_request_is_documented_to_have_is_what_answers_show(answered: bool) -> None:
    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        given = (body or {}).get("risks")
        good = isinstance(given, list) and given and isinstance(given[0], str)
        return (201, {"id": "t1"}) if good else problems(risks="is required")

    make = operation(body_of(a=TEXT), id=ORDERS)
    if answered:
        shape = schema(
            {"type": "object", "properties": {"risks": {"type": "array", "items": TEXT}}}
        )
        shown = DocumentedResponse("201", make.location, content={"application/json": shape})
        make = replace(make, responses=(shown,))
    found, server = search(answer, make)
    assert isinstance(found, Witness), found
    wrong = [b["risks"] for _, _, b in server.seen if "risks" in (b or {})]
    assert not answered or all(isinstance(risks, list) for risks in wrong)


def shows(what: Operation, **properties: Any) -> Operation:
    """The operation with a documented answer whose items have these members."""
    item = {"type": "object", "properties": properties}
    page = {"items": {"type": "array", "items": item}, "total": {"type": "integer"}}
    answer = schema({"type": "object", "properties": page})
    shown = DocumentedResponse("200", what.location, content={"application/json": answer})
    return replace(what, responses=(shown,))


@pytest.mark.parametrize("said", ["O campo weight é obrigatório", "Das Gewicht fehlt"])
def test_a_sentence_may_name_what_only_answers_are_documented_to_have(said: str) -> None:
    """Nothing has been learned of the server's words yet, and no request has such a field."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "GET":
            return 200, {"items": [], "total": 0}
        good = isinstance((body or {}).get("weight"), int)
        return (201, {"id": "t1"}) if good else (422, {"mensagem": said})

    make = operation(body_of("a", a=TEXT), id=ORDERS)
    listing = operation(None, id=OperationId("GET", "/orders"))
    listing = shows(listing, a=TEXT, weight={"type": "integer"}, made={**TEXT, "readOnly": True})
    found, server = search(answer, make, listing)
    named = "weight" in said
    assert isinstance(found, Witness) is named
    sent = {name for _, _, body in server.seen for name in body or {}}
    assert sent == ({"a", "weight"} if named else {"a"}), "nothing of the page, nothing unnamed"


def test_what_was_added_and_need_not_change_stays_as_it_is() -> None:
    """Names are used once. The plan is one of few, which nothing tells."""
    taken: set[str] = set()

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        sent = body or {}
        if "name" not in sent:
            return problems(name="is required")
        if sent["name"] in taken:
            return 409, {"error": "taken"}
        if any(sent.get(k, "gold") != "gold" for k in "pqr") or {"x", "y"} <= sent.keys():
            return 400, {"error": "no"}
        taken.add(sent["name"])
        return 201, {"id": f"t{len(taken)}", "name": sent["name"]}

    plan = {**TEXT, "examples": ["gold"]}
    more = {k: {"type": "integer"} for k in ("x", "y", "z")}
    documented = body_of("name", name=TEXT, p=plan, q=plan, r=plan, **more)
    found, _ = search(answer, operation(documented, id=ORDERS))
    assert isinstance(found, Witness), found
    assert found.recipe.call.body.keys() >= {"name", "p", "q", "r", "z"}


def test_a_new_thing_is_named_with_what_says_what_it_is() -> None:
    """Without it, what is to be made is looked for in vain."""
    made: dict[str, Any] = {}

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "PUT" and (body or {}).get("kind") == "page":
            made[path] = body
            return 201, {"name": path.rpartition("/")[2], **body}
        return (200, made[path]) if path in made else (404, {"error": "no such folder"})

    kind = {**TEXT, "enum": ["page", "book"]}
    put = of_one(operation(body_of(kind=kind), id=OperationId("PUT", "/notes/{id}")))
    read = of_one(operation(None, id=OperationId("GET", "/notes/{id}")))
    found, server = search(answer, put, read)
    assert isinstance(found, Witness), found
    assert [method for method, _, _ in server.seen].index("PUT") <= 3


def test_what_is_made_has_an_address_of_its_own() -> None:
    """The documented example is everybody's."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        sent = (body or {}).get("host", "")
        good = sent.endswith("example.org.")
        return (201, {"id": sent}) if good else (422, problems(host="is no host")[1])

    host = {**TEXT, "examples": ["example.org."]}
    found, server = search(answer, operation(body_of("host", host=host), id=ORDERS))
    assert isinstance(found, Witness), found
    made = [b["host"] for _, _, b in server.seen if (b or {}).get("host", "").endswith("org.")]
    assert made and "example.org." not in made[1:]


def test_a_documented_credential_is_tried_as_it_is() -> None:
    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        email = (body or {}).get("email")
        if email is None:
            return problems(email="is required")
        known = email == "me@example.com" and "note" not in body
        return (201, {"token": "t1"}) if known else problems(email="is not known")

    email = {**TEXT, "examples": ["me@example.com"]}
    found, server = search(answer, operation(body_of(email=email, note=TEXT), id=ORDERS))
    assert isinstance(found, Witness), found
    sent = [body for _, _, body in server.seen]
    assert sent.index({"email": "me@example.com"}) <= 5


@pytest.mark.parametrize("unique", [False, True], ids=["as it was", "it has to"])
def test_a_text_too_short_to_be_unique_changes_only_where_it_has_to(unique: bool) -> None:
    """What is made with a value that may have been there before isn't known to be new."""
    made: list[Any] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "GET":
            return (200, {"id": "t1"}) if path.endswith(f"t{len(made)}") else (404, {})
        if any(b["name"] == body["name"] or (unique and b["a"] == body["a"]) for b in made):
            return 409, {"error": "There is one already"}
        made.append(body)
        return 201, {"id": f"t{len(made)}", **body}

    short = {"type": "string", "minLength": 2, "maxLength": 2, "pattern": "^[A-Z]{2}$"}
    number = {"type": "string", "pattern": "^[A-Z]{4}-[0-9]{3}$"}
    make = operation(body_of("a", "name", "number", a=short, name=TEXT, number=number), id=ORDERS)
    read = of_one(operation(None, id=OperationId("GET", "/orders/{id}")))
    found, _ = search(answer, read, make)
    assert isinstance(found, Witness), found
    assert len({b["name"] for b in made}) == len({b["number"] for b in made}) == len(made) > 2
    assert len({b["a"] for b in made}) == (len(made) if unique else 1)


def test_a_credential_may_be_asked_for_only_of_what_is_well_formed() -> None:
    """The document names no credential, and the first answers speak of the body alone."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if (body or {}).get("code") != "AA-1234":
            return problems(code="must be one of: AA-1234, BB-1234")
        if "right" not in query.get("credential", ""):
            return 401, {"error": "Authentication required"}
        return 200, {"id": "t1"}

    make = operation(body_of("code", code=TEXT), id=ORDERS)
    tokens = {name: Token(name, name) for name in ("wrong", "right")}
    found, _ = search(answer, make, tokens=tokens)
    assert isinstance(found, Witness), found
    assert found.lean.token == "right"


def test_the_parameter_of_an_item_says_what_its_list_is_of() -> None:
    """The list is called otherwise; besides it there are more kinds of things than are tried."""

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "GET":
            return 200, [{"id": f"{path[1:]}-1"}]
        if (body or {}).get("species") != "speciesList-1":
            return problems(species="must exist")
        return 201, {"id": "t1", **body}

    make = operation(body_of("species", species=TEXT), id=OperationId("POST", "/animals"))
    lists = [operation(None, id=OperationId("GET", f"/kinds{c}")) for c in "abcdefghijklmn"]
    lists.append(operation(None, id=OperationId("GET", "/speciesList")))
    item = operation(None, id=OperationId("GET", "/speciesList/{speciesId}"))
    found, _ = search(answer, make, *lists, item)
    assert isinstance(found, Witness), found
    assert found.recipe.call.body["species"].startswith("{{")


def test_a_reading_that_waits_as_long_as_it_is_asked_to_is_asked_not_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What takes long here says so in its answer."""

    def taken(attempt: Attempt) -> float:
        response = attempt.answer.exchange.response
        return float(response.body["took"]) if response is not None else 0.0

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        return 200, {"took": int(query.get("wait", 20)), "changes": []}

    monkeypatch.setattr(waits, "_taken", taken)
    parameters = {name: {"type": "integer", "minimum": 0} for name in ("limit", "wait")}
    changes = operation(None, query=parameters, id=OperationId("GET", "/changes"))
    found, _ = search(answer, changes)
    assert isinstance(found, Witness), found
    assert found.recipe.call.query["wait"] == 0


def test_what_has_to_be_moved_and_what_has_to_be_made_before_may_both_be_needed() -> None:
    """One sentence for both: neither alone changes anything."""
    opened: set[str] = set()
    marked: set[str] = set()
    made: list[str] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        _, kind, *rest = path.split("/")
        if rest[1:] == ["marks"] and (body or {}).get("subject_id") not in made:
            return problems(subject_id="must exist")
        if method == "POST" and len(rest) == 2:
            (opened if rest[1] == "open" else marked).add(rest[0])
            return 201, {"id": f"m{len(made)}"}
        if kind == "enrolments":
            ready = (body or {}).get("course_id") in opened and body.get("pupil_id") in marked
            return (201, {"id": "e1"}) if ready else (409, {"error": "Not possible in this state"})
        made.append(f"{kind}-{len(made)}")
        return 201, {"id": made[-1]}

    ids = {"pupil_id": TEXT, "course_id": TEXT}
    enrol = operation(body_of(*ids, **ids), id=OperationId("POST", "/enrolments"))
    others = [
        operation(body_of("name", name=TEXT), id=OperationId("POST", path))
        for path in ("/pupils", "/courses", "/subjects")
    ]
    mark = operation(body_of("subject_id", subject_id=TEXT), id=OperationId("POST", MARKS))
    others.append(mark)
    others.append(operation(None, id=OperationId("POST", "/courses/{course_id}/open")))
    found, _ = search(answer, enrol, *others)
    assert isinstance(found, Witness), found
    assert [s.path for s in found.recipe.steps if s.path.count("/") > 1]


def test_what_a_move_has_ended_is_not_moved_further_and_what_has_to_be_new_is() -> None:
    """A job has to be released and have a part of its own; closing it ends it."""
    jobs: dict[str, set[str]] = {}
    labels: set[str] = set()

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        _, kind, *rest = path.split("/")
        if kind == "bills":
            done = jobs.get((body or {}).get("job_id"))
            if done is None:
                return problems(job_id="doesn't exist")
            ready = {"release", "parts"} <= done
            return (201, {"id": "b1"}) if ready else (409, {"error": "Not possible in this state"})
        if not rest:
            jobs[f"j{len(jobs)}"] = set()
            return 201, {"id": f"j{len(jobs) - 1}", **(body or {})}
        if rest[0] not in jobs:
            return 404, {"error": "Not found"}
        if rest[1] == "close":
            del jobs[rest[0]]
            jobs["closed" + rest[0]] = set()
            return 204, None
        if rest[1] == "parts" and (body or {}).get("label", "") in {"", *labels}:
            return problems(label="is already taken")
        labels.add((body or {}).get("label", ""))
        jobs[rest[0]].add(rest[1])
        return 201, {"id": f"p{len(labels)}", **(body or {})}

    bill = operation(body_of("job_id", job_id=TEXT), id=OperationId("POST", "/bills"))
    others = [operation(body_of("name", name=TEXT), id=OperationId("POST", "/jobs"))]
    for action in ("close", "release", "hold"):
        others.append(operation(None, id=OperationId("POST", f"/jobs/{{job_id}}/{action}")))
    part = operation(body_of("label", label=TEXT), id=OperationId("POST", "/jobs/{job_id}/parts"))
    found, server = search(answer, bill, *others, part, again=True)
    assert isinstance(found, Witness), found
    closed = [path for _, path, _ in server.seen if path.endswith("/close")]
    assert len(closed) <= 3, closed


@pytest.mark.parametrize("spare", [True, False], ids=["it may", "it may not"])
def test_a_prerequisite_leaves_out_the_identifier_where_it_may(spare: bool) -> None:
    """What is made under an identifier that was accepted before isn't another thing."""
    made: list[Any] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "GET":
            there = path == f"/orders/{made[-1]['id']}"
            return (200, {"id": made[-1]["id"]}) if there else (404, {})
        if not spare and "id" not in body:
            return problems(id="is required")
        made.append({**body, "id": body.get("id", 100 + len(made))})
        return 201, made[-1]

    make = operation(body_of("a", a=TEXT, id={"type": "integer"}), id=ORDERS)
    read = of_one(operation(None, id=OperationId("GET", "/orders/{id}")))
    search(answer, make)
    assert any(thing["id"] < 100 for thing in made), "the fullest request has one"
    found, _ = search(answer, read, make)
    assert isinstance(found, Witness), found
    assert ("id" in found.recipe.steps[0].body) is not spare


def test_what_was_there_for_a_while_already_is_given_more_time_than_was_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server answers slowly until it is waited for: the thing is nearly ready by then."""
    made: dict[str, float] = {}
    clock, sleep, waited = [0.0], asyncio.sleep, list[float]()

    async def asleep(seconds: float, *_: Any) -> None:
        waited.append(seconds)
        clock[0] += seconds
        await sleep(0)

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        clock[0] += 0.05 * (not any(waited))
        if path == "/orders":
            made[f"t{len(made)}"] = clock[0]
            return 201, {"id": f"t{len(made) - 1}"}
        ready = clock[0] - made[path.split("/")[2]] > 0.14
        return (200, {"paid": 1}) if ready else (409, {"error": "Not possible in this state"})

    monkeypatch.setattr(asyncio, "sleep", asleep)
    make = operation(body_of(), id=ORDERS)
    pay = operation(None, id=OperationId("POST", "/orders/{id}/pay"))
    found, _ = search(answer, pay, make)
    assert isinstance(found, Witness), found
    assert found.recipe.steps[-1].sleep_ms > 140


def test_what_was_mended_while_time_went_by_needs_that_time_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thing gets ready by itself, the first one while its request is mended."""
    made: dict[str, float] = {}
    clock, sleep = [0.0], asyncio.sleep

    async def asleep(seconds: float, *_: Any) -> None:
        clock[0] += seconds
        await sleep(0)

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if path == "/orders":
            made[f"t{len(made)}"] = clock[0]
            return 201, {"id": f"t{len(made) - 1}"}
        name = path.split("/")[2]
        if body.get("size") not in ("small", "large"):
            clock[0] += name == "t1"
            return problems(size="must be one of: small, large")
        ready = clock[0] - made[name] > 0.2
        return (200, {"id": name}) if ready else (409, {"error": "Not possible in this state"})

    monkeypatch.setattr(asyncio, "sleep", asleep)
    make = operation(body_of(), id=ORDERS)
    pack = operation(body_of("size", size=TEXT), id=OperationId("POST", "/orders/{id}/pack"))
    found, _ = search(answer, pack, make)
    assert isinstance(found, Witness), found
    assert found.recipe.steps[-1].sleep_ms > 0


@pytest.mark.parametrize(
    ("least", "found_one"), [({}, True), ({"minItems": 1}, False), ({"minItems": 0}, True)]
)
def test_what_may_not_be_put_into_a_list_is_left_out_of_it(
    least: dict[str, int], found_one: bool
) -> None:
    """Nobody but the others makes players: none of them is gathered, whatever the server takes."""
    names = {"type": "array", "items": {"type": "integer"}, **least}
    games = operation(
        body_of("player_ids", "place", player_ids=names, place=TEXT),
        id=OperationId("POST", "/games"),
    )
    games = replace(games, summary="Creates a game")
    players = operation(id=OperationId("GET", "/players"))

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if path == "/players":
            return 200, [{"id": 7, "name": "theirs"}]
        if isinstance((body or {}).get("player_ids"), list):
            return 201, {"id": len(body["player_ids"]) + 40, **body}
        return problems(player_ids="is required")

    gate = Gate(Policy(), {o.id: o for o in (games, players)}, Ledger())
    found, server = search(answer, games, players, gate=gate)
    sent = [b["player_ids"] for _, _, b in server.seen if b and "player_ids" in b]
    assert not any(7 in ids for ids in sent if isinstance(ids, list))
    assert isinstance(found, Witness) == found_one, found
    if found_one:
        assert not found.recipe.steps, "what isn't put into it needn't be looked up"
        assert found.exchange.request.content == b'{"player_ids": [], "place": "' + (
            found.recipe.call.body["place"].encode() + b'"}'
        )


class Fair:
    """Events and their tickets; once a list of tickets was read, somebody else's new event, which
    has none, is listed first."""

    def __init__(self) -> None:
        self.events: dict[str, list[str]] = {"e1": ["t1"]}

    def answer(self, method: str, path: str, query: Any, body: Any) -> Answer:
        match method, path.strip("/").split("/"):
            case "GET", ["events"]:
                return 200, [{"id": e} for e in self.events]
            case "POST", ["events"]:
                return 201, {"id": self.add(f"e{len(self.events) + 2}")}
            case "GET", ["events", event, "tickets"]:
                shown = [{"id": t} for t in self.events.get(event, ())]
                if "e0" not in self.events:
                    self.events = {"e0": [], **self.events}
                return 200, shown
            case "POST", ["events", event, "tickets"] if event in self.events:
                self.events[event].append(f"{event}t")
                return 201, {"id": f"{event}t"}
            case "GET", ["events", event, "tickets", ticket]:
                return (200, {"id": ticket}) if ticket in self.events.get(event, ()) else (404, {})
        return 404, {}

    def add(self, event: str) -> str:
        self.events[event] = []
        return event


def test_where_lists_have_nothing_any_more_things_are_made() -> None:
    below = "/events/{event_id}/tickets"
    ids = [OperationId(m, p) for p in ("/events", below) for m in ("GET", "POST")]
    others = [operation(body_of(t=TEXT) if i.method == "POST" else None, id=i) for i in ids]
    wanted = operation(id=OperationId("GET", below + "/{ticket_id}"))
    told = {"event_id": "From `GET /events`.", "ticket_id": f"From `GET {below}`."}
    fields = tuple(
        Field(FieldKey(Place.PATH, n), True, schema(TEXT), wanted.location, wanted.location, words)
        for n, words in told.items()
    )
    found, _ = search(Fair().answer, replace(wanted, parameters=fields), *others)
    assert isinstance(found, Witness), found
    assert [s.method for s in found.recipe.steps] == ["POST", "POST"]


def test_of_many_things_that_nothing_names_those_of_the_documented_type_are_tried_first() -> None:
    """Neither the name nor any words say what a consignment's origin is; it is a number."""
    many = [f"{letter}{kind}" for letter in "abcdef" for kind in ("tags", "lots", "kits")]
    lists = [operation(id=OperationId("GET", f"/{name}")) for name in (*many, "terminals")]
    shown = body_of("origin_ref", origin_ref={"type": "integer"}, note=TEXT)
    made = operation(shown, id=OperationId("POST", "/consignments"))

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "GET":
            numbered = path == "/terminals"
            return 200, [{"id": 1001 if numbered else f"{path[1:]}-x1"}]
        origin = (body or {}).get("origin_ref")
        if not isinstance(origin, int):
            return 400, {"codes": ["INVALID_ORIGIN_REF"]}
        return (
            (201, {"id": "c1", **body})
            if origin == 1001
            else (
                404,
                {"codes": ["UNKNOWN_ORIGIN_REF"]},
            )
        )

    found, _ = search(answer, made, *lists)
    assert isinstance(found, Witness), found


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("movable", [True, False])
def test_a_reference_that_may_be_left_out_is_asked_in_another_state(
    named: bool, movable: bool
) -> None:
    """What may be left out goes where its thing can't be brought into that state."""
    opened: set[str] = set()
    made: list[str] = []

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        _, kind, *rest = path.split("/")
        if len(rest) == 2:
            opened.update(rest[:1] if movable else ())
            return 200, {"id": rest[0]}
        if kind == "courses":
            made.append(f"c{len(made)}")
            return 201, {"id": made[-1]}
        course = (body or {}).get("course_id")
        if course in (None, *opened):
            return 201, {"id": "e1", **(body or {})}
        if course not in made:
            return 404, {"errors": [{"field": "course_id", "message": "doesn't exist"}]}
        said = {"field": "course_id"} if named else {}
        return 409, {"errors": [{**said, "message": "Not possible in this state"}]}

    enrol = operation(
        body_of("note", note=TEXT, course_id=TEXT), id=OperationId("POST", "/enrolments")
    )
    course = operation(body_of("name", name=TEXT), id=OperationId("POST", "/courses"))
    opening = operation(None, id=OperationId("POST", "/courses/{course_id}/open"))
    found, _ = search(answer, enrol, course, opening)
    assert isinstance(found, Witness), found
    assert ("course_id" in found.recipe.call.body) == movable
    assert any(s.path.endswith("/open") for s in found.recipe.steps) == movable
