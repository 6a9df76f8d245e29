"""Values that have to be unique: witnesses, steps and labs find out which, on a real server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from documented import operation
from open_gate import open_gate

from checker.domain.operation import Operation, OperationId
from checker.domain.portal import Portal
from checker.experiments.required import Required
from checker.experiments.uniqueness import Uniqueness
from checker.planning.candidates import Candidates
from checker.probing.bench import Bench
from checker.probing.http import Wire
from checker.probing.lab import Lab
from checker.probing.supply import Level
from checker.probing.trial import Witness
from checker.search.solver import Solver
from checker.settings import Settings, Target

from .harness import Incoming, lab, run, serving

TEXT = {"type": "string"}
CODE = {"type": "string", "pattern": "^[A-Z]{3}[0-9]{3}$"}
THING = {"type": "object", "properties": {"name": TEXT, "code": CODE}, "required": ["name", "code"]}


class Unique:
    """Accepts what `valid` accepts and no `field` value twice, with a bare 400 for both."""

    def __init__(self, field: str, valid: Callable[[Mapping[str, Any]], bool] = bool) -> None:
        self.field, self.valid = field, valid
        self.taken: set[Any] = set()

    def __call__(self, request: Incoming) -> bool | int:
        if request.method != "POST" or not self.valid(request.body):
            return 400
        if request.body[self.field] in self.taken:
            return 400
        self.taken.add(request.body[self.field])
        return True


async def witness(url: str, wanted: Operation, *others: Operation) -> tuple[Any, Level | None]:
    """What the search finds, and the freshness level that repeats it."""
    target = Target(base_url=url)
    async with Wire(target, open_gate(), max_requests=300) as wire:
        bench = Bench(wire=wire, target=target, settings=Settings(targets=(target,)))
        search = Solver(bench, [wanted, *others], {}, Candidates(Portal()))
        found = await search.find(wanted)
        if not isinstance(found, Witness):
            return found, None
        made = Lab(bench, wanted, found.recipe, found.account)
        await made.learn_level()
        return found, made.level


def well_formed(body: Mapping[str, Any]) -> bool:
    return bool(re.fullmatch("[A-Z]{3}[0-9]{3}", str(body.get("code")))) and "name" in body


def test_a_step_changes_a_unique_value_within_its_pattern() -> None:
    things = replace(operation(THING), id=OperationId("POST", "/things"))
    parts = replace(
        operation({"type": "object", "properties": {"thing_id": TEXT}, "required": ["thing_id"]}),
        id=OperationId("POST", "/parts"),
    )
    unique = Unique("code", well_formed)

    def answer(request: Incoming) -> bool | int:
        if request.path == "/parts":
            known = [f"t{n + 1}" for n, r in enumerate(server.requests) if r.path == "/things"]
            return (request.body or {}).get("thing_id") in known
        return unique(request)

    async def go() -> None:
        nonlocal server
        async with serving(answer) as server:
            for _ in range(2):  # The second search meets the first one's values.
                found, level = await witness(server.url, parts, things)
                assert isinstance(found, Witness), found
                assert [s.path for s in found.recipe.steps] == ["/things"]
                assert level is not None

    server: Any = None
    asyncio.run(go())


def learned(unique: Unique, fields: Mapping[str, Any], body: Mapping[str, Any]) -> set[str]:
    """The fields that a lab has learned to change."""
    documented = operation({"type": "object", "properties": fields})

    async def go() -> set[str]:
        async with lab(documented, unique, dict(body), vary=True) as (context, _):
            assert not context.lab.broken
            assert await context.lab.control()
            return {k.name for k in context.lab.varied}

    return asyncio.run(go())


def test_what_may_not_change_is_left_alone() -> None:
    unique = Unique("name", lambda b: b["zone"] == "Europe/Berlin" and len(b["name"]) < 12)
    assert learned(unique, {}, {"name": "anna", "zone": "Europe/Berlin"}) == {"name"}


def test_a_unique_value_of_an_undocumented_shape() -> None:
    unique = Unique("sku", lambda b: bool(re.fullmatch(r"[A-Z]{2}-\d{4}", b["sku"])))
    assert learned(unique, {}, {"sku": "AB-1234", "title": "x"}) == {"sku", "title"}


def test_a_unique_number_or_date() -> None:
    assert "n" in learned(Unique("n"), {}, {"n": 7, "title": "x"})
    assert "day" in learned(Unique("day"), {}, {"day": "2031-05-17", "title": "x"})


def test_the_key_of_a_request_changes_with_each() -> None:
    given: dict[str, Any] = {}

    def once_each(request: Incoming) -> bool | int:
        """The first answer again for the same request; another under its key is refused."""
        key = request.body.get("request_id")
        return key is not None and bool(given.setdefault(key, request.body) == request.body)

    body = {"request_id": "b7f3c1", "name": "anna", "note": "x"}
    documented = operation({"type": "object", "properties": dict.fromkeys(body, TEXT)})

    async def go() -> None:
        async with lab(documented, once_each, body, vary=True) as (context, server):
            seen = [o for o in await run(context, Required()) if o.subject is not None]
            assert {o.subject.leaf for o in seen if o.rejected} == {"request_id"}
            assert server.refused <= 4
            assert not context.lab.varied  # none of them has to change

    asyncio.run(go())


def test_a_unique_value_beside_a_list_of_unique_ones() -> None:
    """Neither alone lets the request pass again: a label in use and a code in use are refused."""
    labels: set[Any] = set()
    codes: set[Any] = set()

    def answer(request: Incoming) -> bool | int:
        body = request.body or {}
        if not isinstance(body.get("code"), str) or not isinstance(body.get("labels"), list):
            return 400
        if body["code"] in codes or labels & set(body["labels"]):
            return 400
        codes.add(body["code"])
        labels.update(body["labels"])
        return True

    body = {"code": "KXWA-158", "labels": ["anna"], "title": "x"}
    fields = {"code": TEXT, "labels": {"type": "array", "items": TEXT}, "title": TEXT}

    async def go() -> None:
        documented = operation({"type": "object", "properties": fields})
        async with lab(documented, answer, body, vary=True) as (context, _):
            (seen,) = await run(context, Uniqueness())
            assert [k.leaf for k in seen.detail["keys"]] == ["code"]

    asyncio.run(go())


def test_a_unique_value_where_there_are_as_many_as_there_may_be() -> None:
    """The place is full as the question begins; there is room for more once others are gone."""
    codes: set[Any] = set()
    others: set[int] = set()

    def answer(request: Incoming) -> bool | int:
        code = (request.body or {}).get("code")
        if not isinstance(code, str):
            return 400
        if code in codes or len(codes) + len(others) >= 30:
            return 409
        codes.add(code)
        return True

    async def room(_: bool) -> bool:
        gone = bool(others)
        others.clear()
        return gone

    async def go() -> None:
        documented = operation({"type": "object", "properties": {"code": TEXT, "title": TEXT}})
        body = {"code": "anna", "title": "x"}
        async with lab(documented, answer, body, vary=True) as (context, _):
            context.bench.room = room
            others.update(range(30))
            (seen,) = await run(context, Uniqueness())
            assert [k.leaf for k in seen.detail["keys"]] == ["code"]

    asyncio.run(go())
