"""A list below a thing that was just made is asked for again, with something in it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from documented import schema

from checker.domain.exchange import Call, Exchange, Request, Response
from checker.domain.operation import DocumentedResponse, OperationId
from checker.domain.workflow import Step
from checker.drift.rule import Case
from checker.drift.rules.response_field_missing import ResponseFieldMissing
from checker.experiments.filled import Filled
from checker.experiments.required import Required
from checker.planning.recipe import Recipe
from checker.probing.trial import Witness

from .harness import Incoming, contract, lab, operation, run

LIST, ADD = OperationId("GET", "/things/{id}/notes"), OperationId("POST", "/things/{thing}/notes")
MADE = Step("make", "POST", "/things", extract={"mine": "$.id"}, operation=OperationId("POST", "/"))
NOTE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
SHOWN = {"type": "object", "properties": {"notes": {"type": "array", "items": NOTE}}}


@pytest.mark.parametrize(
    ("member", "can", "told"),
    [("words", True, ["notes[].text"]), ("text", True, []), ("words", False, [])],
    ids=["never there", "there", "nothing can be made in it"],
)
def test_what_a_filled_list_shows(member: str, can: bool, told: list[str]) -> None:
    notes: Counter[str] = Counter()
    shown = schema(SHOWN, "/responses/200")
    response = DocumentedResponse("200", shown.location, content={"application/json": shown})
    word = {"word": {"type": "string"}}
    documented = replace(operation(query=word, id=LIST), responses=(response,))
    adding = operation({"type": "object", "properties": {"text": {"type": "string"}}}, id=ADD)
    made: list[str] = []

    def answer(request: Incoming) -> Any:
        if request.path == "/things":
            made.append(f"t{len(made)}")
            return {"id": made[-1]}
        thing = request.path.split("/")[2]
        notes[thing] += request.method == "POST"
        return {"notes": [] if "word" in request.query else [{member: "a"}] * notes[thing]}

    async def go() -> list[str]:
        async with lab(documented, answer, path={"id": "first"}, query={"word": "b"}) as (
            context,
            _,
        ):
            supply = context.lab._supply
            call = replace(supply.recipe.call, path={"id": "{{mine}}"})
            supply.recipe = replace(supply.recipe, steps=(MADE,), call=call)
            supply.run_again()
            context.search.operations = [documented, adding]
            theirs = replace(MADE, id="step_1", extract={"theirs": "$.id"})
            add = Call(ADD, path={"thing": "{{theirs}}"}, body={"text": "a"})
            recipe = Recipe((theirs,), replace(add, media_type="application/json"), "test")
            exchange = Exchange(Request("POST", "/things/t/notes"), Response(200))
            if can:
                witness = Witness(adding, recipe, context.lab.account, exchange)
                context.search.found[ADD] = witness
            await context.lab.learn_level()
            await run(context, Required(), Filled())
            exchanges = tuple(context.lab.answers)
            seen = replace(contract(context), exchanges=exchanges)
            case = Case(LIST, seen, documented)
            return [f.field.name for f in ResponseFieldMissing().check(case)]

    assert asyncio.run(go()) == told
    assert sum(notes.values()) == (2 if can else 0)
