"""A run that ends before it has asked what else may explain a refusal says less."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from checker.drift.rule import Case
from checker.drift.rules.required_undocumented import RequiredUndocumented
from checker.experiments.required import Required

from .harness import Incoming, contract, lab, operation, run

TEXT = {"type": "string"}
DEGREE = {"type": "string", "enum": ["bachelor", "master"]}


@pytest.mark.parametrize(
    ("done", "degree", "told"),
    [
        (None, DEGREE, {"room"}),
        (frozenset({"required", "dependencies"}), DEGREE, {"room"}),
        (frozenset({"required"}), DEGREE, set()),
        (frozenset({"required"}), TEXT, {"room"}),
    ],
)
def test_a_field_that_another_ones_value_may_want(
    done: frozenset[str] | None, degree: Any, told: set[str]
) -> None:
    members = {"name": TEXT, "degree": degree, "room": TEXT}
    documented = operation({"properties": members, "required": ["name", "degree"]})

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        if not body.get("name"):
            return 422, {"error": "name is required"}
        if not body.get("degree"):
            return 422, {"error": "degree is required"}
        return 201 if "room" in body else (422, {"error": "room goes with something else"})

    async def go() -> set[str]:
        body = {"name": "anna", "degree": "bachelor", "room": "12"}
        async with lab(documented, answer, body) as (context, _):
            await run(context, Required())
            case = Case(documented.id, replace(contract(context), done=done), documented)
            return {f.field.name for f in RequiredUndocumented().check(case) if f.field}

    assert asyncio.run(go()) == told


@pytest.mark.parametrize(
    ("done", "told"), [({"required", "absent", "dependencies"}, {"room"}), (set(), set())]
)
def test_a_field_of_which_nothing_else_was_asked(done: set[str], told: set[str]) -> None:
    """The run broke off before it had left out a field that is documented as required; another
    one that the request hasn't may do as well."""
    members = {"name": TEXT, "room": TEXT, "hall": TEXT}
    documented = operation({"properties": members, "required": ["name"]})

    def answer(request: Incoming) -> Any:
        body = request.body if isinstance(request.body, dict) else {}
        return 201 if "room" in body else (422, {"error": "room goes with something else"})

    async def go() -> set[str]:
        async with lab(documented, answer, {"name": "anna", "room": "12"}) as (context, _):
            await run(context, Required())
            seen = contract(context)
            own = [o for o in seen.observations if o.subject and o.subject.leaf == "room"]
            seen = replace(seen, observations=tuple(own), done=frozenset(done))
            case = Case(documented.id, seen, documented)
            return {f.field.name for f in RequiredUndocumented().check(case) if f.field}

    assert asyncio.run(go()) == told
