"""A request that is refused once another operation has moved on what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.domain.workflow import Step
from checker.drift.rule import Case
from checker.drift.rules.lifecycle_undocumented import LifecycleUndocumented
from checker.experiments.moved import Moved
from checker.planning.recipe import Recipe
from checker.probing.trial import Witness

from .harness import Incoming, contract, lab, operation, run

CHANGE, SEND = OperationId("PUT", "/things/{id}"), OperationId("POST", "/things/{thing}/send")
UPDATE = OperationId("PATCH", "/things/{thing}")
STATES = {"properties": {"status": {"type": "string", "enum": ["draft", "sent"]}}}
OWNER = Step(
    "own", "POST", "/owners", extract={"owner": "$.id"}, operation=OperationId("POST", "/o")
)
READ = OperationId("GET", "/things/{id}")
MADE = Step("make", "POST", "/things", extract={"mine": "$.id"}, operation=OperationId("POST", "/"))
THEIRS = replace(MADE, id="step_1", extract={"theirs": "$.id"})
LOOK = Step("look", "GET", "/things/{{theirs}}")
NAMES = {"type": "object", "properties": {"name": {"type": "string"}}}


class Things:
    """Things are drafts until they are sent (or read: `by_reading`); `fixed` ones can't be changed
    any more then; `shows` their state in answers; each change asks for the last `version`."""

    def __init__(self, fixed: bool, shows: bool, by_reading: bool, versions: bool) -> None:
        self.fixed, self.shows, self.versions = fixed, shows, versions
        self.by_reading = by_reading
        self.things: dict[str, dict[str, Any]] = {}

    def answer(self, request: Incoming) -> Any:
        if request.path == "/owners":
            return {"id": "o1"}
        if request.path == "/things":
            made = {"id": f"t{len(self.things)}", "status": "draft", "version": 1}
            self.things[str(made["id"])] = made
            return self._shown(made)
        thing = self.things.get(request.path.split("/")[2])
        if thing is None:
            return 404
        if request.path.endswith("/send") or (request.method == "GET" and self.by_reading):
            thing.update(status="sent", version=2)
        elif request.method == "PATCH":
            thing.update(request.body, version=2)
        elif request.method == "PUT":
            if self.fixed and thing["status"] == "sent":
                return 409
            if self.versions and str(request.body.get("version")) != str(thing["version"]):
                return 409
        return self._shown(thing)

    def _shown(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in thing.items() if self.shows or k != "status"}


def told(
    *,
    words: str = "",
    fixed: bool = True,
    shows: bool = True,
    by_reading: bool = False,
    versions: bool = False,
    looks: bool = False,
    read: Sequence[Any] = (),
    sent: list[int] | None = None,
    below: int = 0,
    answers: bool = False,
    by_status: str = "",
) -> list[Any]:
    """The states that the rule tells; `looks`: the other operation has to be read for before.
    `read`: what a thing was read as before; `sent`: how many were sent away; `below`: so many
    operations make something in a thing; `answers`: sending has answered with the thing.
    `by_status`: no sending, but an update, which was accepted with that status and an owner."""
    sent = [] if sent is None else sent
    api = Things(fixed, shows, by_reading, versions)
    documented = operation(NAMES, id=CHANGE, description=words)
    sending = operation(id=SEND)

    async def go() -> list[Any]:
        body = {"name": "a", **({"version": "{{version}}"} if versions else {})}
        first = api.answer(Incoming("POST", "/things", {}, {}, None))
        first_body = {**body, "version": "1"}
        async with lab(documented, api.answer, first_body, path={"id": first["id"]}) as (
            context,
            server,
        ):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{mine}}"}, body=body)
            makes = replace(MADE, extract={**MADE.extract, "version": "$.version"})
            steps = (makes if versions else MADE, *([OWNER] if by_status else []))
            supply.recipe = replace(supply.recipe, steps=steps, call=call)
            supply.run_again()
            kinds = [OperationId("POST", f"/things/{{thing}}/{n}s") for n in "abcdefg"[:below]]
            makers = [operation(id=kind) for kind in kinds]
            context.search.operations = [documented, *makers, sending, operation(id=READ)]
            for maker in makers:
                recipe = Recipe(
                    (THEIRS,), Call(maker.id, path={"thing": "{{theirs}}"}, body=MISSING), "test"
                )
                answer = Response(201, body={"id": "n1"})
                shown = Exchange(Request("POST", "/things/t0/as"), answer)
                context.search.found[maker.id] = Witness(maker, recipe, context.lab.account, shown)
            others = (THEIRS, LOOK) if looks else (THEIRS,)
            recipe = Recipe(others, Call(SEND, path={"thing": "{{theirs}}"}, body=MISSING), "test")
            made = Exchange(Request("POST", "/things"), Response(201, body=first))
            creation = operation(id=OperationId("POST", "/"))
            making = Recipe((), Call(creation.id), "test")
            context.search.found[creation.id] = Witness(creation, making, context.lab.account, made)
            moved = {"id": "t0", "status": "sent"} if answers else MISSING
            shown = Exchange(Request("POST", "/things/t0/send"), Response(200, body=moved))
            context.search.found[SEND] = Witness(sending, recipe, context.lab.account, shown)
            if by_status:
                del context.search.found[SEND]
                updating = operation(STATES, id=UPDATE)
                context.search.operations = [documented, updating]
                sets = {"status": by_status, "owner": "{{owner}}"}
                update = Call(UPDATE, path={"thing": "{{theirs}}"}, body=sets)
                recipe = Recipe((OWNER, THEIRS), update, "test")
                shown = Exchange(Request("PATCH", "/things/t0"), Response(200, body=first))
                context.search.found[UPDATE] = Witness(updating, recipe, context.lab.account, shown)
            if read:
                answer = Response(200, body=read[0])
                shown = Exchange(Request("GET", "/things/t0"), answer)
                reading = Recipe((), Call(READ, path={"id": "t0"}), "test")
                context.search.found[READ] = Witness(
                    operation(id=READ), reading, context.lab.account, shown
                )
            await context.lab.learn_level()
            await run(context, Moved())
            sent.append(len([r for r in server.requests if r.path.endswith("/send")]))
            case = Case(documented.id, contract(context), documented)
            return [f.observed for f in LifecycleUndocumented().check(case)]

    return asyncio.run(go())


def test_it_is_told_with_both_states() -> None:
    assert told() == [["draft", "sent"]]


def test_what_the_other_operation_needs_before_may_be_what_moves_it() -> None:
    assert told(looks=True, by_reading=True) == [["draft", "sent"]]


@pytest.mark.parametrize(
    "server",
    [{"fixed": False}, {"shows": False}, {"versions": True, "fixed": False}],
    ids=["still accepted", "no state to be seen", "what it takes of the thing is spent"],
)
def test_nothing_is_told_otherwise(server: dict[str, bool]) -> None:
    assert told(**server) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("A thing has to be a draft for that.", 0),
        ("Sent things can't be changed.", 0),
        ("Changes a thing.", 1),
    ],
)
def test_words_that_name_a_state_document_it(words: str, expected: int) -> None:
    assert len(told(words=words)) == expected


def test_what_shows_another_state_is_tried_before_what_makes_things_below() -> None:
    assert told(below=5, answers=True) == [["draft", "sent"]]
    assert told(below=5, fixed=False) == []


def test_things_that_show_no_state_are_left_where_they_are() -> None:
    sent: list[int] = []
    assert told(shows=False, read=[{"id": "t0"}], sent=sent) == []
    assert told(read=[{"id": "t0", "status": "draft"}], sent=sent) == [["draft", "sent"]]
    assert sent[0] == 0 < sent[1]


@pytest.mark.parametrize("status", ["draft", "sent"])
def test_an_update_moves_it_by_the_status_that_it_brings(status: str) -> None:
    """Whichever status the known request of the update has; what else that takes is made, too."""
    assert told(by_status=status) == [["draft", "sent"]]
    assert told(by_status=status, fixed=False) == []
