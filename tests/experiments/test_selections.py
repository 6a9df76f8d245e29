"""A default is what a new thing gets. What a request only selects has its values from elsewhere."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from checker.drift.rule import Case
from checker.drift.rules.default_mismatch import DefaultMismatch
from checker.experiments.effects import Effects
from checker.experiments.required import Required

from .harness import Incoming, contract, lab, operation, run

KINDS = ["cow", "sheep", "goat"]
KIND = {"type": "string", "enum": KINDS}
SIZE = {"type": "integer", "minimum": 1, "maximum": 50}
NAME = {"type": "string"}
HERD = [{"id": f"a{n}", "name": f"n{n}", "kind": KINDS[n % 3]} for n in (1, 2, 4, 5, 3)]
Answer = Callable[[dict[str, Any]], Any]


def found(answer: Answer, fields: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Field → the default that is told of it."""
    documented = operation({"type": "object", "properties": fields})

    def validate(request: Incoming) -> Any:
        return answer(request.body) if isinstance(request.body, dict) else False

    async def go() -> dict[str, Any]:
        async with lab(documented, validate, body, vary="name" in body) as (context, _):
            await run(context, Required(), Effects())
            assert not context.lab.broken
            case = Case(documented.id, contract(context), documented)
            told = DefaultMismatch().check(case)
            return {f.field.name: f.observed for f in told if f.field is not None}

    return asyncio.run(go())


def kept(body: dict[str, Any]) -> dict[str, Any]:
    return {"name": body.get("name"), "kind": body.get("kind", "sheep")}


def known(body: dict[str, Any]) -> bool:
    return body.get("kind", "cow") in KINDS


def maker(wrap: Callable[[dict[str, Any]], Any]) -> Answer:
    numbers = itertools.count(1)
    return lambda b: known(b) and wrap({"id": f"a{next(numbers)}", **kept(b)})


def selected(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in HERD if body.get("kind", one["kind"]) == one["kind"]]


BODY = {"name": "daisy", "kind": "goat"}
FIELDS = {"name": NAME, "kind": KIND}
SPEAKS: dict[str, tuple[Answer, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "a new thing": (maker(lambda made: {"data": made}), FIELDS, BODY, {"kind": "sheep"}),
    "a new thing in a list": (
        maker(lambda made: {"data": [made]}),
        FIELDS,
        BODY,
        {"kind": "sheep"},
    ),
    "a new thing without an identifier": (
        lambda b: known(b) and {"data": kept(b)},
        FIELDS,
        BODY,
        {"kind": "sheep"},
    ),
    "what an answer states beside the things": (
        lambda b: {"size": b.get("size", 20), "items": HERD[: b.get("size", 20)]},
        {"size": SIZE},
        {"size": 3},
        {"size": 20},
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    answer, fields, body, wanted = SPEAKS[name]
    assert found(answer, fields, body) == wanted


def _once() -> Answer:
    """Makes one thing only, and answers it from then on, changed as asked for."""
    thing = {"id": "a1", "name": "first", "kind": "sheep"}

    def answer(body: dict[str, Any]) -> Any:
        return known(body) and {**thing, **{n: v for n, v in body.items() if n == "kind"}}

    return answer


def _newest() -> Answer:
    """Each time there is a new one at the top of the list, of whoever's making."""
    numbers = itertools.count(10)

    def answer(body: dict[str, Any]) -> Any:
        new = {"id": f"a{next(numbers)}", "name": "new", "kind": body.get("kind", "cow")}
        return known(body) and {"items": [new, *selected(body)]}

    return answer


SILENT: dict[str, tuple[Answer, dict[str, Any], dict[str, Any]]] = {
    "things that are listed": (
        lambda b: known(b) and {"items": selected(b), "total": len(selected(b))},
        {"kind": KIND},
        {"kind": "goat"},
    ),
    "a bare list": (lambda b: known(b) and {"items": selected(b)}, FIELDS, BODY),
    "things without identifiers": (
        lambda b: known(b) and {"items": [{"kind": one["kind"]} for one in selected(b)]},
        {"kind": KIND},
        {"kind": "goat"},
    ),
    "one thing of those that are listed": (
        lambda b: known(b) and {"items": selected(b)[:1]},
        {"kind": KIND},
        {"kind": "goat"},
    ),
    "the newest of several": (_newest(), {"kind": KIND}, {"kind": "goat"}),
    "the thing that is there already": (_once(), FIELDS, BODY),
    "a value that can't be given": (
        maker(lambda made: {**made, "kind": made["kind"].replace("sheep", "none")}),
        FIELDS,
        BODY,
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert found(*SILENT[name]) == {}
