"""Fields without effect, and those whose place another one takes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from documented import schema

from checker.domain.operation import DocumentedResponse, OperationId
from checker.experiments.effects import Effects
from checker.probing.supply import Level

from .harness import MADE, Incoming, lab, operation, run

TEXT = {"type": "string"}
ENGINE = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
SHOWN = {"type": "object", "properties": {"title": TEXT, "engine": ENGINE}}
WITNESS = {"title": "one", "engine": {"id": "e1", "name": "steam"}}


def ignored(looks: int | bool) -> set[str]:
    """The fields that are seen to be ignored where an engine's identifier goes before its name;
    `looks`: what is answered to a wrong name where there is no identifier."""

    number = itertools.count(1)

    def answer(request: Incoming) -> Any:
        given: dict[str, Any] = request.body
        engine = given.get("engine", {})
        if "id" not in engine and not isinstance(engine.get("name", ""), str) and looks is not True:
            return looks
        made = {"id": engine.get("id", "e2"), "name": "diesel"}
        return {**given, "id": f"t{next(number)}", "engine": made}

    async def go() -> set[str]:
        documented = operation(SHOWN)
        async with lab(documented, answer, WITNESS) as (context, _):
            seen = await run(context, Effects())
            return {o.subject.name for o in seen if o.subject and o.detail.get("role") == "ignored"}

    return asyncio.run(go())


@pytest.mark.parametrize(("looks", "told"), [(422, set()), (500, set()), (True, {"engine.name"})])
def test_a_field_whose_place_another_one_takes_is_not_ignored(
    looks: int | bool, told: set[str]
) -> None:
    assert ignored(looks) == told


@pytest.mark.parametrize(
    ("lacked", "told"),
    [("salt_kind", set()), ("pepper_kind", {"salt_fine"}), ("salt", set()), ("", {"salt_fine"})],
)
def test_what_says_how_is_not_ignored_where_what_is_done_is_lacked(
    lacked: str, told: set[str]
) -> None:
    """`lacked`: a documented field without a known value that the server takes."""
    flags = {"salt_fine": {"type": "boolean"}, "title": TEXT}
    shown = {"type": "object", "properties": {**flags, **({lacked: TEXT} if lacked else {})}}
    number = itertools.count(1)

    def answer(request: Incoming) -> Any:
        if lacked in request.body:
            return False
        return {**request.body, "id": f"t{next(number)}", "salt_fine": False}

    async def go() -> set[str]:
        async with lab(operation(shown), answer, {"title": "one", "salt_fine": True}) as (c, _):
            seen = await run(c, Effects())
            return {o.subject.name for o in seen if o.subject and o.detail.get("role") == "ignored"}

    assert asyncio.run(go()) == told


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (lambda tags: None, {"tags"}),
        (lambda tags: [], {"tags"}),
        (lambda tags: tags[::-1], set()),
        (lambda tags: [{"tag": t} for t in tags], set()),
    ],
)
def test_a_list_is_ignored_where_nothing_of_it_is_read(
    shown: Callable[[list[str]], Any], told: set[str]
) -> None:
    """A wrong type is taken in each case."""
    number = itertools.count(1)

    def answer(request: Incoming) -> Any:
        tags = request.body.get("tags")
        kept = shown(tags) if isinstance(tags, list) else None
        return {**request.body, "id": f"t{next(number)}", "tags": kept}

    async def go() -> set[str]:
        fields = {"title": TEXT, "tags": {"type": "array", "items": TEXT}}
        documented = operation({"type": "object", "properties": fields})
        async with lab(documented, answer, {"title": "one", "tags": ["a1", "b2"]}) as (context, _):
            seen = await run(context, Effects())
            return {o.subject.name for o in seen if o.subject and o.detail.get("role") == "ignored"}

    assert asyncio.run(go()) == told


class Moving:
    """Things that are sent away once they are read, and can't be changed any more then."""

    def __init__(self, keeps: bool) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.keeps = keeps

    def answer(self, request: Incoming) -> Any:
        if request.method == "POST":
            made = {"id": f"t{len(self.things)}", "name": "a", "sent": False, "note": None}
            self.things[str(made["id"])] = made
            return dict(made)
        thing = self.things[request.path.rsplit("/", 1)[1]]
        if request.method == "PATCH":
            if thing["sent"]:
                return 409
            kept = {"note": request.body["note"]} if self.keeps else {}
            thing.update({"name": request.body["name"], **kept})
            return {"done": True}
        thing["sent"] = True
        return dict(thing)


@pytest.mark.parametrize(("keeps", "told"), [(False, {"note"}), (True, set())])
def test_what_can_only_be_changed_until_it_is_read(keeps: bool, told: set[str]) -> None:
    """The reading back moves it on: each round needs a thing of its own."""
    fields = {"type": "object", "properties": {"name": TEXT, "note": TEXT}}
    documented = operation(fields, id=OperationId("PATCH", "/things/{id}"))
    shown = schema({"type": "object", "properties": {"name": TEXT, "note": TEXT}})
    reading = replace(
        operation(id=OperationId("GET", "/things/{id}")),
        responses=(DocumentedResponse("200", shown.location, content={"application/json": shown}),),
    )
    api = Moving(keeps)
    api.things["first"] = {"id": "first", "name": "a", "sent": False, "note": None}
    body = {"name": "one", "note": "two"}

    async def go() -> set[str]:
        async with lab(documented, api.answer, body, path={"id": "first"}) as (context, _):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{thing}}"})
            supply.recipe = replace(supply.recipe, steps=(MADE,), call=call)
            supply.run_again()
            context.search.operations = [documented, reading]
            await context.lab.learn_level()
            assert context.lab.level is Level.SAME, "nothing but a read moves it"
            seen = await run(context, Effects())
            return {o.subject.name for o in seen if o.subject and o.detail.get("role") == "ignored"}

    assert asyncio.run(go()) == told


@pytest.mark.parametrize("shown", [{}, {"note": None}], ids=["not there", "null"])
def test_a_member_that_is_not_read_is_told_from_one_without_a_value(shown: dict[str, Any]) -> None:
    fields = {"type": "object", "properties": {"name": TEXT, "note": TEXT}}
    documented, answered = operation(fields), schema(fields)
    content = {"application/json": answered}
    reading = replace(
        operation(id=OperationId("GET", "/things/{id}")),
        responses=(DocumentedResponse("200", answered.location, content=content),),
    )
    things: dict[str, Any] = {}

    def answer(request: Incoming) -> Any:
        if request.method == "GET":
            return dict(things[request.path.rsplit("/", 1)[1]])
        made = {"id": f"t{len(things)}", "name": request.body["name"], **shown}
        things[made["id"]] = made
        return dict(made)

    async def go() -> list[Any]:
        async with lab(documented, answer, {"name": "one", "note": "two"}) as (context, _):
            context.search.operations = [documented, reading]
            seen = await run(context, Effects())
            return [o.detail["absent"] for o in seen if o.detail.get("role") == "ignored"]

    assert asyncio.run(go()) == [not shown]


def test_a_text_is_asked_where_other_values_are_refused_together() -> None:
    """One code only is free, so that the fields are asked one by one."""
    code = {"type": "string", "pattern": "^[a-z]{2}_[0-9]{4}$"}
    members = {"code": code, "courier": TEXT, "name": TEXT, "size": {"type": "integer"}}
    fields = {"type": "object", "properties": members}
    documented = operation(fields, id=OperationId("PUT", "/thing"))
    stored: dict[str, Any] = {"id": "t1"}

    def answer(request: Incoming) -> Any:
        given = request.body
        if not isinstance(given.get("name", ""), str) or given.get("code") != "ab_1234":
            return 409
        stored.update({k: v for k, v in given.items() if k != "courier"})
        return {**stored, "courier": None}

    async def go() -> set[str]:
        body = {"code": "ab_1234", "courier": "swift", "name": "anna", "size": 3}
        async with lab(documented, answer, body) as (context, _):
            seen = await run(context, Effects())
            return {o.subject.name for o in seen if o.subject and o.detail.get("role") == "ignored"}

    assert asyncio.run(go()) == {"courier"}
