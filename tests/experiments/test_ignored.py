"""Fields without effect, and those whose place another one takes."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from checker.experiments.effects import Effects

from .harness import Incoming, lab, operation, run

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
