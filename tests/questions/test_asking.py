"""Questions that the experiments leave open: of fields that the request lacks, of paths, of what
a write leaves behind. Each server says nothing but yes or no."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from documented import FILE, schema

from checker.domain.exchange import Call
from checker.domain.location import Location
from checker.domain.operation import (
    DocumentedResponse,
    Field,
    FieldKey,
    Operation,
    OperationId,
    Place,
)
from checker.domain.schema import MISSING
from checker.drift.registry import all_rules
from checker.drift.rule import Case
from checker.drift.rules.type_mismatch import TypeMismatch
from checker.experiments.absent import Absent
from checker.experiments.base import Context
from checker.experiments.enumeration import Enumeration
from checker.experiments.examples import Examples
from checker.experiments.required import Required
from checker.experiments.types import Types
from checker.planning import edits
from checker.planning.recipe import Recipe
from checker.probing.server_errors import confirm_server_errors
from checker.probing.trial import Witness
from checker.questions.ledger import EntryState, Reason
from checker.questions.running import ask_all
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.search.solver import Solver

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments"))

from harness import Incoming, contract, lab, operation, run

from checker.domain.workflow import Step

TEXT = {"type": "string"}
PATCH, PUT = OperationId("PATCH", "/things"), OperationId("PUT", "/things")
GET = OperationId("GET", "/things")
OWNER = {"id": TEXT, "name": TEXT}
Told = set[tuple[str, str]]
Validate = Callable[[Incoming], Any]


def told(context: Context) -> Told:
    """What the rules say of what was observed: (rule, field)."""
    case = Case(context.documented.id, contract(context), context.documented)
    found = {(f.rule, f.field.name) for rule in all_rules() for f in rule.check(case) if f.field}
    return {one for one in found if not one[0].startswith(("status-", "content-", "response-"))}


def asked(
    documented: Operation,
    answer: Validate,
    body: Any = MISSING,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    spent: bool = False,
    vary: bool = False,
) -> tuple[Told, dict[tuple[str, str], tuple[EntryState, Reason | None]], int]:
    """What is told after the usual experiments and the questions that they leave; the entries of
    the ledger by kind and field; the requests that the questions took."""

    async def go() -> Any:
        given = lab(documented, answer, body, query=query, path=path, vary=vary)
        async with given as (context, server):
            if body is not MISSING:
                await run(context, Required(), Absent())
            before = len(server.requests)
            ledger = await ask_all(context, lambda: spent)
            assert not context.lab.broken
            assert not any(edits.has(context.template, k) for k in context.lab.extra), (
                "the witness is as it was"
            )
            states = {
                (e.question.kind, e.question.subject.name): (e.state, e.reason) for e in ledger
            }
            return told(context), states, len(server.requests) - before

    result: tuple[Told, Any, int] = asyncio.run(go())
    return result


def in_path(documented: Operation, name: str, raw: Mapping[str, Any]) -> Operation:
    field = Field(
        FieldKey(Place.PATH, name),
        True,
        schema(raw, "/parameters/p/schema"),
        Location(FILE, "/parameters/p"),
        Location(FILE, ""),
    )
    return replace(documented, parameters=(*documented.parameters, field))


def answers(documented: Operation, members: Mapping[str, Any]) -> Operation:
    """The operation with a documented answer."""
    shown = schema({"type": "object", "properties": members}, "/responses/200")
    response = DocumentedResponse("200", shown.location, content={"application/json": shown})
    return replace(documented, responses=(response,))


# -- paths ----------------------------------------------------------------------------------------

STATS = OperationId("GET", "/things/stats/{period}")
PERIODS = ("day", "week", "month", "year")


def by_period(*taken: str) -> Validate:
    def answer(request: Incoming) -> Any:
        return {"count": 3} if request.path.rsplit("/", 1)[1] in taken else 422

    return answer


def test_a_documented_value_of_a_path_is_refused() -> None:
    documented = in_path(operation(id=STATS), "period", {**TEXT, "enum": [*PERIODS, "all"]})
    found, states, _ = asked(documented, by_period(*PERIODS), path={"period": "day"})
    assert found == {("enum-value-rejected", "period")}
    assert states["values", "period"] == (EntryState.DECIDED, None)
    assert asked(documented, by_period(*PERIODS, "all"), path={"period": "day"})[0] == set()


@pytest.mark.parametrize(
    ("taken", "is_told"), [((*PERIODS, "quarter"), True), (PERIODS, False)], ids=["more", "all"]
)
def test_what_a_registry_has_beside_the_documented_values(
    taken: tuple[str, ...], is_told: bool
) -> None:
    documented = in_path(operation(id=STATS), "period", {**TEXT, "enum": [*PERIODS]})
    found, _, _ = asked(documented, by_period(*taken), path={"period": "day"})
    assert (("enum-value-undocumented", "period") in found) is is_told


def test_a_path_with_a_closed_set_that_nobody_documents() -> None:
    documented = in_path(operation(id=STATS), "period", {**TEXT, "description": "`day`, `week`"})
    documented = replace(documented, description="")
    found, _, _ = asked(documented, by_period("day", "week"), path={"period": "day"})
    assert found <= {("enum-undocumented", "period")}
    anything = asked(documented, lambda request: {"count": 1}, path={"period": "day"})
    assert anything[0] == set()


# -- what the request lacks -----------------------------------------------------------------------


def patched(accepts: Callable[[Mapping[str, Any]], bool]) -> Validate:
    def answer(request: Incoming) -> Any:
        good = isinstance(request.body, dict) and accepts(request.body)
        return {"done": True} if good else 422

    return answer


def code(value: Any, shape: str = r"[A-Z]{3}-\d{4}") -> bool:
    return isinstance(value, str) and re.fullmatch(shape, value) is not None


def test_formats_and_bounds_of_what_an_empty_request_lacks() -> None:
    fields = {"code": {**TEXT, "examples": ["KVR-2817"]}, "name": TEXT}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)

    def accepts(body: Mapping[str, Any]) -> bool:
        name = body.get("name", "a")
        return code(body.get("code", "AAA-1111")) and isinstance(name, str) and 0 < len(name) <= 40

    found, states, _ = asked(documented, patched(accepts), {})
    assert found == {("format-mismatch", "code"), ("bound-mismatch", "name")}
    assert states["format", "code"] == states["bound", "name"] == (EntryState.DECIDED, None)


def test_nothing_is_told_where_what_the_request_lacks_is_as_documented() -> None:
    fields = {
        "code": {**TEXT, "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        "name": {**TEXT, "minLength": 1, "maxLength": 40},
        "kind": {**TEXT, "enum": ["round", "square"]},
    }
    documented = operation({"type": "object", "properties": fields}, id=PATCH)

    def accepts(body: Mapping[str, Any]) -> bool:
        name, kind = body.get("name", "a"), body.get("kind", "round")
        good = isinstance(name, str) and 0 < len(name) <= 40 and kind in ("round", "square")
        return good and code(body.get("code", "AAA-1111"))

    assert asked(documented, patched(accepts), {})[0] == set()


def test_an_example_of_what_the_request_lacks() -> None:
    fields = {"code": {**TEXT, "examples": ["aaa-1"], "pattern": "^[A-Z]{3}-[0-9]{4}$"}}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)
    answer = patched(lambda body: code(body.get("code", "AAA-1111")))
    assert asked(documented, answer, {})[0] == {("example-rejected", "code")}


def test_an_example_of_a_code_that_has_no_documented_pattern() -> None:
    fields = {"code": {**TEXT, "examples": ["aa/0078", "KV/2817"]}}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)
    answer = patched(lambda body: code(body.get("code", "KV/2817"), r"[A-Z]{2}/\d{4}"))
    assert ("example-rejected", "code") in asked(documented, answer, {})[0]


def test_an_example_of_a_code_whose_mask_is_described() -> None:
    described = "Format: `AA/####`, where # is a digit, A a capital letter."
    fields = {"code": {**TEXT, "examples": ["aa/0078"], "description": described}}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)
    answer = patched(lambda body: code(body.get("code", "KV/2817"), r"[A-Z]{2}/\d{4}"))

    async def go() -> Told:
        async with lab(documented, answer, {}) as (context, _):
            await run(context, Absent(), Examples())
            return told(context)

    assert ("example-rejected", "code") in asyncio.run(go())


def test_an_example_outside_a_closed_set_is_explained_by_it() -> None:
    fields = {"mode": {**TEXT, "examples": ["grand"], "description": "One of `fast`, `slow`."}}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)
    answer = patched(lambda body: body.get("mode", "fast") in ("fast", "slow"))
    found, states, _ = asked(documented, answer, {})
    assert ("example-rejected", "mode") not in found
    assert states["example", "mode"] == (EntryState.UNDECIDED, Reason.CLOSED_SET)


def test_an_example_that_only_another_date_keeps_out() -> None:
    """An end before the request's own start is refused for the start's sake."""
    day = {"type": "string", "format": "date"}
    fields = {"first_day": day, "last_day": {**day, "examples": ["2031-05-09"]}}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)

    def accepts(body: Mapping[str, Any]) -> bool:
        first = body.get("first_day", "2031-05-17")
        return str(first) <= str(body.get("last_day", first))

    found, _, _ = asked(documented, patched(accepts), {"first_day": "2031-05-17"})
    assert ("example-rejected", "last_day") not in found


def test_fields_that_exclude_each_other_are_asked_about_apart() -> None:
    fields = {
        "mail": {**TEXT, "examples": ["KVR-2817"]},
        "post": {**TEXT, "examples": ["ABC-1234"]},
    }
    documented = operation({"type": "object", "properties": fields}, id=PATCH)

    def accepts(body: Mapping[str, Any]) -> bool:
        return len(body.keys() & {"mail", "post"}) < 2 and all(code(v) for v in body.values())

    found, _, _ = asked(documented, patched(accepts), {})
    assert {("format-mismatch", "mail"), ("format-mismatch", "post")} <= found


@pytest.mark.parametrize("listed", [False, True], ids=["an object", "a list of them"])
def test_what_is_needed_in_an_object_that_the_request_lacks(listed: bool) -> None:
    """The server needs the city of an address, and the zone that is documented as required not."""
    inner = {"city": TEXT, "street": TEXT, "zone": TEXT}
    address: Any = {"type": "object", "properties": inner, "required": ["zone"]}
    body = {"address": {"type": "array", "items": address} if listed else address, "name": TEXT}
    documented = operation({"type": "object", "properties": body}, id=PATCH)

    def accepts(given: Mapping[str, Any]) -> bool:
        shown = given.get("address", [] if listed else {"city": "a"})
        each = shown if listed else [shown]
        known = isinstance(each, list) and all(isinstance(a, dict) for a in each)
        return known and all(isinstance(a.get("city"), str) for a in each)

    found, states, _ = asked(documented, patched(accepts), {"name": "abc"})
    name = "address[]." if listed else "address."
    wanted = {("required-undocumented", f"{name}city"), ("required-not-enforced", f"{name}zone")}
    required = {one for one in found if one[0].startswith("required")}
    assert required == wanted
    assert states["required", f"{name}street"][0] is EntryState.DECIDED


def exclusive(colour: Mapping[str, Any]) -> tuple[Told, Mapping[tuple[str, str], Any]]:
    """Exactly one of a text and a card; the card is a short one, its colour of a closed set."""
    card = {"title": TEXT, "colour": colour}
    fields = {"text": TEXT, "card": {"type": "object", "properties": card, "required": ["title"]}}
    colours = ("red", "green", "blue")

    def accepts(body: Mapping[str, Any]) -> bool:
        shown = body.get("card", {"title": "a"})
        good = isinstance(shown, dict) and isinstance(shown.get("title"), str)
        good = good and 0 < len(shown["title"]) <= 40 and shown.get("colour", "red") in colours
        return len({"text", "card"} & set(body)) == 1 and good

    body = {"type": "object", "properties": fields}
    documented = operation(body, id=OperationId("POST", "/things"))
    found, states, _ = asked(documented, patched(accepts), {"text": "abc"})
    return found, states


def test_what_only_stands_in_the_place_of_another_field_is_asked_about_there() -> None:
    found, states = exclusive({**TEXT, "examples": ["red"]})
    assert {("bound-mismatch", "card.title"), ("enum-undocumented", "card.colour")} <= found
    open_ = {k for k, (state, _) in states.items() if state is not EntryState.DECIDED}
    assert not open_ - {("example", "card.colour")}, open_


def test_what_such_a_value_lacks_is_not_said_to_be_as_documented() -> None:
    """No colour is known that is taken: the card is accepted without one."""
    found, states = exclusive(TEXT)
    assert ("bound-mismatch", "card.title") in found
    assert states["accepted", "card.title"][0] is EntryState.DECIDED
    assert states["accepted", "card.colour"][0] is not EntryState.DECIDED


def test_a_member_of_another_type_in_an_object_that_the_request_lacks() -> None:
    tags = {"type": "array", "items": TEXT}
    members = {"type": "object", "properties": {"street": tags, "zip": TEXT}}
    members["required"] = ["street", "zip"]
    documented = operation({"type": "object", "properties": {"home": members}}, id=PATCH)

    def accepts(body: Mapping[str, Any]) -> bool:
        home = body.get("home", {"street": "a", "zip": "b"})
        return isinstance(home, dict) and all(
            isinstance(home.get(n), str) for n in ("street", "zip")
        )

    assert asked(documented, patched(accepts), {})[0] == {("type-mismatch", "home.street")}


def test_a_member_of_an_object_that_the_request_lacks_breaks_the_server() -> None:
    members = {"type": "object", "properties": {"street": TEXT, "zip": TEXT}}
    documented = operation({"type": "object", "properties": {"home": members}}, id=PATCH)

    def answer(request: Incoming) -> Any:
        home = request.body.get("home", {}) if isinstance(request.body, dict) else None
        if not isinstance(home, dict) or not isinstance(home.get("street", ""), str):
            return 422
        return {"done": True} if isinstance(home.get("zip", ""), str) else 500

    async def go() -> Any:
        async with lab(documented, answer, {}) as (context, _):
            await run(context, Absent())
            await ask_all(context, lambda: False)
            context.made[:] = await confirm_server_errors(context.lab, context.made)
            return told(context)

    assert asyncio.run(go()) == {("server-error", "home.zip")}


@pytest.mark.parametrize(
    ("taken", "wanted"), [((int,), "integer"), ((int, float), "number")], ids=["whole", "any"]
)
@pytest.mark.parametrize("lacking", [True, False], ids=["lacking", "there"])
def test_a_number_where_text_is_documented(
    taken: tuple[type, ...], wanted: str, lacking: bool
) -> None:
    documented = operation({"type": "object", "properties": {"height": TEXT}}, id=PATCH)

    def accepts(body: Mapping[str, Any]) -> bool:
        height = body.get("height", 1)
        return isinstance(height, taken) and not isinstance(height, bool)

    async def go() -> Any:
        body = {} if lacking else {"height": 2}
        async with lab(documented, patched(accepts), body) as (context, _):
            await run(context, Absent(), Types())
            await ask_all(context, lambda: False)
            case = Case(documented.id, contract(context), documented)
            return [f.observed for f in TypeMismatch().check(case)]

    assert asyncio.run(go()) == [wanted]


def test_a_used_up_share_leaves_the_questions() -> None:
    documented = operation({"type": "object", "properties": {"name": TEXT}}, id=PATCH)
    _, states, requests = asked(documented, patched(lambda body: True), {}, spent=True)
    assert requests <= 2
    assert states["format", "name"] == (EntryState.UNDECIDED, Reason.BUDGET)


def test_what_no_value_is_known_of_says_so() -> None:
    documented = operation({"type": "object", "properties": {"name": TEXT}}, id=PATCH)
    _, states, _ = asked(documented, patched(lambda body: "name" not in body), {})
    assert states["format", "name"] == (EntryState.UNDECIDED, Reason.NO_VALUE)


@pytest.mark.parametrize("form", [r"[A-Z]{3}\d{4}", r"[A-Za-z0-9]+"], ids=["a code", "any text"])
def test_an_absent_field_that_has_to_be_another_one_each_time(form: str) -> None:
    """What was accepted of it once is taken then: it is held with other values of it."""
    code = {**TEXT, "examples": ["AAA0555", "no code"]}
    fields = {"name": TEXT, "code": code}
    documented = operation({"type": "object", "properties": fields, "required": ["name"]})
    taken: set[str] = set()

    def answer(request: Incoming) -> Any:
        body = request.body
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 422
        given = body.get("code")
        if given is None:
            return True
        if not isinstance(given, str) or not re.fullmatch(form, given):
            return 422
        if given in taken:
            return 409
        taken.add(given)
        return True

    found, states, _ = asked(documented, answer, {"name": "anna"})
    assert ("example-rejected", "code") in found
    assert states["example", "code"] == (EntryState.DECIDED, None)


# -- whole numbers --------------------------------------------------------------------------------

NUMBER = {"type": "number"}


def whole(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


@pytest.mark.parametrize(
    ("accepts", "schema", "told"),
    [
        (whole, NUMBER, True),
        (lambda v: whole(v) and v <= 3, NUMBER, True),
        (lambda v: True, NUMBER, False),
        (lambda v: v <= 3, NUMBER, False),
        (lambda v: v % 3 == 0, NUMBER, False),
        (lambda v: v == 3, NUMBER, False),
        (whole, {"type": "integer"}, False),
        (whole, {**NUMBER, "description": "A whole number of days."}, False),
    ],
)
@pytest.mark.parametrize("given", [{"days": 3}, {}])
def test_a_number_that_has_to_be_a_whole_one(
    accepts: Callable[[Any], bool], schema: dict[str, Any], told: bool, given: dict[str, Any]
) -> None:
    documented = operation({"type": "object", "properties": {"days": schema}}, id=PATCH)
    answer = patched(lambda body: accepts(body.get("days", 3)))
    found, _, _ = asked(documented, answer, given)
    assert (("type-mismatch", "days") in found) is told


def test_a_number_in_the_query_that_has_to_be_a_whole_one() -> None:
    documented = operation(query={"limit": NUMBER}, id=GET)
    found, states, _ = asked(
        documented,
        lambda request: 200 if request.query.get("limit", "3").isdigit() else 400,
        query={"limit": 3},
    )
    assert ("type-mismatch", "limit") in found
    assert states["whole", "limit"] == (EntryState.DECIDED, None)


# -- names that no document has -------------------------------------------------------------------


class Stored:
    """One thing that is changed; unknown names are passed over or refused."""

    def __init__(self, *names: str, wrapped: bool = False, strict: bool = False) -> None:
        self.names, self.wrapped, self.strict = names, wrapped, strict
        self.thing: dict[str, Any] = {"title": "first", **dict.fromkeys(names)}

    def __call__(self, request: Incoming) -> Any:
        body = request.body
        if self.wrapped:
            if not isinstance(body, dict) or not isinstance(body.get("thing"), dict):
                return 422
            if self.strict and set(body) - {"thing"}:
                return 422
            body = body["thing"]
        if not isinstance(body, dict):
            return 422
        if self.strict and set(body) - {"title", *self.names}:
            return 422
        if any(v is not None and not isinstance(v, str) for v in body.values()):
            return 422
        self.thing |= {k: v for k, v in body.items() if k in self.thing}
        return {"data": {"thing": self.thing}} if self.wrapped else {"id": "t1", **self.thing}


@pytest.mark.parametrize("strict", [False, True], ids=["lax", "strict"])
@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "wrapped"])
def test_a_member_of_answers_that_is_stored(wrapped: bool, strict: bool) -> None:
    inner = {"type": "object", "properties": {"title": TEXT}}
    fields = {"type": "object", "properties": {"thing": inner}} if wrapped else inner
    documented = answers(operation(fields, id=PATCH), {"title": TEXT, "region": TEXT})
    body = {"title": "a"}
    server = Stored("region", wrapped=wrapped, strict=strict)
    found, _, _ = asked(documented, server, {"thing": body} if wrapped else body)
    name = "thing.region" if wrapped else "region"
    assert {one for one in found if one[0] == "field-undocumented"} == {
        ("field-undocumented", name)
    }


@pytest.mark.parametrize("strict", [False, True], ids=["lax", "strict"])
def test_a_member_of_answers_that_only_the_server_writes(strict: bool) -> None:
    fields = {"type": "object", "properties": {"title": TEXT}}
    documented = answers(operation(fields, id=PATCH), {"title": TEXT, "region": TEXT})
    server = Stored(strict=strict)
    server.thing["region"] = "north"
    names = server.names

    def answer(request: Incoming) -> Any:
        got = server(request)
        server.thing["region"] = "north"
        return {**got, "region": "north"} if isinstance(got, dict) else got

    assert names == ()
    found, _, requests = asked(documented, answer, {"title": "a"})
    assert ("field-undocumented", "region") not in found
    # One question for each suspected name, where unknown ones are refused alike.
    assert requests <= 10


@pytest.mark.parametrize(("others", "is_told"), [(("south",), True), ((), False)])
def test_a_member_of_answers_of_which_one_other_value_is_known(
    others: tuple[str, ...], is_told: bool
) -> None:
    """One that is stored, and whatever else is tried is refused; or the server's own."""
    fields = {"type": "object", "properties": {"title": TEXT}}
    sides = {**TEXT, "examples": ["south"]}
    documented = answers(operation(fields, id=PATCH), {"title": TEXT, "side": sides})

    def answer(request: Incoming) -> Any:
        if not isinstance(request.body, dict):
            return 422
        side = request.body.get("side", "north")
        if others and side not in (*others, "north"):
            return 422
        return {"id": "t1", "title": "a", "side": side if side in others else "north"}

    found, _, _ = asked(documented, answer, {"title": "a"})
    assert (("field-undocumented", "side") in found) is is_told


@pytest.mark.parametrize("kept", [True, False])
def test_a_list_of_things_in_answers_that_is_stored(kept: bool) -> None:
    item = {"type": "object", "properties": {"label": TEXT, "count": {"type": "integer"}}}
    fields = {"type": "object", "properties": {"title": TEXT}}
    shown = {"title": TEXT, "parts": {"type": "array", "items": item}}
    thing: dict[str, Any] = {"title": "first", "parts": [{"label": "wheel", "count": 4}]}

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        parts = body.get("parts", [])
        fine = isinstance(parts, list) and all(
            isinstance(p, dict) and isinstance(p.get("label"), str) for p in parts
        )
        if not fine or not isinstance(body.get("title", ""), str):
            return 422
        names = ("title", "parts") if kept else ("title",)
        thing.update({k: v for k, v in body.items() if k in names})
        return {"id": "t1", **thing}

    found, _, _ = asked(answers(operation(fields, id=PATCH), shown), answer, {"title": "a"})
    assert (("field-undocumented", "parts") in found) is kept


def test_an_answer_that_repeats_whatever_is_sent() -> None:
    fields = {"type": "object", "properties": {"title": TEXT}}
    documented = answers(operation(fields, id=PATCH), {"title": TEXT, "region": TEXT})
    found, _, _ = asked(documented, lambda request: dict(request.body or {}), {"title": "a"})
    assert ("field-undocumented", "region") not in found


# -- defaults -------------------------------------------------------------------------------------


def replacing(default: Any, *, keeps: bool = False) -> Validate:
    """A thing that is replaced (or only changed: `keeps`) by PUT."""
    thing: dict[str, Any] = {}

    def answer(request: Incoming) -> Any:
        if not isinstance(request.body, dict) or "name" not in request.body:
            return 422
        if request.body.get("mode", "a") not in ("a", "b", "c"):
            return 422
        before = dict(thing) if keeps else {"mode": default}
        thing.clear()
        thing.update({**before, **request.body})
        return {"id": "t1", "mode": thing.get("mode"), "name": thing["name"]}

    return answer


REPLACED = operation(
    {
        "type": "object",
        "properties": {"name": TEXT, "mode": {**TEXT, "enum": ["a", "b", "c"]}},
        "required": ["name"],
    },
    id=PUT,
)


def test_a_default_of_a_thing_that_is_replaced() -> None:
    body = {"name": "x", "mode": "a"}
    assert ("default-mismatch", "mode") in asked(REPLACED, replacing("c"), body)[0]
    assert ("default-mismatch", "mode") not in asked(REPLACED, replacing(None), body)[0]


def test_a_default_beside_a_value_that_is_used_up() -> None:
    """The witness's own code is taken: each request needs another one."""
    codes: set[Any] = set()
    replaced = replacing("c")

    def answer(request: Incoming) -> Any:
        given = request.body if isinstance(request.body, dict) else {}
        if given.get("code") in codes:
            return 409
        codes.update({given["code"]} if "code" in given else ())
        return replaced(request)

    fields = {"name": TEXT, "code": TEXT, "mode": {**TEXT, "enum": ["a", "b", "c"]}}
    documented = operation({"type": "object", "properties": fields, "required": ["name"]}, id=PUT)
    body = {"name": "x", "code": "k1", "mode": "a"}
    assert ("default-mismatch", "mode") in asked(documented, answer, body, vary=True)[0]


@pytest.mark.parametrize(
    ("made_at", "is_told"),
    [("/things", True), ("/owners", False)],
    ids=["the thing itself", "another thing"],
)
def test_a_default_that_a_step_before_sent_too(made_at: str, is_told: bool) -> None:
    """What the thing was made with is written over; what another has may be copied."""
    put, made = OperationId("PUT", "/things/{id}"), OperationId("POST", made_at)
    documented = in_path(replace(REPLACED, id=put, path_template=put.path), "id", TEXT)
    sent = {"name": "x", "mode": "c"}
    step = Step("make", "POST", made_at, body=sent, operation=made, extract={"made": "$.id"})
    answer = replacing("c")

    async def go() -> Told:
        body, path = {"name": "x", "mode": "a"}, {"id": "t1"}
        async with lab(documented, answer, body, path=path) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{made}}"})
            supply.recipe = replace(supply.recipe, steps=(step,), call=call)
            supply.run_again()
            await context.lab.learn_level()
            await run(context, Required(), Absent())
            await ask_all(context, lambda: False)
            return told(context)

    assert (("default-mismatch", "mode") in asyncio.run(go())) is is_told


def test_what_was_there_before_is_no_default() -> None:
    found, _, _ = asked(REPLACED, replacing("c", keeps=True), {"name": "x", "mode": "a"})
    assert ("default-mismatch", "mode") not in found


def listing(size: int, *, total: int = 9, counts: bool = True) -> Validate:
    def answer(request: Incoming) -> Any:
        given = request.query.get("limit", "")
        wanted = int(given) if given.isdigit() and counts else size
        return {"items": [{"n": n} for n in range(min(wanted, total))], "total": total}

    return answer


@pytest.mark.parametrize(
    ("answer", "is_told"),
    [
        (listing(3), True),
        (listing(50), False),
        (listing(3, counts=False), False),
        (listing(9), False),
    ],
    ids=["a size of its own", "all of them", "a number that says nothing", "as many as there are"],
)
def test_a_page_size_that_nobody_documents(answer: Validate, is_told: bool) -> None:
    documented = operation(query={"limit": {"type": "integer"}}, id=GET)
    found, _, _ = asked(documented, answer)
    assert (("default-mismatch", "limit") in found) is is_told


# -- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "minds", "is_told"),
    [(False, False, True), (True, False, False), (False, True, False)],
    ids=["ignored", "kept", "read at least"],
)
def test_what_becomes_of_a_field_that_the_request_lacks(
    kept: bool, minds: bool, is_told: bool
) -> None:
    fields = {"name": TEXT, "note": TEXT}
    documented = answers(operation({"type": "object", "properties": fields}), fields)

    def answer(request: Incoming) -> Any:
        note = request.body.get("note")
        if not isinstance(request.body.get("name"), str):
            return False
        if minds and note is not None and not isinstance(note, str):
            return False
        made[0] += 1
        return {**request.body, "id": f"t{made[0]}", "note": note if kept else None}

    made = [0]
    found, states, _ = asked(documented, answer, {"name": "a"})
    assert (("field-ignored", "note") in found) is is_told
    assert states["kept", "note"] == (EntryState.DECIDED, None)


# -- what a field refers to -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looks", "words", "is_told"),
    [
        (True, "", True),
        (False, "", False),
        (True, "The id of an existing owner, from `POST /owners`.", False),
    ],
    ids=["has to exist", "any", "documented"],
)
@pytest.mark.parametrize("place", ["query", "body"])
def test_what_a_field_that_the_request_lacks_refers_to(
    place: str, looks: bool, words: str, is_told: bool
) -> None:
    owner = {**TEXT, "description": words}
    maker = OperationId("POST", "/owners")
    owners = answers(operation({"type": "object", "properties": {"name": TEXT}}, id=maker), OWNER)
    if place == "query":
        documented = operation(query={"owner_id": owner}, id=GET)
    else:
        documented = operation({"type": "object", "properties": {"owner_id": owner}})
    made: set[str] = set()

    def answer(request: Incoming) -> Any:
        if request.path == "/owners":
            made.add(f"own-{len(made)}")
            return {"id": f"own-{len(made) - 1}", "name": "a"}
        named = (request.query if place == "query" else request.body or {}).get("owner_id")
        return 422 if looks and named is not None and named not in made else {"done": True}

    async def go() -> Told:
        body = MISSING if place == "query" else {}
        async with lab(documented, answer, body) as (context, _):
            context.search = Solver(context.bench, [documented, owners], {}, context.candidates)
            template = context.template
            await ask_all(context, lambda: False)
            assert not context.lab.broken
            assert (context.template, context.lab.recipe.steps) == (template, ())
            return told(context)

    assert (("reference-undocumented", "owner_id") in asyncio.run(go())) is is_told


@pytest.mark.parametrize("looks", [True, False])
@pytest.mark.parametrize("body", [{}, {"owners": ["own-0"]}], ids=["lacked", "an example"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_list_called_as_things_that_there_are_refers_to_them(
    method: str, body: dict[str, Any], looks: bool
) -> None:
    """Nothing in its name says that it holds identifiers, and none is accepted that isn't one;
    owners are made, or only listed."""
    maker = OperationId(method, "/owners")
    named = {"type": "object", "properties": {"name": TEXT}}
    owners = answers(operation(named if method == "POST" else None, id=maker), OWNER)
    listed = {"type": "array", "items": TEXT}
    documented = operation({"type": "object", "properties": {"owners": listed}})
    made = {"own-0"}

    def answer(request: Incoming) -> Any:
        if request.path == "/owners":
            if request.method == "GET":
                return {"owners": [{"id": "own-0", "name": "a"}]}
            made.add(f"own-{len(made)}")
            return {"id": f"own-{len(made) - 1}", "name": "a"}
        named = (request.body or {}).get("owners", [])
        return 422 if not isinstance(named, list) or (looks and set(named) - made) else {"a": 1}

    async def go() -> Told:
        async with lab(documented, answer, body) as (context, _):
            context.search = Solver(context.bench, [documented, owners], {}, context.candidates)
            await ask_all(context, lambda: False)
            return told(context)

    assert (("reference-undocumented", "owners") in asyncio.run(go())) is looks


# -- values that may be used once only ------------------------------------------------------------


@pytest.mark.parametrize("unique", [{"code"}, {"code", "alias"}, set()])
def test_a_value_of_a_field_that_the_request_lacks_may_be_used_once_only(unique: set[str]) -> None:
    taken: set[tuple[str, Any]] = set()

    def answer(request: Incoming) -> Any:
        body = request.body or {}
        if not isinstance(body.get("title"), str):
            return 422
        used = {(n, body[n]) for n in unique if n in body}
        if used & taken:
            return 409
        taken.update(used)
        return True

    fields = {"title": TEXT, "code": TEXT, "alias": TEXT, "note": TEXT}
    documented = operation({"type": "object", "properties": fields, "required": ["title"]})
    found, states, _ = asked(documented, answer, {"title": "x"})
    assert {f for r, f in found if r == "unique-undocumented"} == unique
    assert states["unique", "note"] == (EntryState.DECIDED, None)


def test_what_another_operation_has_taken_in_the_place_of_a_field() -> None:
    """The document of the change has another type for a member of a list, and refusals say nothing
    of it; the creation was accepted with the list."""
    label = {"type": "array", "items": TEXT}
    item = {"type": "object", "properties": {"label": label}, "required": ["label"]}
    fields = {"title": TEXT, "parts": {"type": "array", "items": item}}
    documented = operation({"type": "object", "properties": fields}, id=PATCH)
    creation = operation({"type": "object", "properties": fields})
    body = {"title": "a", "parts": [{"label": "wheel"}]}

    def answer(request: Incoming) -> Any:
        given = request.body if isinstance(request.body, dict) else {}
        parts = given.get("parts", [])
        fine = isinstance(parts, list) and all(
            isinstance(p, dict) and isinstance(p.get("label"), str) for p in parts
        )
        return fine and isinstance(given.get("title"), str)

    async def go() -> Told:
        async with lab(documented, answer, {"title": "a"}) as (context, _):
            call = Call(creation.id, body=body, media_type="application/json")
            exchange = context.lab.answers[-1][0]
            recipe, account = Recipe((), call, "generated"), context.lab.account
            context.search.found[creation.id] = Witness(creation, recipe, account, exchange)
            await run(context, Required(), Absent())
            await ask_all(context, lambda: False)
            return told(context)

    assert ("type-mismatch", "parts[].label") in asyncio.run(go())


def test_a_value_that_is_held_back_leaves_its_set_open() -> None:
    """Whether the server takes what others would see isn't known; all else is."""
    values = {"type": "string", "enum": ["public", "private", "friends"]}
    documented = operation(
        {"properties": {"name": TEXT, "visibility": values}, "required": ["name"]},
        id=OperationId("POST", "/things"),
    )
    numbers = iter(range(9999))

    def answer(request: Incoming) -> Any:
        body = request.body
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return 422
        kept = body.get("visibility", "private")
        assert kept != "public"
        return {"id": f"t{next(numbers)}", **body} if kept in ("private", "friends") else 422

    async def go() -> dict[str, Reason | None]:
        gate = Gate(Policy(unknown=True), {documented.id: documented}, Ledger())
        body = {"name": "anna", "visibility": "private"}
        async with lab(documented, answer, body, vary=True, gate=gate) as (context, _):
            await run(context, Required(), Enumeration())
            ledger = await ask_all(context, lambda: False)
            own = [e for e in ledger if e.question.subject.name == "visibility"]
            return {e.question.kind: e.reason for e in own}

    reasons = asyncio.run(go())
    assert reasons["values"] is Reason.SPARED and reasons["type"] is None
