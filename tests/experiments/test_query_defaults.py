from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from checker.domain.operation import OperationId
from checker.drift.rule import Case
from checker.drift.rules.default_mismatch import DefaultMismatch
from checker.experiments.query_defaults import QueryDefaults

from .harness import Incoming, contract, lab, operation, run

Query = Mapping[str, str]
ITEMS = [{"id": n, "name": f"n{n % 7}", "open": n % 2 == 0} for n in range(45)]
LIMIT = {"type": "integer", "default": 10}
SORT = {"type": "string", "enum": ["id", "name"], "default": "name"}
OPEN = {"type": "boolean", "default": True}


def found(answer: Callable[[Query], Any], fields: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """(parameter → the default that was observed, requests of the experiment)."""
    documented = operation(query=fields, id=OperationId("GET", "/things"))

    async def go() -> tuple[dict[str, Any], int]:
        def validate(request: Incoming) -> Any:
            return answer(request.query)

        async with lab(documented, validate) as (context, server):
            before = len(server.requests)
            await run(context, QueryDefaults())
            assert not context.lab.broken
            findings = DefaultMismatch().check(Case(documented.id, contract(context), documented))
            told = {f.field.name: f.observed for f in findings if f.field is not None}
            return told, len(server.requests) - before

    return asyncio.run(go())


def _page(usual: int, **more: Any) -> Callable[[Query], Any]:
    def answer(query: Query) -> Any:
        size = int(query.get("limit", usual))
        return {"items": ITEMS[:size], **{n: make(query) for n, make in more.items()}}

    return answer


def _sorted(usual: str) -> Callable[[Query], Any]:
    def answer(query: Query) -> Any:
        by = query.get("sort", usual)
        by = by if by in ("id", "name") else usual
        return {"items": sorted(ITEMS, key=lambda item: item[by])}

    return answer


def _filtered(usual: str | None) -> Callable[[Query], Any]:
    def answer(query: Query) -> Any:
        wanted = query.get("open", usual)
        return {"items": [i for i in ITEMS if wanted in (None, str(i["open"]).lower())]}

    return answer


COUNT = itertools.count()
STEPS = itertools.count()
SPEAKS: dict[str, tuple[Callable[[Query], Any], dict[str, Any], dict[str, Any]]] = {
    "a page's size": (_page(20), {"limit": LIMIT}, {"limit": 20}),
    "an odd size": (_page(17), {"limit": LIMIT}, {"limit": 17}),
    "an order": (_sorted("id"), {"sort": SORT}, {"sort": "id"}),
    "a filter": (_filtered("false"), {"open": OPEN}, {"open": False}),
    "beside a clock": (
        _page(20, now=lambda _: next(COUNT)),
        {"limit": LIMIT},
        {"limit": 20},
    ),
    "beside a count that grows now and then": (
        _page(20, total=lambda _: 127 + next(STEPS) // 9),
        {"limit": LIMIT},
        {"limit": 20},
    ),
    "beside an address of itself": (
        _page(20, self=lambda q: f"/things?limit={q['limit']}" if "limit" in q else "/things"),
        {"limit": LIMIT},
        {"limit": 20},
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    answer, fields, wanted = SPEAKS[name]
    assert found(answer, fields)[0] == wanted


def _closed(query: Query) -> Any:
    """No filter where none is asked for; everything there is happens to be closed."""
    return {"items": [] if query.get("open") == "true" else ITEMS[:5]}


def _growing() -> Callable[[Query], Any]:
    items: list[int] = []

    def answer(query: Query) -> Any:
        items.append(len(items))
        return {"items": items[: int(query.get("limit", 100))]}

    return answer


def _words(query: Query) -> Any:
    """Knows `name` only, and sorts by number whatever else it is told."""
    by = "name" if query.get("sort") == "name" else "id"
    return {"items": sorted(ITEMS, key=lambda item: item[by])}


def _shuffled(query: Query) -> Any:
    first = next(COUNT) % 20
    return {"items": (ITEMS[first:] + ITEMS[:first])[: int(query.get("limit", 20))]}


def _growing_once(after: int) -> Callable[[Query], Any]:
    """All of it is shown, and one comes in after some requests."""
    asked = itertools.count(1)

    def answer(query: Query) -> Any:
        there = ITEMS[: 20 + (next(asked) > after)]
        return {"items": there[: int(query.get("limit", len(there)))]}

    return answer


SILENT: dict[str, tuple[Callable[[Query], Any], dict[str, Any]]] = {
    "as documented": (_page(10), {"limit": LIMIT}),
    "no such parameter": (lambda _: {"items": ITEMS[:20]}, {"limit": LIMIT}),
    "fewer than a page": (lambda q: {"items": ITEMS[:4]}, {"limit": LIMIT}),
    "no page at all": (_page(45), {"limit": {**LIMIT, "default": 40}}),
    "no filter": (_filtered(None), {"open": OPEN}),
    "no filter, and nothing there for it": (_closed, {"open": OPEN}),
    "a list that grows": (_growing(), {"limit": LIMIT}),
    "another order each time": (_shuffled, {"sort": SORT}),
    "any word will do": (
        _words,
        {"sort": {"type": "string", "default": "name", "description": "`id` or `name`."}},
    ),
    "documented in words": (
        _page(20),
        {"limit": {**LIMIT, "description": "How many; 20 is the default."}},
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    answer, fields = SILENT[name]
    assert found(answer, fields)[0] == {}


def test_defaults_that_hold_cost_two_requests_together() -> None:
    def answer(query: Query) -> Any:
        return _page(10)({**query}) if query.get("open", "true") == "true" else {"items": []}

    assert found(answer, {"limit": LIMIT, "open": OPEN}) == ({}, 2)


@pytest.mark.parametrize("after", range(1, 24))
def test_one_more_that_comes_in_makes_no_default(after: int) -> None:
    assert found(_growing_once(after), {"limit": LIMIT})[0] == {}
