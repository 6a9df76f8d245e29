"""The type of an accepted value is told where the documented one is refused; null is no value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from checker.domain.observation import ObservedContract
from checker.drift.registry import all_rules
from checker.drift.rule import Case
from checker.experiments.absent import Absent
from checker.experiments.types import Types

from .harness import Incoming, contract, lab, operation, run

DOCUMENTED = operation({"properties": {"group": {"type": "string"}, "user": {"type": "string"}}})


def one_of_both(body: dict[str, Any]) -> bool:
    pair = (body.get("user"), body.get("group"))
    return pair in ((None, "staff"), ("anne", None))


def a_number(body: dict[str, Any]) -> bool:
    return isinstance(body.get("user"), int)


@pytest.mark.parametrize(
    ("accepts", "body", "told"),
    [
        (one_of_both, {"group": "staff", "user": None}, set()),
        (one_of_both, {"group": "staff"}, set()),  # its answer shows null
        (a_number, {"group": "staff", "user": 5}, {("type-mismatch", "user")}),
    ],
)
def test_what_type_a_field_has(accepts: Any, body: Any, told: set[tuple[str, str]]) -> None:
    def validate(incoming: Incoming) -> Any:
        shown = {"group": None, "user": None, **incoming.body}
        return shown if accepts(incoming.body) else False

    async def observe() -> ObservedContract:
        async with lab(DOCUMENTED, validate, body) as (context, _):
            await run(context, Types(), Absent())
            return contract(context)

    case = Case(DOCUMENTED.id, asyncio.run(observe()), DOCUMENTED)
    assert {(f.rule, f.field.name) for rule in all_rules() for f in rule.check(case)} == told
